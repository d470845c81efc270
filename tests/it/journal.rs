//! What is left of a run that was killed.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::server::Server;
use crate::work::Work;

/// Plays a hundred requests a second; the run would take a minute.
fn start(work: &Work, server: &Server) -> std::process::Child {
    let file = work.write(
        "killed.yaml",
        &format!(
            "name: killed
scenarios:
  s:
    executor: constant_arrival_rate
    rate: 100/s
    duration: 1m
    pre_allocated_vus: 20
    steps:
      - http: {{url: \"{}/\"}}
  t:
    executor: constant_arrival_rate
    rate: 10/s
    duration: 1m
    pre_allocated_vus: 2
    steps:
      - skip_iteration: no row left
thresholds:
  dropped_iterations: [count == 0]
",
            server.url
        ),
    );
    let mut command = work.rehearse(&["run", &file]);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().unwrap()
}

fn folder(work: &Work) -> PathBuf {
    work.report_path().parent().unwrap().to_owned()
}

fn files(work: &Work) -> Vec<String> {
    let entries = std::fs::read_dir(folder(work)).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// `rehearse report` on what is there.
fn report(work: &Work) -> Value {
    let folder = folder(work);
    let ended = work.run(&["report", folder.to_str().unwrap()]).expect(0);
    assert!(ended.out.contains("cut off"), "{}", ended.out);
    work.report()
}

/// Every number that must agree with every other one.
fn requests(report: &Value) -> u64 {
    assert_eq!(report["schema"], "rehearse/report/3");
    assert_eq!(report["verdict"], "stopped early");
    assert_eq!(report["run"]["interrupted"], true);
    assert_eq!(report["thresholds"][0]["passed"], true);
    let counted = report["totals"]["iterations_ok"].as_u64().unwrap();
    let rows = report["time_series"].as_array().unwrap();
    let sum: u64 = rows
        .iter()
        .map(|row| row["iterations"].as_u64().unwrap())
        .sum();
    assert_eq!(sum, counted);
    assert_eq!(report["steps"][0]["ok"]["count"], counted);
    let skipped = report["totals"]["iterations_skipped"].as_u64().unwrap();
    let skips = &report["skips"][0];
    assert_eq!(skips["reason"], "no row left");
    // One may be told and not counted yet.
    let told = skips["count"].as_u64().unwrap();
    assert!(
        skipped >= 10 && told.abs_diff(skipped) <= 2,
        "{told} {skipped}"
    );
    // Over the time until the last second that is there.
    let rate = report["totals"]["iterations_per_second"].as_f64().unwrap();
    assert!((90.0..110.0).contains(&rate), "{rate}");
    counted
}

#[test]
fn a_run_that_is_killed_has_lost_two_seconds_at_most() {
    let (work, server) = (Work::new(), Server::start());
    let mut child = start(&work, &server);
    let began = Instant::now();
    let mut answers: Vec<(Instant, usize)> = Vec::new();
    // Some four seconds of it.
    while answers.last().is_none_or(|(_, count)| *count < 400) {
        assert!(began.elapsed() < Duration::from_secs(60), "{answers:?}");
        answers.push((Instant::now(), server.asked().len()));
        std::thread::sleep(Duration::from_millis(20));
    }
    // On Unix, this is SIGKILL.
    child.kill().unwrap();
    let killed = Instant::now();
    child.wait().unwrap();
    assert_eq!(files(&work), ["journal.jsonl"]);

    let safe = killed.checked_sub(Duration::from_secs(2)).unwrap();
    let before = answers.iter().rev().find(|(at, _)| *at <= safe);
    let (_, before) = *before.unwrap();
    assert!(before >= 100, "{before}");
    let kept = requests(&report(&work));
    let before = u64::try_from(before).unwrap();
    let all = u64::try_from(server.asked().len()).unwrap();
    // An answer is noted here before it is sent, and counted there after it has
    // arrived: some twenty may be under way.
    assert!(
        kept + 20 >= before && kept <= all,
        "{before} <= {kept} <= {all}"
    );

    a_damaged_line_is_told_and_the_rest_counts(&work, kept);
    a_torn_line_is_left_out(&work, kept);
}

fn a_damaged_line_is_told_and_the_rest_counts(work: &Work, kept: u64) {
    let journal = folder(work).join("journal.jsonl");
    let whole = std::fs::read(&journal).unwrap();
    let lines: Vec<&[u8]> = whole.split_inclusive(|byte| *byte == b'\n').collect();
    assert!(lines.len() >= 4);
    // Also the first second, in which every series has its name.
    for damaged in [1, 2, lines.len() - 2] {
        for damage in [&b"\xff\0{\n"[..], b"\0\0\0\n", b"{\"row\": {}}\n"] {
            let mut text = lines.clone();
            text[damaged] = damage;
            std::fs::write(&journal, text.concat()).unwrap();
            let report = report(work);
            // Not by `requests`: the rate lacks that second too.
            let counted = report["totals"]["iterations_ok"].as_u64().unwrap();
            let seconds = report["time_series"].as_array().unwrap().len();
            assert_eq!(seconds, lines.len() - 2, "line {damaged}");
            assert!(
                counted < kept && counted + 150 > kept,
                "{counted} of {kept}"
            );
            let warning = report["warnings"][0].as_str().unwrap();
            assert!(
                warning.contains("the journal is damaged: 1 second of it cannot be read"),
                "{warning}"
            );
        }
    }
    std::fs::write(&journal, &whole).unwrap();
    assert_eq!(requests(&report(work)), kept);
}

fn a_torn_line_is_left_out(work: &Work, kept: u64) {
    let journal = folder(work).join("journal.jsonl");
    let whole = std::fs::read(&journal).unwrap();
    let lines = whole.split_inclusive(|byte| *byte == b'\n').count();
    let last = whole[..whole.len() - 1]
        .iter()
        .rposition(|byte| *byte == b'\n')
        .unwrap();
    let mut fewer = kept;
    // In the middle of the last line, after its first byte, and before its end.
    for end in [
        whole.len() - 2,
        last + 2,
        usize::midpoint(last, whole.len()),
    ] {
        std::fs::write(&journal, &whole[..end]).unwrap();
        let report = report(work);
        fewer = requests(&report);
        assert!(fewer < kept, "{fewer} of {kept}");
        assert_eq!(report["time_series"].as_array().unwrap().len(), lines - 2);
    }
    // What is no text at all does not hinder either.
    let mut garbled = whole[..=last].to_vec();
    garbled.extend([0xff, 0xfe, 0, b'{']);
    std::fs::write(&journal, garbled).unwrap();
    assert_eq!(requests(&report(work)), fewer);
}

#[test]
fn a_run_that_ends_leaves_no_journal() {
    let (work, server) = (Work::new(), Server::start());
    let file = work.write(
        "short.yaml",
        &format!(
            "name: short
scenarios:
  s: {{steps: [{{http: {{url: \"{}/\"}}}}]}}
",
            server.url
        ),
    );
    work.run(&["run", &file]).expect(0);
    let names = files(&work);
    assert!(names.contains(&"report.json".to_owned()), "{names:?}");
    assert!(!names.contains(&"journal.jsonl".to_owned()), "{names:?}");
}

#[test]
fn a_folder_without_a_journal_says_so() {
    let work = Work::new();
    let ended = work.run(&["report", "."]).expect(2);
    assert!(ended.err.contains("journal.jsonl"), "{}", ended.err);
    work.write("journal.jsonl", "{\"schema\": \"rehearse/journal/9\"}\n");
    let ended = work.run(&["report", "."]).expect(2);
    assert!(ended.err.contains("not a journal"), "{}", ended.err);
}
