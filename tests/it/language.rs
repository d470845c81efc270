//! What a scenario can say beside its steps: names of checks, anchors.

use crate::http::play;
use crate::server::Server;
use crate::work::{Work, entry};

#[test]
fn a_check_with_a_name_is_called_so_everywhere() {
    let (work, server) = (Work::new(), Server::start());
    let steps = r#"      - http: {url: "{{ url }}/a"}
        as: answer
        check:
          it is found: answer.status == 200
          it is large: answer.bytes > 1000000
      - http: {url: "{{ url }}/b"}
        as: other
        check:
          - other.status == 200
          - the other is found: other.status == 200
thresholds:
  checks{check=it is found}: [rate == 100%]
"#;
    play(&work, &server, steps).expect(0);
    let report = work.report();
    let checks = &report["checks"];
    assert_eq!(entry(checks, "condition", "it is found")["held"], 1);
    assert_eq!(entry(checks, "condition", "it is large")["held"], 0);
    assert_eq!(entry(checks, "condition", "other.status == 200")["held"], 1);
    assert_eq!(entry(checks, "condition", "the other is found")["held"], 1);
    let junit = work.report_path().with_file_name("junit.xml");
    let junit = std::fs::read_to_string(junit).unwrap();
    assert!(junit.contains("it is large"), "{junit}");
    assert!(!junit.contains("1000000"), "{junit}");
}

#[test]
fn a_name_that_is_twice_and_a_check_that_says_nothing_are_told() {
    let work = Work::new();
    let file = work.write(
        "a.yaml",
        "scenarios:
  a:
    steps:
      - http: {url: /}
        as: answer
        check:
          - found: answer.status == 200
          - found: answer.status == 204
          - status: 200
",
    );
    let told = work.run(&["check", &file]).expect(2);
    for message in [
        "this step has a check `found` already",
        "the check `status` is always the same",
        "2 errors",
    ] {
        assert!(told.out.contains(message), "{message}\n{}", told.out);
    }
}

#[test]
fn anchors_have_a_place_of_their_own_that_nothing_reads() {
    let (work, server) = (Work::new(), Server::start());
    work.write(
        "lib.yaml",
        "x-path: &path /from-a-library\nparams: {url: }\nsteps: [{http: {url: \"{{ url }}/b\", headers: {X: *path}}}]\n",
    );
    let text = format!(
        "x-of-nobody: {{any: [thing, \"{{{{ not read }}}}\"]}}
x-requests:
  usual: &usual {{method: PUT, headers: {{Accept: text/plain}}}}
vars: {{url: {:?}}}
scenarios:
  s:
    steps:
      - http: {{<<: *usual, url: \"{{{{ url }}}}/a\"}}
      - include: {{file: lib.yaml, with: {{url: \"{{{{ url }}}}\"}}}}
",
        server.url
    );
    let file = work.write("a.yaml", &text);
    work.run(&["run", &file, "--quiet"]).expect(0);
    let asked = server.asked();
    assert_eq!(asked[0].line, "PUT /a");
    assert!(asked[1].headers.contains(&"x: /from-a-library".to_owned()));
    let inside = text.replace("  s:\n", "  s:\n    x-inside: 1\n");
    let file = work.write("inside.yaml", &inside);
    let told = work.run(&["check", &file]).expect(2);
    assert!(told.out.contains("unknown key `x-inside`"), "{}", told.out);
}

#[test]
fn what_other_tools_call_a_step_is_understood() {
    let work = Work::new();
    for (item, form) in [
        ("- wait: 2s", "- sleep: 2s"),
        ("- think: 2s", "- sleep: 2s"),
        ("- pause: 2s", "- sleep: 2s"),
        ("- get: /a", "- http: {url: /path}"),
        ("- {http: {url: /}, think: 2s}", "- sleep: 2s"),
    ] {
        let file = work.write(
            "a.yaml",
            &format!("scenarios:\n  a:\n    steps:\n      {item}\n"),
        );
        let told = work.run(&["check", &file]).expect(2).out;
        assert!(told.contains("did you mean `"), "{told}");
        assert!(told.contains(form) && told.contains("1 error"), "{told}");
    }
}
