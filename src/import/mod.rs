//! What people already have, as scenarios of `http` steps: a browser's HAR, an
//! `OpenAPI` document, collections of other tools, curl command lines.
//!
//! Secrets are left behind: in their place stands a variable, and a comment
//! says so. To add a source: one file that makes [`Request`]s, one arm in
//! [`requests`].

mod bruno;
mod curl;
mod environment;
mod found;
mod har;
mod http_file;
mod lossless;
mod multipart;
mod names;
mod openapi;
mod postman;
mod request;
mod scripts;
mod secrets;
mod text;
mod variables;
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
    /// A collection of Postman.
    Postman,
    /// Requests of an editor's HTTP client.
    Http,
    /// Requests of Bruno.
    Bruno,
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
    if is_json && !says("entries") && postman::is_collection(text) {
        From::Postman
    } else if says("openapi") || says("swagger") {
        From::Openapi
    } else if is_json {
        From::Har
    } else if bruno::is_one(text) {
        From::Bruno
    } else if http_file::is_one(text) {
        From::Http
    } else {
        From::Curl
    }
}

/// The variables of a file that comes with a collection: of Postman's or
/// Bruno's environments, or the environment `name` of a JSON file with several.
///
/// # Errors
/// When it is none of them.
pub fn environment(text: &str, name: Option<&str>) -> Result<Vec<(String, String)>, ImportError> {
    let text = text.trim_start_matches('\u{feff}');
    if text.trim_start().starts_with("vars") {
        return Ok(bruno::environment(text));
    }
    environment::read(text, name)
}

/// Reads requests.
///
/// # Errors
/// With the place that cannot be understood.
pub fn requests(from: From, text: &str, wanted: &Wanted) -> Result<Found, ImportError> {
    // Some programs begin a file with a mark of its byte order.
    let text = text.trim_start_matches('\u{feff}');
    let found = match from {
        From::Har => har::read(text, wanted)?,
        From::Openapi => openapi::read(text, wanted)?,
        From::Postman => postman::read(text, wanted)?,
        From::Http => http_file::read(text, wanted),
        From::Bruno => bruno::read(&[(String::new(), text.to_owned())], wanted),
        From::Curl => curl::read(text)?,
    };
    some(from, found)
}

/// Reads the requests of a folder of Bruno: files by their paths in it.
///
/// # Errors
/// When there is none.
pub fn folder(files: &[(String, String)], wanted: &Wanted) -> Result<Found, ImportError> {
    some(From::Bruno, bruno::read(files, wanted))
}

/// What was found, if there is something.
fn some(from: From, found: Found) -> Result<Found, ImportError> {
    if found.requests.is_empty() {
        let told = found.told.first();
        return Err(ImportError {
            place: told.map_or_else(|| "the whole of it".into(), |told| told.place.clone()),
            message: told.map_or_else(
                || "there is no request in it".into(),
                |told| told.message.clone(),
            ),
            hint: match from {
                From::Har => "expected the entries of `log.entries`",
                From::Openapi => "expected operations under `paths`",
                From::Postman => "expected requests under `item`",
                From::Bruno => "expected `.bru` files with a request such as `get { url: … }`",
                From::Http => {
                    "expected requests such as `GET https://example.org`, and `###` between them"
                }
                From::Curl => "expected lines that begin with `curl`",
            },
        });
    }
    Ok(found)
}

#[cfg(test)]
mod tests;
