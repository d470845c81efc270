//! What a run tells while it goes on. Whoever hears it cannot reach back.

use std::time::Duration;

use jiff::Timestamp;

use super::counts::Counts;
use super::errors::ErrorGroup;
use super::log::LogItem;
use super::skips::SkipGroup;
use crate::metrics::{Recorder, Row, Series, SeriesId, Windows};
use crate::target::Target;

/// Something that has happened in a run.
pub enum RunEvent<'a> {
    /// The target answers; setup begins now.
    Started {
        /// The target as it is.
        target: &'a Target,
        /// When.
        at: Timestamp,
        /// What everything is measured by.
        recorder: &'a Recorder,
    },
    /// Setup is over.
    ScenariosStarted {
        /// Iterations in all; 0 when that is not known.
        iterations: u64,
        /// How long they are planned to take, if that is known.
        time: Option<Duration>,
    },
    /// An interval is over, a second unless the machine was busy.
    Tick(&'a Tick<'a>),
    /// Only teardown is left.
    ScenariosEnded,
}

/// What was measured in an interval.
pub struct Tick<'a> {
    /// The interval in a few numbers.
    pub row: Row,
    /// The intervals until now, added up.
    pub counts: Counts,
    /// Everything that was measured in it.
    pub measured: &'a [(SeriesId, Series)],
    /// Has everything that was measured so far.
    pub recorder: &'a Recorder,
    /// What has failed so far.
    pub errors: &'a [ErrorGroup],
    /// What scenarios have said since the last interval.
    pub log: &'a [LogItem],
    /// Why iterations were skipped so far.
    pub skips: &'a [SkipGroup],
    /// How long the scenarios have been going on; `None` during setup.
    pub played: Option<Duration>,
    /// When each part of the run was measured so far.
    pub windows: Windows,
}

/// Hears what happens in a run, in order.
pub trait Observer: Send {
    /// This has happened.
    fn hear(&mut self, event: &RunEvent<'_>);
}

/// Several who do not know of one another.
impl Observer for Vec<&mut dyn Observer> {
    fn hear(&mut self, event: &RunEvent<'_>) {
        for observer in self {
            observer.hear(event);
        }
    }
}
