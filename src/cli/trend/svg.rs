//! A drawing: a plot for each step, one below the other. It has no script and
//! no colours that a dark page would swallow.

use std::fmt::Write;

use super::model::{Point, StepTrend, Trend, has_failed, of};
use crate::compare::render::show;
use crate::report::markup;

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 120.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 30.0;
const BOTTOM: f64 = 22.0;

pub(super) fn render(trend: &Trend<'_>) -> String {
    let mut out = String::new();
    // Writing to a string never fails.
    let _ = write(&mut out, trend);
    out
}

#[expect(clippy::cast_precision_loss, reason = "a few steps")]
fn write(out: &mut String, trend: &Trend<'_>) -> std::fmt::Result {
    let height = TOP + HEIGHT * trend.steps.len() as f64;
    writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" \
         font-family=\"sans-serif\" font-size=\"11\" fill=\"#7a7a7a\" stroke=\"none\">"
    )?;
    let title = format!("{}: {} of each run", trend.name, trend.statistic.name());
    writeln!(
        out,
        "<text x=\"8\" y=\"18\" font-size=\"14\">{}</text>",
        markup(&title)
    )?;
    for (index, step) in trend.steps.iter().enumerate() {
        writeln!(
            out,
            "<g transform=\"translate(0 {})\">",
            TOP + HEIGHT * index as f64
        )?;
        plot(out, trend, step)?;
        writeln!(out, "</g>")?;
    }
    writeln!(out, "</svg>")
}

fn plot(out: &mut String, trend: &Trend<'_>, step: &StepTrend<'_>) -> std::fmt::Result {
    let (low, high) = step.range();
    let bottom = HEIGHT - BOTTOM;
    writeln!(out, "<text x=\"8\" y=\"12\">{}</text>", markup(&step.name))?;
    for (value, y) in [(high, TOP), (low, bottom)] {
        let label = show(trend.statistic, Some(value));
        writeln!(
            out,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{label}</text>",
            LEFT - 6.0,
            y + 4.0
        )?;
        writeln!(
            out,
            "<line x1=\"{LEFT}\" x2=\"{}\" y1=\"{y}\" y2=\"{y}\" stroke=\"#7a7a7a\" stroke-opacity=\".3\"/>",
            WIDTH - RIGHT
        )?;
    }
    let x = |column| x_of(column, trend.runs.len());
    let y = |point: &Point<'_>| {
        let share = (point.value - low) / (high - low);
        let share = if share.is_finite() { share } else { 0.5 };
        bottom - (bottom - TOP) * share
    };
    // The line is broken where a run has no figure.
    for part in step
        .points
        .chunk_by(|one, next| next.column == one.column + 1)
    {
        let line: Vec<String> = part
            .iter()
            .map(|point| format!("{:.1},{:.1}", x(point.column), y(point)))
            .collect();
        writeln!(
            out,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"#2a78d6\" stroke-width=\"1.5\"/>",
            line.join(" ")
        )?;
    }
    for point in &step.points {
        let (colour, radius) = if point.changed {
            ("#d6452a", 4.5)
        } else {
            ("#2a78d6", 2.5)
        };
        let [at, commit, _] = point.of();
        let (x, y) = (x(point.column), y(point));
        let value = show(trend.statistic, Some(point.value));
        let failed = if has_failed(point.run) { " failed" } else { "" };
        writeln!(
            out,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius}\" fill=\"{colour}\"><title>{at} {} {value}{failed}</title></circle>",
            markup(&commit)
        )?;
    }
    for (column, run) in trend.runs.iter().enumerate() {
        if has_failed(run) {
            let point = step.points.iter().find(|point| point.column == column);
            let (x, y) = (x(column), point.map_or(bottom, y) - 8.0);
            let [at, commit, _] = of(run);
            let word = run.outcome.word();
            writeln!(
                out,
                "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"middle\">✗<title>{at} {} {word}</title></text>",
                markup(&commit)
            )?;
        }
    }
    let days = [
        (LEFT, "start", trend.runs.first()),
        (WIDTH - RIGHT, "end", trend.runs.last()),
    ];
    for (x, anchor, run) in days {
        let day = run.map(|run| run.at.strftime("%Y-%m-%d").to_string());
        let day = day.unwrap_or_default();
        writeln!(
            out,
            "<text x=\"{x}\" y=\"{}\" text-anchor=\"{anchor}\">{day}</text>",
            HEIGHT - 6.0
        )?;
    }
    Ok(())
}

/// Runs stand side by side, however long between them.
#[expect(clippy::cast_precision_loss, reason = "a few runs")]
fn x_of(column: usize, runs: usize) -> f64 {
    let gaps = (runs.max(2) - 1) as f64;
    LEFT + (WIDTH - RIGHT - LEFT) * column as f64 / gaps
}
