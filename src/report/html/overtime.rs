//! What changed while the run went on.

use std::fmt::Write;

use super::super::bins::{Bins, float};
use super::super::escape::markup;
use super::svg::{Plot, Scale, elapsed, elapsed_ticks, in_words, plain, short_number, short_time};
use crate::metrics::Histogram;
use crate::numbers::{plural, time};

const HEIGHT: f64 = 210.0;

/// Values over time and their name.
pub(super) struct Lane {
    /// What is written beside the lane.
    pub(super) name: String,
    pub(super) values: Vec<f64>,
}

/// Lines over time, from 0.
pub(super) fn lines(title: &str, bins: &Bins, lanes: &[Lane]) -> String {
    let most = lanes.iter().flat_map(|lane| &lane.values).copied();
    let y = Scale::up_to(most.fold(0.0, f64::max));
    let mut plot = Plot::over_time(title, HEIGHT, bins, y);
    plot.y_axis(short_number);
    for (index, lane) in lanes.iter().enumerate() {
        let points = lane.values.iter().enumerate();
        let points: Vec<_> = points
            .map(|(part, value)| Some((middle(bins, part), *value)))
            .collect();
        plot.line(&format!("s{index}"), points.into_iter());
    }
    finish(plot, bins, |part| {
        let values = lanes.iter();
        let values = values.map(|lane| format!("{} {}", lane.name, plain(lane.values[part])));
        values.collect()
    })
}

/// The 95th percentile of each step over time.
pub(super) fn latency(title: &str, bins: &Bins, steps: &[(&String, &Vec<Histogram>)]) -> String {
    let value = |part: &Histogram| part.quantile(0.95).as_secs_f64();
    let all = || {
        steps
            .iter()
            .flat_map(|(_, parts)| parts.iter())
            .filter(|p| !p.is_empty())
    };
    let least = all().map(value).fold(f64::MAX, f64::min).clamp(1e-9, 1e6);
    let most = all().map(value).fold(0.0, f64::max);
    let y = Scale::Log(least * 0.8, most.max(least * 2.0) * 1.2);
    let mut plot = Plot::over_time(title, 300.0, bins, y);
    plot.y_axis(short_time);
    for (index, (_, parts)) in steps.iter().enumerate() {
        let points = parts.iter().enumerate();
        let points: Vec<_> = points
            .map(|(n, part)| (!part.is_empty()).then(|| (middle(bins, n), value(part))))
            .collect();
        plot.line(&format!("s{}", index % 14), points.into_iter());
    }
    finish(plot, bins, |part| {
        let there = steps.iter().filter(|(_, parts)| !parts[part].is_empty());
        let told =
            there.map(|(name, parts)| format!("{name} p95 {}", time(parts[part].quantile(0.95))));
        told.collect()
    })
}

/// Bars over time, one kind on top of the other.
pub(super) fn bars(title: &str, bins: &Bins, lanes: &[(String, Vec<u64>)]) -> String {
    let sum = |part: usize| lanes.iter().map(|(_, counts)| counts[part]).sum::<u64>();
    let most = (0..bins.count).map(sum).max().unwrap_or(0);
    let mut plot = Plot::over_time(title, HEIGHT, bins, Scale::up_to(float(most)));
    plot.y_axis(short_number);
    for part in 0..bins.count {
        let (from, to) = bins.span(part);
        let (left, right) = (plot.at_x(from), plot.at_x(to));
        let width = (right - left - 1.0).max(0.8);
        let mut below = 0;
        for (index, (_, counts)) in lanes.iter().enumerate() {
            if counts[part] == 0 {
                continue;
            }
            let bottom = plot.at_y(float(below));
            below += counts[part];
            let top = plot.at_y(float(below));
            let height = bottom - top;
            plot.add(format_args!(
                "<rect class=\"bar s{}\" x=\"{left:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{height:.1}\"/>",
                index % 14
            ));
        }
    }
    finish(plot, bins, |part| {
        let there = lanes.iter().filter(|(_, counts)| counts[part] > 0);
        there
            .map(|(name, counts)| format!("{name}: {}", plural(counts[part], "time", "times")))
            .collect()
    })
}

/// Names of lines, with the colours that they have in a plot.
pub(super) fn legend(names: &[String]) -> String {
    let mut entries = String::new();
    for (index, name) in names.iter().enumerate() {
        let (style, name) = (index % 14, markup(name));
        // Writing to a string never fails.
        let _ = write!(
            entries,
            "<li><svg class=\"key\" viewBox=\"0 0 24 8\" aria-hidden=\"true\"><path class=\"line s{style}\" d=\"M1 4H23\"/></svg>{name}</li>"
        );
    }
    format!("<ul class=\"legend\">{entries}</ul>")
}

fn middle(bins: &Bins, part: usize) -> f64 {
    let (from, to) = bins.span(part);
    f64::midpoint(from, to)
}

/// The axis below, and what each part says when pointed at.
fn finish(mut plot: Plot, bins: &Bins, told: impl Fn(usize) -> Vec<String>) -> String {
    plot.x_axis(&elapsed_ticks(0.0, bins.end()), elapsed);
    for part in 0..bins.count {
        let told = told(part);
        if !told.is_empty() {
            let (from, to) = bins.span(part);
            let during = bins.beside.iter();
            let during = during.filter(|(_, start, end)| *start < to && *end > from);
            let when = [elapsed(from), " to ".into(), elapsed(to)].concat();
            let when = during.fold(when, |when, (phase, ..)| when + ", " + in_words(*phase));
            let text = format!("{when}\n{}", told.join("\n"));
            plot.hint(from, to, &text);
        }
    }
    for (from, to) in &bins.stalls {
        plot.band(*from, *to, "the load generator stood still");
    }
    plot.finish()
}
