//! A run that did not take place, and what a run has come to in general.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Report, RunLine};
use crate::shown::{Secrets, clipped};

/// What a run has come to.
pub enum RunResult {
    /// It took place, to its end or not.
    Played(Box<Report>),
    /// Something that it needs cannot be had: nothing was measured.
    NotStarted(Box<NotStarted>),
}

/// A run that did not take place. Holds no secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NotStarted {
    /// What was to be played.
    pub run: RunLine,
    /// What cannot be had.
    pub missing: Missing,
    /// Why not.
    pub reason: String,
    /// How to correct it, when the reason does not say so itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// What a run needs before it can start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// A host of the target.
    Target,
    /// Where one-time passwords are read.
    Mailbox,
    /// The vault or the key pool.
    Vault,
    /// The simulator in this process.
    Simulator,
    /// Something that this machine has too little of.
    Machine,
}

/// Characters of a reason that are kept: it may quote what a server said.
const LONGEST: usize = 2000;

impl Missing {
    /// A word for programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Target => "target",
            Self::Mailbox => "mailbox",
            Self::Vault => "vault",
            Self::Simulator => "simulator",
            Self::Machine => "machine",
        }
    }
}

impl NotStarted {
    /// What is said of it in a word.
    pub const WORD: &'static str = "did not start";

    /// A mark for it.
    pub const MARK: char = '✗';

    /// A run that lacks something, of which this is said.
    pub fn new(run: RunLine, missing: Missing, reason: &str, hint: Option<&str>) -> Self {
        let reason = clipped(Secrets::default().cut(reason), LONGEST);
        Self {
            run,
            missing,
            reason,
            hint: hint.map(str::to_owned),
        }
    }

    /// `did not start: the target does not answer at …`
    pub fn told(&self) -> String {
        format!("{}: {}", Self::WORD, self.reason)
    }
}

impl RunResult {
    /// What was to be played.
    pub fn run(&self) -> &RunLine {
        match self {
            Self::Played(report) => &report.run,
            Self::NotStarted(not_started) => &not_started.run,
        }
    }
}

impl From<Report> for RunResult {
    fn from(report: Report) -> Self {
        Self::Played(Box::new(report))
    }
}

impl From<NotStarted> for RunResult {
    fn from(not_started: NotStarted) -> Self {
        Self::NotStarted(Box::new(not_started))
    }
}
