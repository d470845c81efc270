//! A run that is stopped early reports what it has measured.

use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::work::{Ended, Work, interrupt};

/// Starts a run of three users that would take hours.
fn start(work: &Work, rps: &str) -> Child {
    let file = work.write(
        "long.yaml",
        "name: long
scenarios:
  one:
    steps:
      - register: {email: \"{{ fake.email() }}\", responsible: \"{{ target.responsible }}\"}
",
    );
    work.rehearse(&[
        "run",
        &file,
        "--vus",
        "3",
        "--iterations",
        "100000",
        "--rps",
        rps,
    ])
    .stdout(Stdio::piped())
    .stderr(Stdio::piped())
    .spawn()
    .unwrap()
}

#[test]
fn ctrl_c_lets_iterations_finish_and_reports() {
    let work = Work::new();
    let child = start(&work, "60");
    std::thread::sleep(Duration::from_secs(3));
    interrupt(&child);
    let ended = Ended::new(&child.wait_with_output().unwrap()).expect(130);
    assert!(
        ended.err.contains("letting iterations under way finish"),
        "{}",
        ended.err
    );
    assert!(ended.out.contains("long: stopped early"), "{}", ended.out);
    let report = work.report();
    assert_eq!(report["run"]["interrupted"], true);
    assert_eq!(report["totals"]["iterations_cut"], 0);
    let whole = report["totals"]["iterations_ok"].as_u64().unwrap();
    assert!(whole >= 3, "{whole}");
    assert_eq!(report["steps"][0]["ok"]["count"], whole);
}

#[test]
fn a_second_ctrl_c_cuts() {
    let work = Work::new();
    // One request in a hundred seconds: nothing finishes.
    let child = start(&work, "0.01");
    std::thread::sleep(Duration::from_secs(2));
    let start = Instant::now();
    interrupt(&child);
    std::thread::sleep(Duration::from_millis(500));
    interrupt(&child);
    let ended = Ended::new(&child.wait_with_output().unwrap()).expect(130);
    assert!(
        start.elapsed() < Duration::from_secs(5),
        "{:?}",
        start.elapsed()
    );
    assert!(
        ended.err.contains("cutting what is under way"),
        "{}",
        ended.err
    );
    let totals = &work.report()["totals"];
    assert_eq!(totals["iterations_cut"], 3);
    assert_eq!(totals["iterations_failed"], 0);
}
