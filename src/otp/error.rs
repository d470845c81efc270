//! Why no code was had. None of these messages holds a secret.

use std::error::Error;
use std::time::Duration;

use reqwest::StatusCode;

use super::ExtractError;
use crate::http::BodyError;

/// Why no code was had.
#[derive(Clone, Debug, thiserror::Error)]
pub enum OtpError {
    /// No message in time.
    #[error("no message for `{recipient}` within {waited:?}{}", hindered(*.too_old, away.as_deref()))]
    Timeout {
        /// Who waited.
        recipient: String,
        /// For how long.
        waited: Duration,
        /// A message came that was sent so much too early to be the one.
        too_old: Option<Duration>,
        /// The source could not be read when the time was over.
        away: Option<Box<SourceError>>,
    },
    /// Messages came, but none with one code.
    #[error(transparent)]
    Extract(#[from] ExtractError),
    /// The mailbox cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
}

fn hindered(too_old: Option<Duration>, away: Option<&SourceError>) -> String {
    if let Some(error) = away {
        return format!(": {error}");
    }
    too_old.map_or_else(String::new, |by| {
        format!(
            "; one that was dated {} s before the request was refused: \
             if it was the right one, the clocks differ, and `clock_skew` of the target's `otp` allows for that",
            by.as_secs().max(1)
        )
    })
}

/// The mailbox cannot be read.
#[derive(Clone, Debug, thiserror::Error)]
#[error("cannot read one-time passwords from {source_name}: {reason}")]
pub struct SourceError {
    /// Name of the source, and where it is.
    pub source_name: String,
    /// What went wrong.
    pub reason: String,
    /// How to correct it.
    pub hint: Option<&'static str>,
    /// Whether it is worth asking again.
    pub prospect: Prospect,
}

/// Whether it is worth asking a source again that has failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Prospect {
    /// It is away, and may come back.
    #[default]
    Away,
    /// It is there, and has no answer to this question yet.
    NotYet,
    /// It will say the same again: everybody who waits fails at once.
    Permanent,
}

impl SourceError {
    /// An error without a hint.
    pub fn new(source_name: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            source_name: source_name.into(),
            reason: reason.into(),
            hint: None,
            prospect: Prospect::default(),
        }
    }

    /// A request that did not get through, with its cause: `error sending
    /// request` alone helps nobody.
    pub(super) fn of_request(source_name: impl Into<String>, error: reqwest::Error) -> Self {
        let error = error.without_url();
        let mut cause: &dyn Error = &error;
        while let Some(deeper) = cause.source() {
            cause = deeper;
        }
        let reason = if error.is_timeout() {
            "it does not answer".to_owned()
        } else {
            cause.to_string()
        };
        Self::new(source_name, reason)
    }

    /// An answer that came, and was not read.
    pub(super) fn of_body(source_name: impl Into<String>, error: BodyError) -> Self {
        match error {
            BodyError::Broken(error) => Self::of_request(source_name, error),
            error @ BodyError::TooLong(_) => Self::new(source_name, error.to_string()),
        }
    }

    /// An answer that is none. Who is not let in will not be let in later.
    pub(super) fn of_status(source_name: impl Into<String>, status: StatusCode) -> Self {
        let error = Self::new(source_name, format!("it answers {status}"));
        match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => error.lasting(Prospect::Permanent),
            StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT => error,
            _ if status.is_client_error() => error.lasting(Prospect::NotYet),
            _ => error,
        }
    }

    /// The same, and whether it is worth asking again.
    #[must_use]
    pub fn lasting(mut self, prospect: Prospect) -> Self {
        self.prospect = prospect;
        self
    }

    /// The same with a hint.
    #[must_use]
    pub fn with_hint(mut self, hint: &'static str) -> Self {
        self.hint = Some(hint);
        self
    }
}
