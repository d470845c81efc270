//! For programs. Fields may be added under the same schema number.

use serde::Serialize;

use super::model::{Trend, reason};
use crate::compare::Statistic;
use crate::shown;

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    name: &'a str,
    statistic: &'static str,
    unit: &'static str,
    /// Those that are shown, with and without figures.
    runs: Vec<Run<'a>>,
    steps: Vec<Step<'a>>,
}

#[derive(Serialize)]
struct Run<'a> {
    at: String,
    folder: &'a str,
    commit: Option<&'a str>,
    verdict: &'static str,
    /// Why it did not start.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

#[derive(Serialize)]
struct Step<'a> {
    name: &'a str,
    points: Vec<Point<'a>>,
}

#[derive(Serialize)]
struct Point<'a> {
    at: String,
    folder: &'a str,
    commit: Option<&'a str>,
    machine: &'a str,
    verdict: &'static str,
    value: f64,
    changed: bool,
}

pub(super) fn render(trend: &Trend<'_>) -> Result<String, serde_json::Error> {
    let (unit, factor) = match trend.statistic {
        Statistic::ErrorRate => ("%", 100.0),
        Statistic::Throughput => ("/s", 1.0),
        _ => ("ms", 1e-6),
    };
    let steps = trend.steps.iter().map(|step| Step {
        name: &step.name,
        points: step
            .points
            .iter()
            .map(|point| Point {
                at: point.run.at.to_string(),
                folder: &point.run.folder,
                commit: point.run.commit.as_deref(),
                machine: &point.run.machine,
                verdict: point.run.outcome.word(),
                value: (point.value * factor * 1e6).round() / 1e6,
                changed: point.changed,
            })
            .collect(),
    });
    let runs = trend.runs.iter().map(|run| Run {
        at: run.at.to_string(),
        folder: &run.folder,
        commit: run.commit.as_deref(),
        verdict: run.outcome.word(),
        reason: reason(run),
    });
    let document = Document {
        schema: "rehearse/trend/1",
        name: trend.name,
        statistic: trend.statistic.name(),
        unit,
        runs: runs.collect(),
        steps: steps.collect(),
    };
    Ok(shown::json(serde_json::to_string_pretty(&document)?) + "\n")
}
