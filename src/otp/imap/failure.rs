//! What went wrong with a mailbox, in words that hold no secret: no command,
//! no mail, and of what the server says only its refusals.

use imap::Error;

use super::settings::Settings;
use crate::otp::{Prospect, SourceError, redact};

/// Codes of refusals that stay (RFC 5530).
const FINAL: &[&str] = &[
    "AUTHENTICATIONFAILED",
    "AUTHORIZATIONFAILED",
    "EXPIRED",
    "PRIVACYREQUIRED",
    "CONTACTADMIN",
    "NOPERM",
    "NONEXISTENT",
];

/// Why the mailbox cannot be read.
#[derive(Debug)]
pub(super) struct Failure {
    reason: String,
    hint: Option<&'static str>,
    /// The server, or something of it, stopped answering.
    pub(super) timed_out: bool,
    /// The server said no.
    pub(super) refused: bool,
    /// And whether it may say yes another time: `None` when it did not tell.
    pub(super) is_final: Option<bool>,
}

impl Failure {
    pub(super) fn new(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            hint: None,
            timed_out: false,
            refused: false,
            is_final: None,
        }
    }

    /// How to correct it.
    pub(super) fn hint(mut self, hint: &'static str) -> Self {
        self.hint = Some(hint);
        self
    }

    /// The same, in what we did.
    pub(super) fn during(mut self, what: &str) -> Self {
        self.reason = format!("{what}: {}", self.reason);
        self
    }

    pub(super) fn into_error(self, settings: &Settings) -> SourceError {
        SourceError {
            source_name: settings.name(),
            reason: self.reason,
            hint: self.hint,
            prospect: if self.is_final == Some(true) {
                Prospect::Permanent
            } else {
                Prospect::Away
            },
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        use std::io::ErrorKind::{TimedOut, WouldBlock};
        match error {
            Error::Io(error) if matches!(error.kind(), TimedOut | WouldBlock) => Self {
                timed_out: true,
                ..Self::new("the server does not answer")
            },
            Error::Io(error) => Self::new(error.to_string()),
            Error::No(no) => Self {
                refused: true,
                // Codes that the parser knows are about other things.
                is_final: code(&no.information)
                    .map(|code| FINAL.contains(&code))
                    .or(no.code.as_ref().map(|_| false)),
                ..Self::new(shown(&no.information))
            },
            // A server may repeat a command that it does not understand.
            Error::Bad(_) => Self {
                refused: true,
                ..Self::new("the server does not understand")
            },
            Error::Bye(_) | Error::ConnectionLost => Self::new("the server closed the connection"),
            _ => Self::new("the server's answer cannot be understood"),
        }
    }
}

/// The code in brackets, without its arguments.
fn code(text: &str) -> Option<&str> {
    let (code, _) = text.strip_prefix('[')?.split_once([']', ' '])?;
    Some(code)
}

/// What a server says, in one short line without figures and without its code
/// in brackets, which is for programs.
pub(super) fn shown(text: &str) -> String {
    let text = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((_, words)) if !words.trim().is_empty() => words.trim(),
        _ => text,
    };
    let line: String = text.chars().filter(|c| !c.is_control()).take(120).collect();
    redact(&line)
}
