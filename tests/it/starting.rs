//! A folder to begin with, and scenarios from what people already have.

use std::io::Write;
use std::process::Stdio;

use crate::work::{Ended, Work};

/// What makes a template short enough for a test.
fn reduced(template: &str) -> &'static [&'static str] {
    match template {
        "login-storm" => &["--var", "people=3"],
        "soak" => &["--duration", "2s"],
        _ => &[],
    }
}

#[test]
fn every_template_can_be_played_as_it_is_written() {
    let list = Work::new().run(&["init", "--list"]).expect(0).out;
    let names: Vec<&str> = list
        .lines()
        .filter_map(|line| line.split(' ').next())
        .collect();
    assert!(names.len() >= 4 && names[0] == "tutorial", "{list}");
    for name in names {
        let work = Work::new();
        let told = work
            .run(&["init", "--template", name, "new/folder"])
            .expect(0);
        assert!(
            told.out
                .contains("next: cd new/folder && rehearse run scenario.yaml"),
            "{}",
            told.out
        );
        let run = ["run", "new/folder/scenario.yaml", "--quiet", "--seed", "1"];
        let ended = work.run(&[&run, reduced(name)].concat());
        assert_eq!(ended.code, Some(0), "{name}\n{}{}", ended.out, ended.err);
        let target = ["--dry-run", "--target", "new/folder/targets/mine.yaml"];
        let mut command = work.rehearse(&[&run[..2], &target].concat());
        command
            .env("CAPTCHA_TOKEN", "x")
            .env("MAILBOX_PASSWORD", "y");
        let ended = Ended::new(&command.output().unwrap()).expect(0);
        assert!(
            ended.out.contains("staging, from my desk at https://"),
            "{}",
            ended.out
        );
    }
}

#[test]
fn nothing_is_overwritten() {
    let work = Work::new();
    work.write("README.md", "mine");
    let ended = work.run(&["init", "."]).expect(2);
    assert!(
        ended.err.contains("README.md is there already"),
        "{}",
        ended.err
    );
    assert_eq!(std::fs::read_dir(work.path()).unwrap().count(), 1);
    assert_eq!(
        std::fs::read_to_string(work.path().join("README.md")).unwrap(),
        "mine"
    );
    work.run(&["init", "mine"]).expect(0);
    let again = work.run(&["init", "mine"]).expect(2);
    assert!(again.err.contains("mine/scenario.yaml"), "{}", again.err);
    let wrong = work.run(&["init", "--template", "tutorail", "x"]).expect(2);
    assert!(
        wrong.err.contains("did you mean `tutorial`?"),
        "{}",
        wrong.err
    );
    assert!(!work.path().join("x").exists());
}

#[test]
fn what_was_imported_can_be_played() {
    let work = Work::new();
    let server = crate::server::Server::start();
    work.write(
        "target.yaml",
        &format!("api_url: {0}\ngateway_url: {0}\nspec_id: ic\notp: {{source: static, code: '123456'}}\n", server.url),
    );
    let curl = format!(
        "curl {0}/json?a=b -H 'Accept-Language: fr'\ncurl {0}/echo -H 'Authorization: Bearer s3cr3t-token' --json '{{\"a\": \"{{{{ b }}}}\"}}'\n",
        server.url
    );
    let mut command = work.rehearse(&[
        "import",
        "--from",
        "curl",
        "-",
        "--target",
        "target.yaml",
        "--out",
        "mine.yaml",
    ]);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(curl.as_bytes())
        .unwrap();
    let ended = Ended::new(&child.wait_with_output().unwrap()).expect(0);
    assert_eq!(ended.out, "wrote mine.yaml\n");
    let written = std::fs::read_to_string(work.path().join("mine.yaml")).unwrap();
    assert!(
        written.contains("url: \"/json\"") && !written.contains("s3cr3t-token"),
        "{written}"
    );
    work.run(&[
        "run",
        "mine.yaml",
        "--var",
        "secret_Authorization=given-by-hand",
    ])
    .expect(0);
    let asked = server.asked();
    let line = |index: usize| asked[asked.len() - 2 + index].clone();
    assert_eq!(line(0).line, "GET /json?a=b");
    assert!(line(0).headers.contains(&"accept-language: fr".to_owned()));
    assert_eq!(line(1).body, "{\"a\": \"{{ b }}\"}");
    assert!(
        line(1)
            .headers
            .contains(&"authorization: Bearer given-by-hand".to_owned())
    );
    // What is there is not overwritten.
    work.write("a.curl", "curl http://127.0.0.1/");
    let again = work.run(&["import", "--from", "curl", "a.curl", "--out", "mine.yaml"]);
    assert!(again.expect(2).err.contains("cannot write mine.yaml"));
    let wrong = work.run(&["import", "--from", "har", "a.curl"]).expect(2);
    insta::assert_snapshot!(wrong.err, @r#"
    rehearse: a.curl, line 1, column 1: this is no HAR: expected value
    hint: expected what a browser saves: `{"log": {"entries": […]}}`
    "#);
}
