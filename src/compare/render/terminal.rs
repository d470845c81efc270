//! For the terminal: marks and words carry the meaning, not colours.

use std::fmt::Write;

use super::page::{Outcome, Page, UNFINISHED, change, interval, show};
use crate::compare::{Change, LineChange, Verdict};
use crate::shown::line;

pub(super) fn render(page: &Page<'_>) -> String {
    let mut out = String::from("\n");
    // Writing to a string never fails.
    let _ = head(&mut out, page)
        .and_then(|()| {
            page.comparison
                .lines
                .iter()
                .try_for_each(|line| table(&mut out, line))
        })
        .and_then(|()| foot(&mut out, page));
    out
}

fn head(out: &mut String, page: &Page<'_>) -> std::fmt::Result {
    for (what, runs) in ["base", "new"].iter().zip(&page.sides) {
        for run in runs {
            writeln!(out, "  {what:<5} {}", line(run))?;
        }
    }
    writeln!(out, "  by    {}", page.comparison.method.words())?;
    for warning in &page.warnings {
        writeln!(out, "  warning: {}", line(warning))?;
    }
    writeln!(out)
}

/// What is known of a line; nothing, when all of it is inconclusive.
fn table(out: &mut String, of: &LineChange) -> std::fmt::Result {
    let known = of.changes.iter();
    let known = known.filter(|seen| seen.verdict != Verdict::Inconclusive);
    let known: Vec<&Change> = known.collect();
    if known.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "  {}\n    {:<11} {:>9} {:>9} {:>9}   {:<24} verdict",
        line(&of.name.to_string()),
        "",
        "base",
        "new",
        "change",
        "95 % confidence interval"
    )?;
    for seen in known {
        writeln!(
            out,
            "  {} {:<11} {:>9} {:>9} {:>9}   {:<24} {}",
            mark(seen),
            seen.statistic.name(),
            show(seen.statistic, seen.base),
            show(seen.statistic, seen.new),
            change(seen),
            interval(seen),
            seen.verdict.words()
        )?;
    }
    writeln!(out)
}

fn mark(seen: &Change) -> char {
    match seen.verdict {
        Verdict::Slower | Verdict::MoreErrors => '✗',
        Verdict::Faster | Verdict::FewerErrors => '✓',
        Verdict::Unchanged | Verdict::Inconclusive => ' ',
    }
}

fn foot(out: &mut String, page: &Page<'_>) -> std::fmt::Result {
    if !page.comparison.missing.is_empty() {
        let names = page.comparison.missing.iter().map(ToString::to_string);
        let names: Vec<String> = names.collect();
        writeln!(
            out,
            "  only in some of the runs: {}",
            line(&names.join(", "))
        )?;
    }
    writeln!(out, "  {}", page.counts())?;
    if let Some(doubts) = page.doubts() {
        writeln!(out, "  ? {doubts}")?;
    }
    for failure in &page.failures {
        if failure.change.unfinished {
            let what = format!("{}: {}", failure.limit, failure.line);
            writeln!(out, "  ✗ {} {UNFINISHED}", line(&what))?;
            continue;
        }
        let mark = if failure.sure { "✗" } else { "?" };
        let doubt = if failure.sure {
            ""
        } else {
            ", which may be chance"
        };
        writeln!(
            out,
            "  {mark} {}: {} changed by {} ({}){doubt}",
            line(&failure.limit),
            line(&failure.line.to_string()),
            change(&failure.change),
            interval(&failure.change)
        )?;
    }
    if page.limits > 0 && page.outcome() == Outcome::Good {
        writeln!(out, "  ✓ no change is beyond a limit for sure")?;
    } else if page.judged < page.limits {
        writeln!(
            out,
            "  ? {} of {} limits could not be judged: what they are about is inconclusive",
            page.limits - page.judged,
            page.limits
        )?;
    }
    Ok(())
}
