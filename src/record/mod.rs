//! From what the engine tells to what a report says: figures, thresholds,
//! verdict, and the files of a run.
//!
//! A [`Record`] hears the events of a run, ends it when a threshold with
//! `abort_on_fail` is not met, and gives its [`Report`](crate::report::Report).

mod commit;
mod journal;
mod lines;
mod recording;
mod thresholds;

pub use recording::Record;
pub use thresholds::Tripwires;
