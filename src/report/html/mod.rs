//! `report.html`: the run on one page that needs no network. Plots are drawn
//! here, so that they are there without scripts and on paper; a script sorts
//! tables and changes between light and dark.

mod heat;
mod overtime;
mod percentiles;
mod plots;
mod svg;
mod table;
mod tables;
#[cfg(test)]
mod tests;
mod waterfall;
mod wrong;

use std::fmt::Display;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Value};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::bins::Bins;
use super::escape::markup;
use super::{Format, NotStarted, Report, RunLine, SpanKind, TraceLine};
use crate::metrics::Metric;
use crate::numbers::{grouped, rate, time};
use crate::shown;
use plots::Figure;
use table::Table;
use waterfall::Waterfall;
use wrong::Wrong;

pub(super) const FORMAT: Format = Format {
    name: "html",
    file: "report.html",
    render,
    not_started: Some(not_started),
};

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// So many slow iterations and heat maps are shown.
const MOST: usize = 12;

/// A number that stands out.
#[derive(Serialize)]
struct Key {
    name: &'static str,
    value: String,
    note: String,
    bad: bool,
}

#[derive(Serialize)]
struct Slow {
    title: String,
    trace: Option<String>,
    waterfall: Waterfall,
}

/// A part of the page.
#[derive(Default, Serialize)]
struct Section {
    id: &'static str,
    title: &'static str,
    note: &'static str,
    legend: String,
    figures: Vec<Figure>,
    tables: Vec<Table>,
}

fn render(report: &Report) -> Result<Vec<u8>, String> {
    written(page(report))
}

fn not_started(not_started: &NotStarted) -> Result<Vec<u8>, String> {
    let run = &not_started.run;
    written(Page {
        name: &run.name,
        verdict: NotStarted::WORD,
        told: not_started.told(),
        mark: NotStarted::MARK,
        failed: true,
        stopped: None,
        hint: not_started.hint.as_deref(),
        when: when(run),
        target: &run.target.name,
        took: None,
        keys: Vec::new(),
        warnings: Vec::new(),
        wrong: Wrong::default(),
        sections: Vec::new(),
        slowest: Vec::new(),
        kinds: Vec::new(),
        facts: tables::facts_of(run, &[]),
        style: STYLE,
        script: SCRIPT,
        style_hash: hash(STYLE),
        script_hash: hash(SCRIPT),
    })
}

fn when(run: &RunLine) -> String {
    run.started_at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

fn written(page: Page<'_>) -> Result<Vec<u8>, String> {
    let mut engine = Environment::new();
    engine.set_auto_escape_callback(|_| AutoEscape::Html);
    // A path is broken between its segments, where it must be.
    engine.add_filter("breaks", |text: String| {
        Value::from_safe_string(markup(&text).replace('/', "/<wbr>"))
    });
    // What is not there is a mistake in the template.
    engine.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
    let text = engine
        .add_template("page", PAGE)
        .and_then(|()| engine.get_template("page"))
        .and_then(|template| template.render(Value::from(Serde(page))))
        .map_err(|error| format!("{error:#}"))?;
    // The template escapes what would be markup, and nothing else.
    Ok(shown::text(&text).into_owned().into_bytes())
}

#[derive(Serialize)]
struct Page<'a> {
    name: &'a str,
    /// In a word.
    verdict: &'static str,
    /// The same with why.
    told: String,
    mark: char,
    failed: bool,
    stopped: Option<String>,
    hint: Option<&'a str>,
    when: String,
    target: &'a str,
    took: Option<String>,
    keys: Vec<Key>,
    warnings: Vec<String>,
    wrong: Wrong,
    sections: Vec<Section>,
    slowest: Vec<Slow>,
    kinds: Vec<(&'static str, &'static str)>,
    facts: Option<Table>,
    style: &'static str,
    script: &'static str,
    style_hash: String,
    script_hash: String,
}

fn page(report: &Report) -> Page<'_> {
    let warnings = report.warnings().into_iter();
    let verdict = report.verdict();
    Page {
        name: &report.run.name,
        verdict: verdict.word.name(),
        told: verdict.to_string(),
        mark: verdict.word.mark(),
        failed: verdict.failed(),
        stopped: report.stopped(),
        hint: None,
        when: when(&report.run),
        target: &report.run.target.name,
        took: Some(time(report.took)),
        keys: keys(report),
        warnings: warnings
            .map(|(what, hint)| format!("{what}; {hint}"))
            .collect(),
        wrong: Wrong::of(report),
        sections: sections(report),
        slowest: slowest(report),
        kinds: kinds(),
        facts: tables::facts(report),
        style: STYLE,
        script: SCRIPT,
        style_hash: hash(STYLE),
        script_hash: hash(SCRIPT),
    }
}

/// Only this script runs, whatever else a name might smuggle in.
fn hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text)))
}

fn keys(report: &Report) -> Vec<Key> {
    let iterations = report.iterations();
    let ended = iterations.good + iterations.failed;
    let requests = report.count_in("main", Metric::HttpReqs);
    let dropped = report.count(Metric::DroppedIterations);
    let failed = iterations.failed;
    let spans = report.iteration_spans();
    let key = |name, value: &dyn Display, note: String, bad| Key {
        name,
        value: value.to_string(),
        note,
        bad,
    };
    let iterations_rate = rate(report.rate(Metric::Iterations));
    let of_ended = match report.warmup_iterations() {
        0 => iterations_rate,
        warmup => format!("{iterations_rate}, {} warm-up", grouped(warmup)),
    };
    let of_failed = match iterations.cut {
        0 => "iterations".into(),
        cut => format!("iterations, {} not finished", grouped(cut)),
    };
    let bad = failed + iterations.cut > 0;
    let of_requests = rate(report.rate(Metric::HttpReqs));
    let mut keys = vec![
        key("iterations", &grouped(ended), of_ended, false),
        key("failed", &grouped(failed), of_failed, bad),
        key("requests", &grouped(requests), of_requests, false),
    ];
    if iterations.skipped > 0 {
        let skipped = &grouped(iterations.skipped);
        keys.push(key("skipped", skipped, "iterations".into(), false));
    }
    if dropped > 0 {
        keys.push(key("dropped", &grouped(dropped), "iterations".into(), true));
    }
    if !spans.is_empty() {
        let note = format!("p95 {}", spans.quantile(0.95));
        keys.push(key("iteration, median", &spans.quantile(0.5), note, false));
    }
    let waits = report.spans(Metric::OtpWait);
    if !waits.is_empty() {
        let [median, p95] = [0.5, 0.95].map(|share| time(waits.quantile(share)));
        keys.push(key(
            "one-time password",
            &median,
            format!("p95 {p95}"),
            false,
        ));
    }
    keys
}

/// The steps, where they have ended iterations on purpose, and what they have said.
fn of_steps(report: &Report) -> Vec<Table> {
    list([
        tables::steps(report),
        tables::skips(report),
        tables::log(report),
    ])
}

fn sections(report: &Report) -> Vec<Section> {
    let bins = Bins::of(&report.time_series, report.snapshot.windows());
    let parts = bins.steps(&report.timeline);
    let mut sections = vec![
        Section {
            id: "thresholds",
            title: "Thresholds and checks",
            tables: list([tables::thresholds(report), tables::checks(report)]),
            ..Section::default()
        },
        Section {
            id: "errors",
            title: "Errors",
            note: "Of the whole run: those of setup, warm-up and teardown are counted too.",
            tables: list([tables::errors(report)]),
            ..Section::default()
        },
        Section {
            id: "steps",
            title: "Steps",
            note: "Time spans are those of successful runs; failed ones are never among them. What was not finished took longer than all that was: a number after > is the least that it can be. Curves are those of successful runs.",
            figures: plots::latency(report, &bins, &parts),
            tables: of_steps(report),
            ..Section::default()
        },
        Section {
            id: "time",
            title: "Over time",
            note: "From the start of the run, setup included.",
            legend: svg::shades(&bins),
            figures: plots::over_time(report, &bins),
            ..Section::default()
        },
        Section {
            id: "heat",
            title: "Latency over time",
            note: "The stronger the colour, the more runs of the step took that long at that time. All maps have the same axis.",
            legend: heat::legend() + &svg::shades(&bins),
            figures: plots::heat_maps(report, &bins, &parts),
            ..Section::default()
        },
        Section {
            id: "endpoints",
            title: "Endpoints",
            note: "From sending a request to the end of its answer.",
            tables: list([tables::endpoints(report)]),
            ..Section::default()
        },
        Section {
            id: "connections",
            title: "Connections",
            note: "Of the whole run: setup, warm-up and teardown use them too.",
            tables: list([tables::connections(report)]),
            ..Section::default()
        },
        Section {
            id: "otp",
            title: "One-time passwords",
            note: "From the gateway's answer to the code in hand.",
            figures: plots::otp(report),
            tables: list([tables::otp(report)]),
            ..Section::default()
        },
        Section {
            id: "crypto",
            title: "Client-side cryptography",
            note: "Time that a processor worked; waiting for a free one is not in it.",
            tables: list([
                tables::crypto_throughput(report),
                tables::crypto_by_step(report),
                report
                    .crypto_figures
                    .as_ref()
                    .and_then(tables::crypto_figures),
            ]),
            ..Section::default()
        },
    ];
    sections.retain(|section| !section.figures.is_empty() || !section.tables.is_empty());
    sections
}

fn list<const N: usize>(tables: [Option<Table>; N]) -> Vec<Table> {
    tables.into_iter().flatten().collect()
}

fn slowest(report: &Report) -> Vec<Slow> {
    let mut lines: Vec<_> = report.slowest.iter().collect();
    lines.sort_by_key(|slow| std::cmp::Reverse(slow.took));
    let slow = lines.into_iter().take(MOST).map(|slow| {
        let failed = if slow.failed { ", failed" } else { "" };
        Slow {
            title: format!(
                "{}: {} — user {}, iteration {}{failed}, began at {}",
                slow.scenario,
                time(slow.took),
                slow.vu,
                slow.iteration,
                time(slow.began)
            ),
            trace: slow.trace.as_ref().map(told),
            waterfall: waterfall::of(slow),
        }
    });
    slow.collect()
}

/// Under what an iteration is found where the server keeps its traces.
fn told(trace: &TraceLine) -> String {
    let kept = if trace.sampled {
        "marked as sampled"
    } else {
        "not marked as sampled"
    };
    format!("trace {}, {kept}", trace.id)
}

/// Colours of a waterfall and what they mean.
fn kinds() -> Vec<(&'static str, &'static str)> {
    [
        (SpanKind::Step, "step"),
        (SpanKind::Request, "request"),
        (SpanKind::Otp, "waiting for a one-time password"),
        (SpanKind::Crypto, "cryptography"),
        (SpanKind::Vault, "vault"),
        (SpanKind::Wait, "waiting for a processor or a permit"),
    ]
    .map(|(kind, name)| (waterfall::class(kind), name))
    .into()
}
