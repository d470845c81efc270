//! What a run tells while it goes on. Whoever hears it cannot reach back.

use std::time::Duration;

use jiff::Timestamp;

use super::errors::ErrorGroup;
use crate::metrics::{Measure, Recorder, Row, SeriesId, Windows};
use crate::target::Target;

/// Something that has happened in a run.
pub enum RunEvent<'a> {
    /// The target answers; what is played begins now.
    Started {
        /// The target as it is.
        target: &'a Target,
        /// When.
        at: Timestamp,
        /// What everything is measured by.
        recorder: &'a Recorder,
    },
    /// An interval is over, a second unless the machine was busy.
    Tick(&'a Tick<'a>),
}

/// What was measured in an interval.
pub struct Tick<'a> {
    /// The interval in a few numbers.
    pub row: Row,
    /// Everything that was measured in it.
    pub measured: &'a [(SeriesId, Measure)],
    /// Says what a series is.
    pub recorder: &'a Recorder,
    /// What has failed so far.
    pub errors: &'a [ErrorGroup],
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
