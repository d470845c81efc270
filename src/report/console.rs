//! The summary that ends a run on the terminal.

use std::fmt::Write;

use super::{Line, Report};
use crate::metrics::{Metric, Spans};
use crate::numbers::{bytes, plural, rate, time};
use crate::shown::line as one_line;

/// Columns of a step's name.
const NAME_WIDTH: usize = 46;

/// The summary as text, without colours: marks and words carry the meaning.
pub fn summary(report: &Report) -> String {
    let mut out = String::new();
    // Writing to a string never fails.
    let _ = head(&mut out, report)
        .and_then(|()| shortages(&mut out, report))
        .and_then(|()| steps(&mut out, report))
        .and_then(|()| thresholds(&mut out, report))
        .and_then(|()| checks(&mut out, report))
        .and_then(|()| errors(&mut out, report));
    out
}

fn head(out: &mut String, report: &Report) -> std::fmt::Result {
    let verdict = report.verdict();
    let mark = verdict.word.mark();
    let name = one_line(&report.run.name);
    writeln!(out, "\n  {mark} {name}: {verdict}")?;
    if let Some(reason) = &report.stopped {
        writeln!(out, "    {}", one_line(reason))?;
    }
    writeln!(out)?;
    let names = report
        .run
        .scenarios
        .iter()
        .map(|scenario| one_line(&scenario.name).chars().count());
    let width = names.max().unwrap_or(0).max("started".len());
    for scenario in &report.run.scenarios {
        let (name, executor) = (one_line(&scenario.name), one_line(&scenario.executor));
        writeln!(out, "  {name:width$}  {executor}")?;
    }
    let target = &report.run.target;
    writeln!(
        out,
        "  {:width$}  {} at {}",
        "target",
        one_line(&target.name),
        one_line(&target.url)
    )?;
    writeln!(
        out,
        "  {:width$}  {}, took {}, seed {}",
        "started",
        report.run.started_at.strftime("%Y-%m-%d %H:%M:%S UTC"),
        time(report.took),
        report.run.seed
    )?;
    let crypto = report.run.crypto_backend.in_words();
    writeln!(out, "  {:width$}  {crypto}", "crypto")?;
    let iterations = report.iterations();
    write!(
        out,
        "\n  iterations  {} ok, {} failed",
        iterations.good, iterations.failed
    )?;
    for (count, what) in [
        (iterations.cut, "not finished"),
        (iterations.interrupted, "cut"),
    ] {
        if count > 0 {
            write!(out, ", {count} {what}")?;
        }
    }
    let dropped = report.count(Metric::DroppedIterations);
    if dropped > 0 {
        write!(out, ", {dropped} dropped")?;
    }
    let warmup = report.warmup_iterations();
    if warmup > 0 {
        write!(out, ", {warmup} warm-up")?;
    }
    writeln!(
        out,
        ", {} over {}",
        rate(report.rate(Metric::Iterations)),
        time(report.measured_time())
    )?;
    writeln!(out, "  users       {}", report.users)?;
    let codes = report.count(Metric::OtpsRead);
    writeln!(out, "  codes read  {codes}, key pairs {}", keys(report))?;
    writeln!(
        out,
        "  requests    {}, {}, sent {}, received {}",
        requests(report),
        rate(report.rate(Metric::HttpReqs)),
        bytes(report.count(Metric::DataSent)),
        bytes(report.count(Metric::DataReceived))
    )
}

/// How many requests were measured, and how many there were besides.
fn requests(report: &Report) -> String {
    let measured = report.count_in("main", Metric::HttpReqs);
    match report.count(Metric::HttpReqs) - measured {
        0 => measured.to_string(),
        others => format!("{measured} (and {others} in setup, warm-up or teardown)"),
    }
}

/// How many key pairs came from where.
fn keys(report: &Report) -> String {
    let mut text = format!("generated {}", report.count(Metric::KeysGenerated));
    let ahead = report.count(Metric::KeysAhead);
    if ahead > 0 {
        let _ = write!(text, " ({ahead} ahead)");
    }
    let (pool, reused) = (
        report.count(Metric::KeysFromPool),
        report.count(Metric::KeysReused),
    );
    if pool + reused > 0 {
        let _ = write!(text, ", from the pool {pool}");
    }
    if reused > 0 {
        let _ = write!(text, ", used again {reused}");
    }
    text
}

fn shortages(out: &mut String, report: &Report) -> std::fmt::Result {
    let lines = report.warnings();
    if !lines.is_empty() {
        writeln!(out)?;
    }
    for (what, hint) in lines {
        let (what, hint) = (one_line(&what), one_line(&hint));
        writeln!(out, "  warning: {what}\n    hint: {hint}")?;
    }
    Ok(())
}

fn steps(out: &mut String, report: &Report) -> std::fmt::Result {
    let steps = report.steps();
    let parts = || steps.iter().flat_map(|step| &step.parts);
    let lines = || steps.iter().map(|step| &step.step).chain(parts());
    // Only where there are any: it is bad news.
    let unfinished = lines().any(|line| !line.cut.is_empty());
    write!(
        out,
        "\n  {:NAME_WIDTH$} {:>7} {:>7}",
        "step", "ok", "failed"
    )?;
    if unfinished {
        write!(out, " {:>10}", "unfinished")?;
    }
    writeln!(
        out,
        " {:>8} {:>8} {:>8} {:>8} {:>8}",
        "mean", "p50", "p95", "p99", "max"
    )?;
    let several = report.run.scenarios.len() > 1;
    for step in &steps {
        let name = if several {
            format!("{} / {}", step.scenario, step.step.name)
        } else {
            step.step.name.to_string()
        };
        row(out, &name, &step.step, unfinished)?;
        for part in &step.parts {
            row(out, &format!("  {}", part.name), part, unfinished)?;
        }
    }
    Ok(())
}

fn row(out: &mut String, name: &str, line: &Line, unfinished: bool) -> std::fmt::Result {
    let Line {
        good, failed, cut, ..
    } = line;
    write!(
        out,
        "  {:NAME_WIDTH$} {:>7} {:>7}",
        fit(name),
        good.count(),
        failed.count()
    )?;
    if unfinished {
        write!(out, " {:>10}", cut.count())?;
    }
    // Times of failed ones are not mixed in; where there are no good ones,
    // there is nothing to show.
    for value in columns(&line.spans()) {
        write!(out, " {value:>8}")?;
    }
    writeln!(out)
}

fn columns(spans: &Spans) -> [String; 5] {
    if spans.is_empty() {
        return std::array::from_fn(|_| "-".into());
    }
    spans.figures().map(|figure| figure.to_string())
}

/// A name that does not fit its column loses its middle.
fn fit(name: &str) -> String {
    let name = &one_line(name);
    let length = name.chars().count();
    if length <= NAME_WIDTH {
        return name.to_string();
    }
    let keep = NAME_WIDTH - 1;
    let head: String = name.chars().take(keep / 2).collect();
    let tail: String = name.chars().skip(length - (keep - keep / 2)).collect();
    format!("{head}…{tail}")
}

fn thresholds(out: &mut String, report: &Report) -> std::fmt::Result {
    if report.thresholds.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n  thresholds")?;
    for line in &report.thresholds {
        let (mark, word) = verdict(line.verdict.passed);
        let text = line.threshold.to_string();
        let text = one_line(&text);
        writeln!(out, "  {mark} {text:60} {word}, {}", line.verdict.seen)?;
    }
    Ok(())
}

fn checks(out: &mut String, report: &Report) -> std::fmt::Result {
    let checks = report.checks();
    if checks.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n  checks and expectations")?;
    for line in checks {
        let (mark, _) = verdict(line.held == line.total);
        let text = format!("{}: {}", line.step, line.condition);
        let text = one_line(&text);
        writeln!(out, "  {mark} {text:60} {} of {}", line.held, line.total)?;
    }
    Ok(())
}

fn errors(out: &mut String, report: &Report) -> std::fmt::Result {
    if report.errors.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n  errors")?;
    for line in &report.errors {
        let times = plural(line.count, "time", "times");
        let (step, kind) = (one_line(&line.step), one_line(&line.kind));
        writeln!(out, "  ✗ {step}, {kind}: {times}, first")?;
        // Its further lines are not to look like lines of the summary.
        writeln!(out, "      {}", line.sample.replace('\n', "\n      "))?;
    }
    Ok(())
}

fn verdict(passed: bool) -> (char, &'static str) {
    if passed {
        ('✓', "passed")
    } else {
        ('✗', "failed")
    }
}
