//! What a run says and writes, as it is asked to.

use serde_json::Value;

use crate::server::Server;
use crate::work::{Ended, Work};

/// Two scenarios, one of which fails.
fn play(work: &Work, options: &[&str]) -> Ended {
    let server = Server::start();
    let url = &server.url;
    let file = work.write(
        "two.yaml",
        &format!(
            "name: two
scenarios:
  good: {{iterations: 3, steps: [{{http: {{url: \"{url}/ok\"}}, name: ask}}]}}
  bad: {{steps: [{{http: {{url: \"{url}/status/503\"}}, name: ask}}]}}
thresholds: {{http_reqs: [count == 4, count == 5]}}
"
        ),
    );
    let arguments = [&["run", &file], options].concat();
    work.run(&arguments).expect(1)
}

fn names(work: &Work) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(work.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn quiet_is_the_verdict_a_line_for_each_scenario_and_what_is_wrong() {
    let work = Work::new();
    let ended = play(&work, &["--quiet", "--no-report"]);
    let took = regex::Regex::new(r"p50 \S+, p95 \S+|seen \S+").unwrap();
    insta::assert_snapshot!(took.replace_all(&ended.out, "[times]"), @r"
    ✗ two: failed: 1 of 2 thresholds was not met, 1 iteration failed
      good  3 ok, 0 failed, [times]
      bad   0 ok, 1 failed

      thresholds
      ✗ http_reqs count == 5  4

      errors
      ✗ bad / ask, http 503: 1 time, first
          GET /status/503: expected 2xx, got 503 Service Unavailable: here you are
    ");
    assert_eq!(ended.err, "");
    assert_eq!(names(&work), ["two.yaml"]);
}

#[test]
fn a_failure_is_told_with_its_scenario() {
    let work = Work::new();
    let ended = play(&work, &[]);
    let line = "✗ bad / ask, http 503: 1 time, first";
    assert!(ended.out.contains(line), "{}", ended.out);
    let report = work.report();
    assert_eq!(report["errors"][0]["scenario"], "bad");
    let page = std::fs::read_to_string(work.report_path().with_file_name("junit.xml")).unwrap();
    // Another scenario has a step of the same name, which is as it should be.
    assert_eq!(page.matches("bad / ask, http 503").count(), 2, "{page}");
}

#[test]
fn standard_output_is_what_is_asked_for() {
    let work = Work::new();
    let ended = play(&work, &["--summary", "json", "--no-report"]);
    let report: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(report["verdict"], "failed");
    let ended = play(&work, &["--summary", "none", "--no-report"]);
    assert_eq!(ended.out, "");
    let ended = play(&work, &["--summary", "github", "--no-report"]);
    let annotation = "::error file=two.yaml,title=threshold::http_reqs count == 5: seen 4\n";
    assert!(ended.out.contains(annotation), "{}", ended.out);
    assert!(ended.out.contains("✗ two: failed"), "{}", ended.out);
}

#[test]
fn a_report_goes_to_the_files_that_are_named_too() {
    let work = Work::new();
    let options = ["--no-report", "--out", "junit=j.xml", "--out", "json=-"];
    let ended = play(&work, &options);
    let report: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(report["errors"][0]["kind"], "http 503");
    assert!(ended.err.contains("✗ two: failed"), "{}", ended.err);
    let cases = std::fs::read_to_string(work.path().join("j.xml")).unwrap();
    assert!(cases.contains("<testsuites"), "{cases}");
    assert_eq!(names(&work), ["j.xml", "two.yaml"]);
}

#[test]
fn a_file_that_cannot_be_written_is_told_and_costs_nothing_else() {
    let work = Work::new();
    let server = Server::start();
    let file = work.write(
        "one.yaml",
        &format!(
            "name: one\nscenarios: {{a: {{steps: [{{http: {{url: \"{}/ok\"}}}}]}}}}\n",
            server.url
        ),
    );
    let ended = work.run(&["run", &file, "--out", "json=no/folder/x.json"]);
    let ended = ended.expect(4);
    let told = "cannot write no/folder/x.json: ";
    assert!(ended.err.contains(told), "{}", ended.err);
    assert_eq!(work.report()["verdict"], "passed");
}

#[test]
fn the_folder_of_a_run_holds_what_is_wanted() {
    let work = Work::new();
    play(&work, &["--only-files", "json,junit", "--no-history"]);
    let folder = work.report_path().parent().unwrap().to_owned();
    let mut files: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    assert_eq!(files, ["junit.xml", "report.json"]);
}

#[test]
fn what_is_no_output_is_told_with_what_there_is() {
    let work = Work::new();
    for (option, told) in [
        (
            ["--out", "yaml=x"],
            "there is no format `yaml`; one of `json`, `csv`",
        ),
        (["--out", "json"], "expected FORMAT=FILE"),
        (["--only-files", "xml"], "[possible values: json, csv"),
        (
            ["--summary", "xml"],
            "[possible values: text, json, github, none]",
        ),
    ] {
        let ended = work.run(&["run", "x.yaml", option[0], option[1]]).expect(2);
        assert!(ended.err.contains(told), "{}", ended.err);
    }
}

#[test]
fn colours_are_for_whoever_asks() {
    let work = Work::new();
    let ended = play(&work, &["--no-report"]);
    assert!(!ended.out.contains('\u{1b}'), "{}", ended.out);
    let ended = play(&work, &["--no-report", "--color", "always"]);
    assert!(ended.out.contains("\u{1b}[31m✗\u{1b}[0m"), "{}", ended.out);
    let wrong = work.write("wrong.yaml", "name: [");
    let ended = work.run(&["--color", "always", "run", &wrong]).expect(2);
    assert!(ended.err.contains("\u{1b}["), "{}", ended.err);
}
