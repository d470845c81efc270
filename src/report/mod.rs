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
mod openmetrics;
mod own;
mod rates;
mod saved;
mod slowest;
mod totals;
mod verdict;

pub use breakdown::{Line, StepBreakdown, break_down};
pub use capacity::CapacityWarning;
pub use console::{SummaryForm, SummarySize, summary};
pub(crate) use escape::{markdown as markdown_cell, markup};
pub use figures::CryptoFigures;
pub use file_error::FileError;
pub use folder::{Formats, Kept, ReportError, RunFolder, run_folder_name};
pub use formats::FORMATS;
pub use github::annotations;
pub use history::{HISTORY, History, HistoryLine, HistoryStep, HistoryTimes};
pub use journal::Journal;
pub use json::report_schema;
pub use machine::{MachineLine, VersionsLine};
pub use merge::{MergeError, Part, merge};
pub use model::{
    CheckLine, ErrorLine, Format, LogSaid, LoggedLine, Report, RunLine, ScenarioLine, SkipLine,
    TargetLine, ThresholdLine,
};
pub use saved::{is_saved, read_saved};
pub use slowest::{SlowLine, SpanKind, SpanLine, TraceLine, in_order};
pub use verdict::{FAILED_FAST, Fault, Reason, RunVerdict, Undelivered, Word};
