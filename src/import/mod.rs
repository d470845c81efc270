//! What people already have, as scenarios of `http` steps: a browser's HAR, an
//! `OpenAPI` document, curl command lines.
//!
//! Secrets are left behind: in their place stands a variable, and a comment
//! says so. To add a source: one file that makes [`Request`]s, one arm in
//! [`requests`].

mod curl;
mod found;
mod har;
mod lossless;
mod openapi;
mod request;
mod secrets;
mod text;
mod wanted;
mod write;

pub use found::{Found, ImportError, Told};
pub use request::{Body, Capture, Part, PartContent, Request};
pub use wanted::Wanted;
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

/// What a text is, by what it holds.
pub fn guess(text: &str) -> From {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let is_json = text.starts_with('{');
    let says = |key: &str| {
        text.lines()
            .any(|line| line.starts_with(key) || (is_json && line.contains(&format!("\"{key}\""))))
    };
    if says("openapi") || says("swagger") {
        From::Openapi
    } else if is_json {
        From::Har
    } else {
        From::Curl
    }
}

/// Reads requests.
///
/// # Errors
/// With the place that cannot be understood.
pub fn requests(from: From, text: &str, wanted: Wanted) -> Result<Found, ImportError> {
    // Some programs begin a file with a mark of its byte order.
    let text = text.trim_start_matches('\u{feff}');
    let found = match from {
        From::Har => har::read(text, wanted)?,
        From::Openapi => openapi::read(text, wanted)?,
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
