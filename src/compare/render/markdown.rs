//! For job summaries and comments. What is unchanged is folded away, and what is
//! inconclusive is a line.

use std::fmt::Write;

use super::page::{Outcome, Page, UNFINISHED, change, interval, show};
use crate::compare::{Change, LineName, Verdict};
use crate::report::markdown_cell as cell;

type Row<'a> = (&'a LineName, &'a Change);

pub(super) fn render(page: &Page<'_>) -> String {
    let mut out = String::new();
    // Writing to a string never fails.
    let _ = write(&mut out, page);
    out
}

fn write(out: &mut String, page: &Page<'_>) -> std::fmt::Result {
    let all: Vec<Row<'_>> = page
        .comparison
        .lines
        .iter()
        .flat_map(|line| line.changes.iter().map(move |change| (&line.name, change)))
        .collect();
    let (quiet, told): (Vec<Row<'_>>, Vec<Row<'_>>) = all
        .into_iter()
        .filter(|(_, seen)| seen.verdict != Verdict::Inconclusive)
        .partition(|(_, seen)| seen.verdict == Verdict::Unchanged);
    let mark = match page.outcome() {
        Outcome::Failed => '❌',
        Outcome::Good => '✅',
        Outcome::Nothing => '❔',
    };
    writeln!(out, "## {mark} {}\n", page.counts())?;
    for (what, runs) in ["base", "new"].iter().zip(&page.sides) {
        for run in runs {
            writeln!(out, "* {what}: {}", cell(run))?;
        }
    }
    writeln!(out)?;
    for warning in &page.warnings {
        writeln!(out, "> {}\n", cell(warning))?;
    }
    for failure in page.failures.iter().filter(|failure| failure.sure) {
        if failure.change.unfinished {
            let limit = failure.limit.replace('`', "'");
            let line = cell(&failure.line.to_string());
            writeln!(out, "**`{limit}`: {line} {UNFINISHED}**\n")?;
            continue;
        }
        writeln!(
            out,
            "**`{}`: {} changed by {}** ({})\n",
            failure.limit.replace('`', "'"),
            cell(&failure.line.to_string()),
            change(&failure.change),
            interval(&failure.change)
        )?;
    }
    if !told.is_empty() {
        table(out, &told)?;
    }
    if !quiet.is_empty() {
        writeln!(out, "<details><summary>unchanged</summary>\n")?;
        table(out, &quiet)?;
        writeln!(out, "</details>\n")?;
    }
    if let Some(doubts) = page.doubts() {
        writeln!(out, "{}\n", cell(&doubts))?;
    }
    writeln!(out, "{}", cell(page.comparison.method.words()))
}

fn table(out: &mut String, rows: &[Row<'_>]) -> std::fmt::Result {
    writeln!(
        out,
        "| step or endpoint | | base | new | change | 95 % confidence interval | verdict |\n\
         | --- | --- | ---: | ---: | ---: | --- | --- |"
    )?;
    for (name, seen) in rows {
        let statistic = seen.statistic;
        writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} |",
            cell(&name.to_string()),
            cell(statistic.name()),
            show(statistic, seen.base),
            show(statistic, seen.new),
            change(seen),
            interval(seen),
            seen.verdict.words()
        )?;
    }
    writeln!(out)
}
