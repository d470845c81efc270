//! Whose fault it was: the target's, the network's, or our own.

use std::fmt::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::misbehaving::{Door, Misbehaving};
use crate::server::Server;
use crate::work::{Ended, Work};

/// A target at `url`, which answers.
fn target(work: &Work, url: &str) {
    let text = format!(
        "api_url: {url}\ngateway_url: {url}\nspec_id: ic\notp: {{source: static, code: '1'}}
timeouts: {{connect: 500ms, request: 1s}}\n"
    );
    work.write("target.yaml", &text);
}

/// Steps as JSON, which is YAML too, each set a scenario of its own.
fn scenario(work: &Work, scenarios: &[(&str, String)]) -> String {
    let mut text = String::from("name: t\ntarget: target.yaml\nscenarios:\n");
    for (name, steps) in scenarios {
        writeln!(text, "  {name}: {{steps: [{steps}]}}").unwrap();
    }
    work.write("t.yaml", &text)
}

fn get(url: &str) -> String {
    format!("{{http: {{url: \"{url}\"}}}}")
}

#[test]
fn every_way_in_which_a_connection_fails_is_a_kind() {
    let shut = Misbehaving::start(Door::Shut).url();
    let full = Misbehaving::start(Door::Full).url();
    // A server each: no connection is kept from one to the other.
    let open = || Misbehaving::start(Door::Open).url();
    // A request that may be repeated would be sent again.
    let post = |url: &str| format!("{{http: {{method: POST, url: \"{url}\"}}}}");
    let after_another = |path: &str| {
        let url = open();
        format!(
            "{}, {}",
            get(&format!("{url}/ok")),
            post(&format!("{url}{path}"))
        )
    };
    let first = |path: &str| get(&format!("{}{path}", open()));
    // Too long for a name, so that nobody is asked for it.
    let unknown = format!("http://{}.localhost/", "x".repeat(64));
    let cases: Vec<(&str, String, &str)> = vec![
        ("dns", get(&unknown), "cannot connect to xxx"),
        ("refused", get(&shut), "cannot connect to 127.0.0.1:"),
        ("connect timeout", get(&full), "no connection within 500ms"),
        (
            "tls",
            get(&open().replace("http:", "https:")),
            "closed the connection before TLS was agreed on",
        ),
        ("reset", first("/reset"), "connection broke: "),
        ("incomplete", first("/nothing"), "without an answer"),
        (
            "incomplete",
            first("/short"),
            "before the end of its answer",
        ),
        ("incomplete", first("/short-chunk"), "before the end"),
        ("closed", after_another("/nothing"), "earlier request"),
        ("closed", after_another("/reset"), "earlier request"),
        ("incomplete", after_another("/short"), "before the end"),
        ("reset", first("/reset-body"), "connection broke: "),
        ("protocol", first("/garbage"), "connection broke: "),
        ("protocol", first("/bad-chunk"), "connection broke: "),
        (
            "answer too long",
            first("/endless"),
            "the answer is longer than `max_body`, 64 MiB",
        ),
        (
            "answer too long",
            format!("{{http: {{url: \"{}/ok\", max_body: 1B}}}}", open()),
            "the answer is longer than `max_body`, 1 B",
        ),
        ("timeout", first("/never"), "no answer within 1s"),
    ];
    let server = Server::start();
    for (kind, steps, message) in cases {
        let work = Work::new();
        target(&work, &server.url);
        let file = scenario(&work, &[("s", steps.clone())]);
        let ended = work.run(&["run", &file, "-q", "--trust"]).expect(1);
        let report = work.report();
        let error = &report["errors"][0];
        assert_eq!(error["kind"], kind, "{steps}\n{}", ended.out);
        let sample = error["sample"].as_str().unwrap();
        assert!(sample.contains(message), "{kind}: {sample}");
        let statuses = report["metrics"].as_array().unwrap().iter();
        let mut statuses = statuses.filter(|series| series["metric"] == "http_reqs");
        assert!(
            statuses.any(|series| series["tags"]["status"] == kind),
            "{kind}"
        );
    }
}

#[test]
fn another_attempt_is_made_for_the_kind_that_was_named() {
    let full = Misbehaving::start(Door::Full);
    let shut = Misbehaving::start(Door::Shut);
    let server = Server::start();
    for (url, on, attempts) in [
        (full.url(), "timeout", 3),
        (full.url(), "connect timeout", 3),
        (full.url(), "connect", 3),
        (full.url(), "refused, tls, dns, unfinished, no ports", 1),
        (shut.url(), "refused", 3),
        (shut.url(), "transport, timeout, no descriptors, closed", 1),
    ] {
        let work = Work::new();
        target(&work, &server.url);
        let step =
            format!("{{http: {{url: \"{url}\"}}, retry: {{times: 2, backoff: 1ms, on: [{on}]}}}}");
        let file = scenario(&work, &[("s", step)]);
        work.run(&["run", &file, "-q"]).expect(1);
        assert_eq!(count(&work.report(), "http_reqs"), attempts, "{on}");
    }
}

#[test]
fn a_server_that_asks_for_time_gets_it() {
    let (work, server) = (Work::new(), Misbehaving::start(Door::Open));
    target(&work, &Server::start().url);
    let url = server.url();
    let step = format!("{{http: {{url: \"{url}/come-back\"}}, retry: {{times: 1, backoff: 1ms}}}}");
    let file = scenario(&work, &[("s", step)]);
    work.run(&["run", &file, "-q"]).expect(0);
    let report = work.report();
    let took = series(&report, "step_duration")[0]["max_ms"]
        .as_f64()
        .unwrap();
    assert!(took >= 1000.0, "{took}");
    assert_eq!(count(&report, "http_reqs"), 2);
}

#[test]
fn the_soft_limit_of_open_files_is_raised() {
    let ended = many_users("-S");
    assert_eq!(ended.report["totals"]["iterations_failed"], 0);
    assert_eq!(ended.report["warnings"], serde_json::json!([]));
    ended.ended.expect(0);
}

#[test]
fn a_limit_of_our_own_is_not_the_targets_fault() {
    let Limited { ended, report } = many_users("");
    ended.expect(1);
    let errors = report["errors"].as_array().unwrap();
    assert!(!errors.is_empty());
    for error in errors {
        assert_eq!(error["kind"], "no descriptors", "{error}");
        let sample = error["sample"].as_str().unwrap();
        assert!(
            sample.contains("this machine has no file descriptor left"),
            "{sample}"
        );
    }
    let warning = report["warnings"][0].as_str().unwrap();
    assert!(
        warning.contains("found no free file descriptor on this machine"),
        "{warning}"
    );
}

struct Limited {
    ended: Ended,
    report: Value,
}

/// A hundred users at once, and sixty open files.
fn many_users(which: &str) -> Limited {
    let (work, server) = (Work::new(), Server::start());
    target(&work, &server.url);
    work.write(
        "t.yaml",
        "name: t\ntarget: target.yaml\nscenarios:
  s: {vus: 100, iterations: 1, steps: [{http: {url: /slow/500}}]}\n",
    );
    let rehearse = work.rehearse(&[]);
    let script = format!("ulimit {which} -n 60 && exec \"$0\" run t.yaml -q");
    let output = Command::new("sh")
        .args(["-c", &script])
        .arg(rehearse.get_program())
        .current_dir(work.path())
        .output()
        .unwrap();
    let ended = Ended::new(&output);
    assert!(ended.err.is_empty(), "{}", ended.err);
    Limited {
        ended,
        report: work.report(),
    }
}

#[test]
fn a_runner_that_stood_still_says_so() {
    let (work, server) = (Work::new(), Server::start());
    target(&work, &server.url);
    work.write(
        "t.yaml",
        "name: t\ntarget: target.yaml\nscenarios:
  s: {executor: constant_vus, vus: 2, pacing: 50ms, duration: 5s, steps: [{http: {url: /}}]}\n",
    );
    let child = work
        .rehearse(&["run", "t.yaml", "-q"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let tell = |signal: &str| {
        let id = child.id().to_string();
        let sent = Command::new("kill").args([signal, &id]).status();
        assert!(sent.unwrap().success());
    };
    std::thread::sleep(Duration::from_millis(1500));
    tell("-STOP");
    std::thread::sleep(Duration::from_secs(2));
    tell("-CONT");
    let ended = Ended::new(&child.wait_with_output().unwrap());
    let report = work.report();
    let warning = report["warnings"][0].as_str().unwrap();
    assert!(
        warning.contains("the load generator stood still for "),
        "{warning}"
    );
    assert!(
        ended.out.contains(
            warning
                .split('\n')
                .next()
                .unwrap()
                .split(':')
                .next()
                .unwrap()
        )
    );
    let rows = report["time_series"].as_array().unwrap();
    let stalled = rows.iter().map(|row| row["stalled_ms"].as_f64().unwrap());
    let longest = stalled.fold(0.0, f64::max);
    assert!((1500.0..10_000.0).contains(&longest), "{longest}");
    let stalls = &series(&report, "runner_stalls")[0];
    assert!(stalls["count"].as_u64().unwrap() >= 1, "{stalls}");
    let html = work.report_path().with_file_name("report.html");
    let html = std::fs::read_to_string(html).unwrap();
    assert!(html.contains("class=\"band\""));
}

fn series<'a>(report: &'a Value, metric: &str) -> Vec<&'a Value> {
    let all = report["metrics"].as_array().unwrap().iter();
    all.filter(|series| series["metric"] == metric).collect()
}

fn count(report: &Value, metric: &str) -> u64 {
    let all = series(report, metric);
    all.iter().map(|it| it["sum"].as_u64().unwrap()).sum()
}
