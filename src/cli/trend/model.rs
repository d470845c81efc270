//! A plan's runs, and what is shown of them.

use crate::compare::Statistic;
use crate::report::HistoryLine;

/// A plan's runs, and what is shown of them.
pub(super) struct Trend<'a> {
    pub(super) name: &'a str,
    pub(super) statistic: Statistic,
    pub(super) steps: Vec<StepTrend<'a>>,
    /// Runs that failed, of those shown: some of them have no figure at all.
    pub(super) failed: Vec<&'a HistoryLine>,
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

/// Whether a run did not pass, and was not just stopped.
pub(super) fn has_failed(run: &HistoryLine) -> bool {
    run.verdict == "failed"
}

/// When it was, which commit, and where its report is.
pub(super) fn of(run: &HistoryLine) -> [String; 3] {
    [
        run.at.strftime("%Y-%m-%d %H:%M").to_string(),
        run.commit.clone().unwrap_or_else(|| "–".into()),
        run.folder.clone(),
    ]
}
