//! Why no code was had. None of these messages holds a secret.

use std::time::Duration;

use super::ExtractError;

/// Why no code was had.
#[derive(Clone, Debug, thiserror::Error)]
pub enum OtpError {
    /// No message in time.
    #[error("no message for `{recipient}` within {waited:?}{}", refused(*.too_old))]
    Timeout {
        /// Who waited.
        recipient: String,
        /// For how long.
        waited: Duration,
        /// A message came that was sent so much too early to be the one.
        too_old: Option<Duration>,
    },
    /// Messages came, but none with one code.
    #[error(transparent)]
    Extract(#[from] ExtractError),
    /// The mailbox cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
}

fn refused(too_old: Option<Duration>) -> String {
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
    /// How to mend it.
    pub hint: Option<&'static str>,
}

impl SourceError {
    /// An error without a hint.
    pub fn new(source_name: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            source_name: source_name.into(),
            reason: reason.into(),
            hint: None,
        }
    }

    /// The same with a hint.
    #[must_use]
    pub fn with_hint(mut self, hint: &'static str) -> Self {
        self.hint = Some(hint);
        self
    }
}
