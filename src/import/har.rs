//! What a browser has recorded (HAR 1.2).

use serde::Deserialize;
use url::Url;

use super::{Body, Found, ImportError, Request};

#[derive(Deserialize)]
#[serde(expecting = "a mapping with `log`")]
struct Har {
    log: Log,
}

#[derive(Deserialize)]
#[serde(expecting = "a mapping with `entries`")]
struct Log {
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(expecting = "a mapping with `request` and `response`")]
struct Entry {
    request: Asked,
    response: Answered,
}

#[derive(Deserialize)]
#[serde(expecting = "a mapping with `method` and `url`")]
struct Asked {
    method: String,
    url: String,
    #[serde(default)]
    headers: Vec<Pair>,
    #[serde(rename = "postData")]
    post: Option<Post>,
}

#[derive(Deserialize)]
#[serde(expecting = "a mapping with `name` and `value`")]
struct Pair {
    name: String,
    #[serde(default)]
    value: String,
}

#[derive(Deserialize)]
#[serde(expecting = "a mapping with `mimeType` and `text`")]
struct Post {
    #[serde(rename = "mimeType", default)]
    kind: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    params: Vec<Pair>,
}

#[derive(Deserialize)]
#[serde(expecting = "a mapping with `status`")]
struct Answered {
    status: i64,
    #[serde(default)]
    content: Content,
}

#[derive(Default, Deserialize)]
#[serde(expecting = "a mapping with `mimeType`")]
struct Content {
    #[serde(rename = "mimeType", default)]
    kind: String,
}

pub(super) fn read(text: &str) -> Result<Found, ImportError> {
    let har: Har = serde_json::from_str(text).map_err(|error| ImportError {
        place: format!("line {}, column {}", error.line(), error.column()),
        message: format!("this is no HAR: {}", reason(&error)),
        hint: "expected what a browser saves: `{\"log\": {\"entries\": […]}}`",
    })?;
    let mut found = Found::default();
    let mut left_out = 0;
    for (index, entry) in har.log.entries.into_iter().enumerate() {
        if is_furniture(&entry) {
            left_out += 1;
            continue;
        }
        found.requests.push(request(entry, index)?);
    }
    if left_out > 0 {
        let note = format!(
            "{left_out} of the requests were for images, styles and the like, and are left out"
        );
        found.notes.push(note);
    }
    Ok(found)
}

/// Without the place, which is told on its own, and without the value, which
/// may be a secret.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text
        .rfind(" at line ")
        .map_or(text.as_str(), |at| &text[..at]);
    match (text.find('"'), text.rfind('"')) {
        (Some(first), Some(last)) if first < last => {
            format!("{}…{}", text[..first].trim_end(), &text[last + 1..])
        }
        _ => text.to_owned(),
    }
}

/// What a page is made of, and no API.
fn is_furniture(entry: &Entry) -> bool {
    let kind = entry.response.content.kind.as_str();
    let starts = ["image/", "font/", "text/css", "video/", "audio/"];
    starts.iter().any(|start| kind.starts_with(start))
        || kind.contains("javascript")
        || entry.request.method.eq_ignore_ascii_case("CONNECT")
        || entry.request.method.eq_ignore_ascii_case("OPTIONS")
        || !entry.request.url.starts_with("http")
}

fn request(entry: Entry, index: usize) -> Result<Request, ImportError> {
    let Asked {
        method,
        url,
        headers,
        post,
    } = entry.request;
    let url = Url::parse(&url).map_err(|error| ImportError {
        place: format!("log.entries[{index}].request.url"),
        message: format!("this is no address: {error}"),
        hint: "expected an address with `http://` or `https://`",
    })?;
    let mut request = Request::to(&method, url);
    let pair = |pair: Pair| (pair.name, pair.value);
    request.headers = headers.into_iter().map(pair).collect();
    if let Some(post) = post {
        if request.header("content-type").is_none() && !post.kind.is_empty() {
            request
                .headers
                .push(("content-type".into(), post.kind.clone()));
        }
        if post.kind.starts_with("multipart/") {
            request
                .notes
                .push("the body was in several parts, and is not copied".into());
        } else if post.text.is_empty() && !post.params.is_empty() {
            request.body = Some(Body::Form(post.params.into_iter().map(pair).collect()));
        } else {
            request.set_body(&post.text);
        }
    }
    // 0 is for what was blocked or cut.
    request.status = u16::try_from(entry.response.status)
        .ok()
        .filter(|status| (100..600).contains(status));
    // What a browser found in its cache was an answer before.
    if request.status == Some(304) {
        request.status = Some(200);
    }
    Ok(request)
}
