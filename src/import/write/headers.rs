//! Headers of a request: those that are its own.

use std::fmt::{self, Write};

use http::HeaderName;

use super::writer::Writer;
use super::yaml::one_line;
use crate::import::request::{Body, Request};

/// Headers that the connection or rehearse itself makes.
const OF_CONNECTION: &[&str] = &[
    "connection",
    "content-length",
    "expect",
    "keep-alive",
    "proxy-connection",
    "te",
    "traceparent",
    "tracestate",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Headers that a browser makes.
const OF_BROWSER: &[&str] = &[
    "accept-encoding",
    "cache-control",
    "dnt",
    "host",
    "if-modified-since",
    "if-none-match",
    "origin",
    "pragma",
    "priority",
    "referer",
    "upgrade-insecure-requests",
    "user-agent",
];

impl Writer {
    pub(super) fn headers(&mut self, out: &mut String, request: &Request) -> fmt::Result {
        let mut kept: Vec<(String, String)> = Vec::new();
        let mut cookies = false;
        for (name, value) in &request.headers {
            let lower = name.to_ascii_lowercase();
            let of_browser = OF_BROWSER.contains(&lower.as_str()) || lower.starts_with("sec-");
            let made =
                OF_CONNECTION.contains(&lower.as_str()) || (request.of_browser && of_browser);
            let any = lower == "accept" && value == "*/*";
            if made
                || any
                || lower.starts_with(':')
                || follows(&lower, value, request.body.as_ref())
            {
                continue;
            }
            if lower == "cookie" && request.of_browser {
                cookies = true;
                continue;
            }
            if HeaderName::from_bytes(name.as_bytes()).is_err()
                || value.contains(['\r', '\n', '\0'])
            {
                let name = one_line(name).replace("{{", "{ {");
                writeln!(
                    out,
                    "          # The header `{name}` is none that can be sent, and is left out."
                )?;
                continue;
            }
            let known = kept
                .iter_mut()
                .find(|(known, _)| known.eq_ignore_ascii_case(name));
            match known {
                // Several of one name are the same as their list (RFC 9110, 5.3).
                Some((_, known)) => {
                    let between = if lower == "cookie" { "; " } else { ", " };
                    known.extend([between, value]);
                }
                None => kept.push((name.clone(), value.clone())),
            }
        }
        if cookies {
            writeln!(
                out,
                "          # Cookies were not copied: those that answers set are kept and sent again."
            )?;
        }
        self.pairs(out, "headers", &kept)
    }
}

/// Whether a content type follows from the body as it is written.
fn follows(name: &str, value: &str, body: Option<&Body>) -> bool {
    name == "content-type"
        && match body {
            Some(Body::Json(_)) => value == "application/json",
            Some(Body::Form(_)) => value == "application/x-www-form-urlencoded",
            Some(Body::Parts(_) | Body::File(_)) => true,
            Some(Body::Text(_)) | None => false,
        }
}
