//! A line of bars for each step; marks below.

use std::fmt::Write;

use super::model::{StepTrend, Trend, has_failed, of, reason};
use crate::compare::render::show;
use crate::numbers::plural;
use crate::shown::line;

const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

pub(super) fn render(trend: &Trend<'_>) -> String {
    let mut out = String::new();
    // Writing to a string never fails.
    let _ = write(&mut out, trend);
    out
}

fn write(out: &mut String, trend: &Trend<'_>) -> std::fmt::Result {
    writeln!(
        out,
        "\n  {}: {} of each run",
        line(trend.name),
        trend.statistic.name()
    )?;
    for step in &trend.steps {
        let (low, high) = step.range();
        let shown = |value| show(trend.statistic, Some(value));
        let last = step.points.last().map(|point| shown(point.value));
        let runs = u64::try_from(step.points.len()).unwrap_or(u64::MAX);
        writeln!(
            out,
            "\n  {}   {}, {} to {}, last {}",
            line(&step.name),
            plural(runs, "run", "runs"),
            shown(low),
            shown(high),
            last.unwrap_or_default()
        )?;
        writeln!(out, "    {}", bars(trend, step))?;
        let marks = marks(trend, step);
        if !marks.is_empty() {
            writeln!(out, "    {marks}")?;
        }
        for (before, after) in step.changes() {
            let of = after.of();
            let [at, commit, folder] = of.each_ref().map(|text| line(text));
            writeln!(
                out,
                "    ^ {at}  {commit}  {} → {}  {folder}",
                shown(before.value),
                shown(after.value)
            )?;
        }
    }
    if trend.steps.is_empty() {
        writeln!(out, "\n  nothing was measured")?;
    }
    for (index, run) in trend.failed().enumerate() {
        if index == 0 {
            writeln!(out)?;
        }
        let of = of(run);
        let [at, commit, folder] = of.each_ref().map(|text| line(text));
        let word = run.outcome.word();
        writeln!(out, "  ✗ {at}  {commit}  {word}  {folder}")?;
        if let Some(reason) = reason(run) {
            writeln!(out, "    {}", line(reason))?;
        }
    }
    Ok(())
}

/// Below the bars: runs that are unlike those before, and runs that failed.
fn marks(trend: &Trend<'_>, step: &StepTrend<'_>) -> String {
    let mut marks: Vec<char> = trend
        .runs
        .iter()
        .map(|run| if has_failed(run) { '✗' } else { ' ' })
        .collect();
    for point in step.points.iter().filter(|point| point.changed) {
        marks[point.column] = '^';
    }
    marks.iter().collect::<String>().trim_end().to_owned()
}

/// From the smallest to the largest value; all in the middle when they are one.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between 0 and 7"
)]
fn bars(trend: &Trend<'_>, step: &StepTrend<'_>) -> String {
    let (low, high) = step.range();
    // A run in which the step has no figure keeps its place.
    let mut bars = vec!['·'; trend.runs.len()];
    for point in &step.points {
        let share = (point.value - low) / (high - low);
        let place = if share.is_finite() {
            (share * 7.0).round()
        } else {
            3.0
        };
        bars[point.column] = BARS[(place as usize).min(7)];
    }
    bars.into_iter().collect()
}
