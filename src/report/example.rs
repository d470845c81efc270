//! A small report with everything in it, for the tests of the formats. Its
//! names are as bad as names can be.

use std::time::Duration;

use jiff::Timestamp;

use super::{
    CryptoFigures, ErrorLine, LogSaid, LoggedLine, MachineLine, Missing, NotStarted, Report,
    RunLine, RunResult, ScenarioLine, SkipLine, SlowLine, SpanKind, SpanLine, TargetLine,
    ThresholdLine, TraceLine, VersionsLine,
};
use crate::crypto::CryptoBackend;
use crate::metrics::{
    Counter, Gauge, Meter, Outcome, Rate, Recorder, Row, Snapshot, Span, TagKey, Tags, Threshold,
    Timeline, Trend, Verdict, Windows,
};

/// A name that must not become markup.
pub(crate) const HOSTILE: &str = "<script>alert(\"1\")</script> & | `x`";

pub(crate) fn example() -> Report {
    let (snapshot, timeline, requests) = measured();
    Report {
        run: run(),
        took: Duration::from_secs(3),
        stops: Vec::new(),
        users: 7,
        snapshot,
        thresholds: vec![
            threshold("step_duration{step=login}", "p95 < 2s", true),
            threshold("http_reqs", "rate > 90/s", false),
        ],
        errors: vec![ErrorLine {
            scenario: "people".into(),
            step: "login".into(),
            kind: "http 500".into(),
            count: 3,
            sample: "GET api /x: expected 2xx, got 500 <b>\"oh\"</b>\nand more".into(),
            trace: Some(trace(false)),
        }],
        log: vec![LogSaid {
            scenario: "people".into(),
            item: "log".into(),
            lines: vec![LoggedLine {
                at_ms: 1200.0,
                vu: 3,
                iteration: 2,
                text: "a <line> & \u{1b}[2Jmore".into(),
            }],
            withheld: 4,
        }],
        skips: vec![SkipLine {
            scenario: "people".into(),
            step: "skip_iteration".into(),
            reason: "no <patient> left".into(),
            count: 2,
        }],
        time_series: (1..=3).map(row).collect(),
        timeline,
        requests,
        slowest: vec![slow()],
        crypto_figures: Some(figures()),
        notes: Vec::new(),
    }
}

/// The report of a run that took place.
pub(crate) fn played(result: RunResult) -> Report {
    match result {
        RunResult::Played(report) => *report,
        RunResult::NotStarted(not_started) => panic!("{}", not_started.told()),
    }
}

/// A run whose target was not there.
pub(crate) fn not_started() -> NotStarted {
    let reason =
        "the target does not answer at http://127.0.0.1:9/: <b>refused</b>\n  ✓ forged: passed";
    NotStarted::new(
        run(),
        Missing::Target,
        reason,
        Some("is the server | running?"),
    )
}

/// What is measured of a run of which setup or teardown ended so, with one good
/// iteration between them unless it was setup.
pub(crate) fn after(phase: &str, ended: Outcome) -> Snapshot {
    let recorder = Recorder::new();
    let meter = |phase: &str| {
        let tags = Tags::new().with(TagKey::Scenario, phase);
        Meter::new(recorder.clone(), tags.with(TagKey::Phase, phase))
    };
    if phase == "teardown" {
        meter("main").record(Counter::ITERATIONS, &[Outcome::Ok.tag()], 1);
    }
    meter(phase).record(Counter::ITERATIONS, &[ended.tag()], 1);
    if ended == Outcome::Failed {
        let step = meter(phase).with(TagKey::Step, "clean up");
        step.record(Counter::ERRORS, &[(TagKey::Kind, "http 503")], 1);
    }
    recorder.snapshot(Windows::default())
}

/// What is measured of a server that answers 90 times and then never again: ten
/// iterations of `people` are under way when the grace runs out.
pub(crate) fn hung() -> Snapshot {
    let recorder = Recorder::new();
    let tags = Tags::new().with(TagKey::Scenario, "people");
    let scenario = Meter::new(recorder.clone(), tags.with(TagKey::Phase, "main"));
    for n in 1..=100_u64 {
        let (ended, took) = if n > 90 {
            (Outcome::Cut, Duration::from_secs(30))
        } else {
            (Outcome::Ok, Duration::from_millis(n))
        };
        let tags = [ended.tag()];
        scenario.record(Counter::ITERATIONS, &tags, 1);
        scenario.record(Trend::ITERATION_DURATION, &tags, took);
        for step in ["login", HOSTILE, "never"] {
            let meter = scenario.with(TagKey::Step, step);
            meter.record(Trend::STEP_DURATION, &tags, took);
            if n > 90 {
                meter.record(Counter::ERRORS, &[(TagKey::Kind, "unfinished")], 1);
            }
        }
    }
    let minute = Span {
        start: Duration::ZERO,
        length: Duration::from_secs(60),
    };
    recorder.snapshot(Windows::default().with("people", "main", minute))
}

/// A threshold that came out so.
pub(crate) fn threshold(selector: &str, condition: &str, passed: bool) -> ThresholdLine {
    ThresholdLine {
        threshold: Threshold::parse(selector, condition).unwrap(),
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
        machine: MachineLine {
            processor: HOSTILE.into(),
            threads: 2,
            memory_mib: 8000,
            system: "Debian GNU/Linux 12".into(),
            architecture: "x86_64".into(),
        },
        versions: VersionsLine {
            rehearse: "0.1.0".into(),
            commit: Some("0123456789ab".into()),
            rustc: "rustc 1.90.0".into(),
            optimised: true,
        },
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

fn trace(sampled: bool) -> TraceLine {
    TraceLine {
        id: "4bf92f3577b34da6a3ce929d0e0e4736".into(),
        sampled,
    }
}

fn slow() -> SlowLine {
    let span = |kind, name: &str, start, took| SpanLine {
        kind,
        name: name.into(),
        failed: false,
        start: Duration::from_millis(start),
        took: Duration::from_millis(took),
    };
    SlowLine {
        scenario: "people".into(),
        vu: 3,
        iteration: 2,
        failed: true,
        began: Duration::from_millis(700),
        took: Duration::from_millis(400),
        trace: Some(trace(true)),
        spans: vec![
            span(SpanKind::Step, HOSTILE, 0, 390),
            span(SpanKind::Request, "GET /x/{id}", 5, 95),
            span(SpanKind::Otp, "wait for the one-time password", 100, 200),
            span(SpanKind::Crypto, "RSA-OAEP decrypt", 310, 60),
        ],
    }
}

fn figures() -> CryptoFigures {
    serde_json::from_value(serde_json::json!({
        "schema": "rehearse/crypto/1",
        "at": "2026-01-01T00:00:00Z",
        "machine": {"processor": HOSTILE, "optimised": true},
        "measured": [
            {"operation": "AES-256-GCM encrypt 16 KiB", "backend": "rustcrypto", "threads": 1,
             "operations_per_second": 81_234.5, "mib_per_second": 1269.3, "p50_ns": 12_310.0, "p99_ns": 14_000.0},
            {"operation": "AES-256-GCM encrypt 16 KiB", "backend": "aws-lc", "threads": 1,
             "operations_per_second": 181_234.5, "mib_per_second": 2831.8, "p50_ns": 5510.0, "p99_ns": 6000.0},
            {"operation": "RSA-2048 decrypt", "backend": "rustcrypto", "threads": 1,
             "operations_per_second": 812.5, "p50_ns": 1_231_000.0, "p99_ns": 1_400_000.0},
        ],
    }))
    .unwrap()
}

fn measured() -> (Snapshot, Timeline, Timeline) {
    let recorder = Recorder::new();
    let (mut timeline, mut requests) = (Timeline::default(), Timeline::of_endpoints());
    let tags = Tags::new()
        .with(TagKey::Scenario, "people")
        .with(TagKey::Phase, "main");
    let scenario = Meter::new(recorder.clone(), tags);
    scenario.record(Counter::ITERATIONS, &[Outcome::Ok.tag()], 57);
    scenario.record(Counter::ITERATIONS, &[Outcome::Failed.tag()], 3);
    Meter::new(recorder.clone(), Tags::new()).record(Gauge::VUS, &[], 5);
    for step in ["login", HOSTILE] {
        let meter = scenario.with(TagKey::Step, step);
        for n in 1..=100_u64 {
            let good = step != "login" || n <= 97;
            let outcome = Outcome::of(good);
            let took = Duration::from_micros(n * n);
            let request = [
                (TagKey::Method, "GET"),
                (TagKey::Endpoint, "/x/{id}"),
                (TagKey::Status, if good { "200" } else { "500" }),
                outcome.tag(),
            ];
            meter.record(Trend::HTTP_REQ_DURATION, &request, took);
            meter.record(Counter::HTTP_REQS, &request, 1);
            meter.record(Counter::DATA_SENT, &request[..2], 100);
            let operation = [(TagKey::Operation, "AES-CBC encrypt")];
            meter.record(Trend::CRYPTO_DURATION, &operation, took / 10);
            meter.record(Counter::CRYPTO_BYTES, &operation, 1024);
            meter.record(Trend::STEP_DURATION, &[outcome.tag()], took * 2);
        }
        let check = [(TagKey::Kind, "check"), (TagKey::Check, "a < \"b\"")];
        meter.record(Rate::CHECKS, &check, true);
        meter.record(Rate::CHECKS, &check, step == "login");
    }
    let meter = scenario.with(TagKey::Step, "login");
    meter.record(Counter::ERRORS, &[(TagKey::Kind, "http 500")], 3);
    for n in 1..=10 {
        meter.record(Trend::OTP_WAIT, &[], Duration::from_millis(n * 20));
    }
    meter.record(Counter::OTPS_READ, &[], 10);
    let client = Meter::new(recorder.clone(), Tags::new());
    for n in 1..=5 {
        let took = Duration::from_millis(n);
        client.record(Trend::HTTP_DNS_LOOKUP, &[Outcome::Ok.tag()], took / 4);
        client.record(Trend::HTTP_CONNECT, &[Outcome::of(n < 5).tag()], took);
    }
    client.record(Counter::HTTP_CONNECTIONS_OPENED, &[], 4);
    client.record(Counter::HTTP_CONNECTIONS_REUSED, &[], 196);
    let by_server = [(TagKey::Kind, "server")];
    client.record(Counter::HTTP_CONNECTIONS_CLOSED, &by_server, 1);
    let collected = recorder.collect();
    let span = Span {
        start: Duration::ZERO,
        length: Duration::from_secs(1),
    };
    for timeline in [&mut timeline, &mut requests] {
        timeline.add(span, collected.iter().map(|(_, series)| series));
    }
    let three = Span {
        length: Duration::from_secs(3),
        ..span
    };
    let windows = Windows::default().with("people", "main", three);
    let snapshot = recorder.collected(windows);
    (snapshot, timeline, requests)
}
