//! Values that an answer has given and a later request sends: the answer is
//! captured, and the request uses what was captured.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use super::entry::Answer;
use crate::import::names::Names;
use crate::import::request::{Body, Capture, PartContent, Request};
use crate::import::secrets::replace;
use crate::import::text::{expression, has_expression, word};

/// Values of an answer that are looked for, at most.
const MOST: usize = 50_000;

/// Parts of a text that can be a value.
static TOKENS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*").ok());
/// Hidden fields and settings of pages.
static FIELDS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    let patterns = [
        r#"<(?:input|meta)\b[^>]*?\bname=["']([\w.\[\]:-]+)["'][^>]*?\b(?:value|content)=["']([^"'<>]{8,})["']"#,
    ];
    patterns
        .iter()
        .filter_map(|pattern| Regex::new(pattern).ok())
        .collect()
});
/// Words that expressions know.
const TAKEN: &[&str] = &[
    "dict",
    "env",
    "fake",
    "it",
    "iteration",
    "loop",
    "now",
    "random_int",
    "range",
    "round",
    "run",
    "scenario",
    "target",
    "user",
    "uuid",
    "vu",
    "true",
    "false",
    "none",
    "not",
    "and",
    "or",
    "in",
    "is",
    "if",
    "else",
    "result",
];

/// Where a value came from.
struct Origin {
    step: usize,
    kind: &'static str,
    path: String,
    /// What it is called there.
    key: String,
    /// The variable, once it is used.
    variable: Option<String>,
    uses: usize,
}

pub(super) fn correlate(requests: &mut [Request], answers: &[Answer]) {
    let mut values = Values::default();
    for (step, answer) in answers.iter().enumerate() {
        if let Some(request) = requests.get_mut(step) {
            request.replace_values(&mut |value| values.ask(value));
            values.add(step, request, answer);
        }
    }
    let mut used: Vec<(&String, &Origin)> = values
        .origins
        .iter()
        .filter(|(_, origin)| origin.uses > 0)
        .collect();
    used.sort_by(|(_, one), (_, other)| {
        (one.step, &one.variable).cmp(&(other.step, &other.variable))
    });
    for (value, origin) in used {
        let (Some(name), Some(request)) = (origin.variable.clone(), requests.get_mut(origin.step))
        else {
            continue;
        };
        let confidence = if value.len() >= 16 { "high" } else { "medium" };
        request.notes.push(format!(
            "`{name}`: found in this answer and in {} later; confidence: {confidence}",
            origin.uses
        ));
        let (kind, path) = (origin.kind, origin.path.clone());
        request.captures.push(Capture { name, kind, path });
    }
}

#[derive(Default)]
struct Values {
    origins: HashMap<String, Origin>,
    /// What requests have sent of their own accord.
    sent: HashSet<String>,
    names: Names,
}

impl Values {
    /// The variable of a value, if an answer has given it.
    fn ask(&mut self, value: &str) -> Option<String> {
        if let Some(origin) = self.origins.get_mut(value) {
            origin.uses += 1;
            if origin.variable.is_none() {
                let name = word(&origin.key).to_lowercase();
                let name = name.trim_matches('_');
                let starts_well = name.starts_with(|c: char| c.is_ascii_alphabetic());
                let name = match name {
                    name if TAKEN.contains(&name) => format!("{name}_value"),
                    name if starts_well => name.to_owned(),
                    name => format!("value_{name}"),
                };
                origin.variable = Some(self.names.variable(&name));
            }
            return origin.variable.clone();
        }
        self.sent.insert(value.to_owned());
        None
    }

    fn add(&mut self, step: usize, request: &Request, answer: &Answer) {
        if let Ok(json) = serde_json::from_str::<Value>(&answer.text) {
            self.add_json(step, request, &json, "$", "");
        } else {
            for field in FIELDS
                .iter()
                .flat_map(|pattern| pattern.captures_iter(&answer.text))
            {
                let name = regex::escape(&field[1]);
                let path =
                    format!("name=[\"']{name}[\"'][^>]*?(?:value|content)=[\"']([^\"'<>]+)[\"']");
                self.insert(&field[2], step, "regex", path, &field[1]);
            }
        }
        for (name, value) in &answer.headers {
            let name = name.to_ascii_lowercase();
            let gives = name == "etag"
                || name == "authorization"
                || name.contains("token")
                || name.contains("csrf")
                || name.contains("session");
            if gives && name != "set-cookie" {
                self.insert(value, step, "header", name.clone(), &name);
            }
        }
    }

    fn add_json(&mut self, step: usize, request: &Request, value: &Value, path: &str, key: &str) {
        if self.origins.len() > MOST {
            return;
        }
        match value {
            Value::Object(entries) => {
                for (name, value) in entries {
                    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
                        && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
                    let path = if plain {
                        format!("{path}.{name}")
                    } else if name.contains(['\'', '\\']) || name.chars().any(char::is_control) {
                        continue;
                    } else {
                        format!("{path}['{name}']")
                    };
                    let key = if name.eq_ignore_ascii_case("id") || name == "_id" {
                        of_resource(request, &path)
                    } else {
                        name.clone()
                    };
                    self.add_json(step, request, value, &path, &key);
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate().take(200) {
                    self.add_json(step, request, item, &format!("{path}[{index}]"), key);
                }
            }
            Value::String(text) => self.insert(text, step, "jsonpath", path.to_owned(), key),
            Value::Number(number) if key.to_ascii_lowercase().ends_with("id") => {
                let text = number.to_string();
                if text.len() > 3 {
                    self.insert(&text, step, "jsonpath", path.to_owned(), key);
                }
            }
            _ => {}
        }
    }

    fn insert(&mut self, value: &str, step: usize, kind: &'static str, path: String, key: &str) {
        if !is_telling(value, key) || self.sent.contains(value) {
            return;
        }
        self.origins
            .entry(value.to_owned())
            .or_insert_with(|| Origin {
                step,
                kind,
                path,
                key: key.to_owned(),
                variable: None,
                uses: 0,
            });
    }
}

/// `order_id` for the `id` of an answer of `/orders`.
fn of_resource(request: &Request, path: &str) -> String {
    let parent = path
        .rsplit(['.', '$'])
        .nth(1)
        .map(|name| name.trim_end_matches(|c: char| !c.is_alphabetic()));
    let from_path = || {
        let path = request.url.split("://").last().unwrap_or_default();
        let path = path.split('?').next().unwrap_or_default();
        let mut segments = path
            .split('/')
            .skip(1)
            .collect::<Vec<_>>()
            .into_iter()
            .rev();
        segments
            .find(|segment| {
                segment.len() > 2
                    && segment
                        .chars()
                        .all(|c| c.is_ascii_alphabetic() || c == '-' || c == '_')
            })
            .map(str::to_owned)
    };
    let name = parent
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .or_else(from_path);
    name.map_or_else(
        || "id".to_owned(),
        |name| format!("{}_id", name.trim_end_matches('s')),
    )
}

/// Whether a value is so much its own that finding it again is no chance.
fn is_telling(value: &str, key: &str) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let letters = value.bytes().filter(u8::is_ascii_alphabetic).count();
    if has_expression(value) || value.len() > 8192 || value.contains(['\r', '\n', '\t']) {
        return false;
    }
    let key = key.to_ascii_lowercase();
    let named = [
        "id", "token", "code", "key", "nonce", "state", "csrf", "session", "ref", "uuid", "etag",
        "secret", "hash", "cursor",
    ];
    let is_named = named
        .iter()
        .any(|end| key.ends_with(end) || (end.len() > 3 && key.contains(end)));
    match value.len() {
        0..=3 => false,
        4..=7 => is_named && digits > 0,
        8..=15 => (is_named || (digits > 0 && letters > 0)) && !value.contains(' '),
        _ => !value.contains(' ') && (digits > 0 || is_named),
    }
}

impl Request {
    /// Puts expressions in the place of values.
    fn replace_values(&mut self, ask: &mut dyn FnMut(&str) -> Option<String>) {
        self.url = in_url(&self.url, ask);
        for (_, value) in &mut self.query {
            *value = in_text(value, ask);
        }
        for (name, value) in &mut self.headers {
            // Cookies are kept by themselves.
            if !name.eq_ignore_ascii_case("cookie") && !name.starts_with(':') {
                *value = in_text(value, ask);
            }
        }
        match &mut self.body {
            Some(Body::Json(json)) => in_json(json, ask),
            Some(Body::Form(pairs)) => {
                for (_, value) in pairs {
                    *value = in_text(value, ask);
                }
            }
            Some(Body::Text(text)) => *text = in_tokens(text, ask),
            Some(Body::Parts(parts)) => {
                for part in parts {
                    if let PartContent::Text(text) = &mut part.content {
                        *text = in_text(text, ask);
                    }
                }
            }
            Some(Body::File(_)) | None => {}
        }
    }
}

/// A whole value, or one behind a scheme, or parts of it.
fn in_text(text: &str, ask: &mut dyn FnMut(&str) -> Option<String>) -> String {
    if let Some(variable) = ask(text) {
        return expression(&variable);
    }
    if let Some((scheme, value)) = text.split_once(' ')
        && let Some(variable) = ask(value)
    {
        return format!("{scheme} {}", expression(&variable));
    }
    in_tokens(text, ask)
}

fn in_tokens(text: &str, ask: &mut dyn FnMut(&str) -> Option<String>) -> String {
    let tokens = TOKENS.iter().flat_map(|tokens| tokens.find_iter(text));
    let places = tokens.filter_map(|token| {
        let variable = ask(token.as_str()).filter(|_| token.len() > 3)?;
        Some((token.start(), token.end(), variable))
    });
    let places = places.collect();
    replace(text, places)
}

fn in_url(url: &str, ask: &mut dyn FnMut(&str) -> Option<String>) -> String {
    let start = url.find("://").map_or(0, |at| at + 3);
    let path = url[start..]
        .find(['/', '?'])
        .map_or(url.len(), |at| start + at);
    format!("{}{}", &url[..path], in_tokens(&url[path..], ask))
}

fn in_json(value: &mut Value, ask: &mut dyn FnMut(&str) -> Option<String>) {
    match value {
        Value::String(text) => *text = in_text(text, ask),
        Value::Number(number) => {
            let text = number.to_string();
            if text.len() > 3
                && let Some(variable) = ask(&text)
            {
                *value = expression(&variable).into();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| in_json(item, ask)),
        Value::Object(entries) => entries.values_mut().for_each(|value| in_json(value, ask)),
        _ => {}
    }
}
