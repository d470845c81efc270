//! One definition of a rate: every output says the same, whatever came before
//! and after that which was measured.

use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::server::Server;
use crate::work::{Ended, Work, entry, interrupt};

/// Starts twenty iterations a second, with these settings.
fn start(work: &Work, server: &Server, name: &str, settings: &str) -> Child {
    let url = &server.url;
    let file = work.write(
        &format!("{name}.yaml"),
        &format!(
            "name: steady
setup:
  - http: {{url: \"{url}/setup\"}}
  - sleep: 2s
scenarios:
  s:
    executor: constant_arrival_rate
    rate: 20/s
    {settings}
    pre_allocated_vus: 20
    steps: [{{http: {{url: \"{url}/asked\"}}, name: asked}}]
teardown: [{{http: {{url: \"{url}/teardown\"}}}}]
thresholds:
  iterations: [rate > 19/s]
  iterations{{scenario=s}}: [rate > 19/s]
  http_reqs: [rate > 19/s]
  errors: [rate < 1/s]
"
        ),
    );
    let mut command = work.rehearse(&["run", &file, "--reports", name]);
    let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

fn end(child: Child) -> Ended {
    Ended::new(&child.wait_with_output().unwrap())
}

/// The one folder of a run below `reports`.
fn folder(work: &Work, reports: &str) -> PathBuf {
    let entries = std::fs::read_dir(work.path().join(reports)).unwrap();
    let mut paths = entries.map(|entry| entry.unwrap().path());
    paths.find(|path| path.is_dir()).unwrap()
}

fn read(folder: &Path, file: &str) -> String {
    std::fs::read_to_string(folder.join(file)).unwrap()
}

/// A rate and where it was found.
type Told = (&'static str, f64);

/// The number before `/s` that follows `start`.
#[track_caller]
fn after(text: &str, start: &str) -> f64 {
    let (_, rest) = text.split_once(start).expect(start);
    let (before, _) = rest.split_once("/s").unwrap();
    let digits = |c: char| !(c.is_ascii_digit() || c == '.');
    before.rsplit(digits).next().unwrap().parse().unwrap()
}

/// What the files of a run say, and the terminal.
fn told(folder: &Path, terminal: &str) -> Vec<Told> {
    let mut told = vec![
        ("terminal, iterations", after(terminal, "iterations  ")),
        ("terminal, requests", after(terminal, "requests    ")),
    ];
    let report: Value = serde_json::from_str(&read(folder, "report.json")).unwrap();
    let totals = &report["totals"];
    told.extend([
        (
            "report.json, iterations",
            totals["iterations_per_second"].as_f64().unwrap(),
        ),
        (
            "report.json, requests",
            totals["requests_per_second"].as_f64().unwrap(),
        ),
    ]);
    let step = entry(&report["steps"], "name", "asked");
    told.push(("report.json, step", step["throughput"].as_f64().unwrap()));
    for line in report["thresholds"].as_array().unwrap() {
        if line["selector"] != "errors" {
            told.push(("threshold", after(line["seen"].as_str().unwrap(), "")));
        }
    }
    let page = read(folder, "report.html").replace("&#x2f;", "/");
    told.push((
        "report.html, iterations",
        after(&page, "<dt>iterations</dt>"),
    ));
    told.push(("report.html, requests", after(&page, "<dt>requests</dt>")));
    let page = read(folder, "summary.md");
    told.push(("summary.md, iterations", after(&page, " failed")));
    told.push(("summary.md, requests", after(&page, " requests")));
    told.extend(table(&read(folder, "series.csv")));
    told.extend(exposed(&read(folder, "metrics.prom")));
    told
}

/// Sums of the columns of `series.csv`.
fn table(text: &str) -> [Told; 2] {
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap().split(',').collect();
    let lines: Vec<Vec<f64>> = lines
        .map(|line| line.split(',').map(|cell| cell.parse().unwrap()).collect())
        .collect();
    let sum = |name| -> f64 {
        let column = names.iter().position(|known| *known == name).unwrap();
        lines.iter().map(|line| line[column]).sum()
    };
    let seconds = sum("measured_ms") / 1e3;
    [
        (
            "series.csv, iterations",
            sum("measured_iterations") / seconds,
        ),
        ("series.csv, requests", sum("measured_requests") / seconds),
    ]
}

/// Counters of the main part over its time.
fn exposed(text: &str) -> [Told; 2] {
    let sum = |name: &str| -> f64 {
        let lines = text.lines().filter(|line| {
            line.starts_with(&format!("rehearse_{name}{{")) && line.contains("phase=\"main\"")
        });
        let values = lines.map(|line| line.rsplit_once(' ').unwrap().1);
        values.map(|value| value.parse::<f64>().unwrap()).sum()
    };
    let seconds = sum("measured_seconds");
    [
        (
            "metrics.prom, iterations",
            sum("iterations_total") / seconds,
        ),
        ("metrics.prom, requests", sum("http_reqs_total") / seconds),
    ]
}

/// What the history says, and what is made of it.
fn remembered(work: &Work, reports: &str) -> [Told; 2] {
    let line: Value =
        serde_json::from_str(read(&work.path().join(reports), "history.jsonl").trim()).unwrap();
    let step = entry(&line["steps"], "step", "asked");
    let trend = work
        .run(&[
            "trend",
            "--reports",
            reports,
            "--stat",
            "throughput",
            "--step",
            "asked",
            "--format",
            "json",
        ])
        .expect(0);
    let trend: Value = serde_json::from_str(&trend.out).unwrap();
    let value = &trend["steps"][0]["points"][0]["value"];
    [
        ("history.jsonl", step["throughput"].as_f64().unwrap()),
        ("trend", value.as_f64().unwrap()),
    ]
}

/// The throughput of steps and endpoints on both sides.
fn compared(work: &Work, sides: [&Path; 2]) -> Vec<Told> {
    let [base, new] = sides.map(|side| side.to_str().unwrap());
    let compared = work
        .run(&["compare", base, new, "--format", "json"])
        .expect(0);
    let compared: Value = serde_json::from_str(&compared.out).unwrap();
    let mut told = Vec::new();
    for line in compared["lines"].as_array().unwrap() {
        if line["step"] == "asked" || line["endpoint"] == "/asked" {
            let change = entry(&line["changes"], "statistic", "throughput");
            told.push(("compare, base", change["base"].as_f64().unwrap()));
            told.push(("compare, new", change["new"].as_f64().unwrap()));
        }
    }
    assert_eq!(told.len(), 4, "{compared:#}");
    told
}

/// Every digit that an output has must be right.
#[track_caller]
fn all_are(expected: f64, told: &[Told]) {
    let wrong: Vec<&Told> = told
        .iter()
        .filter(|(_, rate)| (rate - expected).abs() > 0.001)
        .collect();
    assert!(wrong.is_empty(), "expected {expected}/s, found {wrong:?}");
}

#[test]
fn twenty_a_second_are_twenty_a_second_everywhere() {
    let (work, server) = (Work::new(), Server::start());
    let names = ["plain", "warm", "late"];
    let settings = [
        "duration: 3s",
        "duration: 6s\n    warmup: 3s",
        "duration: 3s\n    start_time: 3s",
    ];
    let running: Vec<Child> = names
        .iter()
        .zip(settings)
        .map(|(name, settings)| start(&work, &server, name, settings))
        .collect();
    let ended: Vec<Ended> = running.into_iter().map(end).collect();
    let mut folders = Vec::new();
    for (name, ended) in names.iter().zip(ended) {
        let terminal = ended.expect(0).out;
        let folder = folder(&work, name);
        let mut all = told(&folder, &terminal);
        all.extend(remembered(&work, name));
        // Made again of what was saved.
        let again = work.run(&["report", folder.to_str().unwrap()]).expect(0);
        all.extend(told(&folder, &again.out));
        all_are(20.0, &all);
        let warmup = terminal.contains("60 ok, 0 failed, 60 warm-up, 20.0/s over 3.00s");
        assert_eq!(warmup, *name == "warm", "{terminal}");
        let page = read(&folder, "report.html");
        assert_eq!(page.contains("60 warm-up"), *name == "warm");
        folders.push(folder);
    }
    all_are(20.0, &compared(&work, [&folders[0], &folders[1]]));
    all_are(20.0, &compared(&work, [&folders[1], &folders[2]]));
    // A runner that has measured the same at the same time.
    let other = work.path().join("other");
    std::fs::create_dir(&other).unwrap();
    let saved = read(&folders[1], "measurements.json");
    std::fs::write(other.join("measurements.json"), saved).unwrap();
    let runners = [&*folders[1], &*other].map(|folder| folder.to_str().unwrap());
    let merged = work.run(&["merge", runners[0], runners[1], "--out", "merged"]);
    let merged = merged.expect(0).out;
    all_are(40.0, &told(&work.path().join("merged"), &merged));
    all_are(40.0, &compared(&work, [&work.path().join("merged"); 2]));
}

#[test]
fn a_run_that_is_stopped_has_the_rate_of_its_time() {
    let (work, server) = (Work::new(), Server::start());
    let running = start(&work, &server, "stopped", "duration: 1h\n    warmup: 1s");
    while server.asked().len() < 60 {
        std::thread::sleep(Duration::from_millis(20));
    }
    interrupt(&running);
    let terminal = end(running).out;
    let all = told(&folder(&work, "stopped"), &terminal);
    // Of two seconds or so: the one that was due at the last moment or not.
    let near = |rate: f64| (19.0..21.0).contains(&rate);
    assert!(all.iter().all(|(_, rate)| near(*rate)), "{all:?}");
    let first = all[2].1;
    assert!(
        all.iter().all(|(_, rate)| (rate - first).abs() < 0.06),
        "{all:?}"
    );
}

#[test]
fn what_was_not_measured_has_no_rate() {
    let (work, server) = (Work::new(), Server::start());
    let running = start(&work, &server, "warmup", "duration: 1s\n    warmup: 2s");
    let ended = end(running).expect(1);
    assert!(ended.out.contains("20 warm-up, - over 0"), "{}", ended.out);
    let folder = folder(&work, "warmup");
    let report: Value = serde_json::from_str(&read(&folder, "report.json")).unwrap();
    assert_eq!(report["totals"]["iterations_warmup"], 20);
    assert_eq!(report["totals"]["iterations_per_second"], Value::Null);
    for line in report["thresholds"].as_array().unwrap() {
        assert_eq!(line["seen"], "nothing was measured");
        assert_eq!(line["passed"], false);
    }
}
