//! `summary.md`: the run on half a page, for the job summaries of GitHub and
//! GitLab, and for comments.

use std::fmt::Write;

use super::escape::markdown as cell;
use super::totals::ConnectionLine;
use super::{Format, Line, NotStarted, Report, Word};
use crate::metrics::{Metric, Spans};
use crate::numbers::{plural, rate, time};

pub(super) const FORMAT: Format = Format {
    name: "markdown",
    file: "summary.md",
    render,
    not_started: Some(not_started),
};

/// So many kinds of errors, and checks that did not hold, are told.
const MOST: usize = 10;

fn render(report: &Report) -> Result<Vec<u8>, String> {
    let mut out = String::new();
    head(&mut out, report)
        .and_then(|()| thresholds(&mut out, report))
        .and_then(|()| steps(&mut out, report))
        .and_then(|()| connections(&mut out, report))
        .and_then(|()| checks(&mut out, report))
        .and_then(|()| errors(&mut out, report))
        .and_then(|()| skips(&mut out, report))
        .map_err(|error| error.to_string())?;
    Ok(out.into_bytes())
}

fn not_started(not_started: &NotStarted) -> Result<Vec<u8>, String> {
    let mut out = String::new();
    why(&mut out, not_started).map_err(|error| error.to_string())?;
    Ok(out.into_bytes())
}

fn why(out: &mut String, not_started: &NotStarted) -> std::fmt::Result {
    let run = &not_started.run;
    let (mark, told) = (mark(false), cell(&not_started.told()));
    writeln!(out, "## {mark} {}: {told}\n", cell(&run.name))?;
    if let Some(hint) = &not_started.hint {
        writeln!(out, "> hint: {}\n", cell(hint))?;
    }
    let started = run.started_at.strftime("%Y-%m-%d %H:%M UTC");
    let target = cell(&run.target.name);
    writeln!(out, "Nothing was measured · {started} · {target}")
}

fn head(out: &mut String, report: &Report) -> std::fmt::Result {
    let run = &report.run;
    let verdict = report.verdict();
    let mark = match verdict.word {
        Word::Passed => mark(true),
        Word::StoppedEarly => '⚠',
        Word::Failed => mark(false),
    };
    let told = cell(&verdict.to_string());
    writeln!(out, "## {mark} {}: {told}\n", cell(&run.name))?;
    if let Some(reason) = report.stopped() {
        writeln!(out, "{}\n", cell(&reason))?;
    }
    let iterations = report.iterations();
    let ended = iterations.good + iterations.failed;
    write!(
        out,
        "{}, {} failed",
        plural(ended, "iteration", "iterations"),
        iterations.failed
    )?;
    for (count, what) in [
        (iterations.skipped, "skipped"),
        (iterations.cut, "not finished"),
        (iterations.interrupted, "cut"),
        (report.count(Metric::DroppedIterations), "dropped"),
        (report.warmup_iterations(), "warm-up"),
    ] {
        if count > 0 {
            write!(out, ", {count} {what}")?;
        }
    }
    writeln!(
        out,
        ", {} · {}, {} · took {} · {} · seed {}\n",
        rate(report.rate(Metric::Iterations)),
        plural(
            report.count_in("main", Metric::HttpReqs),
            "request",
            "requests"
        ),
        rate(report.rate(Metric::HttpReqs)),
        time(report.took),
        cell(&run.target.name),
        run.seed
    )?;
    for (what, hint) in report.warnings() {
        writeln!(out, "> {}; {}\n", cell(&what), cell(&hint))?;
    }
    Ok(())
}

fn thresholds(out: &mut String, report: &Report) -> std::fmt::Result {
    if report.thresholds.is_empty() {
        return Ok(());
    }
    writeln!(out, "| | threshold | seen |\n| --- | --- | ---: |")?;
    for line in &report.thresholds {
        let text = line.threshold.to_string();
        writeln!(
            out,
            "| {} | {} | {} |",
            mark(line.verdict.passed),
            cell(&text),
            cell(&line.verdict.seen)
        )?;
    }
    writeln!(out)
}

fn steps(out: &mut String, report: &Report) -> std::fmt::Result {
    let steps = report.steps();
    let unfinished = steps.iter().any(|step| !step.step.cut.is_empty());
    let (title, line) = if unfinished {
        (" unfinished |", " ---: |")
    } else {
        ("", "")
    };
    writeln!(
        out,
        "| scenario | step | ok | failed |{title} mean | p50 | p95 | p99 | max |\n\
         | --- | --- | ---: | ---: |{line} ---: | ---: | ---: | ---: | ---: |"
    )?;
    for step in steps {
        let Line {
            name,
            good,
            failed,
            cut,
            ..
        } = &step.step;
        write!(
            out,
            "| {} | {} | {} | {} |",
            cell(&step.scenario),
            cell(name),
            good.count(),
            failed.count(),
        )?;
        if unfinished {
            write!(out, " {} |", cut.count())?;
        }
        writeln!(out, " {} |", columns(&step.step.spans()).join(" | "))?;
    }
    writeln!(out)
}

fn connections(out: &mut String, report: &Report) -> std::fmt::Result {
    let lines = report.connections();
    if lines.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "| connections | times | failed | mean | p50 | p95 | p99 | max |\n\
         | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    )?;
    for ConnectionLine { name, count, times } in lines {
        let failed = times.as_ref().map(|times| times.failed.count().to_string());
        let failed = failed.unwrap_or_else(|| "–".into());
        let spans = times.map_or_else(Spans::default, |times| times.spans());
        let spans = columns(&spans).join(" | ");
        writeln!(out, "| {name} | {count} | {failed} | {spans} |")?;
    }
    writeln!(out)
}

fn columns(spans: &Spans) -> [String; 5] {
    if spans.is_empty() {
        return std::array::from_fn(|_| "–".into());
    }
    spans.figures().map(|figure| cell(&figure.to_string()))
}

fn checks(out: &mut String, report: &Report) -> std::fmt::Result {
    let mut checks = report.checks();
    checks.retain(|line| line.held < line.total);
    if checks.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "| check that did not hold | step | held |\n| --- | --- | ---: |"
    )?;
    for line in checks.iter().take(MOST) {
        writeln!(
            out,
            "| {} | {} | {} of {} |",
            cell(&line.condition),
            cell(&report.step_name(&line.scenario, &line.step)),
            line.held,
            line.total
        )?;
    }
    more(out, checks.len())
}

fn errors(out: &mut String, report: &Report) -> std::fmt::Result {
    if report.errors.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "| errors | step | times | first |\n| --- | --- | ---: | --- |"
    )?;
    for line in report.errors.iter().take(MOST) {
        writeln!(
            out,
            "| {} | {} | {} | {} |",
            cell(&line.kind),
            cell(&report.step_name(&line.scenario, &line.step)),
            line.count,
            cell(&line.sample)
        )?;
    }
    more(out, report.errors.len())
}

fn skips(out: &mut String, report: &Report) -> std::fmt::Result {
    if report.skips.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "| why iterations were skipped | step | times |\n| --- | --- | ---: |"
    )?;
    for line in report.skips.iter().take(MOST) {
        writeln!(
            out,
            "| {} | {} | {} |",
            cell(&line.reason),
            cell(&report.step_name(&line.scenario, &line.step)),
            line.count
        )?;
    }
    more(out, report.skips.len())
}

/// Ends a table that was cut short.
fn more(out: &mut String, lines: usize) -> std::fmt::Result {
    match lines.saturating_sub(MOST) {
        0 => writeln!(out),
        more => writeln!(out, "\nand {more} more\n"),
    }
}

fn mark(passed: bool) -> char {
    if passed { '✅' } else { '❌' }
}

#[cfg(test)]
mod tests {
    use super::super::example::{example, not_started};
    use super::render;

    #[test]
    fn half_a_page() {
        let text = String::from_utf8(render(&example()).unwrap()).unwrap();
        insta::assert_snapshot!(text);
    }

    #[test]
    fn a_run_that_did_not_start_says_why() {
        let text = String::from_utf8(super::not_started(&not_started()).unwrap()).unwrap();
        insta::assert_snapshot!(text);
    }

    #[test]
    fn a_long_list_is_cut_short() {
        let mut report = example();
        let line = report.errors[0].clone();
        report.errors = vec![line; 14];
        let text = String::from_utf8(render(&report).unwrap()).unwrap();
        assert!(text.contains("\nand 4 more\n\n"), "{text}");
    }
}
