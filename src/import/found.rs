//! What a source gives, or why it gives nothing.

use super::request::Request;

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

/// What was found.
#[derive(Debug, Default)]
pub struct Found {
    /// The requests, in their order.
    pub requests: Vec<Request>,
    /// What a person should know of all of them.
    pub notes: Vec<String>,
}
