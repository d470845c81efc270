//! A plan's runs, and what is shown of them.

use crate::compare::Statistic;
use crate::report::{HistoryLine, HistoryOutcome};

/// A plan's runs, and what is shown of them.
pub(super) struct Trend<'a> {
    pub(super) name: &'a str,
    pub(super) statistic: Statistic,
    pub(super) steps: Vec<StepTrend<'a>>,
    /// Those that are shown, in their order: some of them have no figure at all.
    pub(super) runs: Vec<&'a HistoryLine>,
}

/// A step in every run in which it was played.
pub(super) struct StepTrend<'a> {
    /// `scenario/step`
    pub(super) name: String,
    pub(super) points: Vec<Point<'a>>,
}

pub(super) struct Point<'a> {
    pub(super) run: &'a HistoryLine,
    /// Its place among the runs that are shown.
    pub(super) column: usize,
    /// Nanoseconds, a share, or a number per second.
    pub(super) value: f64,
    /// True when it is unlike the runs before.
    pub(super) changed: bool,
}

/// Whether a run did not pass, and was not just stopped.
pub(super) fn has_failed(run: &HistoryLine) -> bool {
    match run.outcome {
        HistoryOutcome::Failed(_) | HistoryOutcome::NotStarted { .. } => true,
        HistoryOutcome::Passed(_) | HistoryOutcome::StoppedEarly(_) => false,
    }
}

/// Why a run has measured nothing, if that is so.
pub(super) fn reason(run: &HistoryLine) -> Option<&str> {
    match &run.outcome {
        HistoryOutcome::NotStarted { reason } => Some(reason),
        _ => None,
    }
}

impl<'a> Trend<'a> {
    /// Runs that did not pass, and were not just stopped.
    pub(super) fn failed(&self) -> impl Iterator<Item = &'a HistoryLine> {
        self.runs.iter().copied().filter(|run| has_failed(run))
    }
}

/// When it was, which commit, and where its report is.
pub(super) fn of(run: &HistoryLine) -> [String; 3] {
    [
        run.at.strftime("%Y-%m-%d %H:%M").to_string(),
        run.commit.clone().unwrap_or_else(|| "–".into()),
        run.folder.clone(),
    ]
}
