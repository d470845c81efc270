//! The exit codes, all of them.

use std::process::ExitCode;

use strum::VariantArray;

/// How the command ended; a scheduled job decides by this number. What each
/// means is [`Exit::meaning`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray)]
#[repr(u8)]
pub(crate) enum Exit {
    Good = 0,
    Failed = 1,
    Wrong = 2,
    Unreachable = 3,
    NotKept = 4,
    Interrupted = 130,
}

impl Exit {
    /// All of them, by number.
    pub(super) const ALL: &'static [Self] = Self::VARIANTS;

    pub(super) fn code(self) -> u8 {
        self as u8
    }

    /// What it means, as manual pages say it.
    pub(super) fn meaning(self) -> &'static str {
        match self {
            Self::Good => "all good",
            Self::Failed => {
                "a step, check, expectation or threshold failed, or nothing was finished; a change was beyond --fail-on"
            }
            Self::Wrong => {
                "the scenario, the target file or the command line is wrong; nothing was sent"
            }
            Self::Unreachable => {
                "the target, its mailbox, the vault or the key pool cannot be reached or opened"
            }
            Self::NotKept => {
                "the report cannot be written where it was asked for; where it is instead is told on standard error"
            }
            Self::Interrupted => {
                "stopped early with Ctrl-C, SIGTERM or SIGHUP, nothing had failed until then"
            }
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
