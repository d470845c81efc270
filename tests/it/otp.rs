//! Sources of one-time passwords, as a target names them.

use crate::work::{Work, entry, shipped};

const REGISTER: &str = "name: register
scenarios:
  ada:
    steps:
      - register:
          email: \"{{ fake.email() }}\"
          first_name: Ada
          last_name: Lovelace
          responsible: \"{{ target.responsible }}\"
          otp_timeout: 5s
";

/// Runs the scenario against the simulator's target with another `otp`.
fn run_with(work: &Work, otp: &str) -> crate::work::Ended {
    let target = std::fs::read_to_string(work.path().join("target.yaml")).unwrap();
    let (target, _) = target.split_once("otp:").unwrap();
    work.write("other.yaml", &format!("{target}{otp}"));
    let file = work.write("register.yaml", REGISTER);
    work.run(&["run", &file, "--target", "other.yaml"])
}

#[test]
fn a_mailbox_with_an_http_interface_is_watched() {
    let work = Work::new();
    let simulator = work.simulate(&[]);
    let otp = format!(
        "otp:
  source: http
  url: http://{}/_simulator/outbox
  messages: /messages
  id: /sequence
  recipient: /to
  date: /sentAt
  body: /body
  poll: 50ms
",
        simulator.address
    );
    run_with(&work, &otp).expect(0);
    let metrics = &work.report()["metrics"];
    for (metric, count) in [("mails_seen", 1), ("mails_matched", 1), ("otps_read", 1)] {
        assert_eq!(entry(metrics, "metric", metric)["sum"], count, "{metric}");
    }
    assert_eq!(entry(metrics, "metric", "otp_delivery")["count"], 1);
    simulator.stop();
}

#[test]
fn a_fixed_code_is_handed_in_and_never_shown() {
    let work = Work::new();
    let simulator = work.simulate(&[]);
    // The simulator has no back door, so that its refusal is what is seen.
    let ended = run_with(&work, "otp: {source: static, code: '918273'}\n").expect(1);
    let report = work.report().to_string();
    for text in [&ended.out, &ended.err, &report] {
        assert!(!text.contains("918273"), "{text}");
    }
    let metrics = &work.report()["metrics"];
    assert_eq!(entry(metrics, "metric", "otps_read")["sum"], 1);
    simulator.stop();
}

#[test]
fn a_mailbox_that_cannot_be_opened_ends_the_run_before_anything_is_sent() {
    let work = Work::new();
    let simulator = work.simulate(&[]);
    // A port that was free a moment ago.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let otp = format!(
        "otp:
  source: imap
  host: 127.0.0.1
  port: {port}
  security: plain
  user: ada
  password: s3cret
"
    );
    let ended = run_with(&work, &otp).expect(3);
    let named = format!("the mailbox of `ada` at 127.0.0.1:{port}");
    assert!(ended.err.contains(&named), "{}", ended.err);
    assert!(!ended.err.contains("s3cret"), "{}", ended.err);
    simulator.stop();
}

#[test]
fn a_setting_that_is_wrong_is_shown_where_it_is() {
    let work = Work::new();
    let simulator = work.simulate(&[]);
    let otp = "otp:\n  source: imap\n  host: mail.example.org\n  security: plain\n  user: ada\n  password: {env: NO_SUCH_VARIABLE}\n";
    let ended = run_with(&work, otp).expect(2);
    for said in ["other.yaml", "security: plain", "NO_SUCH_VARIABLE"] {
        assert!(ended.err.contains(said), "{}", ended.err);
    }
    simulator.stop();
}

#[test]
fn the_simulators_mailbox_is_read_over_imap() {
    let work = Work::new();
    let file = shipped("tutorial.yaml");
    work.run(&[
        "run",
        &file,
        "--otp",
        "imap",
        "--vus",
        "5",
        "--iterations",
        "2",
    ])
    .expect(0);
    let metrics = &work.report()["metrics"];
    let sum = |metric| entry(metrics, "metric", metric)["sum"].clone();
    // One code to register and one to log in again, for each of the ten.
    for metric in ["mails_seen", "mails_matched"] {
        assert_eq!(sum(metric), 20, "{metric}");
    }
    let names: Vec<&str> = metrics
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["metric"].as_str().unwrap())
        .collect();
    for metric in [
        "mails_unmatched",
        "mails_late",
        "mails_duplicate",
        "mailbox_reconnects",
    ] {
        assert!(!names.contains(&metric), "{metric}");
    }
}

#[test]
fn the_mailbox_of_a_target_file_is_not_replaced() {
    let work = Work::new();
    let simulator = work.simulate(&[]);
    let file = work.write("register.yaml", REGISTER);
    let ended = work
        .run(&["run", &file, "--target", "target.yaml", "--otp", "imap"])
        .expect(2);
    assert!(
        ended.err.contains("`--otp` is for the simulator"),
        "{}",
        ended.err
    );
    simulator.stop();
}
