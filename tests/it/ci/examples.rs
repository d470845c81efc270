//! The jobs that `init` and docs/ci.md give to others.

use serde_json::Value;

use super::{Runner, TEMPLATE, repository, steps, workflow};
use crate::documents::fence::blocks;

#[test]
fn the_job_that_init_writes_can_be_run() {
    let written = workflow(TEMPLATE);
    let runner = Runner::new(&[
        ("vars.REHEARSE_GIT", "https://example.org/rehearse.git"),
        ("secrets.CAPTCHA_TOKEN", "x"),
        ("secrets.MAILBOX_PASSWORD", "y"),
        ("inputs.accept", ""),
        ("inputs.duration", "4s"),
    ]);
    runner.work.run(&["init", "."]).expect(0);
    let _simulator = runner.against_the_simulator();
    for night in 0..2 {
        runner.job(&written, "play");
        assert_eq!(runner.folders("nights").len(), night + 1);
        if night == 0 {
            runner.next_night();
        }
    }
    let summary = runner.summary();
    for told in ["figures inconclusive: ", "| returning/reinstantiate | 2 |"] {
        assert!(summary.contains(told), "{told} in {summary}");
    }
    assert_eq!(runner.folders("once").len(), 1);
}

#[test]
fn a_night_whose_target_is_away_is_told_and_not_compared() {
    let written = workflow(TEMPLATE);
    let runner = Runner::new(&[
        ("secrets.CAPTCHA_TOKEN", "x"),
        ("secrets.MAILBOX_PASSWORD", "y"),
        ("inputs.accept", ""),
        ("inputs.duration", "4s"),
    ]);
    runner.work.run(&["init", "."]).expect(0);
    runner.against_the_simulator().stop();
    std::fs::create_dir_all(runner.work.path().join("nights/20260301T030000Z-nightly")).unwrap();
    for (name, code) in [
        ("Measure", 3),
        ("Compare with the nights before", 0),
        ("Summary", 0),
    ] {
        let mut steps = steps(&written, "play").iter();
        let step = steps.find(|step| step["name"] == name).unwrap();
        runner.step(&written["jobs"]["play"], step).expect(code);
    }
    let summary = runner.summary();
    for told in [
        "There is nothing to compare.",
        "## ❌ nightly: did not start: the target does not answer",
        "Nothing was measured.",
    ] {
        assert!(summary.contains(told), "{told} in {summary}");
    }
}

/// The example of this kind in docs/ci.md.
fn example(kind: &str) -> Value {
    let blocks = blocks(&repository().join("docs/ci.md"));
    let block = blocks.iter().find(|block| block.kind == kind).unwrap();
    serde_yaml::from_str(&block.text).unwrap()
}

#[test]
fn the_job_for_gitlab_can_be_run() {
    let job = example("gitlab")["rehearse"].take();
    let lines = job["script"].as_array().unwrap();
    let script: Vec<&str> = lines.iter().map(|line| line.as_str().unwrap()).collect();
    let step = serde_json::json!({"run": script.join("\n"), "env": {
        "CARGO_HOME": "/nowhere",
        "REHEARSE_GIT": job["variables"]["REHEARSE_GIT"],
        "ACCEPT": job["variables"]["ACCEPT"],
        "DURATION": "4s",
        "CAPTCHA_TOKEN": "x",
        "MAILBOX_PASSWORD": "y",
    }});
    let runner = Runner::new(&[]);
    runner.work.run(&["init", "."]).expect(0);
    let _simulator = runner.against_the_simulator();
    runner.step(&Value::Null, &step).expect(0);
    runner.next_night();
    let second = runner.step(&Value::Null, &step).expect(0);
    assert!(second.out.contains("log_in/login"), "{}", second.out);
    assert!(second.out.contains("2 runs"), "{}", second.out);
    assert_eq!(runner.folders("nights").len(), 2);
}

#[test]
fn several_runners_are_joined() {
    let workflow = example("github");
    let mut runner = Runner::new(&[
        ("vars.REHEARSE_GIT", "https://example.org/rehearse.git"),
        ("secrets.CAPTCHA_TOKEN", "x"),
        ("secrets.MAILBOX_PASSWORD", "y"),
    ]);
    runner.work.run(&["init", "."]).expect(0);
    let _simulator = runner.against_the_simulator();
    let step = |job: &str, name: &str| {
        let mut steps = steps(&workflow, job).iter();
        steps.find(|step| step["name"] == name).unwrap().clone()
    };
    for number in ["1", "2"] {
        runner.expressions.insert("matrix.runner", number.into());
        let play = step("play", "Play");
        runner.step(&workflow["jobs"]["play"], &play).expect(0);
    }
    for name in ["Join", "Summary"] {
        let step = step("join", name);
        runner.step(&workflow["jobs"]["join"], &step).expect(0);
    }
    let joined = runner.work.path().join("joined/report.json");
    let joined: Value = serde_json::from_str(&std::fs::read_to_string(joined).unwrap()).unwrap();
    assert_eq!(joined["totals"]["iterations_ok"], 2);
    assert!(runner.summary().contains("register"));
}

#[test]
fn what_kubernetes_is_told_to_run_can_be_run() {
    let runner = Runner::new(&[]);
    runner.work.run(&["init", "."]).expect(0);
    let _simulator = runner.against_the_simulator();
    let blocks = blocks(&repository().join("docs/ci.md"));
    let mut seen = 0;
    for block in blocks.iter().filter(|block| block.kind == "kubernetes") {
        let resource: Value = serde_yaml::from_str(&block.text).unwrap();
        let scheduled = resource["kind"] == "CronJob";
        let job = if scheduled {
            &resource["spec"]["jobTemplate"]
        } else {
            &resource
        };
        let container = &job["spec"]["template"]["spec"]["containers"][0];
        let arguments = container["args"].as_array().unwrap().iter();
        let arguments: Vec<String> = arguments
            .map(|argument| {
                let argument = argument.as_str().unwrap().replace("$(RUNNER)", "3");
                let argument = argument.replace("/plan/staging.yaml", "targets/staging.yaml");
                argument.replace("/plan/", "").replace("/tmp/", "")
            })
            .collect();
        let mut arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        if scheduled {
            arguments.extend(["--duration", "4s"]);
        }
        runner.work.run(&arguments).expect(0);
        seen += 1;
    }
    assert_eq!(seen, 2);
    assert_eq!(runner.folders("reports").len(), 1);
    assert_eq!(runner.folders("runner-3").len(), 1);
    assert!(runner.work.path().join("credentials.vault").exists());
}
