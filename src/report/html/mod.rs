//! `report.html`: the run on one page that needs no network. Plots are drawn
//! here, so that they are there without scripts and on paper; a script sorts
//! tables and changes between light and dark.

mod heat;
mod overtime;
mod percentiles;
mod svg;
mod table;
mod tables;
mod waterfall;

use std::fmt::Display;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Value};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::bins::Bins;
use super::{Format, Report, SpanKind, TraceLine};
use crate::metrics::{Histogram, Metric};
use crate::numbers::{rate, time};
use crate::shown;
use overtime::{Lane, legend};
use percentiles::Curve;
use table::Table;

pub(super) const FORMAT: Format = Format {
    name: "html",
    file: "report.html",
    render,
};

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// So many slow iterations and heat maps are shown.
const MOST: usize = 12;

/// A plot, what it shows in words, and the names of its lines.
#[derive(Serialize)]
struct Figure {
    title: String,
    svg: String,
    legend: String,
    note: &'static str,
}

impl Figure {
    fn new(title: &str, svg: String, names: &[String]) -> Self {
        Self {
            title: title.into(),
            svg,
            legend: legend(names),
            note: "",
        }
    }
}

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
    svg: String,
    left_out: usize,
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
    let mut engine = Environment::new();
    engine.set_auto_escape_callback(|_| AutoEscape::Html);
    // What is not there is a mistake in the template.
    engine.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
    let text = engine
        .add_template("page", PAGE)
        .and_then(|()| engine.get_template("page"))
        .and_then(|template| template.render(Value::from(Serde(self::page(report)))))
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
    stopped: Option<&'a str>,
    when: String,
    target: &'a str,
    took: String,
    keys: Vec<Key>,
    warnings: Vec<String>,
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
    let started = &report.run.started_at;
    let verdict = report.verdict();
    Page {
        name: &report.run.name,
        verdict: verdict.word.name(),
        told: verdict.to_string(),
        mark: verdict.word.mark(),
        failed: verdict.failed(),
        stopped: report.stopped.as_deref(),
        when: started.strftime("%Y-%m-%d %H:%M UTC").to_string(),
        target: &report.run.target.name,
        took: time(report.took),
        keys: keys(report),
        warnings: warnings
            .map(|(what, hint)| format!("{what}; {hint}"))
            .collect(),
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
        warmup => format!("{iterations_rate}, {warmup} warm-up"),
    };
    let of_failed = match iterations.cut {
        0 => "iterations".into(),
        cut => format!("iterations, {cut} not finished"),
    };
    let bad = failed + iterations.cut > 0;
    let of_requests = rate(report.rate(Metric::HttpReqs));
    let mut keys = vec![
        key("iterations", &ended, of_ended, false),
        key("failed", &failed, of_failed, bad),
        key("requests", &requests, of_requests, false),
    ];
    if dropped > 0 {
        keys.push(key("dropped", &dropped, "iterations".into(), true));
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

fn sections(report: &Report) -> Vec<Section> {
    let bins = Bins::of(&report.time_series);
    let parts = bins.steps(&report.timeline);
    let mut sections = vec![
        Section {
            id: "thresholds",
            title: "Thresholds and checks",
            tables: list([tables::thresholds(report), tables::checks(report)]),
            ..Section::default()
        },
        Section {
            id: "steps",
            title: "Steps",
            note: "Time spans are those of successful runs; failed ones are never among them. What was not finished took longer than all that was: a number after > is the least that it can be. Curves are those of successful runs.",
            figures: latency(report, &bins, &parts),
            tables: list([
                tables::steps(report),
                tables::errors(report),
                tables::log(report),
            ]),
            ..Section::default()
        },
        Section {
            id: "time",
            title: "Over time",
            note: "From the start of the run, setup included.",
            figures: over_time(report, &bins),
            ..Section::default()
        },
        Section {
            id: "heat",
            title: "Latency over time",
            note: "The stronger the colour, the more runs of the step took that long at that time. All maps have the same axis.",
            legend: heat::legend(),
            figures: heat_maps(report, &bins, &parts),
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
            figures: otp(report),
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

/// How steps are called on the page: without their scenario, when there is one.
fn step_names(report: &Report) -> Vec<String> {
    let steps = report.timeline.steps();
    let alike = |step: &str| steps.iter().filter(|(_, other)| **other == *step).count() > 1;
    let name = |(scenario, step): &(std::sync::Arc<str>, std::sync::Arc<str>)| {
        if alike(step) {
            format!("{scenario} / {step}")
        } else {
            step.to_string()
        }
    };
    steps.iter().map(name).collect()
}

fn latency(report: &Report, bins: &Bins, parts: &[Vec<Histogram>]) -> Vec<Figure> {
    let names = step_names(report);
    let whole: Vec<_> = parts.iter().map(|parts| merged(parts)).collect();
    let curves = names.iter().zip(&whole);
    let curves: Vec<_> = curves
        .map(|(name, histogram)| Curve {
            name: name.clone(),
            histogram,
        })
        .collect();
    let title = "Latency by percentile";
    let Some(svg) = percentiles::draw(title, &curves) else {
        return Vec::new();
    };
    let steps: Vec<_> = names.iter().zip(parts).collect();
    let over = "95th percentile of each step over time";
    vec![
        Figure {
            note: "Share of the runs of the step that took no longer; logarithmic in 1 − percentile.",
            ..Figure::new(title, svg, &names)
        },
        Figure::new(over, overtime::latency(over, bins, &steps), &names),
    ]
}

fn merged(parts: &[Histogram]) -> Histogram {
    let mut all = Histogram::new();
    for part in parts {
        all.merge(part);
    }
    all
}

fn over_time(report: &Report, bins: &Bins) -> Vec<Figure> {
    let rows = &report.time_series;
    if rows.is_empty() {
        return Vec::new();
    }
    let lane = |name: &str, values| Lane {
        name: name.into(),
        values,
    };
    let figure = |title: &str, lanes: &[Lane]| {
        let names: Vec<_> = lanes.iter().map(|lane| lane.name.clone()).collect();
        Figure::new(title, overtime::lines(title, bins, lanes), &names)
    };
    let ended = bins.rates(rows, |row| row.iterations + row.failed);
    let mut figures = vec![
        figure("Iterations per second", &[lane("completed", ended)]),
        figure(
            "Requests per second",
            &[lane("requests", bins.rates(rows, |row| row.requests))],
        ),
        figure(
            "Virtual users",
            &[
                lane("allocated", bins.highest(rows, |row| row.vus)),
                lane("active", bins.highest(rows, |row| row.busy)),
                lane(
                    "waiting for a one-time password",
                    bins.highest(rows, |row| row.otps_pending),
                ),
            ],
        ),
    ];
    let kinds = report.timeline.kinds().iter();
    let names: Vec<String> = kinds.map(ToString::to_string).collect();
    if !names.is_empty() {
        let title = "Errors by kind";
        let lanes = names.iter().cloned().zip(bins.errors(&report.timeline));
        let svg = overtime::bars(title, bins, &lanes.collect::<Vec<_>>());
        figures.push(Figure::new(title, svg, &names));
    }
    figures
}

fn heat_maps(report: &Report, bins: &Bins, parts: &[Vec<Histogram>]) -> Vec<Figure> {
    let range = heat::range(parts.iter().flatten());
    let names = step_names(report).into_iter().zip(parts).take(MOST);
    names
        .map(|(name, parts)| Figure {
            svg: heat::draw(&format!("Latency of {name} over time"), bins, parts, range),
            title: name,
            legend: String::new(),
            note: "",
        })
        .collect()
}

fn otp(report: &Report) -> Vec<Figure> {
    let waits = [
        ("waiting for the code", report.spans(Metric::OtpWait)),
        (
            "mail delivery (Date header)",
            report.spans(Metric::OtpDelivery),
        ),
    ];
    // Whole seconds, of which most are none, make no curve.
    let seen: Vec<_> = waits
        .iter()
        .filter(|(_, histogram)| histogram.max() > std::time::Duration::ZERO)
        .map(|(name, histogram)| Curve {
            name: (*name).to_owned(),
            histogram,
        })
        .collect();
    let names: Vec<String> = seen.iter().map(|curve| curve.name.clone()).collect();
    let title = "One-time passwords by percentile";
    let svg = percentiles::draw(title, &seen);
    let figure = svg.map(|svg| Figure::new(title, svg, &names));
    figure.into_iter().collect()
}

fn slowest(report: &Report) -> Vec<Slow> {
    let mut lines: Vec<_> = report.slowest.iter().collect();
    lines.sort_by_key(|slow| std::cmp::Reverse(slow.took));
    let slow = lines.into_iter().take(MOST).map(|slow| {
        let (svg, left_out) = waterfall::draw(slow);
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
            svg,
            left_out,
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::Report;
    use super::super::example::{HOSTILE, after, example};
    use super::render;
    use crate::metrics::{
        Histogram, Measure, Metric, Outcome, Row, Series, Snapshot, Span, TagKey, Tags, Timeline,
        Windows,
    };

    fn rendered(report: &Report) -> String {
        String::from_utf8(render(report).unwrap()).unwrap()
    }

    #[test]
    fn no_name_becomes_markup() {
        let page = rendered(&example());
        assert!(!page.contains(HOSTILE));
        assert!(!page.contains("<script>alert"), "{page}");
        assert!(!page.contains("<b>"), "{page}");
        // The page's own, and nothing else.
        assert_eq!(page.matches("<script").count(), 1);
        assert!(page.contains("&lt;script&gt;alert("));
    }

    #[test]
    fn nothing_is_fetched() {
        let page = rendered(&example());
        for word in [
            "http://www",
            "https://",
            "src=",
            "url(",
            "@import",
            "<link rel=\"stylesheet",
        ] {
            assert!(!page.contains(word), "{word}");
        }
        assert!(page.contains("default-src 'none'"));
    }

    #[test]
    fn every_part_is_there() {
        let page = rendered(&example());
        for id in [
            "thresholds",
            "steps",
            "time",
            "heat",
            "endpoints",
            "otp",
            "crypto",
            "slowest",
            "run",
        ] {
            assert!(page.contains(&format!("<section id=\"{id}\">")), "{id}");
        }
        // Each drawing says in words what it shows.
        assert!(page.matches("role=\"img\"").count() >= 8);
        for svg in page.split("role=\"img\"").skip(1) {
            assert!(
                svg.starts_with(" aria-label=\"") && svg.contains("<title>"),
                "{svg}"
            );
        }
    }

    #[test]
    fn a_run_without_anything_is_a_page_too() {
        let mut report = example();
        report.snapshot = Snapshot::new(Windows::default(), Vec::new());
        report.timeline = Timeline::default();
        report.time_series.clear();
        report.slowest.clear();
        report.thresholds.clear();
        assert!(rendered(&report).contains("no iteration was played"));
        report.snapshot = after("setup", Outcome::Failed);
        assert!(rendered(&report).contains("setup failed"));
    }

    #[test]
    fn an_hour_of_many_steps_is_less_than_a_megabyte() {
        let mut report = example();
        report.timeline = an_hour();
        let row = report.time_series[0].clone();
        report.time_series = (1..=3600)
            .map(|second| Row {
                at: Duration::from_secs(second),
                ..row.clone()
            })
            .collect();
        let slow = report.slowest[0].clone();
        report.slowest = vec![slow; 20];
        for slow in &mut report.slowest {
            let span = slow.spans[1].clone();
            slow.spans = vec![span; 200];
        }
        let page = rendered(&report);
        assert!(page.len() < 1_000_000, "{}", page.len());
        // Not by leaving out what there is to see.
        assert!(page.len() > 300_000, "{}", page.len());
    }

    /// Fifteen steps, their latencies spread as wide as can be.
    fn an_hour() -> Timeline {
        let mut timeline = Timeline::default();
        let mut state = 1_u64;
        // As fine as the page shows it.
        for part in 0..120 {
            let mut histograms = vec![Histogram::new(); 15];
            for histogram in &mut histograms {
                for _ in 0..150 {
                    state = state
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1);
                    let spread = 10_u64.pow(3 + u32::try_from(state >> 61).unwrap());
                    histogram.record(Duration::from_nanos(spread + (state >> 33) % spread));
                }
            }
            let measured: Vec<_> = histograms
                .into_iter()
                .enumerate()
                .map(|(step, histogram)| {
                    let step = Tags::new().with(TagKey::Step, format!("step {step}"));
                    Series {
                        metric: Metric::StepDuration,
                        tags: step,
                        measure: Measure::Duration(histogram),
                    }
                })
                .collect();
            let span = Span {
                start: Duration::from_secs(part * 30),
                length: Duration::from_secs(30),
            };
            timeline.add(span, measured.iter());
        }
        timeline
    }
}
