//! What went wrong with a mailbox, in words that hold no secret: no command,
//! no mail, and of what the server says only its refusals.

use std::time::Duration;

use imap::Error;

use super::settings::Settings;
use crate::otp::link::{NoLink, code, shown};
use crate::otp::{Prospect, SourceError};

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

/// Codes of refusals that end when we ask for less, or later.
const BUSY: &[&str] = &["THROTTLED", "OVERQUOTA", "INUSE", "LIMIT"];
/// What servers say instead of a code, and how they say for how long.
const BUSY_WORDS: &[&str] = &["throttled", "too many simultaneous", "too many connections"];
const BACK_OFF: &str = "suggested backoff time: ";
/// Longest time that a server is obeyed that says for how long.
const LONGEST: Duration = Duration::from_secs(300);

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
    /// The server wants us to wait, at least for so long.
    pub(super) busy: Option<Duration>,
}

impl Failure {
    pub(super) fn new(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            hint: None,
            timed_out: false,
            refused: false,
            is_final: None,
            busy: None,
        }
    }

    /// A refusal, in the server's words.
    fn refusal(text: &str, known_code: bool) -> Self {
        let code = code(text);
        let busy = busy(text, code.as_deref());
        let reason = if busy.is_some() {
            format!("the server wants us to wait: {}", shown(text))
        } else {
            shown(text)
        };
        // Codes that the parser knows are about other things.
        let about_others = (known_code || busy.is_some()).then_some(false);
        Self {
            refused: true,
            is_final: code
                .map(|code| FINAL.contains(&code.as_str()))
                .or(about_others),
            busy,
            ..Self::new(reason)
        }
    }

    /// The server wants us to wait.
    pub(super) fn is_busy(&self) -> bool {
        self.busy.is_some()
    }

    /// Asking again is of no use.
    pub(super) fn for_good(mut self) -> Self {
        self.is_final = Some(true);
        self
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

impl From<NoLink> for Failure {
    fn from(error: NoLink) -> Self {
        Self {
            hint: error.hint,
            timed_out: error.timed_out,
            ..Self::new(error.reason)
        }
    }
}

impl From<SourceError> for Failure {
    fn from(error: SourceError) -> Self {
        Self {
            hint: error.hint,
            is_final: Some(error.prospect == Prospect::Permanent),
            ..Self::new(format!("{}: {}", error.source_name, error.reason))
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Io(error) => NoLink::from(error).into(),
            Error::No(no) => Self::refusal(&no.information, no.code.is_some()),
            // A server may repeat a command that it does not understand.
            Error::Bad(bad) => Self {
                refused: true,
                busy: busy(&bad.information, None),
                ..Self::new("the server does not understand")
            },
            Error::Bye(_) | Error::ConnectionLost => Self::new("the server closed the connection"),
            _ => Self::new("the server's answer cannot be understood"),
        }
    }
}

/// For how long the server wants us to wait, if it does: zero when it does not say.
fn busy(text: &str, code: Option<&str>) -> Option<Duration> {
    let text = text.to_ascii_lowercase();
    let is_busy = code.is_some_and(|code| BUSY.contains(&code))
        || BUSY_WORDS.iter().any(|words| text.contains(words));
    is_busy.then(|| {
        let told = text.split_once(BACK_OFF).map(|(_, told)| told);
        let digits = told.and_then(|told| told.split(|c: char| !c.is_ascii_digit()).next());
        let millis = digits.and_then(|digits| digits.parse().ok());
        Duration::from_millis(millis.unwrap_or(0)).min(LONGEST)
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Failure;

    #[test]
    fn a_server_that_is_busy_is_told_apart_from_one_that_refuses() {
        let wait = |millis| Some(Duration::from_millis(millis));
        for (text, busy, is_final) in [
            ("[THROTTLED] slow down", wait(0), Some(false)),
            ("[inuse] locked by another", wait(0), Some(false)),
            ("[LIMIT] 16 sessions", wait(0), Some(false)),
            (
                "[OVERQUOTA] Account exceeded command or bandwidth limits.",
                wait(0),
                Some(false),
            ),
            (
                "Request is throttled. Suggested Backoff Time: 2989 milliseconds",
                wait(2989),
                Some(false),
            ),
            (
                "Request is throttled. Suggested Backoff Time: 99999999 milliseconds",
                wait(300_000),
                Some(false),
            ),
            ("[authenticationfailed] no", None, Some(true)),
            ("[UNAVAILABLE] no", None, Some(false)),
            ("LOGIN failed.", None, None),
        ] {
            let failure = Failure::refusal(text, false);
            assert_eq!((failure.busy, failure.is_final), (busy, is_final), "{text}");
            assert!(failure.refused);
        }
    }
}
