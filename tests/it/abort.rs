//! Thresholds that end a run, and signals that do.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::server::Server;
use crate::work::{Ended, Work, entry};

/// A run of an hour that sends ten requests a second, with this threshold.
fn hour(work: &Work, server: &Server, thresholds: &str) -> String {
    work.write(
        "hour.yaml",
        &format!(
            "name: hour
scenarios:
  s:
    executor: constant_arrival_rate
    rate: 10/s
    duration: 1h
    pre_allocated_vus: 10
    steps:
      - http: {{url: \"{}/\"}}
{thresholds}",
            server.url
        ),
    )
}

/// Plays until a threshold ends it. How long the scenarios took, in seconds.
fn aborted(thresholds: &str, told: &str) -> f64 {
    let (work, server) = (Work::new(), Server::start());
    let file = hour(&work, &server, thresholds);
    let ended = work.run(&["run", &file]).expect(1);
    assert!(ended.out.contains("hour: failed"), "{}", ended.out);
    let line = format!("stopped by a threshold: {told}, seen ");
    assert!(ended.out.contains(&line), "{}", ended.out);
    let report = work.report();
    assert_eq!(report["verdict"], "failed");
    assert_eq!(report["run"]["interrupted"], true);
    let stopped = report["run"]["stopped"].as_str().unwrap();
    assert!(stopped.starts_with(&line), "{stopped}");
    let threshold = &report["thresholds"][0];
    assert_eq!(threshold["passed"], false);
    let seen = threshold["seen"].as_str().unwrap();
    assert!(seen.ends_with(" when it ended the run"), "{seen}");
    report["run"]["took_ms"].as_f64().unwrap() / 1e3
}

#[test]
fn a_threshold_ends_the_run_and_is_named_with_its_value() {
    let took = aborted(
        "thresholds:
  http_req_duration: [{condition: p95 < 1us, abort_on_fail: true}]
",
        "http_req_duration p95 < 1us",
    );
    assert!(took < 10.0, "{took}");
}

#[test]
fn a_delay_lets_the_run_go_on_for_a_while() {
    let took = aborted(
        "thresholds:
  iteration_duration: [{condition: p50 < 1us, abort_on_fail: true, delay: 3s}]
",
        "iteration_duration p50 < 1us",
    );
    assert!((3.0..13.0).contains(&took), "{took}");
}

#[test]
fn what_ended_the_run_has_failed_whatever_comes_in_afterwards() {
    // Nobody has finished after one second; when all have, the count is right.
    let work = Work::new();
    let file = work.write(
        "late.yaml",
        "name: late
scenarios:
  s: {executor: ramping_vus, start_vus: 3, stages: [{duration: 1m, target: 3}], steps: [
    {register: {email: \"{{ fake.email() }}\", responsible: \"{{ target.responsible }}\"}}]}
thresholds:
  iterations: [{condition: count >= 3, abort_on_fail: true}]
",
    );
    let ended = work.run(&["run", &file, "--rps", "5"]).expect(1);
    let report = work.report();
    assert_eq!(report["totals"]["iterations_ok"], 3, "{}", ended.out);
    let threshold = entry(&report["thresholds"], "condition", "count >= 3");
    assert_eq!(threshold["seen"], "0 when it ended the run");
    assert_eq!(report["verdict"], "failed");
}

#[test]
fn a_threshold_without_abort_lets_the_run_go_on() {
    let (work, server) = (Work::new(), Server::start());
    let file = hour(
        &work,
        &server,
        "thresholds:
  http_req_duration: [p95 < 1us]
",
    );
    work.run(&["run", &file, "--duration", "2s"]).expect(1);
    let report = work.report();
    assert_eq!(report["totals"]["iterations_ok"], 20);
    assert_eq!(report["run"]["interrupted"], false);
}

fn terminate(child: &Child) {
    let sent = Command::new("kill")
        .args(["-TERM", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(sent.success());
}

/// Starts the run of an hour and waits until it sends requests.
fn running(work: &Work, server: &Server) -> Child {
    let file = hour(work, server, "");
    let child = work
        .rehearse(&["run", &file])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let began = Instant::now();
    while server.asked().len() < 3 {
        assert!(began.elapsed() < Duration::from_secs(60));
        std::thread::sleep(Duration::from_millis(10));
    }
    child
}

#[test]
fn sigterm_lets_iterations_finish_and_reports() {
    let (work, server) = (Work::new(), Server::start());
    let child = running(&work, &server);
    terminate(&child);
    let ended = Ended::new(&child.wait_with_output().unwrap()).expect(130);
    assert!(ended.out.contains("hour: stopped early"), "{}", ended.out);
    let report = work.report();
    assert_eq!(report["run"]["stopped"], "stopped by a signal");
    assert_eq!(report["verdict"], "stopped early");
    let ok = report["totals"]["iterations_ok"].as_u64().unwrap();
    assert_eq!(server.asked().len() as u64, ok);
}

#[test]
fn a_second_signal_cuts_and_the_report_says_so() {
    let work = Work::new();
    // Takes connections and never answers.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let file = work.write(
        "silent.yaml",
        &format!(
            "name: silent
scenarios:
  s: {{vus: 2, steps: [{{http: {{url: \"http://{}/\"}}}}]}}
",
            silent.local_addr().unwrap()
        ),
    );
    let child = work
        .rehearse(&["run", &file])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Both users are under way.
    let _held = [silent.accept().unwrap(), silent.accept().unwrap()];
    terminate(&child);
    // Any mixture of the two signals will do; the second one is not taken for
    // the first because the first was seen.
    let mut child = child;
    let mut told = String::new();
    let mut errors = std::io::BufReader::new(child.stderr.take().unwrap());
    std::io::BufRead::read_line(&mut errors, &mut told).unwrap();
    assert!(
        told.contains("letting iterations under way finish"),
        "{told}"
    );
    crate::work::interrupt(&child);
    let ended = Ended::new(&child.wait_with_output().unwrap()).expect(130);
    assert!(
        ended
            .out
            .contains("stopped by a signal; 2 iterations were cut"),
        "{}",
        ended.out
    );
    assert_eq!(work.report()["totals"]["iterations_cut"], 2);
}
