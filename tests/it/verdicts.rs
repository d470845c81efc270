//! Nothing untrue is called passed, and all outputs say the same.

use std::net::{TcpListener, TcpStream};
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::server::Server;
use crate::work::{Ended, Work, entry, interrupt};

/// Takes connections and never answers, until the test process ends.
fn silent() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let taken: Vec<TcpStream> = listener.incoming().flatten().collect();
        drop(taken);
    });
    url
}

/// A file of the run's folder.
fn output(work: &Work, name: &str) -> String {
    std::fs::read_to_string(work.report_path().with_file_name(name)).unwrap()
}

/// Plays a file and compares what everybody says of it. `told` is what the
/// verdict says after the name.
fn play(text: &str, code: i32, told: &str) -> (Work, Ended) {
    let work = Work::new();
    let file = work.write("v.yaml", text);
    let ended = work.run(&["run", &file, "--quiet"]).expect(code);
    everybody_says(&work, &ended.out, told);
    (work, ended)
}

fn everybody_says(work: &Work, out: &str, told: &str) {
    let marks = [("✓", "passed"), ("✗", "failed"), ("!", "stopped early")];
    let known = marks.iter().find(|(_, verdict)| told.starts_with(verdict));
    let (mark, verdict) = known.unwrap();
    // Its first line that is not empty.
    let first = out.trim_start().lines().next().unwrap();
    assert_eq!(first, format!("{mark} v: {told}"), "{out}");
    let report = work.report();
    assert_eq!(report["verdict"], *verdict);
    assert_eq!(report["verdict_text"], told);
    let failures = output(work, "junit.xml").matches("<failure").count();
    assert_eq!(failures > 0, *verdict == "failed", "{failures}");
    let page = output(work, "report.html");
    let escaped = told.replace('`', "&#96;");
    assert!(page.contains(told) || page.contains(&escaped), "{told}");
    let summary = output(work, "summary.md");
    let title = summary.lines().next().unwrap().replace("\\`", "`");
    assert!(title.ends_with(&format!("v: {told}")), "{title}");
    let passed = format!("rehearse_run_passed {}\n", u8::from(*verdict == "passed"));
    assert!(output(work, "metrics.prom").contains(&passed), "{passed}");
    let history = std::fs::read_to_string(work.path().join("reports/history.jsonl")).unwrap();
    assert!(
        history.contains(&format!("\"verdict\":\"{verdict}\"")),
        "{history}"
    );
    // Made again of what was kept, and joined with nothing, it is the same.
    let folder = work.report_path().parent().unwrap().to_owned();
    let folder = folder.to_str().unwrap();
    let again = work.run(&["report", folder]);
    assert_eq!(again.out.trim_start().lines().next(), Some(first));
    assert_eq!(again.code, Some(i32::from(*verdict == "failed")));
    let joined = work.run(&["merge", folder, "--out", "joined"]);
    let first_of_joined = joined.out.trim_start().lines().next().unwrap();
    assert_eq!(first_of_joined, first);
}

#[test]
fn a_teardown_that_fails_fails_the_run_everywhere() {
    let server = Server::start();
    let url = &server.url;
    let (work, _) = play(
        &format!(
            "name: v
teardown: [{{http: {{url: \"{url}/status/503\"}}, name: clean up}}]
scenarios:
  a: {{iterations: 2, steps: [{{http: {{url: \"{url}/ok\"}}}}]}}
thresholds:
  errors: [count < 10]
"
        ),
        1,
        "failed: teardown failed at `clean up` (http 503)",
    );
    let report = work.report();
    assert_eq!(report["run"]["torn_down"], false);
    assert_eq!(report["run"]["set_up"], true);
    assert_eq!(report["reasons"][0]["kind"], "teardown");
    assert_eq!(report["totals"]["iterations_ok"], 2);
}

#[test]
fn a_setup_that_fails_names_its_step() {
    let server = Server::start();
    let url = &server.url;
    let (work, _) = play(
        &format!(
            "name: v
setup: [{{http: {{url: \"{url}/ok\"}}}}, {{http: {{url: \"{url}/status/503\"}}, name: prepare}}]
scenarios:
  a: {{steps: [{{http: {{url: \"{url}/never\"}}}}]}}
teardown: [{{http: {{url: \"{url}/teardown\"}}}}]
"
        ),
        1,
        "failed: setup failed at `prepare` (http 503), so no scenario was played",
    );
    assert_eq!(work.report()["run"]["set_up"], false);
    assert_eq!(server.asked().len(), 2, "{:?}", server.asked());
}

#[test]
fn a_run_of_which_nothing_was_finished_has_not_passed_whatever_is_allowed() {
    let url = silent();
    for allowed in ["", "thresholds: {errors: [count < 10]}"] {
        let (work, ended) = play(
            &format!(
                "name: v
scenarios:
  a:
    executor: constant_vus
    vus: 3
    duration: 500ms
    graceful_stop: 500ms
    steps: [{{http: {{url: \"{url}/never\"}}}}]
{allowed}
"
            ),
            1,
            "failed: none of 3 iterations was finished",
        );
        assert!(
            ended.out.contains("0 ok, 0 failed, 3 not finished"),
            "{}",
            ended.out
        );
        let report = work.report();
        let step = entry(&report["steps"], "name", "http");
        assert_eq!(step["ok"]["unfinished"], 3);
        assert_eq!(step["failed"]["count"], 0);
        assert_eq!(report["totals"]["iterations_cut"], 3);
        assert_eq!(report["totals"]["iterations_interrupted"], 0);
        let junit = output(&work, "junit.xml");
        assert!(!junit.contains("<skipped"), "{junit}");
    }
}

/// Nine answers, and one that never comes.
#[test]
fn a_percentile_among_the_unfinished_is_a_bound_everywhere() {
    let (server, silent) = (Server::start(), silent());
    let url = &server.url;
    let (work, ended) = play(
        &format!(
            "name: v
scenarios:
  a: {{iterations: 9, steps: [{{http: {{url: \"{url}/ok\"}}}}]}}
  b:
    executor: constant_vus
    duration: 500ms
    graceful_stop: 500ms
    steps: [{{http: {{url: \"{silent}/never\"}}}}]
thresholds:
  http_req_duration: [p90 < 900ms, p99 < 1h, max < 1h, error_rate == 10%, count == 9]
  step_duration: [p99 > 900ms]
  errors{{kind=unfinished}}: [count == 1]
"
        ),
        1,
        "failed: 2 of 7 thresholds were not met",
    );
    let report = work.report();
    let thresholds = &report["thresholds"];
    let seen = entry(thresholds, "condition", "p99 < 1h")["seen"].as_str();
    assert!(seen.unwrap().starts_with("> "), "{seen:?}");
    for (condition, passed) in [
        ("p90 < 900ms", true),
        ("max < 1h", false),
        ("error_rate == 10%", true),
        ("p99 > 900ms", true),
        ("count == 1", true),
    ] {
        let line = entry(thresholds, "condition", condition);
        assert_eq!(line["passed"], passed, "{line}");
    }
    let step = entry(&report["steps"], "scenario", "b");
    assert_eq!(step["ok"]["count"], 0);
    assert_eq!(step["ok"]["unfinished"], 1);
    let bounds = step["ok"]["at_least"].as_array().unwrap();
    assert!(bounds.iter().any(|name| name == "p50_ms"), "{bounds:?}");
    assert!(step["ok"]["p50_ms"].as_f64().unwrap() > 900.0);
    assert!(
        entry(&report["steps"], "scenario", "a")["ok"]
            .get("at_least")
            .is_none()
    );
    assert!(ended.out.contains("unfinished"), "{}", ended.out);
    assert!(
        ended.out.contains("> 1.0") || ended.out.contains("> 99"),
        "{}",
        ended.out
    );
    assert!(output(&work, "report.html").contains("&gt; 1.0"));
    assert!(output(&work, "summary.md").contains("unfinished"));
    let history = std::fs::read_to_string(work.path().join("reports/history.jsonl")).unwrap();
    assert!(history.contains("\"unfinished\":1"), "{history}");
    let rows = output(&work, "series.csv");
    let mut columns = rows.lines().next().unwrap().split(',');
    let column = columns.position(|name| name == "unfinished");
    let column = column.unwrap();
    let cut: f64 = rows
        .lines()
        .skip(1)
        .map(|line| line.split(',').nth(column).unwrap().parse::<f64>().unwrap())
        .sum();
    assert!((cut - 1.0).abs() < 1e-9, "{cut}");
}

#[test]
fn a_run_in_which_nothing_was_played_has_not_passed() {
    let server = Server::start();
    let url = &server.url;
    let scenario = |settings: &str| {
        format!(
            "name: v
scenarios:
  a:
    {settings}
    steps: [{{http: {{url: \"{url}/ok\"}}}}]
thresholds: {{errors: [count < 10]}}
"
        )
    };
    play(
        &scenario(
            "executor: ramping_arrival_rate
    start_rate: 0/s
    pre_allocated_vus: 1
    stages: [{target: 0/s, duration: 500ms}]",
        ),
        1,
        "failed: no iteration was played",
    );
    let (work, _) = play(
        &scenario(
            "executor: constant_arrival_rate
    rate: 10/s
    duration: 500ms
    warmup: 5s
    pre_allocated_vus: 2",
        ),
        1,
        "failed: no iteration was played but 5 iterations of the warm-up",
    );
    assert_eq!(work.report()["reasons"][0]["kind"], "nothing played");
    // One in which each iteration had nothing to do was played.
    let skipped = scenario("iterations: 3").replace("/ok\"}", "/ok\"}, when: 1 > 2");
    play(&skipped, 0, "passed");
}

#[test]
fn load_that_was_not_delivered_is_told_in_the_first_line() {
    let server = Server::start();
    let url = &server.url;
    // One user who takes as long as the scenario: one of ten is begun.
    let text = format!(
        "name: v
scenarios:
  a:
    executor: constant_arrival_rate
    rate: 10/s
    duration: 1s
    pre_allocated_vus: 1
    max_vus: 1
    steps: [{{http: {{url: \"{url}/slow/1500\"}}}}]
thresholds:
  http_req_duration: [p95 < 1h]
"
    );
    let (work, _) = play(&text, 0, "passed, but only 10 % of the load was delivered");
    let share = work.report()["totals"]["delivered"].as_f64().unwrap();
    assert!((share - 0.1).abs() < 1e-9, "{share}");
    // What those would have waited who were not served, nobody knows.
    let falsified = text.replace(
        "http_req_duration: [p95 < 1h]",
        "iteration_duration: [p95 < 1h]",
    );
    play(
        &falsified,
        1,
        "failed: 1 of 1 threshold was not met; only 10 % of the load was delivered",
    );
}

#[test]
fn a_threshold_over_a_status_sees_those_that_failed() {
    let server = Server::start();
    let url = &server.url;
    for metric in ["http_req_duration", "http_reqs"] {
        let (work, _) = play(
            &format!(
                "name: v
scenarios:
  a: {{iterations: 20, steps: [{{http: {{url: \"{url}/status/503\"}}}}]}}
thresholds:
  errors: [count <= 20]
  \"{metric}{{status=503}}\": [count < 5]
"
            ),
            1,
            "failed: 1 of 2 thresholds was not met",
        );
        let report = work.report();
        let line = entry(&report["thresholds"], "condition", "count < 5");
        assert_eq!(
            (&line["seen"], &line["passed"]),
            (&"20".into(), &false.into())
        );
    }
}

/// Starts a run whose setup hangs, asks it once to stop, and as often again.
fn stopped_in_setup(signals: u32) -> (Work, Ended) {
    let work = Work::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let file = work.write(
        "v.yaml",
        &format!(
            "name: v
setup: [{{http: {{url: \"{url}/hang\"}}}}]
scenarios:
  a: {{steps: [{{http: {{url: \"{url}/never\"}}}}]}}
"
        ),
    );
    let mut child = work
        .rehearse(&["run", &file, "--quiet", "--graceful-stop", "1s"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It asks its targets for a sign of life first: those are the simulator's.
    let _taken = listener.accept().unwrap();
    let mut errors = std::io::BufReader::new(child.stderr.take().unwrap());
    for _ in 0..signals {
        interrupt(&child);
        let mut told = String::new();
        std::io::BufRead::read_line(&mut errors, &mut told).unwrap();
    }
    let began = Instant::now();
    let ended = Ended::new(&child.wait_with_output().unwrap());
    assert!(began.elapsed() < Duration::from_secs(10));
    (work, ended)
}

#[test]
fn what_ended_setup_is_named() {
    let (work, ended) = stopped_in_setup(1);
    let ended = ended.expect(1);
    let told = "failed: setup was not finished when the grace ran out, so no scenario was played";
    everybody_says(&work, &ended.out, told);
    assert!(ended.out.contains("stopped by a signal"), "{}", ended.out);
    let (work, ended) = stopped_in_setup(2);
    let ended = ended.expect(130);
    let told = "stopped early: setup was cut, so no scenario was played";
    everybody_says(&work, &ended.out, told);
    assert!(ended.out.contains("stopped by a signal"), "{}", ended.out);
}
