//! A table of the steps, and one of the changes.

use std::fmt::Write;

use super::model::{Trend, of, reason};
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
    if trend.steps.is_empty() {
        writeln!(out, "Nothing was measured.")?;
        return failed(out, trend);
    }
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
    failed(out, trend)?;
    if trend
        .steps
        .iter()
        .all(|step| step.changes().next().is_none())
    {
        return writeln!(out, "\nNo figure is unlike those of the runs before.");
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

/// Runs that did not pass, a line each.
fn failed(out: &mut String, trend: &Trend<'_>) -> std::fmt::Result {
    for run in trend.failed() {
        let [at, commit, folder] = of(run);
        let reason = reason(run).map_or_else(String::new, |why| format!(": {}", cell(why)));
        writeln!(
            out,
            "\n❌ {at}, {}, {}: {}{reason}",
            cell(&commit),
            cell(&folder),
            run.outcome.word()
        )?;
    }
    Ok(())
}
