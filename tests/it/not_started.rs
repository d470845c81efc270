//! A night that cannot begin leaves what a night leaves, with the reason.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

use serde_json::Value;

use crate::work::{Ended, Work};

const SCENARIO: &str = "name: nightly <x>
scenarios: {s: {steps: [{register: {email: \"{{ fake.email() }}\", save: ada, role: practitioner}}]}}
";

/// A target at which nobody listens: port 1 of loopback.
const NOWHERE: &str = "api_url: http://127.0.0.1:1
gateway_url: http://127.0.0.1:1
spec_id: abc
name: nowhere
otp: {source: simulator, url: \"http://127.0.0.1:1/outbox\"}
";

/// Plays a night against a target that is not there.
fn night(work: &Work, more: &[&str]) -> Ended {
    work.write("night.yaml", SCENARIO);
    work.write("nowhere.yaml", NOWHERE);
    let run = ["run", "night.yaml", "--target", "nowhere.yaml"];
    work.run(&[&run, more].concat()).expect(3)
}

fn history(work: &Work) -> Vec<Value> {
    let text = std::fs::read_to_string(work.path().join("reports/history.jsonl")).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    lines.collect()
}

/// A file beside the only `report.json`.
fn file(work: &Work, name: &str) -> String {
    std::fs::read_to_string(work.report_path().with_file_name(name)).unwrap()
}

fn files(work: &Work) -> Vec<String> {
    let folder = work.report_path();
    let entries = std::fs::read_dir(folder.parent().unwrap()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

#[test]
fn a_target_that_refuses_leaves_a_report_and_a_line() {
    let work = Work::new();
    let ended = night(&work, &[]);
    let reason = "the target does not answer at http://127.0.0.1:1/: GET /: cannot connect to 127.0.0.1:1: Connection refused (os error 111)";
    assert!(ended.err.contains(reason), "{}", ended.err);
    assert!(
        ended.out.starts_with("\n  ✗ nightly <x>: did not start\n"),
        "{}",
        ended.out
    );
    let report = work.report();
    assert_eq!(report["verdict"], "did not start");
    assert_eq!(report["verdict_text"], format!("did not start: {reason}"));
    assert_eq!(report["reasons"][0]["kind"], "target");
    assert_eq!(report["run"]["target"]["name"], "nowhere");
    assert!(report.get("totals").is_none(), "{report:#}");
    // Figures have no file: there are none.
    let expected = [
        "junit.xml",
        "measurements.json",
        "report.html",
        "report.json",
        "summary.md",
    ];
    assert_eq!(files(&work), expected);
    let junit = file(&work, "junit.xml");
    assert!(
        junit.contains(r#"<testsuites name="nightly &lt;x&gt;" tests="1" failures="0" errors="1""#),
        "{junit}"
    );
    let case = format!(r#"<error type="target" message="did not start: {reason}">hint: is the"#);
    assert!(junit.contains(&case), "{junit}");
    let summary = file(&work, "summary.md");
    assert!(summary.starts_with("## ❌ nightly"), "{summary}");
    assert!(summary.contains("Connection refused"), "{summary}");
    let page = file(&work, "report.html");
    assert!(
        page.contains("did not start: the target does not answer"),
        "{page}"
    );
    let [line] = &history(&work)[..] else {
        panic!("one night, one line");
    };
    assert_eq!(
        (&line["verdict"], &line["reason"]),
        (&"did not start".into(), &reason.into())
    );
    // The same again from what was kept.
    let folder = work.report_path();
    let folder = folder.parent().unwrap().to_str().unwrap();
    std::fs::remove_file(work.report_path().with_file_name("junit.xml")).unwrap();
    work.run(&["report", folder]).expect(3);
    assert_eq!(file(&work, "junit.xml"), junit);
}

#[test]
fn what_was_asked_for_is_written_and_nothing_else() {
    let work = Work::new();
    night(&work, &["--no-report"]);
    assert!(!work.path().join("reports").exists());

    let ended = night(
        &work,
        &["--summary", "json", "--only-files", "json,junit,csv"],
    );
    let said: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(said, work.report());
    assert_eq!(files(&work), ["junit.xml", "report.json"]);

    let work = Work::new();
    let ended = night(&work, &["--only-files", "csv", "--no-history", "-q"]);
    assert_eq!(ended.out, "✗ nightly <x>: did not start\n");
    let left = std::fs::read_dir(work.path().join("reports")).unwrap();
    assert_eq!(left.count(), 0);

    let out = ["--no-report", "--out", "json=-", "--out", "csv=a.csv"];
    let ended = night(&work, &out);
    let said: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(said["verdict"], "did not start");
    let told = "warning: no csv is written: nothing was measured";
    assert!(ended.err.contains(told), "{}", ended.err);
    assert!(!work.path().join("a.csv").exists());

    let ended = night(&work, &["--no-report", "--summary", "github"]);
    let annotation = "\n::error file=night.yaml,title=nightly <x>::did not start: the target";
    assert!(ended.out.contains(annotation), "{}", ended.out);

    let waited = [
        "--no-report",
        "--summary",
        "json",
        "--wait-for-target",
        "1ms",
    ];
    let said: Value = serde_json::from_str(&night(&work, &waited).out).unwrap();
    assert_eq!(said["reasons"][0]["kind"], "target");
}

#[test]
fn a_mailbox_that_repeats_its_password_is_told_without_it() {
    let work = Work::new();
    let simulator = work.simulate(&[]);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.write_all(b"* OK ready\r\n").unwrap();
        let lines = BufReader::new(stream.try_clone().unwrap()).lines();
        for line in lines.map_while(Result::ok) {
            let tag = line.split(' ').next().unwrap();
            let answer = if line.contains("LOGIN") {
                format!("{tag} NO \u{1b}[2J<b>open-sesame-to-me is no password</b>\r\n")
            } else {
                format!("* CAPABILITY IMAP4rev1\r\n{tag} OK\r\n")
            };
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    let text = std::fs::read_to_string(work.path().join("target.yaml")).unwrap();
    let (before, _) = text.split_once("otp:").unwrap();
    let mailbox = format!(
        "otp: {{source: imap, host: 127.0.0.1, port: {port}, security: plain, user: ada, password: open-sesame-to-me}}\n"
    );
    work.write("mailbox.yaml", &format!("{before}{mailbox}"));
    work.write("night.yaml", SCENARIO);
    let run = ["run", "night.yaml", "--target", "mailbox.yaml"];
    let ended = work.run(&run).expect(3);
    server.join().unwrap();
    simulator.stop();
    assert_eq!(work.report()["reasons"][0]["kind"], "mailbox");
    let mut told = vec![ended.out, ended.err];
    told.extend(files(&work).iter().map(|name| file(&work, name)));
    let line = std::fs::read_to_string(work.path().join("reports/history.jsonl")).unwrap();
    told.push(line);
    for text in told {
        assert!(!text.contains("sesame"), "{text}");
        assert!(!text.contains('\u{1b}'), "{text}");
    }
    let junit = file(&work, "junit.xml");
    assert!(junit.contains(r#"<error type="mailbox""#), "{junit}");
}

#[test]
fn a_vault_that_does_not_open_is_a_night_that_did_not_start() {
    let work = Work::new();
    work.write("night.yaml", SCENARIO);
    for (word, code) in [("open barley", 0), ("open sesame", 3)] {
        work.write("secret", word);
        let secret = work.path().join("secret");
        let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(&secret, private).unwrap();
        let reports = format!("reports-{code}");
        let run = ["run", "night.yaml", "-q", "--passphrase-file", "secret"];
        let more = ["--summary", "json", "--reports", &reports];
        let ended = work.run(&[&run[..], &more].concat()).expect(code);
        if code == 3 {
            let said: Value = serde_json::from_str(&ended.out).unwrap();
            assert_eq!(said["reasons"][0]["kind"], "vault");
            let text = said["verdict_text"].as_str().unwrap();
            assert!(
                text.contains("the passphrase in `secret` does not open"),
                "{text}"
            );
            assert!(!text.contains(word), "{text}");
        }
    }
}

#[test]
fn a_night_that_did_not_start_is_no_baseline_and_has_its_place_in_the_trend() {
    let work = Work::new();
    let played = ["run", "night.yaml", "-q", "--reports", "reports"];
    let plain = SCENARIO.replace(", save: ada,", ",");
    work.write("night.yaml", &plain);
    work.run(&played).expect(0);
    night(&work, &["-q"]);
    work.write("night.yaml", &plain);
    work.run(&played).expect(0);
    let folders: Vec<Value> = history(&work)
        .into_iter()
        .map(|line| line["folder"].clone())
        .collect();
    let [first, absent, last] = [0, 1, 2].map(|index| folders[index].as_str().unwrap());
    let told = format!(
        "rehearse: {absent}: this run did not start, so nothing was measured: the target does not answer at "
    );
    for command in [
        &["compare", absent, last][..],
        &["compare", "--base", first, absent, "--new", last],
        &["merge", first, absent, "--out", "joined"],
    ] {
        let ended = work.run(command).expect(2);
        assert!(ended.err.starts_with(&told), "{}", ended.err);
        assert!(
            ended.err.ends_with("\nhint: leave it out\n"),
            "{}",
            ended.err
        );
    }
    let text = work.run(&["trend"]).expect(0).out;
    assert!(text.contains("s/register   2 runs"), "{text}");
    assert!(text.lines().any(|line| line == "     ✗"), "{text}");
    let line = format!("did not start  {absent}\n    the target does not answer at ");
    assert!(text.contains(&line), "{text}");
    let ended = work.run(&[
        "run",
        "night.yaml",
        "night.yaml",
        "--target",
        "nowhere.yaml",
    ]);
    let all = "✗ 2 files: 0 passed, 2 did not start; 0 iterations, in 0\n";
    assert!(ended.expect(3).out.ends_with(all));
}
