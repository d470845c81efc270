//! For programs. Fields may be added under the same schema number.

use serde::Serialize;

use super::Page;
use crate::compare::{Change, LineKind, LineName, Statistic};
use crate::shown;

const SCHEMA: &str = "rehearse/comparison/1";

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    base: &'a [String],
    new: &'a [String],
    method: &'static str,
    failed: bool,
    warnings: &'a [String],
    failures: Vec<Failure<'a>>,
    lines: Vec<Line<'a>>,
    missing: Vec<Name<'a>>,
}

#[derive(Serialize)]
struct Failure<'a> {
    limit: &'a str,
    sure: bool,
    #[serde(flatten)]
    name: Name<'a>,
    #[serde(flatten)]
    seen: Seen,
}

#[derive(Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    name: Name<'a>,
    changes: Vec<Seen>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Name<'a> {
    Step { scenario: &'a str, step: &'a str },
    Endpoint { method: &'a str, endpoint: &'a str },
}

/// Times are in milliseconds, shares and changes in percent.
#[derive(Serialize)]
struct Seen {
    statistic: &'static str,
    /// The new figure falls among runs of the step that were not finished.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    unfinished: bool,
    unit: &'static str,
    base: Option<f64>,
    new: Option<f64>,
    change_percent: Option<f64>,
    low_percent: Option<f64>,
    high_percent: Option<f64>,
    chance: Option<f64>,
    verdict: String,
}

pub(super) fn render(page: &Page<'_>) -> Result<String, serde_json::Error> {
    let failures = page.failures.iter().map(|failure| Failure {
        limit: &failure.limit,
        sure: failure.sure,
        name: name(&failure.line),
        seen: seen(&failure.change),
    });
    let lines = page.comparison.lines.iter().map(|line| Line {
        name: name(&line.name),
        changes: line.changes.iter().map(seen).collect(),
    });
    let document = Document {
        schema: SCHEMA,
        base: &page.sides[0],
        new: &page.sides[1],
        method: page.comparison.method.name(),
        failed: page.failed(),
        warnings: &page.warnings,
        failures: failures.collect(),
        lines: lines.collect(),
        missing: page.comparison.missing.iter().map(name).collect(),
    };
    Ok(shown::json(serde_json::to_string_pretty(&document)?) + "\n")
}

fn name(line: &LineName) -> Name<'_> {
    match line.kind {
        LineKind::Step => Name::Step {
            scenario: &line.of,
            step: &line.name,
        },
        LineKind::Endpoint => Name::Endpoint {
            method: &line.of,
            endpoint: &line.name,
        },
    }
}

fn seen(change: &Change) -> Seen {
    let (unit, factor) = match change.statistic {
        Statistic::ErrorRate => ("%", 100.0),
        Statistic::Throughput => ("/s", 1.0),
        _ => ("ms", 1e-6),
    };
    let percent = |share: f64| round(share * 100.0);
    Seen {
        statistic: change.statistic.name(),
        unfinished: change.unfinished,
        unit,
        base: change.base.map(|value| round(value * factor)),
        new: change.new.map(|value| round(value * factor)),
        change_percent: change.by.map(percent),
        low_percent: change.interval.map(|interval| percent(interval.low)),
        high_percent: change.interval.map(|interval| percent(interval.high)),
        chance: change.chance.map(round),
        verdict: change.verdict.words().replace(' ', "_"),
    }
}

/// Six decimals: more are noise.
fn round(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}
