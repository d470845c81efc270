//! `skip_iteration`: iterations that end on purpose are neither completed nor
//! failed, and never silent.

use serde_json::Value;

use crate::server::Server;
use crate::work::{Ended, Work, entry};

/// Plays `steps` with ten iterations of one user.
fn play(work: &Work, server: &Server, steps: &str, arguments: &[&str]) -> Ended {
    let text = format!(
        "name: skipping\nvars: {{url: {:?}}}\nscenarios:\n  s:\n    iterations: 10\n    steps:\n{steps}",
        server.url
    );
    let file = work.write("skipping.yaml", &text);
    work.run(&[&["run", &file], arguments].concat())
}

/// Completed, failed, skipped and cut iterations.
fn books(report: &Value) -> [u64; 4] {
    let count = |name: &str| report["totals"][name].as_u64().unwrap();
    [
        count("iterations_ok"),
        count("iterations_failed"),
        count("iterations_skipped"),
        count("iterations_cut"),
    ]
}

#[test]
fn what_is_skipped_is_neither_completed_nor_failed_and_says_why() {
    let (work, server) = (Work::new(), Server::start());
    let steps = r#"      - if:
          condition: iteration % 5 == 0
          then: [{skip_iteration: no patient left in the feed}]
      - http: {url: "{{ url }}/json", json: {token: s3cret-of-ada}}
        as: answer
        capture: {token: {jsonpath: $.token}}
      - if:
          condition: iteration == 3
          then: [{skip_iteration: "user {{ vu }} has {{ token }}"}]
      - if:
          condition: iteration == 4
          then: [{fail: not this one}]
      - http: {url: "{{ url }}/last"}
thresholds:
  iterations: [count == 7]
  iterations{outcome=ok}: [count == 6]
  iterations{outcome=skipped}: [count == 3]
  iteration_duration: [count == 6]
  iteration_duration{outcome=skipped}: [count == 3]
  errors: [count == 1]
"#;
    let ended = play(&work, &server, steps, &[]).expect(0);
    let report = work.report();
    for threshold in report["thresholds"].as_array().unwrap() {
        assert_eq!(threshold["passed"], true, "{threshold}");
    }
    assert_eq!(books(&report), [6, 1, 3, 0]);
    assert_eq!(server.asked().len(), 8 + 6);
    let skips = &report["skips"];
    let first = entry(skips, "reason", "no patient left in the feed");
    assert_eq!(
        (&first["count"], &first["step"], &first["scenario"]),
        (&2.into(), &"skip_iteration".into(), &"s".into())
    );
    assert_eq!(entry(skips, "reason", "user 1 has [secret]")["count"], 1);
    assert_eq!(report["errors"].as_array().unwrap().len(), 1);
    let rows = report["time_series"].as_array().unwrap().iter();
    assert_eq!(
        rows.map(|row| row["skipped"].as_u64().unwrap())
            .sum::<u64>(),
        3
    );
    assert!(
        ended.out.contains("6 ok, 1 failed, 3 skipped"),
        "{}",
        ended.out
    );
    let folder = work.report_path();
    for file in ["report.html", "summary.md"] {
        let text = std::fs::read_to_string(folder.with_file_name(file)).unwrap();
        assert!(text.contains("no patient left in the feed"), "{file}");
        assert!(!text.contains("s3cret-of-ada"), "{file}");
    }
    assert!(
        ended.out.contains("no patient left in the feed"),
        "{}",
        ended.out
    );
    for shown in [&ended.out, &ended.err, &report.to_string()] {
        assert!(!shown.contains("s3cret-of-ada"), "{shown}");
    }
}

#[test]
fn a_skip_ends_every_block_around_it() {
    for around in [
        "{repeat: {times: 3, steps: [STEPS]}}",
        "{while: {condition: 'true', max: 3, at_limit: go_on, steps: [STEPS]}}",
        "{group: {name: g, steps: [STEPS]}}",
        "{choose: [{weight: 1, steps: [STEPS]}]}",
        "{parallel: [[STEPS], [{sleep: 1h}]]}",
        "{if: {condition: iteration > 0, then: [{repeat: {times: 2, steps: [STEPS]}}]}}",
    ] {
        let (work, server) = (Work::new(), Server::start());
        let steps = "{http: {url: '{{ url }}/in'}}, {if: {condition: iteration > 1, then: [{skip_iteration: enough}]}}";
        let block = around.replace("STEPS", steps);
        // The first one is completed: nothing of the skipped ones is left over.
        let block = block.replace(
            "{sleep: 1h}",
            "{sleep: \"{{ 10 if iteration == 1 else 600000 }}ms\"}",
        );
        let steps = format!("      - {block}\n      - http: {{url: \"{{{{ url }}}}/after\"}}\n");
        play(&work, &server, &steps, &["--quiet"]).expect(0);
        assert_eq!(books(&work.report()), [1, 0, 9, 0], "{around}");
        let after = server.asked();
        let after = after.iter().filter(|asked| asked.line.contains("/after"));
        assert_eq!(after.count(), 1, "{around}");
    }
}

#[test]
fn a_group_that_was_skipped_is_not_among_those_that_were_good() {
    let (work, server) = (Work::new(), Server::start());
    let steps = r"      - group:
          name: g
          steps: [{skip_iteration: enough}]
thresholds:
  group_duration{group=g, outcome=skipped}: [count == 10]
  group_duration{group=g, outcome=ok}: [count == 0]
";
    play(&work, &server, steps, &["--quiet"]);
    for threshold in work.report()["thresholds"].as_array().unwrap() {
        assert_eq!(threshold["passed"], true, "{threshold}");
    }
}

#[test]
fn a_run_that_has_completed_nothing_has_not_passed() {
    let (work, server) = (Work::new(), Server::start());
    let steps = "      - skip_iteration: no patient left\nthresholds: {errors: [count == 0]}\n";
    let ended = play(&work, &server, steps, &[]).expect(1);
    let told = "failed: all 10 iterations were skipped, and none completed";
    assert!(ended.out.contains(told), "{}", ended.out);
    let report = work.report();
    assert_eq!(report["reasons"][0]["kind"], "all skipped");
    assert_eq!(books(&report), [0, 0, 10, 0]);
    let junit = work.report_path().with_file_name("junit.xml");
    let junit = std::fs::read_to_string(junit).unwrap();
    assert!(junit.contains("all 10 iterations were skipped"), "{junit}");
    // Nor is it stopped as if an iteration had failed.
    let ended = play(&work, &server, steps, &["--fail-fast"]).expect(1);
    assert!(ended.out.contains(told), "{}", ended.out);
}

#[test]
fn reasons_beyond_a_few_are_counted_together() {
    let (work, server) = (Work::new(), Server::start());
    let steps = "      - repeat: {times: 1, steps: [{skip_iteration: \"row {{ iteration }}\"}]}\n";
    let text = format!(
        "name: many\nvars: {{url: {:?}}}\nscenarios:\n  s:\n    iterations: 30\n    steps:\n{steps}",
        server.url
    );
    let file = work.write("many.yaml", &text);
    work.run(&["run", &file, "--quiet"]).expect(1);
    let report = work.report();
    let skips = report["skips"].as_array().unwrap();
    assert_eq!(skips.len(), 21);
    assert_eq!(skips[0]["reason"], "other reasons");
    assert_eq!(skips[0]["count"], 10);
}

#[test]
fn setup_and_teardown_have_no_iteration_to_skip() {
    let work = Work::new();
    let text = "name: once
setup:
  - if: {condition: 'true', then: [{skip_iteration: nothing to do}]}
scenarios:
  s:
    steps:
      - skip_iteration:
      - http: {url: /x}
        skip_iteration: enough
teardown:
  - skip_iteration: done
";
    let file = work.write("once.yaml", text);
    let told = work.run(&["check", &file]).expect(2).out;
    for message in [
        "once.yaml:3:",
        "`skip_iteration` in `setup`, which has no iterations",
        "once.yaml:7:",
        "`skip_iteration` needs a text",
        "once.yaml:11:",
        "`skip_iteration` in `teardown`, which has no iterations",
    ] {
        assert!(told.contains(message), "{message}\n{told}");
    }
}

#[test]
fn a_dry_run_shows_where_iterations_end() {
    let (work, server) = (Work::new(), Server::start());
    let steps = r#"      - http: {url: "{{ url }}/first"}
        name: first
      - if: {condition: vu == 1, then: [{skip_iteration: "user {{ vu }} has enough"}]}
      - http: {url: "{{ url }}/second"}
        name: second
"#;
    let ended = play(&work, &server, steps, &["--dry-run"]).expect(0);
    let told = "skip_iteration: user {{ vu }} has enough";
    assert!(ended.out.contains(told), "{}", ended.out);
}
