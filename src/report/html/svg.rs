//! Drawing: a frame with two axes, and marks in it. Colours are classes, so
//! that they follow the page's light and dark; every text is escaped.

use std::fmt::{Display, Write};
use std::time::Duration;

use super::super::bins::Bins;
use super::super::escape::markup;
use crate::metrics::Phase;
use crate::numbers::{three_digits, time};

/// Width of a plot; it grows and shrinks with the page.
pub(super) const WIDTH: f64 = 560.0;
/// Room on the left for the labels of the vertical axis.
const LEFT: f64 = 76.0;
const RIGHT: f64 = 24.0;
/// Half of a letter's width, where letters are largest: on a phone.
const HALF_LETTER: f64 = 5.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 34.0;

/// How values become places.
#[derive(Clone, Copy, Debug)]
pub(super) enum Scale {
    /// Evenly.
    Linear(f64, f64),
    /// By their logarithm.
    Log(f64, f64),
}

impl Scale {
    /// Where a value lies between the ends, 0 to 1.
    pub(super) fn share(self, value: f64) -> f64 {
        let share = match self {
            Self::Linear(from, to) => (value - from) / (to - from),
            Self::Log(from, to) => (value.max(from) / from).ln() / (to / from).ln(),
        };
        // Ends that are the same tell no places apart.
        if share.is_nan() {
            0.0
        } else {
            share.clamp(0.0, 1.0)
        }
    }

    /// From 0 to the next round number.
    pub(super) fn up_to(most: f64) -> Self {
        let step = round_step(most / 4.0);
        Self::Linear(0.0, (most / step).ceil().max(1.0) * step)
    }

    /// Round values between the ends, ends included where they are round.
    pub(super) fn ticks(self) -> Vec<f64> {
        match self {
            Self::Linear(from, to) => {
                let step = round_step((to - from) / 4.0);
                let first = (from / step).ceil() * step;
                steps(first, to, step)
            }
            Self::Log(from, to) => {
                let decades = (to / from).log10();
                let within: &[f64] = if decades < 1.5 {
                    &[1.0, 2.0, 5.0]
                } else {
                    &[1.0]
                };
                let mut decade = 10_f64.powf(from.log10().floor());
                let mut ticks = Vec::new();
                while decade <= to {
                    ticks.extend(within.iter().map(|factor| factor * decade));
                    decade *= 10.0;
                }
                ticks.retain(|tick| (from * 0.999..=to * 1.001).contains(tick));
                ticks
            }
        }
    }
}

fn steps(first: f64, to: f64, step: f64) -> Vec<f64> {
    let mut ticks = Vec::new();
    let mut tick = first;
    while tick <= to + step * 1e-6 && ticks.len() < 20 {
        ticks.push(tick);
        tick += step;
    }
    ticks
}

/// 1, 2 or 5 times a power of ten, not below `least`.
fn round_step(least: f64) -> f64 {
    if least <= 0.0 || !least.is_finite() {
        return 1.0;
    }
    let power = 10_f64.powf(least.log10().floor());
    let factor = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .find(|factor| factor * power >= least * 0.999);
    factor.unwrap_or(10.0) * power
}

pub(super) struct Plot {
    out: String,
    height: f64,
    x: Scale,
    y: Scale,
}

impl Plot {
    /// An empty one. `title` says in words what it shows.
    pub(super) fn new(title: &str, height: f64, x: Scale, y: Scale) -> Self {
        let title = markup(title);
        let out = format!(
            "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{title}\"><title>{title}</title>"
        );
        Self { out, height, x, y }
    }

    /// An empty one of the whole run, in which setup, warm-up and teardown are shaded.
    pub(super) fn over_time(title: &str, height: f64, bins: &Bins, y: Scale) -> Self {
        let mut plot = Self::new(title, height, Scale::Linear(0.0, bins.end()), y);
        for (phase, from, to) in &bins.beside {
            plot.column(shade(*phase), *from, *to, in_words(*phase));
        }
        plot
    }

    pub(super) fn at_x(&self, value: f64) -> f64 {
        LEFT + self.x.share(value) * (WIDTH - LEFT - RIGHT)
    }

    pub(super) fn at_y(&self, value: f64) -> f64 {
        self.floor() - self.y.share(value) * (self.floor() - TOP)
    }

    pub(super) fn floor(&self) -> f64 {
        self.height - BOTTOM
    }

    pub(super) fn y_axis(&mut self, label: impl Fn(f64) -> String) {
        for tick in self.y.ticks() {
            let y = self.at_y(tick);
            let right = WIDTH - RIGHT;
            self.add(format_args!(
                "<path class=\"grid\" d=\"M{LEFT} {y:.1}H{right}\"/>"
            ));
            self.text(LEFT - 16.0, y + 4.0, "end", &label(tick));
        }
    }

    pub(super) fn x_axis(&mut self, ticks: &[f64], label: impl Fn(f64) -> String) {
        let floor = self.floor();
        let right = WIDTH - RIGHT;
        self.add(format_args!(
            "<path class=\"axis\" d=\"M{LEFT} {floor}H{right}\"/>"
        ));
        for tick in ticks {
            let x = self.at_x(*tick);
            let end = floor + 4.0;
            self.add(format_args!(
                "<path class=\"axis\" d=\"M{x:.1} {floor}V{end}\"/>"
            ));
            let label = label(*tick);
            let half = HALF_LETTER * f64::from(u32::try_from(label.len()).unwrap_or(u32::MAX));
            if x + half > WIDTH {
                self.text(WIDTH, floor + 20.0, "end", &label);
            } else {
                self.text(x, floor + 20.0, "middle", &label);
            }
        }
    }

    /// A line through points; a gap where there is none.
    pub(super) fn line(&mut self, class: &str, points: impl Iterator<Item = Option<(f64, f64)>>) {
        let mut path = String::new();
        let mut pen = 'M';
        for point in points {
            let Some((x, y)) = point else {
                pen = 'M';
                continue;
            };
            let (x, y) = (self.at_x(x), self.at_y(y));
            // Writing to a string never fails.
            let _ = write!(path, "{pen}{x:.1} {y:.1}");
            if pen == 'M' {
                // A point without neighbours is seen as a dot.
                path.push_str("h0");
            }
            pen = 'L';
        }
        if !path.is_empty() {
            self.add(format_args!("<path class=\"line {class}\" d=\"{path}\"/>"));
        }
    }

    /// A text at a place; `anchor` is `start`, `middle` or `end`.
    pub(super) fn text(&mut self, x: f64, y: f64, anchor: &str, text: &str) {
        let text = markup(text);
        self.add(format_args!(
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{text}</text>"
        ));
    }

    /// An invisible column that says something when pointed at.
    pub(super) fn hint(&mut self, from: f64, to: f64, text: &str) {
        self.column("hit", from, to, text);
    }

    /// A grey column that says something when pointed at.
    pub(super) fn band(&mut self, from: f64, to: f64, text: &str) {
        self.column("band", from, to, text);
    }

    fn column(&mut self, class: &str, from: f64, to: f64, text: &str) {
        let (x, end) = (self.at_x(from), self.at_x(to));
        let (width, height) = (end - x, self.floor() - TOP);
        let text = markup(text);
        self.add(format_args!(
            "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{TOP}\" width=\"{width:.1}\" height=\"{height:.1}\"><title>{text}</title></rect>"
        ));
    }

    /// Anything else; the caller escapes.
    pub(super) fn add(&mut self, what: impl Display) {
        let _ = write!(self.out, "{what}");
    }

    pub(super) fn finish(mut self) -> String {
        self.out.push_str("</svg>");
        self.out
    }
}

/// The class that shades a phase.
fn shade(phase: Phase) -> &'static str {
    match phase {
        Phase::Warmup => "p-warmup",
        _ => "p-once",
    }
}

/// A phase in words.
pub(super) fn in_words(phase: Phase) -> &'static str {
    match phase {
        Phase::Warmup => "warm-up",
        other => other.name(),
    }
}

/// What is shaded, with its shades, when something is.
pub(super) fn shades(bins: &Bins) -> String {
    let mut entries = String::new();
    for phase in [Phase::Setup, Phase::Warmup, Phase::Teardown] {
        if bins.beside.iter().any(|(other, ..)| *other == phase) {
            // Writing to a string never fails.
            let _ = write!(
                entries,
                "<li><svg class=\"key\" viewBox=\"0 0 24 12\" aria-hidden=\"true\"><rect class=\"{}\" width=\"24\" height=\"12\"/></svg>{}</li>",
                shade(phase),
                in_words(phase)
            );
        }
    }
    if entries.is_empty() {
        return entries;
    }
    format!("<ul class=\"legend\">{entries}</ul>")
}

pub(super) fn elapsed_ticks(from: f64, to: f64) -> Vec<f64> {
    const STEPS: [f64; 18] = [
        0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 1800.0,
        3600.0, 7200.0, 14400.0,
    ];
    let step = STEPS.into_iter().find(|step| (to - from) / step <= 7.0);
    let step = step.unwrap_or_else(|| round_step((to - from) / 7.0 / 3600.0) * 3600.0);
    steps((from / step).ceil() * step, to, step)
}

/// `30s`, `2m 30s`, `1h 20m`.
pub(super) fn elapsed(seconds: f64) -> String {
    if seconds < 60.0 {
        return format!("{}s", plain(seconds));
    }
    let whole = Duration::from_secs_f64(seconds.round()).as_secs();
    match (whole / 3600, whole / 60 % 60, whole % 60) {
        (0, minutes, 0) => format!("{minutes}m"),
        (0, minutes, seconds) => format!("{minutes}m {seconds}s"),
        (hours, 0, _) => format!("{hours}h"),
        (hours, minutes, _) => format!("{hours}h {minutes}m"),
    }
}

/// A duration as a tick says it: `1ms`, not `1.00ms`.
pub(super) fn short_time(seconds: f64) -> String {
    let text = time(Duration::try_from_secs_f64(seconds).unwrap_or_default());
    let unit = text.find(|c: char| !c.is_ascii_digit() && c != '.');
    let (number, unit) = text.split_at(unit.unwrap_or(text.len()));
    if number.contains('.') {
        let number = number.trim_end_matches('0').trim_end_matches('.');
        format!("{number}{unit}")
    } else {
        text
    }
}

/// A number on an axis: `30k`, not `30000`.
pub(super) fn short_number(value: f64) -> String {
    match value {
        v if v >= 1e9 => format!("{}G", plain(v / 1e9)),
        v if v >= 1e6 => format!("{}M", plain(v / 1e6)),
        v if v >= 1e4 => format!("{}k", plain(v / 1e3)),
        v => plain(v),
    }
}

/// A number with as few digits as it needs.
pub(super) fn plain(value: f64) -> String {
    let rounded = (value * 1e3).round() / 1e3;
    if (rounded - rounded.round()).abs() < 1e-9 {
        format!("{rounded:.0}")
    } else {
        three_digits(rounded).trim_end_matches('0').to_owned()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Plot, Scale, elapsed, elapsed_ticks, plain, short_number, short_time};

    #[test]
    fn ticks_are_round() {
        assert_eq!(Scale::up_to(87.0).ticks(), [0.0, 50.0, 100.0]);
        assert_eq!(Scale::Log(0.002, 3.0).ticks().len(), 3);
        assert_eq!(elapsed_ticks(0.0, 20.0), [0.0, 5.0, 10.0, 15.0, 20.0]);
        let texts = [
            elapsed(90.0),
            elapsed(5400.0),
            short_time(0.001),
            plain(0.25),
        ];
        assert_eq!(texts, ["1m 30s", "1h 30m", "1ms", "0.25"]);
        let texts = [2000.0, 30_000.0, 1.5e6, 2e10].map(short_number);
        assert_eq!(texts, ["2000", "30k", "1.5M", "20G"]);
    }

    #[test]
    fn what_lies_outside_is_drawn_at_the_edge() {
        for scale in [Scale::Linear(1.0, 2.0), Scale::Log(1.0, 2.0)] {
            let shares = [0.0, 1.5, f64::MAX, f64::INFINITY].map(|value| scale.share(value));
            assert!(
                shares[0] < 1e-9 && shares[1] > 0.4 && shares[1] < 0.6,
                "{shares:?}"
            );
            assert!(shares[2] > 0.999 && shares[3] > 0.999, "{shares:?}");
        }
    }

    #[test]
    fn a_text_is_never_markup() {
        let mut plot = Plot::new("<b>", 100.0, Scale::up_to(1.0), Scale::up_to(1.0));
        plot.text(0.0, 0.0, "end", "<script>");
        plot.hint(0.0, 1.0, "\"><script>");
        let svg = plot.finish();
        assert!(!svg.contains("<script") && !svg.contains("<b>"), "{svg}");
    }

    proptest! {
        #[test]
        fn whatever_the_values_there_are_few_ticks_within(most in 1e-9_f64..1e12, least in 1e-9_f64..1.0) {
            let linear = Scale::up_to(most);
            let Scale::Linear(_, to) = linear else { panic!() };
            prop_assert!(to >= most * 0.999);
            let log = Scale::Log(least, least + most);
            for ticks in [linear.ticks(), elapsed_ticks(0.0, most)] {
                prop_assert!((1..=20).contains(&ticks.len()), "{ticks:?}");
            }
            prop_assert!(log.ticks().len() <= 25);
            for scale in [linear, log] {
                for value in scale.ticks() {
                    prop_assert!((0.0..=1.0).contains(&scale.share(value)));
                }
            }
        }
    }
}
