//! What a source gives, or why it gives nothing.

use super::request::Request;
use super::secrets::Secrets;
use super::text::shown;

/// Why something cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {message}")]
pub struct ImportError {
    /// Line and column, or where in the document.
    pub place: String,
    /// What is wrong there, and what was expected.
    pub message: String,
    /// How to correct it.
    pub hint: &'static str,
}

/// A part that was not taken over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Line, or where in the document.
    pub place: String,
    /// What it is, and why.
    pub message: String,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Found {
    /// The requests, in their order.
    pub requests: Vec<Request>,
    /// What a person should know of all of them.
    pub notes: Vec<String>,
    /// What was not taken over, in the order of the source.
    pub told: Vec<Told>,
    /// Values that variables stand for.
    pub(super) secrets: Secrets,
}

impl Found {
    /// Says that something was not taken over. The message repeats no value of
    /// the source, which may be a secret.
    pub(super) fn tell(&mut self, place: &str, message: impl Into<String>) {
        let told = Told {
            place: place.to_owned(),
            message: shown(&message.into()),
        };
        if !self.told.contains(&told) {
            self.told.push(told);
        }
    }
}
