//! The nightly workflow of this repository, night after night.

use serde_json::Value;

use super::{NIGHTLY, Runner, steps, workflow};

const TARGET: &str =
    "matrix.target == 'staging' && (vars.REHEARSE_TARGET || 'fixtures/targets/staging.yaml') || ''";
const DURATION: &str = "inputs.duration || '2m'";

fn nightly(target: &str, secret: &str) -> Runner {
    Runner::new(&[
        ("matrix.target", "this leg"),
        (TARGET, target),
        // Long enough that each alternative of `choose` is drawn.
        (DURATION, "5s"),
        ("secrets.ICURE_CAPTCHA_TOKEN", secret),
        ("secrets.ICURE_MAILBOX_PASSWORD", secret),
        ("inputs.accept", ""),
    ])
}

#[test]
fn the_files_that_come_along_are_checked() {
    let runner = nightly("", "");
    runner.check_out();
    runner.job(&workflow(NIGHTLY), "check");
    let sarif = std::fs::read_to_string(runner.work.path().join("check.sarif")).unwrap();
    let sarif: Value = serde_json::from_str(&sarif).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
}

#[test]
fn a_night_is_compared_with_those_before() {
    let workflow = workflow(NIGHTLY);
    let mut runner = nightly("", "");
    runner.check_out();
    runner.job(&workflow, "play");
    let summary = runner.summary();
    assert!(
        summary.contains("There is nothing to compare."),
        "{summary}"
    );
    for plan in ["smoke", "data mixed"] {
        assert!(summary.contains(plan), "{plan}\n{summary}");
    }
    let output = std::fs::read_to_string(runner.work.path().join("output")).unwrap();
    assert_eq!(output, "there=true\n");

    runner.next_night();
    runner.job(&workflow, "play");
    let summary = runner.summary();
    assert!(summary.contains("patients/prepare"), "{summary}");
    assert!(!summary.contains("nothing to compare"), "{summary}");
    assert_eq!(runner.folders("nights").len(), 2);
    let history = runner.work.path().join("reports/history.jsonl");
    let history = std::fs::read_to_string(history).unwrap();
    assert_eq!(history.lines().count(), 2, "{history}");

    runner.next_night();
    runner.expressions.insert("inputs.accept", "true".into());
    runner.job(&workflow, "play");
    assert_eq!(runner.folders("nights").len(), 1);
}

#[test]
fn a_slower_night_fails_and_says_so() {
    let workflow = workflow(NIGHTLY);
    let runner = nightly("", "");
    let job = &workflow["jobs"]["play"];
    let compare = steps(&workflow, "play")
        .iter()
        .find(|step| step["id"] == "compare")
        .unwrap();
    let server = crate::server::Server::start();
    runner.work.write(
        "ask.yaml",
        &format!(
            "vars: {{ms: 20}}\nscenarios: {{s: {{executor: constant_arrival_rate, rate: 20/s, duration: 22s, pre_allocated_vus: 9, steps: [{{http: {{url: '{}/pausing?{{{{ ms }}}}'}}, name: ask}}]}}}}\n",
            server.url
        ),
    );
    let play = |reports: &str, pause: &str| {
        let run = ["run", "ask.yaml", "--quiet", "--no-history"];
        let where_to = ["--reports", reports, "--var", pause];
        runner.work.run(&[run, where_to].concat()).expect(0);
    };
    std::thread::scope(|scope| {
        scope.spawn(|| play("nights", "ms=20"));
        scope.spawn(|| play("reports", "ms=250"));
    });
    let ended = runner.step(job, compare).expect(1);
    assert_eq!(ended.err, "");
    assert!(runner.summary().contains("slower"), "{}", runner.summary());
}

#[test]
fn another_target_is_played_when_its_secrets_are_there() {
    let workflow = workflow(NIGHTLY);
    let without = nightly("target.yaml", "");
    let job = &workflow["jobs"]["play"];
    let secrets = steps(&workflow, "play")
        .iter()
        .find(|step| step["id"] == "secrets")
        .unwrap();
    without.step(job, secrets).expect(0);
    assert!(!without.work.path().join("output").exists());
    assert_eq!(
        without.summary(),
        "Nothing was played against this leg: its secrets are not set.\n"
    );
    // What would be played otherwise waits for that output.
    for step in steps(&workflow, "play").iter().skip(4) {
        let condition = step["if"].as_str().unwrap();
        let waits = condition.contains("steps.secrets.outputs.there")
            || condition.contains("steps.measure.outcome == 'success'");
        assert!(waits, "{step:#}");
    }

    let with = nightly("target.yaml", "a-secret-value");
    with.check_out();
    let simulator = with.work.simulate(&[]);
    with.job(&workflow, "play");
    let registered = simulator.get("/_simulator/outbox");
    assert!(registered.contains('@'), "{registered}");
    assert!(!with.summary().contains("a-secret-value"));
}

#[test]
fn only_the_last_eight_nights_are_kept() {
    let workflow = workflow(NIGHTLY);
    let runner = nightly("", "");
    for night in 10..20 {
        let folder = format!("nights/202603{night}T030000Z-data-mixed");
        std::fs::create_dir_all(runner.work.path().join(folder)).unwrap();
    }
    let tonight = runner
        .work
        .path()
        .join("reports/20260320T030000Z-data-mixed");
    std::fs::create_dir_all(&tonight).unwrap();
    std::fs::write(tonight.join("measurements.json"), "{}").unwrap();
    std::fs::write(tonight.join("report.html"), "").unwrap();
    let name = "Keep tonight for the nights to come";
    let keep = steps(&workflow, "play")
        .iter()
        .find(|step| step["name"] == name);
    runner
        .step(&workflow["jobs"]["play"], keep.unwrap())
        .expect(0);
    let mut kept = runner.folders("nights");
    kept.sort();
    assert_eq!(kept.len(), 8, "{kept:?}");
    assert!(kept[0].ends_with("20260313T030000Z-data-mixed"));
    let tonight: Vec<_> = std::fs::read_dir(&kept[7]).unwrap().collect();
    assert_eq!(tonight.len(), 1, "{tonight:?}");
}
