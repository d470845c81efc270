//! A line of bars for each step; marks below.

use std::fmt::Write;

use super::model::{StepTrend, Trend, has_failed, of};
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
        writeln!(out, "    {}", bars(step))?;
        if step.points.iter().any(|point| point.changed) {
            let marks: String = step
                .points
                .iter()
                .map(|point| if point.changed { '^' } else { ' ' })
                .collect();
            writeln!(out, "    {}", marks.trim_end())?;
        }
        if step.points.iter().any(|point| has_failed(point.run)) {
            let points = step.points.iter();
            let marks = points.map(|point| if has_failed(point.run) { '✗' } else { ' ' });
            writeln!(out, "    {}", marks.collect::<String>().trim_end())?;
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
    if !trend.failed.is_empty() {
        writeln!(out)?;
    }
    for run in &trend.failed {
        let of = of(run);
        let [at, commit, folder] = of.each_ref().map(|text| line(text));
        writeln!(out, "  ✗ {at}  {commit}  failed  {folder}")?;
    }
    Ok(())
}

/// From the smallest to the largest value; all in the middle when they are one.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between 0 and 7"
)]
fn bars(step: &StepTrend<'_>) -> String {
    let (low, high) = step.range();
    let bars = step.points.iter().map(|point| {
        let share = (point.value - low) / (high - low);
        let place = if share.is_finite() {
            (share * 7.0).round()
        } else {
            3.0
        };
        BARS[(place as usize).min(7)]
    });
    bars.collect()
}
