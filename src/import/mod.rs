//! What people already have, as scenarios of `http` steps: a browser's HAR, an
//! `OpenAPI` document, curl command lines.
//!
//! Secrets are left behind: in their place stands a variable, and a comment
//! says so. To add a source: one file that makes [`Request`]s, one arm in
//! [`requests`].

mod curl;
mod found;
mod har;
mod openapi;
mod request;
mod write;

pub use found::{Found, ImportError};
pub use request::{Body, Request};
pub use write::scenario;

/// Where requests come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum From {
    /// What a browser has recorded.
    Har,
    /// A description of an API, as JSON or YAML.
    Openapi,
    /// Command lines.
    Curl,
}

/// Reads requests.
///
/// # Errors
/// With the place that cannot be understood.
pub fn requests(from: From, text: &str) -> Result<Found, ImportError> {
    let found = match from {
        From::Har => har::read(text)?,
        From::Openapi => openapi::read(text)?,
        From::Curl => curl::read(text)?,
    };
    if found.requests.is_empty() {
        return Err(ImportError {
            place: "the whole of it".into(),
            message: "there is no request in it".into(),
            hint: match from {
                From::Har => "expected the entries of `log.entries`",
                From::Openapi => "expected operations under `paths`",
                From::Curl => "expected lines that begin with `curl`",
            },
        });
    }
    Ok(found)
}

#[cfg(test)]
mod tests;
