//! What a run leaves behind. Knows nothing of iCure.
//!
//! To add a format: one file with a [`Format`], one line in [`FORMATS`].

mod bins;
mod breakdown;
mod capacity;
mod console;
mod csv;
mod escape;
#[cfg(test)]
pub(crate) mod example;
pub mod exposition;
mod figures;
mod file_error;
mod folder;
mod format;
mod formats;
mod github;
mod history;
mod hlog;
mod html;
mod journal;
mod json;
mod junit;
mod machine;
mod markdown;
mod merge;
mod model;
mod not_started;
mod openmetrics;
mod own;
mod rates;
mod saved;
mod slowest;
mod stopped;
mod totals;
mod verdict;

pub use breakdown::{Line, StepBreakdown, break_down};
pub use capacity::CapacityWarning;
pub use console::{SummaryForm, SummarySize, not_started as not_started_summary, summary};
pub(crate) use escape::{markdown as markdown_cell, markup};
pub use figures::CryptoFigures;
pub use file_error::FileError;
pub use folder::{Formats, Kept, ReportError, RunFolder, run_folder_name};
pub use format::{Format, Render};
pub use formats::FORMATS;
pub use github::{annotation, annotations};
pub use history::{
    HISTORY, History, HistoryFigures, HistoryLine, HistoryOutcome, HistoryStep, HistoryTimes,
};
pub use journal::Journal;
pub use json::report_schema;
pub use machine::{MachineLine, VersionsLine};
pub use merge::{MergeError, Part, merge};
pub use model::{
    CheckLine, ErrorLine, LogSaid, LoggedLine, Report, RunLine, ScenarioLine, SkipLine, TargetLine,
    ThresholdLine,
};
pub use not_started::{Missing, NotStarted, RunResult};
pub use saved::{is_saved, read_saved};
pub use slowest::{SlowLine, SpanKind, SpanLine, TraceLine, in_order};
pub use stopped::{StopKind, StopLine};
pub use verdict::{Fault, Reason, RunVerdict, Undelivered, Word};
