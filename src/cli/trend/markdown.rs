//! A table of the steps, and one of the changes.

use std::fmt::Write;

use super::model::{Trend, of};
use crate::compare::render::show;
use crate::report::markdown_cell as cell;

pub(super) fn render(trend: &Trend<'_>) -> String {
    let mut out = String::new();
    // Writing to a string never fails.
    let _ = write(&mut out, trend);
    out
}

fn write(out: &mut String, trend: &Trend<'_>) -> std::fmt::Result {
    let shown = |value| show(trend.statistic, Some(value));
    writeln!(
        out,
        "## {}: {} of each run\n",
        cell(trend.name),
        cell(trend.statistic.name())
    )?;
    writeln!(
        out,
        "| step | runs | lowest | highest | last |\n| --- | ---: | ---: | ---: | ---: |"
    )?;
    for step in &trend.steps {
        let (low, high) = step.range();
        let last = step.points.last().map(|point| shown(point.value));
        writeln!(
            out,
            "| {} | {} | {} | {} | {} |",
            cell(&step.name),
            step.points.len(),
            shown(low),
            shown(high),
            last.unwrap_or_default()
        )?;
    }
    for run in &trend.failed {
        let [at, commit, folder] = of(run);
        writeln!(
            out,
            "\n❌ failed: {at}, {}, {}",
            cell(&commit),
            cell(&folder)
        )?;
    }
    if trend
        .steps
        .iter()
        .all(|step| step.changes().next().is_none())
    {
        return writeln!(out, "\nNo run is unlike those before it.");
    }
    writeln!(
        out,
        "\n| changed | step | commit | from | to | report |\n| --- | --- | --- | ---: | ---: | --- |"
    )?;
    for step in &trend.steps {
        for (before, after) in step.changes() {
            let [at, commit, folder] = after.of();
            writeln!(
                out,
                "| {at} | {} | {} | {} | {} | {} |",
                cell(&step.name),
                cell(&commit),
                shown(before.value),
                shown(after.value),
                cell(&folder)
            )?;
        }
    }
    Ok(())
}
