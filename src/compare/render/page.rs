//! What every format shows, and figures in words.

use crate::compare::{Change, Comparison, Failure, Interval, Statistic, Verdict};
use crate::numbers::{from_nanoseconds, three_digits, time};

/// What is said of a figure that nobody knows.
pub(super) const UNFINISHED: &str =
    "falls among runs of the step that were not finished, which took longer than all that were";

/// Everything there is to say of two sides.
pub struct Page<'a> {
    /// What is compared, before and after; a line for each run.
    pub sides: [Vec<String>; 2],
    pub warnings: Vec<String>,
    pub comparison: &'a Comparison,
    pub failures: Vec<Failure>,
    pub limits: usize,
}

impl Page<'_> {
    /// True when a change is beyond a limit, and not due to chance.
    pub fn failed(&self) -> bool {
        self.failures.iter().any(|failure| failure.sure)
    }

    /// `2 slower, 1 faster, 40 unchanged, 5 inconclusive`.
    pub(super) fn counts(&self) -> String {
        let all = || self.comparison.lines.iter().flat_map(|line| &line.changes);
        let counts = [
            Verdict::Slower,
            Verdict::MoreErrors,
            Verdict::Faster,
            Verdict::FewerErrors,
            Verdict::Unchanged,
            Verdict::Inconclusive,
        ]
        .map(|verdict| {
            let count = all().filter(|change| change.verdict == verdict).count();
            (count > 0).then(|| format!("{count} {}", verdict.words()))
        });
        counts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

/// A value with its unit.
pub fn show(statistic: Statistic, value: Option<f64>) -> String {
    let Some(value) = value else {
        return "–".into();
    };
    match statistic {
        Statistic::ErrorRate => format!("{:.2}%", value * 100.0),
        Statistic::Throughput => format!("{}/s", three_digits(value)),
        _ => time(from_nanoseconds(value)),
    }
}

pub(super) fn change(change: &Change) -> String {
    change
        .by
        .map_or_else(|| "–".into(), |seen| percent(change.statistic, seen))
}

pub(super) fn interval(change: &Change) -> String {
    match change.interval {
        Some(Interval { low, high }) => {
            let [low, high] = [low, high].map(|end| percent(change.statistic, end));
            format!("{low} … {high}")
        }
        None => "–".into(),
    }
}

/// `+12.3%`; for a difference of shares, `+0.10 points`.
fn percent(statistic: Statistic, share: f64) -> String {
    let value = share * 100.0;
    // No minus before a zero.
    let round = |digits: i32| {
        let factor = 10_f64.powi(digits);
        (value * factor).round() / factor + 0.0
    };
    if statistic.is_difference() {
        format!("{:+.2}pt", round(2))
    } else if value.abs() >= 1000.0 {
        "> +1000%".into()
    } else {
        format!("{:+.1}%", round(1))
    }
}
