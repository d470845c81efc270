//! A small report with everything in it, for the tests of the formats. Its
//! names are as bad as names can be.

use std::time::Duration;

use jiff::Timestamp;

use super::{ErrorLine, Report, RunLine, ScenarioLine, TargetLine, ThresholdLine};
use crate::crypto::CryptoBackend;
use crate::metrics::{
    Condition, Meter, Metric, Recorder, Row, Selector, Snapshot, TagKey, Tags, Verdict,
};

/// A name that must not become markup.
pub(crate) const HOSTILE: &str = "<script>alert(\"1\")</script> & | `x`";

/// The report.
pub(crate) fn example() -> Report {
    Report {
        run: run(),
        took: Duration::from_secs(3),
        stopped: None,
        set_up: true,
        users: 7,
        snapshot: snapshot(),
        thresholds: vec![
            threshold("step_duration{step=login}", "p95 < 2s", true),
            threshold("http_reqs", "rate > 90/s", false),
        ],
        errors: vec![ErrorLine {
            step: "login".into(),
            kind: "http 500".into(),
            count: 3,
            sample: "GET api /x: expected 2xx, got 500 <b>\"oh\"</b>\nand more".into(),
        }],
        time_series: (1..=3).map(row).collect(),
    }
}

/// A threshold that came out so.
pub(crate) fn threshold(selector: &str, condition: &str, passed: bool) -> ThresholdLine {
    let selector = Selector::parse(selector).unwrap();
    ThresholdLine {
        condition: Condition::parse(condition, selector.metric()).unwrap(),
        selector,
        verdict: Verdict {
            passed,
            measured: true,
            seen: "1.5s".into(),
        },
    }
}

fn run() -> RunLine {
    RunLine {
        name: HOSTILE.into(),
        file: "scenarios/x.yaml".into(),
        target: TargetLine {
            name: "simulator".into(),
            url: "http://127.0.0.1:1/".into(),
        },
        seed: 42,
        crypto_backend: CryptoBackend::default(),
        started_at: Timestamp::UNIX_EPOCH,
        scenarios: vec![ScenarioLine {
            name: "people".into(),
            executor: "10 iterations/s for 3s".into(),
            steps: vec!["login".into(), HOSTILE.into(), "never".into()],
        }],
    }
}

fn row(second: u64) -> Row {
    Row {
        at: Duration::from_secs(second),
        length: Duration::from_secs(1),
        iterations: second * 10,
        failed: second % 2 + u64::from(second == 2),
        requests: second * 20,
        errors: 1,
        p50: Duration::from_millis(12),
        p95: Duration::from_millis(40),
        p99: Duration::from_millis(50),
        max: Duration::from_millis(55),
        vus: 5,
        busy: 3,
        users: 7,
        ..Row::default()
    }
}

fn snapshot() -> Snapshot {
    let recorder = Recorder::new();
    let tags = Tags::new()
        .with(TagKey::Scenario, "people")
        .with(TagKey::Phase, "main");
    let scenario = Meter::new(recorder.clone(), tags);
    scenario.count(Metric::Iterations, &[(TagKey::Outcome, "ok")], 57);
    scenario.count(Metric::Iterations, &[(TagKey::Outcome, "failed")], 3);
    Meter::new(recorder.clone(), Tags::new()).level(Metric::Vus, 5);
    for step in ["login", HOSTILE] {
        let meter = scenario.with(TagKey::Step, step);
        for n in 1..=100_u64 {
            let outcome = if step == "login" && n > 97 {
                "failed"
            } else {
                "ok"
            };
            let took = Duration::from_micros(n * n);
            let request = [
                (TagKey::Method, "GET"),
                (TagKey::Endpoint, "/x/{id}"),
                (TagKey::Status, if outcome == "ok" { "200" } else { "500" }),
                (TagKey::Outcome, outcome),
            ];
            meter.duration(Metric::HttpReqDuration, &request, took);
            meter.count(Metric::HttpReqs, &request, 1);
            meter.count(Metric::DataSent, &request[..2], 100);
            let operation = [(TagKey::Operation, "AES-CBC encrypt")];
            meter.duration(Metric::CryptoDuration, &operation, took / 10);
            meter.duration(
                Metric::StepDuration,
                &[(TagKey::Outcome, outcome)],
                took * 2,
            );
        }
        let check = [(TagKey::Kind, "check"), (TagKey::Check, "a < \"b\"")];
        meter.rate(Metric::Checks, &check, true);
        meter.rate(Metric::Checks, &check, step == "login");
    }
    let meter = scenario.with(TagKey::Step, "login");
    meter.count(Metric::Errors, &[(TagKey::Kind, "http 500")], 3);
    for n in 1..=10 {
        meter.duration(Metric::OtpWait, &[], Duration::from_millis(n * 20));
    }
    meter.count(Metric::OtpsRead, &[], 10);
    recorder.snapshot(Duration::from_secs(3))
}
