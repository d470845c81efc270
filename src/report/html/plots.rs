//! The plots of the page.

use serde::Serialize;

use super::super::Report;
use super::super::bins::Bins;
use super::overtime::{Lane, legend};
use super::percentiles::Curve;
use super::{MOST, heat, overtime, percentiles, svg};
use crate::metrics::{Histogram, Metric};

/// A plot, what it shows in words, and the names of its lines.
#[derive(Serialize)]
pub(super) struct Figure {
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

    /// The same with one more legend.
    fn with(mut self, legend: &str) -> Self {
        self.legend.push_str(legend);
        self
    }
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

pub(super) fn latency(report: &Report, bins: &Bins, parts: &[Vec<Histogram>]) -> Vec<Figure> {
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
        Figure::new(over, overtime::latency(over, bins, &steps), &names).with(&svg::shades(bins)),
    ]
}

fn merged(parts: &[Histogram]) -> Histogram {
    let mut all = Histogram::new();
    for part in parts {
        all.merge(part);
    }
    all
}

pub(super) fn over_time(report: &Report, bins: &Bins) -> Vec<Figure> {
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

pub(super) fn heat_maps(report: &Report, bins: &Bins, parts: &[Vec<Histogram>]) -> Vec<Figure> {
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

pub(super) fn otp(report: &Report) -> Vec<Figure> {
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
