//! What has ended a run before its time.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What has ended a run before its time; of joined reports there are several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StopLine {
    /// What it was.
    pub kind: StopKind,
    /// The same for people, with what belongs to it.
    pub text: String,
}

/// What can end a run before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StopKind {
    /// Ctrl-C, SIGTERM or SIGHUP.
    Signal,
    /// Nobody was there to read the terminal.
    TerminalClosed,
    /// The first failed iteration, with `--fail-fast`.
    FailedIteration,
    /// An `abort` of a scenario.
    Abort,
    /// A threshold with `abort_on_fail`.
    Threshold,
    /// It was killed; the report is made of the journal.
    Killed,
    /// A report of an earlier version did not say it.
    Unknown,
}

impl StopLine {
    /// Of a report that said it in words alone.
    pub(super) fn in_words(text: String) -> Self {
        const BEFORE: &str = "stopped at the first failed iteration (--fail-fast)";
        let kind = if text.contains(BEFORE) {
            StopKind::FailedIteration
        } else {
            StopKind::Unknown
        };
        Self { kind, text }
    }
}
