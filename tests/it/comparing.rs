//! `rehearse compare`: a server that is slower the second time; and `rehearse
//! trend` of the history that runs leave.

use std::path::PathBuf;
use std::process::Stdio;

use serde_json::Value;

use crate::server::Server;
use crate::work::{Ended, Work};

/// Plays `seconds` against a server that answers after so many milliseconds, as
/// often as there are pauses, all at once. Returns the folders.
fn play(work: &Work, server: &Server, seconds: u32, pauses: &[u32]) -> Vec<PathBuf> {
    let runs = pauses.iter().enumerate().map(|(index, pause)| {
        let file = work.write(
            &format!("steady-{index}.yaml"),
            &format!(
                "name: steady
scenarios:
  s:
    executor: constant_arrival_rate
    rate: 10/s
    duration: {seconds}s
    pre_allocated_vus: 10
    steps: [{{http: {{url: \"{}/pausing?{pause}\"}}, as: asked}}]
",
                server.url
            ),
        );
        let reports = format!("reports-{index}");
        let mut command = work.rehearse(&["run", &file, "--quiet", "--reports", &reports]);
        command.env("GITHUB_SHA", "0123456789abcdef0123456789abcdef01234567");
        let child = command.stdout(Stdio::null()).spawn().unwrap();
        (child, reports)
    });
    let runs: Vec<_> = runs.collect();
    let folders = runs.into_iter().map(|(mut child, reports)| {
        assert!(child.wait().unwrap().success());
        let entries = std::fs::read_dir(work.path().join(reports)).unwrap();
        let mut paths = entries.map(|entry| entry.unwrap().path());
        paths.find(|path| path.is_dir()).unwrap()
    });
    folders.collect()
}

fn compare(work: &Work, sides: &[&PathBuf], more: &[&str]) -> Ended {
    let sides: Vec<&str> = sides.iter().map(|side| side.to_str().unwrap()).collect();
    work.run(&[&["compare"], &sides[..], more].concat())
}

fn verdict<'a>(comparison: &'a Value, line: usize, statistic: &str) -> &'a str {
    let changes = comparison["lines"][line]["changes"].as_array().unwrap();
    let of = |change: &&Value| change["statistic"] == statistic;
    changes.iter().find(of).unwrap()["verdict"]
        .as_str()
        .unwrap()
}

#[test]
fn a_slower_server_is_told_and_fails_and_the_same_run_does_not() {
    let (work, server) = (Work::new(), Server::start());
    let folders = play(&work, &server, 24, &[30, 150]);
    let [base, new] = &folders[..] else { panic!() };

    let ended = compare(
        &work,
        &[base, new],
        &["--format", "json", "--fail-on", "p95 > +10%"],
    )
    .expect(1);
    let seen: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(seen["method"], "seconds");
    // The step, and the one endpoint in it.
    assert_eq!(seen["lines"].as_array().unwrap().len(), 2);
    assert_eq!(seen["lines"][1]["endpoint"], "/pausing");
    for line in [0, 1] {
        for statistic in ["p50", "p95", "mean"] {
            assert_eq!(verdict(&seen, line, statistic), "slower", "{}", ended.out);
        }
        assert_eq!(verdict(&seen, line, "error_rate"), "unchanged");
        // There are not plays enough for a hundredth of them.
        assert_eq!(verdict(&seen, line, "p99"), "inconclusive");
    }
    assert_eq!(seen["failures"].as_array().unwrap().len(), 2);

    let back = compare(
        &work,
        &[new, base],
        &["--fail-on", "mean{step=http} > +10%"],
    )
    .expect(0);
    assert!(back.out.contains("faster"), "{}", back.out);
    assert!(
        back.out.contains("no change is beyond a limit"),
        "{}",
        back.out
    );

    let same = compare(
        &work,
        &[base, base],
        &["--fail-on", "p95 > +1%", "--format", "markdown"],
    )
    .expect(0);
    assert!(
        !same.out.contains("slower") && !same.out.contains("faster"),
        "{}",
        same.out
    );

    let wrong = compare(&work, &[base, new], &["--fail-on", "p95{step=gone} > +1%"]).expect(2);
    assert!(
        wrong
            .err
            .contains("is about nothing that both sides have; they have: s/http"),
        "{}",
        wrong.err
    );
}

#[test]
fn several_runs_on_a_side_are_taken_together() {
    let (work, server) = (Work::new(), Server::start());
    let folders = play(&work, &server, 4, &[20, 20, 20, 120, 120, 120]);
    let all: Vec<&str> = folders
        .iter()
        .map(|folder| folder.to_str().unwrap())
        .collect();
    let ended = work.run(
        &[
            &["compare", "--base"],
            &all[..3],
            &["--new"],
            &all[3..],
            &["--format", "json"],
        ]
        .concat(),
    );
    let ended = ended.expect(0);
    let seen: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(seen["method"], "few_runs");
    assert_eq!(seen["base"].as_array().unwrap().len(), 3);
    assert_eq!(verdict(&seen, 0, "p50"), "slower", "{}", ended.out);
}

#[test]
fn every_run_is_in_the_history_and_has_a_trend() {
    let (work, server) = (Work::new(), Server::start());
    let folder = play(&work, &server, 1, &[1]).remove(0);
    let history = std::fs::read_to_string(work.path().join("reports-0/history.jsonl")).unwrap();
    let line: Value = serde_json::from_str(history.trim_end()).unwrap();
    assert_eq!(line["commit"], "0123456789ab");
    assert_eq!(
        (&line["name"], &line["verdict"]),
        (&"steady".into(), &"passed".into())
    );
    let report: Value =
        serde_json::from_slice(&std::fs::read(folder.join("report.json")).unwrap()).unwrap();
    assert_eq!(
        line["steps"][0]["p95_ms"],
        report["steps"][0]["ok"]["p95_ms"]
    );
    assert_eq!(line["steps"][0]["ok"], report["steps"][0]["ok"]["count"]);

    let run = ["run", "steady-0.yaml", "--quiet", "--reports", "reports-0"];
    work.run(&run).expect(0);
    work.run(&[&run[..], &["--no-history"]].concat()).expect(0);
    let trend = work
        .run(&["trend", "--reports", "reports-0", "--stat", "p50"])
        .expect(0);
    assert!(
        trend.out.contains("steady: p50 of each run"),
        "{}",
        trend.out
    );
    assert!(trend.out.contains("s/http   2 runs"), "{}", trend.out);

    let none = work.run(&["trend"]).expect(2);
    assert!(
        none.err.contains("cannot read reports/history.jsonl"),
        "{}",
        none.err
    );
}

#[test]
fn what_cannot_be_compared_is_named() {
    let work = Work::new();
    let ended = work.run(&["compare", "here", "there"]).expect(2);
    assert!(ended.err.contains("here"), "{}", ended.err);
    let ended = work
        .run(&["compare", "here", "there", "--fail-on", "p95 > 10"])
        .expect(2);
    assert!(
        ended
            .err
            .contains("expected a change in percent, found `10`"),
        "{}",
        ended.err
    );
    work.run(&["compare", "here"]).expect(2);
}
