//! What fails a run, and what is told of it.

use crate::work::{Work, entry};

/// A scenario of one registration with `after` below it.
fn registration(after: &str) -> String {
    format!(
        "name: outcome
scenarios:
  one:
    steps:
      - register: {{email: \"{{{{ fake.email() }}}}\", responsible: \"{{{{ target.responsible }}}}\"}}
        as: registered
{after}"
    )
}

#[test]
fn an_expectation_that_does_not_hold_fails_the_step() {
    let work = Work::new();
    let file = work.write(
        "a.yaml",
        &registration("        expect: registered.user_id == 'somebody'\n"),
    );
    let ended = work.run(&["run", &file]).expect(1);
    assert!(
        ended
            .out
            .contains("expected `registered.user_id == 'somebody'`, but"),
        "{}",
        ended.out
    );
    let report = work.report();
    assert_eq!(report["verdict"], "failed");
    let step = entry(&report["steps"], "name", "register");
    // Never in the histogram of the good ones.
    assert_eq!(step["ok"]["count"], 0);
    assert_eq!(step["failed"]["count"], 1);
    assert_eq!(
        entry(&report["errors"], "step", "register")["kind"],
        "expectation"
    );
}

#[test]
fn a_check_that_does_not_hold_is_recorded_and_the_iteration_goes_on() {
    let work = Work::new();
    let file = work.write(
        "a.yaml",
        &registration(
            "        check: registered.user_id == 'somebody'
      - data_sample.create: {content: {en: {stringValue: x}}}
",
        ),
    );
    work.run(&["run", &file]).expect(1);
    let report = work.report();
    assert_eq!(report["totals"]["iterations_ok"], 1);
    assert_eq!(report["checks"][0]["held"], 0);
    let step = entry(&report["steps"], "name", "data_sample.create");
    assert_eq!(step["ok"]["count"], 1);
}

#[test]
fn a_threshold_that_is_not_met_names_what_was_seen() {
    let work = Work::new();
    let file = work.write(
        "a.yaml",
        &registration("thresholds:\n  step_duration{step=register}: [p95 < 1us, count == 1]\n"),
    );
    let ended = work.run(&["run", &file]).expect(1);
    assert!(
        ended
            .out
            .contains("✗ step_duration{step=register} p95 < 1us"),
        "{}",
        ended.out
    );
    let thresholds = &work.report()["thresholds"];
    assert_eq!(entry(thresholds, "condition", "p95 < 1us")["passed"], false);
    assert_eq!(entry(thresholds, "condition", "count == 1")["passed"], true);
}

#[test]
fn a_threshold_can_allow_failures() {
    let work = Work::new();
    let file = work.write(
        "a.yaml",
        &registration(
            "        expect: registered.user_id == 'somebody'
thresholds:
  errors: [count <= 1]
  checks: [rate >= 0%]
",
        ),
    );
    work.run(&["run", &file]).expect(0);
}

#[test]
fn what_the_gateway_refuses_is_told_with_step_and_request() {
    let work = Work::new();
    let file = work.write(
        "a.yaml",
        "name: refused
scenarios:
  one:
    vus: 3
    steps:
      - register:
          email: \"{{ fake.email() }}\"
          captcha: {token: invalid}
          responsible: \"{{ target.responsible }}\"
",
    );
    let ended = work.run(&["run", &file]).expect(1);
    assert!(ended.out.contains("register, http 4"), "{}", ended.out);
    assert!(
        ended
            .out
            .contains("POST gateway /process/{processId}/{requestId}: expected 2xx, got 4"),
        "{}",
        ended.out
    );
    let report = work.report();
    assert_eq!(entry(&report["errors"], "step", "register")["count"], 3);
    assert_eq!(report["totals"]["iterations_failed"], 3);
}

#[test]
fn a_step_that_nobody_is_logged_in_for_says_so() {
    let work = Work::new();
    let file = work.write(
        "a.yaml",
        "name: nobody
scenarios:
  one:
    steps:
      - data_sample.get: {id: x}
",
    );
    let ended = work.run(&["run", &file]).expect(1);
    assert!(ended.out.contains("nobody is logged in"), "{}", ended.out);
}
