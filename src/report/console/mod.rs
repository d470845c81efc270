//! The summary that ends a run on the terminal.

mod page;
mod table;

#[cfg(test)]
mod tests;

use std::fmt::Write;

use super::model::Iterations;
use super::{NotStarted, Report, RunVerdict, Word};
use crate::metrics::Metric;
use crate::numbers::{bytes, grouped, plural, rate, time};
use crate::shown::{line as one_line, text as shown};
use page::Page;
pub use page::{SummaryForm, SummarySize};

/// The summary as text. Marks and words carry the meaning, colours only repeat it.
pub fn summary(report: &Report, form: SummaryForm) -> String {
    let mut page = Page::new(form);
    verdict(&mut page, report);
    if form.size == SummarySize::Verdict {
        scenarios(&mut page, report);
        shortages(&mut page, report);
    } else {
        played(&mut page, report);
        figures(&mut page, report);
        shortages(&mut page, report);
        table::write(&mut page, report);
    }
    thresholds(&mut page, report);
    checks(&mut page, report);
    errors(&mut page, report);
    skips(&mut page, report);
    page.text()
}

/// What standard output says of a run that did not start; standard error has said why.
pub fn not_started(not_started: &NotStarted, form: SummaryForm) -> String {
    let mut page = Page::new(form);
    let indent = if form.size == SummarySize::Verdict {
        ""
    } else {
        page.blank();
        "  "
    };
    let mark = page.bad(&NotStarted::MARK.to_string());
    let name = page.strong(&one_line(&not_started.run.name));
    let told = format!("{mark} {name}: {}", page.bad(NotStarted::WORD));
    page.words(indent, &told);
    page.text()
}

fn verdict(page: &mut Page, report: &Report) {
    let verdict = report.verdict();
    let told = told(page, &verdict, &one_line(&report.run.name));
    let quiet = page.form.size == SummarySize::Verdict;
    if !quiet {
        page.blank();
    }
    page.words(if quiet { "" } else { "  " }, &told);
    if let Some(reason) = report.stopped() {
        page.words("    ", &one_line(&reason));
    }
}

/// So many reasons of skipped iterations are shown.
const MOST: usize = 10;

/// The mark, the run and the verdict, the mark and the word in the verdict's colour.
fn told(page: &Page, verdict: &RunVerdict, name: &str) -> String {
    let mark = verdict.word.mark().to_string();
    let said = verdict.to_string();
    let paint = |text: &str| match verdict.word {
        Word::Passed => page.good(text),
        Word::StoppedEarly => page.warn(text),
        Word::Failed => page.bad(text),
    };
    format!("{} {}: {}", paint(&mark), page.strong(name), paint(&said))
}

/// A line for each scenario.
fn scenarios(page: &mut Page, report: &Report) {
    let lines = report.run.scenarios.iter();
    let names = lines.map(|scenario| one_line(&scenario.name));
    let width = widest(names);
    for scenario in &report.run.scenarios {
        let iterations = report.iterations_of(&scenario.name);
        let name = one_line(&scenario.name);
        let mut line = format!("  {name:width$}  {}", ended(&iterations));
        let spans = report.iteration_spans_of(&scenario.name);
        if !spans.is_empty() {
            let [p50, p95] = [0.5, 0.95].map(|share| spans.quantile(share));
            let _ = write!(line, ", p50 {p50}, p95 {p95}");
        }
        page.words("", &line);
    }
}

/// Iterations by how they ended.
fn ended(iterations: &Iterations) -> String {
    let count = |count| grouped(count);
    let mut text = format!(
        "{} ok, {} failed",
        count(iterations.good),
        count(iterations.failed)
    );
    for (count, what) in [
        (iterations.skipped, "skipped"),
        (iterations.cut, "not finished"),
        (iterations.interrupted, "cut"),
        (iterations.dropped, "dropped"),
    ] {
        if count > 0 {
            let _ = write!(text, ", {} {what}", grouped(count));
        }
    }
    text
}

/// What was played, where and how.
fn played(page: &mut Page, report: &Report) {
    page.blank();
    let run = &report.run;
    let mut lines: Vec<(String, String)> = Vec::new();
    for scenario in &run.scenarios {
        let executor = one_line(&scenario.executor).into_owned();
        lines.push((one_line(&scenario.name).into_owned(), executor));
    }
    lines.push(("target".into(), one_line(&run.target.told()).into_owned()));
    let started = run.started_at.strftime("%Y-%m-%d %H:%M:%S UTC");
    let (took, seed) = (time(report.took), run.seed);
    lines.push((
        "started".into(),
        format!("{started}, took {took}, seed {seed}"),
    ));
    lines.push(("crypto".into(), run.crypto_backend.in_words().to_owned()));
    pairs(page, &lines);
}

/// How much was done.
fn figures(page: &mut Page, report: &Report) {
    page.blank();
    let mut iterations = ended(&report.iterations());
    let warmup = report.warmup_iterations();
    if warmup > 0 {
        let _ = write!(iterations, ", {} warm-up", grouped(warmup));
    }
    let (per_second, measured) = (
        rate(report.rate(Metric::Iterations)),
        time(report.measured_time()),
    );
    let _ = write!(iterations, ", {per_second} over {measured}");
    let codes = grouped(report.count(Metric::OtpsRead));
    let requests = format!(
        "{}, {}, sent {}, received {}",
        requests(report),
        rate(report.rate(Metric::HttpReqs)),
        bytes(report.count(Metric::DataSent)),
        bytes(report.count(Metric::DataReceived))
    );
    let lines = [
        ("iterations", iterations),
        ("users", grouped(report.users)),
        ("codes read", format!("{codes}, key pairs {}", keys(report))),
        ("requests", requests),
    ];
    pairs(page, &lines.map(|(name, text)| (name.to_owned(), text)));
}

/// Names, and what is said of each beside it.
fn pairs(page: &mut Page, lines: &[(String, String)]) {
    let width = lines.iter().map(|(name, _)| name.chars().count());
    // A name as long as the terminal is wide must leave room for words.
    let most = page.form.width.map_or(usize::MAX, |width| width / 2);
    let width = width.max().unwrap_or(0).min(most);
    for (name, text) in lines {
        page.words(&format!("  {name:width$}  "), text);
    }
}

/// How many requests were measured, and how many there were besides.
fn requests(report: &Report) -> String {
    let measured = report.count_in("main", Metric::HttpReqs);
    let all = grouped(measured);
    match report.count(Metric::HttpReqs) - measured {
        0 => all,
        others => format!(
            "{all} (and {} in setup, warm-up or teardown)",
            grouped(others)
        ),
    }
}

/// How many key pairs came from where.
fn keys(report: &Report) -> String {
    let count = |metric| report.count(metric);
    let mut text = format!("generated {}", grouped(count(Metric::KeysGenerated)));
    let ahead = count(Metric::KeysAhead);
    if ahead > 0 {
        let _ = write!(text, " ({} ahead)", grouped(ahead));
    }
    let (pool, reused) = (count(Metric::KeysFromPool), count(Metric::KeysReused));
    if pool + reused > 0 {
        let _ = write!(text, ", from the pool {}", grouped(pool));
    }
    if reused > 0 {
        let _ = write!(text, ", used again {}", grouped(reused));
    }
    text
}

fn shortages(page: &mut Page, report: &Report) {
    let lines = report.warnings();
    if !lines.is_empty() {
        page.blank();
    }
    for (what, hint) in lines {
        page.words("  warning: ", &one_line(&what));
        page.words("    hint: ", &one_line(&hint));
    }
}

fn thresholds(page: &mut Page, report: &Report) {
    let lines = report.thresholds.iter().map(|line| Judged {
        passed: line.verdict.passed,
        text: one_line(&line.threshold.to_string()).into_owned(),
        seen: line.verdict.seen.clone(),
    });
    judged(page, "thresholds", lines.collect());
}

fn checks(page: &mut Page, report: &Report) {
    let lines = report.checks().into_iter().map(|line| {
        let step = report.step_name(&line.scenario, &line.step);
        Judged {
            passed: line.held == line.total,
            text: one_line(&format!("{step}: {}", line.condition)).into_owned(),
            seen: format!("{} of {}", grouped(line.held), grouped(line.total)),
        }
    });
    judged(page, "checks and expectations", lines.collect());
}

/// Something that had to hold, and what was seen.
struct Judged {
    passed: bool,
    text: String,
    seen: String,
}

fn judged(page: &mut Page, title: &str, mut lines: Vec<Judged>) {
    if page.form.size == SummarySize::Verdict {
        lines.retain(|line| !line.passed);
    }
    if lines.is_empty() {
        return;
    }
    page.blank();
    page.line(&page.strong(&format!("  {title}")));
    let seen = lines.iter().map(|line| line.seen.chars().count()).max();
    let beside = 6 + seen.unwrap_or(0);
    let room = page
        .form
        .width
        .map(|width| width.saturating_sub(beside).max(20));
    // Without a terminal the longest one does not push the others away.
    let width = widest(lines.iter().map(|line| &line.text)).min(room.unwrap_or(60));
    for Judged { passed, text, seen } in &lines {
        let (mark, word) = if *passed {
            (page.good("✓"), seen.clone())
        } else {
            (page.bad("✗"), page.bad(seen))
        };
        match room {
            Some(room) if text.chars().count() > room => {
                page.words(&format!("  {mark} "), text);
                page.line(&format!("      {word}"));
            }
            _ => page.line(&format!("  {mark} {text:width$}  {word}")),
        }
    }
}

fn errors(page: &mut Page, report: &Report) {
    if report.errors.is_empty() {
        return;
    }
    page.blank();
    page.line(&page.strong("  errors"));
    for line in &report.errors {
        let times = plural(line.count, "time", "times");
        let name = report.error_name(line);
        let mark = page.bad("✗");
        let before = format!("  {mark} ");
        page.words(&before, &format!("{}: {times}, first", one_line(&name)));
        // Its further lines are not to look like lines of the summary.
        for sample in shown(&line.sample).lines() {
            page.words("      ", sample);
        }
    }
}

/// Why iterations were skipped.
fn skips(page: &mut Page, report: &Report) {
    if report.skips.is_empty() || page.form.size == SummarySize::Verdict {
        return;
    }
    page.blank();
    page.line(&page.strong("  skipped iterations"));
    for line in report.skips.iter().take(MOST) {
        let times = plural(line.count, "time", "times");
        let step = one_line(&report.step_name(&line.scenario, &line.step)).into_owned();
        page.words("  · ", &format!("{step}: {times}"));
        for text in shown(&line.reason).lines() {
            page.words("      ", text);
        }
    }
    if report.skips.len() > MOST {
        page.line(&format!(
            "  … and {} more reasons",
            report.skips.len() - MOST
        ));
    }
}

/// Columns of the longest one.
fn widest(texts: impl Iterator<Item = impl AsRef<str>>) -> usize {
    let widths = texts.map(|text| text.as_ref().chars().count());
    widths.max().unwrap_or(0)
}
