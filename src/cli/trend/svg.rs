//! A drawing: a plot for each step, one below the other. It has no script and
//! no colours that a dark page would swallow.

use std::fmt::Write;

use super::model::{StepTrend, Trend, has_failed};
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
    let places = places(step, low, high);
    let line: Vec<String> = places
        .iter()
        .map(|(x, y)| format!("{x:.1},{y:.1}"))
        .collect();
    writeln!(
        out,
        "<polyline points=\"{}\" fill=\"none\" stroke=\"#2a78d6\" stroke-width=\"1.5\"/>",
        line.join(" ")
    )?;
    for (point, (x, y)) in step.points.iter().zip(&places) {
        let (colour, radius) = if point.changed {
            ("#d6452a", 4.5)
        } else {
            ("#2a78d6", 2.5)
        };
        let [at, commit, _] = point.of();
        let value = show(trend.statistic, Some(point.value));
        let failed = if has_failed(point.run) { " failed" } else { "" };
        writeln!(
            out,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius}\" fill=\"{colour}\"><title>{at} {} {value}{failed}</title></circle>",
            markup(&commit)
        )?;
        if has_failed(point.run) {
            let y = y - 8.0;
            writeln!(
                out,
                "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"middle\">✗</text>"
            )?;
        }
    }
    let days = [
        (LEFT, "start", step.points.first()),
        (WIDTH - RIGHT, "end", step.points.last()),
    ];
    for (x, anchor, point) in days {
        let day = point.map(|point| point.run.at.strftime("%Y-%m-%d").to_string());
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
fn places(step: &StepTrend<'_>, low: f64, high: f64) -> Vec<(f64, f64)> {
    let gaps = (step.points.len().max(2) - 1) as f64;
    let bottom = HEIGHT - BOTTOM;
    let points = step.points.iter().enumerate();
    let places = points.map(|(index, point)| {
        let share = (point.value - low) / (high - low);
        let share = if share.is_finite() { share } else { 0.5 };
        let x = LEFT + (WIDTH - RIGHT - LEFT) * index as f64 / gaps;
        (x, bottom - (bottom - TOP) * share)
    });
    places.collect()
}
