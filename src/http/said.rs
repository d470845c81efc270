//! What a server said, for our messages: one line, shortened, without control
//! characters and without secrets.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use reqwest::header::{CONTENT_TYPE, HeaderMap, LOCATION};
use url::Url;

use super::Answer;
use super::request::Request;
use super::text::{json, text};
use crate::shown::{SHOWN, Secrets, clipped};

/// Longest part of a server's words that we repeat, in characters.
const LIMIT: usize = 200;
/// So much of what it said is looked at, in bytes.
const LOOKED_AT: usize = 16 * 1024;

/// The answer of an unexpected status. What it says is found out when somebody
/// asks: of thousands that fail alike, one is shown.
#[derive(Clone)]
pub struct Said(Arc<(Box<Request>, Answer)>);

impl Said {
    pub(super) fn new(request: Box<Request>, answer: Answer) -> Self {
        Self(Arc::new((request, answer)))
    }

    /// Empty where there is nothing to tell. A good answer that was not expected
    /// is not told: it is what was asked for, a token maybe.
    fn text(&self) -> String {
        let (request, answer) = &*self.0;
        let Answer {
            status,
            headers,
            body,
        } = answer;
        let text = text(headers, body);
        let headers = headers.map();
        if status.is_success() {
            return String::new();
        }
        let secrets = request.secrets(answer);
        let redirected = status.is_redirection();
        let redirected = redirected.then(|| redirect(headers, &request.url, &secrets));
        message(redirected.flatten(), headers, &text, &secrets)
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.text() {
            text if text.is_empty() => Ok(()),
            text => write!(f, ": {text}"),
        }
    }
}

impl fmt::Debug for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[what the server said]")
    }
}

/// Any text of a server.
fn line(text: &str, secrets: &Secrets) -> String {
    let mut end = text.len().min(LOOKED_AT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let text = secrets.cut(&text[..end]);
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    clipped(words.join(" "), LIMIT)
}

/// What an answer of an unexpected status says: where a redirect leads to, the
/// `message` of a JSON error, the title of a page, else its text.
fn message(
    redirected: Option<String>,
    headers: &HeaderMap,
    body: &str,
    secrets: &Secrets,
) -> String {
    let json = || {
        let json = json(body).ok()?;
        Some(json.get("message")?.as_str()?.to_owned())
    };
    let title = || title(body).filter(|_| is_html(headers, body));
    let text = redirected.or_else(json).or_else(title);
    line(text.as_deref().unwrap_or(body), secrets)
}

/// Where a redirect leads to: host and path. The query, a password and a path
/// with a secret in it are left out.
fn redirect(headers: &HeaderMap, asked: &Url, secrets: &Secrets) -> Option<String> {
    let location = headers.get(LOCATION)?.to_str().ok()?;
    let Ok(url) = asked.join(location) else {
        return Some("redirected to a `Location` that is no URL".into());
    };
    let origin = url.host_str().map_or_else(String::new, |host| {
        let port = url
            .port()
            .map_or_else(String::new, |port| format!(":{port}"));
        format!("{}://{host}{port}", url.scheme())
    });
    let path = percent_encoding::percent_decode_str(url.path()).decode_utf8_lossy();
    let path = if secrets.cut(&path) == path {
        Cow::from(url.path())
    } else {
        format!("/{SHOWN}").into()
    };
    Some(format!("redirected to {origin}{path}"))
}

/// What an answer is that should have been JSON, if it is something else.
pub(super) fn instead_of_json(
    headers: &HeaderMap,
    body: &str,
    secrets: &Secrets,
) -> Option<String> {
    if body.trim_ascii().is_empty() {
        return Some("an answer with nothing in it".into());
    }
    let named = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    let named = named.and_then(|kind| kind.split(';').next());
    if is_html(headers, body) {
        let title = title(body);
        let title = title.map(|title| format!(": `{}`", line(&title, secrets)));
        return Some(format!("text/html{}", title.unwrap_or_default()));
    }
    let other = named.filter(|kind| !kind.to_ascii_lowercase().contains("json"));
    other.map(|kind| line(kind, secrets))
}

fn is_html(headers: &HeaderMap, body: &str) -> bool {
    let named = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    let named = named.is_some_and(|kind| kind.to_ascii_lowercase().contains("html"));
    let start = body.trim_ascii_start();
    let begins = |with: &str| {
        let start = start.get(..with.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(with))
    };
    named || begins("<!doctype html") || begins("<html")
}

/// The title of a page.
fn title(page: &str) -> Option<String> {
    // Of the same length, so that places in it are places in the page.
    let lower = page.to_ascii_lowercase();
    let tag = lower.find("<title")?;
    let start = tag + lower[tag..].find('>')? + 1;
    let end = start + lower[start..].find("</title")?;
    let title = page[start..end].trim();
    (!title.is_empty()).then(|| title.to_owned())
}

#[cfg(test)]
impl Said {
    /// Of a server that said nothing at all.
    pub(crate) fn nothing() -> Self {
        let url: Url = "http://localhost/".parse().unwrap();
        let call = super::Call::new(reqwest::Method::GET, "/", url);
        let answer = Answer {
            status: reqwest::StatusCode::TOO_MANY_REQUESTS,
            headers: HeaderMap::new().into(),
            body: zeroize::Zeroizing::default(),
        };
        Self::new(call.into_request(), answer)
    }
}

#[cfg(test)]
mod tests {
    use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION};

    use super::{Secrets, instead_of_json, message, redirect};

    fn knowing(secret: &str) -> Secrets {
        let mut secrets = Secrets::default();
        secrets.add_named(secret);
        secrets
    }

    fn of_type(kind: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(kind))])
    }

    #[test]
    fn a_server_that_echoes_a_secret_does_not_reach_the_report() {
        let secrets = knowing("123456");
        let said = |headers: &HeaderMap, body: &str| message(None, headers, body, &secrets);
        let none = HeaderMap::new();
        let json = said(&none, "{\"message\":\"code 123456\\n is wrong\"}");
        assert_eq!(json, "code [secret] is wrong");
        assert_eq!(said(&none, "\u{1b}[31mred\u{7}\nalert"), "[31mred alert");
        let page = "<html><TITLE lang=en>\n No 123456 \n</Title>x";
        assert_eq!(said(&none, page), "No [secret]");
        assert_eq!(
            said(&of_type("text/html"), "upstream <b>down</b>"),
            "upstream <b>down</b>"
        );
        assert_eq!(said(&none, &"ä".repeat(300)).chars().count(), 201);
    }

    #[test]
    fn a_redirect_is_shown_without_what_may_be_secret() {
        let asked = "http://localhost:1/a/b?x=1".parse().unwrap();
        let secrets = knowing("s3 cret");
        let to = |location: &'static str| {
            let headers = HeaderMap::from_iter([(LOCATION, HeaderValue::from_static(location))]);
            redirect(&headers, &asked, &secrets).unwrap()
        };
        for (location, expected) in [
            (
                "https://ada:pass@sso.example/login?t=abc#f",
                "https://sso.example/login",
            ),
            ("/login?token=abc", "http://localhost:1/login"),
            ("c", "http://localhost:1/a/c"),
            ("/by/s3%20cret/x", "http://localhost:1/[secret]"),
        ] {
            assert_eq!(to(location), format!("redirected to {expected}"));
        }
        assert_eq!(to("http://[x"), "redirected to a `Location` that is no URL");
        assert_eq!(redirect(&HeaderMap::new(), &asked, &secrets), None);
    }

    #[test]
    fn what_came_instead_of_json_is_named() {
        let got = |kind, body: &str| instead_of_json(&of_type(kind), body, &knowing("k3y"));
        let page = "<!DOCTYPE html><title>Sign in, k3y</title>";
        let html = Some("text/html: `Sign in, [secret]`".to_owned());
        assert_eq!(got("text/html; charset=utf-8", page), html);
        assert_eq!(got("application/json", page), html);
        assert_eq!(got("text/html", "<p>k3y"), Some("text/html".into()));
        assert_eq!(got("text/plain", "k3y"), Some("text/plain".into()));
        assert_eq!(got("application/problem+json", "{"), None);
        assert_eq!(
            got("application/json", " "),
            Some("an answer with nothing in it".into())
        );
    }
}
