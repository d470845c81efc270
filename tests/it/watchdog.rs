//! Every run ends: whatever is played without ever waiting, with any executor
//! and any number of threads, ends when its plan says so, and when it is asked.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::work::{Ended, Work};

/// Steps that never wait for anything. `R` is where connections are refused.
const INSTANT: &[(&str, &str)] = &[
    ("argument", "{http: {url: 'R/{{ 1 // (vu - vu) }}'}}"),
    ("when", "{http: {url: R/}, when: vu > 1000}"),
    (
        "if",
        "{if: {condition: vu > 1000, then: [{http: {url: R/}}]}}",
    ),
    ("nosession", "{data_sample.get: {id: x}}"),
    ("auth", "{http: {url: /rest/v2/user/current, auth: user}}"),
    ("sleep", "{sleep: 0s}"),
    ("refused", "{http: {url: R/}}"),
    (
        "times",
        "{http: {url: R/}, when: vu > 0, repeat: 1000000000, retry: {times: 1000000000, backoff: 0s, on: any}}",
    ),
    (
        "repeat",
        "{repeat: {times: 1000000000, steps: [{http: {url: R/}, when: vu > 1000}]}}",
    ),
    (
        "while",
        "{while: {condition: vu < 1000, timeout: 1h, steps: [{sleep: 0s}]}}",
    ),
    (
        "retry",
        "{data_sample.get: {id: x}, retry: {times: 1000000000, backoff: 0s, on: any}}",
    ),
    (
        "parallel",
        "{parallel: [[{sleep: 0s}], [{http: {url: R/}, when: vu > 1000}]]}",
    ),
    (
        "choose",
        "{choose: [{weight: 1, steps: [{sleep: 0s}]}, {weight: 1, steps: [{data_sample.get: {id: x}}]}]}",
    ),
];

/// Every executor, for half a second.
const EXECUTORS: &[&str] = &[
    "executor: per_vu_iterations, vus: 2, iterations: 1000000000, max_duration: 500ms, failure_backoff: off",
    "executor: shared_iterations, vus: 2, iterations: 1000000000, max_duration: 500ms, failure_backoff: off",
    "executor: constant_vus, vus: 2, duration: 500ms, failure_backoff: off",
    "executor: ramping_vus, start_vus: 1, stages: [{duration: 250ms, target: 3}, {duration: 250ms, target: 1}], graceful_ramp_down: 50ms, failure_backoff: off",
    "executor: constant_arrival_rate, rate: 5000/s, duration: 500ms, pre_allocated_vus: 2, max_vus: 4",
    "executor: ramping_arrival_rate, start_rate: 10/s, stages: [{duration: 500ms, target: 9000/s}], pre_allocated_vus: 2, max_vus: 4",
];

/// Each kind of instant step as a scenario of its own, all at once, and one
/// whose feeder is used up.
fn plan(executor: &str) -> String {
    let scenario = |name: &str, more: &str, steps: &str| {
        let steps = steps.replace("R/", "http://127.0.0.1:9/");
        format!("  {name}: {{{executor}, graceful_stop: 100ms{more}, steps: [{steps}]}}\n")
    };
    let all: String = INSTANT
        .iter()
        .map(|(name, steps)| scenario(name, "", steps))
        .collect();
    let fed = scenario("feed", ", feed: rows", "{sleep: 0s}");
    format!(
        "name: instant\nfeeders:\n  rows: {{rows: [{{a: 1}}], order: once}}\nscenarios:\n{all}{fed}"
    )
}

fn with_workers(work: &Work, file: &str, workers: &str) -> Command {
    let mut command = work.rehearse(&["run", file, "--quiet", "--no-history"]);
    command.env("TOKIO_WORKER_THREADS", workers);
    command
}

#[test]
fn every_executor_ends_in_time_whatever_is_played() {
    for executor in EXECUTORS {
        for workers in ["1", "2"] {
            let work = Work::new();
            let file = work.write("instant.yaml", &plan(executor));
            let output = with_workers(&work, &file, workers).output().unwrap();
            Ended::new(&output).expect(1);
            let took = work.report()["run"]["took_ms"].as_f64().unwrap();
            assert!(
                (500.0..1500.0).contains(&took),
                "{executor}, {workers} workers: {took} ms"
            );
        }
    }
}

#[test]
fn ctrl_c_and_sigterm_are_heard_by_one_thread() {
    for (signal, executor) in ["-INT", "-TERM"].iter().zip(&EXECUTORS[2..]) {
        let work = Work::new();
        let text = plan(&executor.replace("500ms", "1h").replace("250ms", "30m"));
        let file = work.write("instant.yaml", &text);
        let child = with_workers(&work, &file, "1")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_secs(1));
        let asked = Instant::now();
        let pid = child.id().to_string();
        let sent = Command::new("kill").args([signal, pid.as_str()]).status();
        assert!(sent.unwrap().success());
        let output = child.wait_with_output().unwrap();
        assert!(asked.elapsed() < Duration::from_secs(2), "{signal}");
        Ended::new(&output).expect(1);
        assert_eq!(work.report()["run"]["interrupted"], true);
    }
}

#[test]
fn a_user_whose_iterations_fail_at_once_makes_few_failures() {
    let work = Work::new();
    let text = "name: few
scenarios:
  s: {executor: constant_vus, vus: 1, duration: 1s, steps: [{data_sample.get: {id: x}}]}
";
    let file = work.write("few.yaml", text);
    let ended = work.run(&["run", &file, "--quiet"]).expect(1);
    let failed = work.report()["totals"]["iterations_failed"]
        .as_u64()
        .unwrap();
    assert!((10..=17).contains(&failed), "{failed}");
    assert!(
        ended.out.contains("failed before anybody answered"),
        "{}",
        ended.out
    );
}
