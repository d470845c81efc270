//! What a user reads when something is wrong.

use crate::work::Work;

/// Standard error of a run of `text`, which must be refused with code 2.
fn refused(text: &str) -> String {
    let work = Work::new();
    let file = work.write("mine.yaml", text);
    let ended = work.run(&["run", &file]).expect(2);
    assert_eq!(ended.out, "");
    // Refused before anything was made or sent.
    assert!(!work.path().join("reports").exists());
    ended.err
}

#[test]
fn a_step_that_does_not_exist() {
    insta::assert_snapshot!(refused("name: mine
scenarios:
  one:
    steps:
      - registr: {email: \"ada@example.org\"}
"), @r#"
 × unknown step `registr`
  ╭─[mine.yaml:5:9]
5 │       - registr: {email: "ada@example.org"}
  ·         ───┬───
  ·            ╰── no such step
  ╰────
 help: did you mean `register`?
"#);
}

#[test]
fn a_key_that_does_not_exist() {
    insta::assert_snapshot!(refused("name: mine
scenarios:
  one:
    steps:
      - register:
          e_mail: ada@example.org
          responsible: \"{{ target.responsible }}\"
"), @r#"
 × unknown key `e_mail` in `register`
  ╭─[mine.yaml:6:11]
6 │           e_mail: ada@example.org
  ·           ───┬──
  ·              ╰── no such key
  ╰────
 help: did you mean `email`?
"#);
}

#[test]
fn an_argument_that_is_missing() {
    insta::assert_snapshot!(refused("name: mine
scenarios:
  one:
    steps:
      - register: {email: ada@example.org}
      - data_sample.get:
"), @r#"
 × `register` of a patient needs `responsible`
  ╭─[mine.yaml:5:9]
5 │       - register: {email: ada@example.org}
  ·         ────────
  ╰────
 help: name the practitioner in charge, for example `responsible: "{{ target.responsible }}"`; a
       practitioner has none: `role: practitioner`

 × `data_sample.get` needs `id`
  ╭─[mine.yaml:6:9]
6 │       - data_sample.get:
  ·         ───────────────
  ╰────
 help: add `id:` with a text
"#);
}

#[test]
fn settings_of_another_executor() {
    insta::assert_snapshot!(refused("name: mine
scenarios:
  one:
    executor: constant_arrival_rate
    rate: 100
    iterations: 5
    duration: 10
    steps: [{data_sample.get: {id: x}}]
"), @r#"
 × `constant_arrival_rate` needs `pre_allocated_vus`
  ╭─[mine.yaml:4:15]
4 │     executor: constant_arrival_rate
  ·               ─────────────────────
  ╰────
 help: how many iterations are under way at once: rate × duration of an iteration
         pre_allocated_vus: 10

 × unknown key `iterations` in a `constant_arrival_rate` scenario
  ╭─[mine.yaml:6:5]
6 │     iterations: 5
  ·     ─────┬────
  ·          ╰── no such key
  ╰────
 help: this is a setting of `per_vu_iterations`, `shared_iterations`

 × `10` is not a duration
  ╭─[mine.yaml:7:15]
7 │     duration: 10
  ·               ──
  ╰────
 help: write the unit: `10s` is seconds, `10ms` milliseconds
         duration: 10s
"#);
}

#[test]
fn thresholds_that_mean_nothing() {
    insta::assert_snapshot!(refused("name: mine
scenarios:
  one:
    steps: [{data_sample.get: {id: x}}]
thresholds:
  step_duratoin: [p95 < 1s]
  checks: [rate > 0.9, p95 < 1s]
"), @r#"
 × unknown metric `step_duratoin`
  ╭─[mine.yaml:6:3]
6 │   step_duratoin: [p95 < 1s]
  ·   ─────────────
  ╰────
 help: did you mean `step_duration`?

 × expected a percentage, found `0.9`
  ╭─[mine.yaml:7:18]
7 │   checks: [rate > 0.9, p95 < 1s]
  ·                  ────
  ╰────
 help: write the limit as in `99.9%`, here `90%`

 × `checks` has no statistic `p95`
  ╭─[mine.yaml:7:24]
7 │   checks: [rate > 0.9, p95 < 1s]
  ·                        ───
  ╰────
 help: one of: rate, count, error_rate
"#);
}

#[test]
fn a_file_that_is_not_there() {
    let work = Work::new();
    insta::assert_snapshot!(work.run(&["run", "nowhere.yaml"]).expect(2).err, @r#"
rehearse: cannot read nowhere.yaml: No such file or directory (os error 2)
hint: paths are relative to the current directory
"#);
}

#[test]
fn a_target_file_that_is_wrong() {
    let work = Work::new();
    let file = work.write(
        "mine.yaml",
        "scenarios: {one: {steps: [{data_sample.get: {id: x}}]}}\n",
    );
    work.write(
        "target.yaml",
        "api_url: api.icure.cloud\ngateway_url: https://msg-gw.icure.cloud\nspec_id: abc\notp: {source: imp}\n",
    );
    let ended = work
        .run(&["run", &file, "--target", "target.yaml"])
        .expect(2);
    insta::assert_snapshot!(ended.err, @r#"
 × `api.icure.cloud` is not an address of a host
  ╭─[target.yaml:1:10]
1 │ api_url: api.icure.cloud
  ·          ───────────────
  ╰────
 help: relative URL without a base; expected an address such as `https://api.icure.cloud`

 × unknown source of one-time passwords `imp`
  ╭─[target.yaml:4:15]
4 │ otp: {source: imp}
  ·               ─┬─
  ·                ╰── no such source of one-time passwords
  ╰────
 help: did you mean `imap`?
"#);
}

#[test]
fn a_target_that_does_not_answer() {
    let work = Work::new();
    let file = work.write(
        "mine.yaml",
        "scenarios: {one: {steps: [{data_sample.get: {id: x}}]}}\n",
    );
    // Nobody listens on port 1 of loopback.
    work.write(
        "target.yaml",
        "api_url: http://127.0.0.1:1
gateway_url: http://127.0.0.1:1
spec_id: abc
otp: {source: simulator, url: \"http://127.0.0.1:1/outbox\"}
",
    );
    let ended = work
        .run(&["run", &file, "--target", "target.yaml"])
        .expect(3);
    insta::assert_snapshot!(ended.err, @r#"
rehearse: the target does not answer at http://127.0.0.1:1/: GET /: cannot connect to 127.0.0.1:1: Connection refused (os error 111)
hint: is the server running, and are `api_url` and `gateway_url` of the target right?
"#);
}

#[test]
fn a_command_line_that_is_wrong() {
    let work = Work::new();
    let ended = work.run(&["run", "mine.yaml", "--rps", "0"]).expect(2);
    insta::assert_snapshot!(ended.err, @r#"
error: invalid value '0' for '--rps <RATE>': expected a positive number of requests per second, such as 50

For more information, try '--help'.
"#);
    let file = work.write(
        "mine.yaml",
        "vars: {greeting: hi}\nscenarios: {one: {steps: [{data_sample.get: {id: x}}]}}\n",
    );
    let ended = work.run(&["run", &file, "--var", "greting=ho"]).expect(2);
    insta::assert_snapshot!(ended.err, @r#"
rehearse: the scenario has no variable `greting`: did you mean `greeting`?
"#);
}
