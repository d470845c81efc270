//! `rehearse merge`: reports of several runners as one.

use std::path::PathBuf;

use serde_json::Value;

use crate::server::Server;
use crate::work::Work;

/// Plays `name` `count` times below `reports`, and returns the folders.
fn play(work: &Work, server: &Server, name: &str, count: usize) -> Vec<PathBuf> {
    let file = work.write(
        "runner.yaml",
        &format!(
            "name: {name}
scenarios:
  s: {{vus: 2, iterations: 5, steps: [{{http: {{url: \"{}/\"}}, as: asked, check: asked.status == 200}}]}}
thresholds:
  http_reqs: [count == 20]
",
            server.url
        ),
    );
    let reports = |index| format!("runner-{name}-{index}");
    let folders = (0..count).map(|index| {
        // Ten requests of twenty: each runner alone misses the threshold.
        work.run(&["run", &file, "--reports", &reports(index)])
            .expect(1);
        let folder = work.path().join(reports(index));
        let mut entries = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path());
        entries.find(|path| path.is_dir()).unwrap()
    });
    folders.collect()
}

fn merge(work: &Work, folders: &[PathBuf], out: &str) -> crate::work::Ended {
    let mut arguments = vec!["merge"];
    arguments.extend(folders.iter().map(|folder| folder.to_str().unwrap()));
    arguments.extend(["--out", out]);
    work.run(&arguments)
}

#[test]
fn two_runners_are_joined_and_judged_as_one() {
    let (work, server) = (Work::new(), Server::start());
    let folders = play(&work, &server, "half", 2);
    merge(&work, &folders, "whole").expect(0);
    let read = |folder: PathBuf| -> Value {
        serde_json::from_slice(&std::fs::read(folder.join("report.json")).unwrap()).unwrap()
    };
    let whole = read(work.path().join("whole"));
    let runners: Vec<Value> = folders.iter().cloned().map(read).collect();
    assert_eq!(whole["totals"]["iterations_ok"], 20);
    assert_eq!(whole["steps"][0]["ok"]["count"], 20);
    assert_eq!(
        (&whole["checks"][0]["held"], &whole["checks"][0]["total"]),
        (&20.into(), &20.into())
    );
    assert_eq!(whole["thresholds"][0]["passed"], true);
    let sum = |report: &Value| report["steps"][0]["ok"]["sum_ms"].as_f64().unwrap();
    let all: f64 = runners.iter().map(sum).sum();
    assert!((sum(&whole) - all).abs() < 1e-5, "{} {all}", sum(&whole));
    let max = |report: &Value| report["steps"][0]["ok"]["max_ms"].as_f64().unwrap();
    assert!(
        runners
            .iter()
            .any(|runner| (max(runner) - max(&whole)).abs() < 1e-9)
    );
    let rows = whole["time_series"].as_array().unwrap();
    let counted: u64 = rows
        .iter()
        .map(|row| row["iterations"].as_u64().unwrap())
        .sum();
    assert_eq!(counted, 20);
    // A normal folder: its report can be made again, and joined once more.
    work.run(&["report", "whole"]).expect(0);
    for file in [
        "report.html",
        "junit.xml",
        "latency.hlog",
        "summary.md",
        "series.csv",
        "metrics.prom",
    ] {
        assert!(work.path().join("whole").join(file).is_file(), "{file}");
    }
    let ended = merge(&work, &folders, "whole").expect(2);
    assert!(ended.err.contains("not empty"), "{}", ended.err);
}

#[test]
fn what_cannot_be_joined_is_refused() {
    let (work, server) = (Work::new(), Server::start());
    let mut folders = play(&work, &server, "one", 1);
    let twice = [folders[0].clone(), folders[0].clone()];
    let ended = merge(&work, &twice, "out").expect(2);
    assert!(ended.err.contains("named twice"), "{}", ended.err);
    folders.extend(play(&work, &server, "other", 1));
    let ended = merge(&work, &folders, "out").expect(2);
    assert!(
        ended.err.contains("is of another plan than"),
        "{}",
        ended.err
    );
    assert!(
        ended.err.contains("the name `other` instead of `one`"),
        "{}",
        ended.err
    );
    let measured = folders[1].join("measurements.json");
    let text = std::fs::read_to_string(&measured).unwrap();
    std::fs::write(
        &measured,
        text.replace("rehearse/measurements/2", "rehearse/measurements/0"),
    )
    .unwrap();
    let ended = merge(&work, &folders, "out").expect(2);
    assert!(
        ended
            .err
            .contains("expected `rehearse/measurements/2`, found `rehearse/measurements/0`"),
        "{}",
        ended.err
    );
    assert!(!work.path().join("out").exists());
}
