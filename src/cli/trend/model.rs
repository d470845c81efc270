//! A plan's runs, and what is shown of them.

use crate::compare::Statistic;
use crate::report::HistoryLine;

/// A plan's runs, and what is shown of them.
pub(super) struct Trend<'a> {
    pub(super) name: &'a str,
    pub(super) statistic: Statistic,
    pub(super) steps: Vec<StepTrend<'a>>,
}

/// A step in every run in which it was played.
pub(super) struct StepTrend<'a> {
    /// `scenario/step`
    pub(super) name: String,
    pub(super) points: Vec<Point<'a>>,
}

pub(super) struct Point<'a> {
    pub(super) run: &'a HistoryLine,
    /// Nanoseconds, a share, or a number per second.
    pub(super) value: f64,
    /// True when it is unlike the runs before.
    pub(super) changed: bool,
}
