//! `report.json`: everything that was measured, for programs.
//!
//! The layout is described in docs/report.md. Fields may be added under the
//! same schema number; a change of meaning gets a new one.

mod details;
mod schema;
mod times;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Format, Line, LogSaid, NotStarted, Reason, Report, RunLine, SkipLine, StopLine, TraceLine,
    Undelivered, Word,
};
use crate::metrics::{Measure, Metric, MetricKind, Row, Series};
use crate::numbers::milliseconds;
use crate::shown;

pub use schema::report_schema;

use details::{Crypto, Otp, OverTime, Slow};
use times::{Times, figures, times};

pub(super) const FORMAT: Format = Format {
    name: "json",
    file: "report.json",
    render,
    not_started: Some(not_started),
};

/// Name and number of the layout.
const SCHEMA: &str = "rehearse/report/3";

/// What `rehearse run` measured, or why there was nothing to measure. Times are in
/// milliseconds.
#[derive(JsonSchema)]
#[schemars(title = "report.json of rehearse")]
#[serde(untagged)]
#[expect(dead_code, reason = "the schema alone needs it")]
enum Document<'a> {
    Played(Box<Played<'a>>),
    NotStarted(Absent<'a>),
}

/// A run that did not start: nothing was measured.
#[derive(Serialize, JsonSchema)]
struct Absent<'a> {
    schema: &'static str,
    rehearse: &'static str,
    #[schemars(extend("const" = NotStarted::WORD))]
    verdict: &'static str,
    /// The verdict and why, as the terminal says it.
    verdict_text: String,
    /// What the run lacks: `target`, `mailbox`, `vault`, `simulator` or `machine`.
    reasons: [Why; 1],
    /// How to correct it, when the reason does not say so itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'a str>,
    run: &'a RunLine,
}

/// What a run has measured.
#[derive(Serialize, JsonSchema)]
struct Played<'a> {
    schema: &'static str,
    rehearse: &'static str,
    #[schemars(extend("enum" = [Word::Passed.name(), Word::StoppedEarly.name(), Word::Failed.name()]))]
    verdict: &'static str,
    /// The verdict and why, as the terminal says it.
    verdict_text: String,
    /// What it has failed by.
    reasons: Vec<Why>,
    run: Run<'a>,
    totals: Totals,
    steps: Vec<Step>,
    thresholds: Vec<Threshold>,
    checks: Vec<Check>,
    errors: Vec<Error<'a>>,
    /// What scenarios have said by `log`.
    log: &'a [LogSaid],
    /// Why iterations were skipped.
    skips: &'a [SkipLine],
    /// What the plan or this machine was short of.
    warnings: Vec<String>,
    metrics: Vec<MetricSeries<'a>>,
    time_series: Vec<Second>,
    over_time: OverTime,
    otp: Otp,
    crypto: Crypto<'a>,
    /// The slowest iterations of each scenario.
    slowest: Vec<Slow<'a>>,
}

/// The run and its plan.
#[derive(Serialize, JsonSchema)]
struct Run<'a> {
    #[serde(flatten)]
    line: &'a RunLine,
    took_ms: f64,
    /// Length of the measured part, by which counts are divided.
    measured_ms: f64,
    interrupted: bool,
    /// What has ended it before its time, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    stopped: Option<String>,
    /// The same in parts; of joined reports there are several.
    stops: &'a [StopLine],
    /// False when setup failed, or was not finished.
    set_up: bool,
    /// False when teardown failed, or was not finished.
    torn_down: bool,
}

/// Something that the run has failed by.
#[derive(Serialize, JsonSchema)]
struct Why {
    /// A word for programs, such as `thresholds` or `unfinished`.
    kind: &'static str,
    text: String,
}

/// Sums over the whole run.
#[derive(Serialize, JsonSchema)]
struct Totals {
    iterations_ok: u64,
    iterations_failed: u64,
    /// Those that the scenario ended on purpose: neither completed nor failed.
    iterations_skipped: u64,
    /// Still under way at the end: when the grace ran out, or when the user cut
    /// them.
    iterations_cut: u64,
    /// Those of them that the user cut.
    iterations_interrupted: u64,
    iterations_dropped: u64,
    /// Those that were warm-up, however they ended; they are in no other sum.
    iterations_warmup: u64,
    /// Iterations that have ended, per second of the measured part.
    iterations_per_second: Option<f64>,
    /// Requests of the measured part.
    requests: u64,
    /// Those that have ended, per second.
    requests_per_second: Option<f64>,
    /// Iterations that began, of those that should have: from 0 to 1.
    delivered: f64,
    unplanned_vus: u64,
    users: u64,
    keys_generated: u64,
    /// Of those, the ones that were ready when a user asked.
    keys_ahead: u64,
    keys_from_pool: u64,
    keys_reused: u64,
}

/// A step of a scenario, and what it consists of.
#[derive(Serialize, JsonSchema)]
struct Step {
    scenario: String,
    #[serde(flatten)]
    line: Part,
    /// Successful runs per second of the measured part.
    throughput: Option<f64>,
    parts: Vec<Part>,
}

/// Time spans of a step, or of a part of one.
#[derive(Serialize, JsonSchema)]
struct Part {
    name: String,
    metric: &'static str,
    /// Those that were good. Percentiles, mean and largest count those that were
    /// not finished as slower than all that were.
    ok: Times,
    failed: Times,
}

/// A threshold and what became of it.
#[derive(Serialize, JsonSchema)]
struct Threshold {
    selector: String,
    condition: String,
    seen: String,
    passed: bool,
}

/// A condition that the scenario states.
#[derive(Serialize, JsonSchema)]
struct Check {
    /// Scenario that the step belongs to.
    scenario: String,
    step: String,
    kind: String,
    condition: String,
    held: u64,
    total: u64,
}

/// Errors of one step and kind.
#[derive(Serialize, JsonSchema)]
struct Error<'a> {
    /// Scenario that the step belongs to; empty in reports that did not say it.
    scenario: &'a str,
    step: &'a str,
    kind: &'a str,
    count: u64,
    sample: &'a str,
    /// Where the server keeps traces, the first one is found under this.
    #[serde(skip_serializing_if = "Option::is_none")]
    trace: Option<&'a TraceLine>,
}

/// One metric under one set of tags.
#[derive(Serialize, JsonSchema)]
struct MetricSeries<'a> {
    metric: &'static str,
    kind: &'static str,
    tags: BTreeMap<&'static str, &'a str>,
    #[serde(flatten)]
    values: Values,
}

/// Values of a series, by its kind.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
enum Values {
    Count { sum: u64 },
    Rate { held: u64, total: u64 },
    Level { min: u64, max: u64, last: u64 },
    Duration(Times),
}

/// An interval of the time series; times are those of good iterations.
#[derive(Serialize, JsonSchema)]
struct Second {
    at_ms: f64,
    length_ms: f64,
    iterations: u64,
    failed: u64,
    skipped: u64,
    /// Those of the failed ones that were still under way when the grace ran
    /// out: they are in no percentile.
    unfinished: u64,
    dropped: u64,
    requests: u64,
    errors: u64,
    p50_ms: f64,
    p95_ms: f64,
    p99_ms: f64,
    max_ms: f64,
    vus: u64,
    busy: u64,
    otps_pending: u64,
    users: u64,
    /// How much of the interval lies in the measured part.
    measured_ms: f64,
    /// Iterations and requests of the measured part that have ended in it.
    measured_iterations: u64,
    measured_requests: u64,
    /// How long of it the load generator stood still.
    stalled_ms: f64,
    /// How long of it the busiest threads of the load generator were at work.
    generator_busy_ms: f64,
}

fn render(report: &Report) -> Result<Vec<u8>, String> {
    written(&document(report))
}

fn not_started(not_started: &NotStarted) -> Result<Vec<u8>, String> {
    written(&Absent {
        schema: SCHEMA,
        rehearse: env!("CARGO_PKG_VERSION"),
        verdict: NotStarted::WORD,
        verdict_text: not_started.told(),
        reasons: [Why {
            kind: not_started.missing.name(),
            text: not_started.reason.clone(),
        }],
        hint: not_started.hint.as_deref(),
        run: &not_started.run,
    })
}

fn written(document: &impl Serialize) -> Result<Vec<u8>, String> {
    let text = serde_json::to_string_pretty(document).map_err(|e| e.to_string())?;
    let mut bytes = shown::json(text).into_bytes();
    bytes.push(b'\n');
    Ok(bytes)
}

fn document(report: &Report) -> Played<'_> {
    let iterations = report.iterations();
    let verdict = report.verdict();
    let steps = report.steps().into_iter().map(|step| Step {
        scenario: step.scenario.to_string(),
        throughput: report.throughput(&step.scenario, step.step.good.count()),
        line: part(&step.step),
        parts: step.parts.iter().map(part).collect(),
    });
    let seconds = report.time_series.iter().zip(report.measured_ms());
    Played {
        schema: SCHEMA,
        rehearse: env!("CARGO_PKG_VERSION"),
        verdict: verdict.word.name(),
        verdict_text: verdict.to_string(),
        reasons: verdict.reasons.iter().map(why).collect(),
        run: run(report),
        totals: Totals {
            iterations_ok: iterations.good,
            iterations_failed: iterations.failed,
            iterations_skipped: iterations.skipped,
            iterations_cut: iterations.cut + iterations.interrupted,
            iterations_interrupted: iterations.interrupted,
            iterations_dropped: report.count(Metric::DroppedIterations),
            iterations_warmup: report.warmup_iterations(),
            iterations_per_second: report.rate(Metric::Iterations),
            requests: report.count_in("main", Metric::HttpReqs),
            requests_per_second: report.rate(Metric::HttpReqs),
            delivered: verdict.undelivered.map_or(1.0, Undelivered::share),
            unplanned_vus: report.count(Metric::UnplannedVus),
            users: report.users,
            keys_generated: report.count(Metric::KeysGenerated),
            keys_ahead: report.count(Metric::KeysAhead),
            keys_from_pool: report.count(Metric::KeysFromPool),
            keys_reused: report.count(Metric::KeysReused),
        },
        steps: steps.collect(),
        thresholds: thresholds(report),
        checks: checks(report),
        errors: errors(report),
        log: &report.log,
        skips: &report.skips,
        warnings: warnings(report),
        metrics: report.snapshot.series().iter().map(series).collect(),
        time_series: seconds
            .map(|(row, measured)| second(row, measured))
            .collect(),
        over_time: details::over_time(report),
        otp: details::otp(report),
        crypto: details::crypto(report),
        slowest: report.slowest.iter().map(details::slow).collect(),
    }
}

fn run(report: &Report) -> Run<'_> {
    Run {
        line: &report.run,
        took_ms: milliseconds(report.took),
        measured_ms: milliseconds(report.measured_time()),
        interrupted: !report.stops.is_empty(),
        stopped: report.stopped(),
        stops: &report.stops,
        set_up: report.fault_of("setup").is_none(),
        torn_down: report.fault_of("teardown").is_none(),
    }
}

fn why(reason: &Reason) -> Why {
    Why {
        kind: reason.kind(),
        text: reason.to_string(),
    }
}

fn thresholds(report: &Report) -> Vec<Threshold> {
    let lines = report.thresholds.iter().map(|line| Threshold {
        selector: line.threshold.selector.to_string(),
        condition: line.threshold.condition.to_string(),
        seen: line.verdict.seen.clone(),
        passed: line.verdict.passed,
    });
    lines.collect()
}

fn checks(report: &Report) -> Vec<Check> {
    let lines = report.checks().into_iter().map(|line| Check {
        scenario: line.scenario,
        step: line.step,
        kind: line.kind,
        condition: line.condition,
        held: line.held,
        total: line.total,
    });
    lines.collect()
}

fn errors(report: &Report) -> Vec<Error<'_>> {
    let lines = report.errors.iter().map(|line| Error {
        scenario: &line.scenario,
        step: &line.step,
        kind: &line.kind,
        count: line.count,
        sample: &line.sample,
        trace: line.trace.as_ref(),
    });
    lines.collect()
}

fn warnings(report: &Report) -> Vec<String> {
    let lines = report.warnings().into_iter();
    lines
        .map(|(what, hint)| format!("{what}; {hint}"))
        .collect()
}

fn second(row: &Row, measured_ms: f64) -> Second {
    Second {
        at_ms: milliseconds(row.at),
        length_ms: milliseconds(row.length),
        iterations: row.iterations,
        failed: row.failed,
        skipped: row.skipped,
        unfinished: row.unfinished,
        dropped: row.dropped,
        requests: row.requests,
        errors: row.errors,
        p50_ms: milliseconds(row.p50),
        p95_ms: milliseconds(row.p95),
        p99_ms: milliseconds(row.p99),
        max_ms: milliseconds(row.max),
        vus: row.vus,
        busy: row.busy,
        otps_pending: row.otps_pending,
        users: row.users,
        measured_ms,
        measured_iterations: row.measured_iterations,
        measured_requests: row.measured_requests,
        stalled_ms: milliseconds(row.stalled),
        generator_busy_ms: milliseconds(row.generator_busy),
    }
}

fn part(line: &Line) -> Part {
    Part {
        name: line.name.to_string(),
        metric: line.metric.name(),
        ok: figures(&line.spans()),
        failed: times(&line.failed),
    }
}

fn series(series: &Series) -> MetricSeries<'_> {
    MetricSeries {
        metric: series.metric.name(),
        kind: match series.metric.kind() {
            MetricKind::Counter => "counter",
            MetricKind::Rate => "rate",
            MetricKind::Trend => "duration",
            MetricKind::Gauge => "level",
        },
        tags: series
            .tags
            .iter()
            .map(|(key, value)| (key.name(), &**value))
            .collect(),
        values: match &series.measure {
            Measure::Count(sum) => Values::Count { sum: *sum },
            Measure::Rate { held, total } => Values::Rate {
                held: *held,
                total: *total,
            },
            Measure::Level(level) => Values::Level {
                min: level.min,
                max: level.max,
                last: level.last,
            },
            Measure::Duration(histogram) => Values::Duration(times(histogram)),
        },
    }
}
