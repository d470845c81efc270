//! An entry of a recording. What is missing or `null` was not said.

use serde_json::Value;

use crate::import::lossless;
use crate::import::multipart;
use crate::import::request::{Body, Part, PartContent, Request};
use crate::import::text::without_expressions;

/// What came back, as far as later requests can have it from there.
pub(super) struct Answer {
    /// The content, when it is a text.
    pub text: String,
    pub headers: Vec<(String, String)>,
}

impl Answer {
    pub fn of(response: Option<&Value>) -> Self {
        let content = response.and_then(|response| response.get("content"));
        Self {
            text: content.map(content_text).unwrap_or_default(),
            headers: response
                .map(|it| pairs(it.get("headers")))
                .unwrap_or_default(),
        }
    }
}

fn content_text(content: &Value) -> String {
    let raw = text(content.get("text"));
    if text(content.get("encoding")).eq_ignore_ascii_case("base64") {
        return decoded(&raw).unwrap_or_default();
    }
    raw
}

fn decoded(base64: &str) -> Option<String> {
    use base64::Engine;
    let bytes = base64::engine::general_purpose::STANDARD.decode(base64.trim());
    String::from_utf8(bytes.ok()?).ok()
}

/// The text of a value; nothing when there is none.
pub(super) fn text(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => without_expressions(text),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Bool(bool)) => bool.to_string(),
        _ => String::new(),
    }
}

pub(super) fn list(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// `[{name, value}]`, or a mapping, as some proxies have it.
fn pairs(value: Option<&Value>) -> Vec<(String, String)> {
    if let Some(Value::Object(entries)) = value {
        let entries = entries.iter();
        return entries
            .map(|(name, value)| (without_expressions(name), text(Some(value))))
            .collect();
    }
    let items = list(value).iter();
    items
        .map(|item| (text(item.get("name")), text(item.get("value"))))
        .filter(|(name, _)| !name.is_empty())
        .collect()
}

pub(super) fn url(entry: &Value) -> String {
    text(entry.pointer("/request/url"))
}

pub(super) fn request(entry: &Value) -> Result<Request, String> {
    let asked = entry.get("request").filter(|asked| asked.is_object());
    let asked = asked.ok_or("there is no `request`")?;
    let method = text(asked.get("method"));
    let method = if method.is_empty() { "GET" } else { &method };
    let mut url = url(entry);
    if url.is_empty() {
        return Err("its `request` has no `url`".to_owned());
    }
    let query = pairs(asked.get("queryString"));
    if !url.contains('?') && !query.is_empty() {
        let encoded = encoded(&query);
        let end = url.find('#').unwrap_or(url.len());
        url.replace_range(end.., &format!("?{encoded}"));
    }
    let (mut request, _) = Request::to(&method.to_ascii_uppercase(), &url)?;
    request.of_browser = true;
    request.headers = pairs(asked.get("headers"));
    if let Some(post) = asked.get("postData").filter(|post| post.is_object()) {
        body(post, &mut request);
    }
    // 0 is for what was blocked or cut.
    let status = text(entry.pointer("/response/status")).parse::<u16>().ok();
    // What a browser found in its cache was an answer before.
    let status = status.map(|status| if status == 304 { 200 } else { status });
    let status = status.filter(|status| (100..600).contains(status));
    request.status = status.into_iter().collect();
    Ok(request)
}

fn encoded(pairs: &[(String, String)]) -> String {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(pairs);
    form.finish()
}

fn body(post: &Value, request: &mut Request) {
    let kind = text(post.get("mimeType"));
    if request.header("content-type").is_none() && !kind.is_empty() {
        request.headers.push(("content-type".into(), kind.clone()));
    }
    let kind = request
        .header("content-type")
        .unwrap_or_default()
        .to_owned();
    let mut content = text(post.get("text"));
    if text(post.get("encoding")).eq_ignore_ascii_case("base64") {
        if let Some(text) = decoded(&content) {
            content = text;
        } else {
            request.notes.push(
                "its body is no text, and is not copied: put it into a file, and say `file:`"
                    .into(),
            );
            return;
        }
    }
    let params = list(post.get("params"));
    if kind.to_ascii_lowercase().starts_with("multipart/form-data") {
        let parts = match multipart::parts(&kind, &content) {
            parts if parts.is_empty() => params.iter().map(part).collect(),
            parts => parts,
        };
        if parts.iter().any(|part: &Part| part.filename.is_some()) {
            request
                .notes
                .push("of the files in its parts there is what was recorded: `file:` in the place of `text:` sends one from beside this file".into());
        }
        if parts.is_empty() {
            request
                .notes
                .push("the body was in several parts, and was not recorded".into());
        } else {
            request.body = Some(Body::Parts(parts));
        }
        return;
    }
    if content.is_empty() && !params.is_empty() {
        content = encoded(&pairs(post.get("params")));
        if kind.is_empty() {
            let form = "application/x-www-form-urlencoded".to_owned();
            request.headers.push(("content-type".into(), form));
        }
    }
    if !content.is_empty() {
        request.set_body(&content);
    }
    if kind.is_empty()
        && let Some(json) = lossless::json(&content)
        && !json.is_string()
    {
        // What has no type and is JSON is JSON.
        request.body = Some(Body::Json(json));
    }
}

fn part(param: &Value) -> Part {
    let said = |key| Some(text(param.get(key))).filter(|text| !text.is_empty());
    let filename = said("fileName");
    Part {
        name: text(param.get("name")),
        content: PartContent::Text(text(param.get("value"))),
        kind: said("contentType"),
        filename,
    }
}
