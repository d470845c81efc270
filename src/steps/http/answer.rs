//! What a scenario sees of an answer. Nothing is read out of it before somebody
//! asks: most steps of a load test never do.
//!
//! A server may repeat what it was sent. So a text of the answer that has a
//! secret of the request in it is a secret itself: it can be compared and passed
//! on, not printed.

use std::fmt;
use std::sync::{Arc, OnceLock};

use minijinja::Value;
use minijinja::value::{Enumerator, Object, Serde};
use regex::Regex;
use reqwest::header::{CONTENT_TYPE, HeaderName, SET_COOKIE};
use secrecy::{ExposeSecret, SecretString};
use serde_json_path::JsonPath;

use crate::expression::{Type, secret_value};
use crate::http::Response;
use crate::numbers::bytes;
use crate::shown::Secrets;
use crate::wiped::WipedJson;

/// Names of what an answer has.
const KEYS: &[&str] = &[
    "status", "headers", "cookies", "body", "json", "bytes", "duration",
];

/// What each of them is. A text may be a secret that the server repeats.
pub(super) fn result() -> Type {
    Type::record([
        ("status", Type::Number),
        ("headers", Type::Text.entries()),
        ("cookies", Type::Text.entries()),
        ("body", Type::Text),
        ("json", Type::Any),
        ("bytes", Type::Number),
        ("duration", Type::Number),
    ])
}

/// An answer to a request of the scenario's own.
pub(in crate::steps) struct Answer {
    response: Response,
    secrets: Vec<SecretString>,
    document: OnceLock<Option<WipedJson>>,
    json: OnceLock<Option<Value>>,
    /// What messages do not show.
    hidden: OnceLock<Secrets>,
}

impl Answer {
    pub(super) fn new(response: Response) -> Self {
        // A secret of one or two letters would make a secret of everything.
        let long = |secret: &&SecretString| secret.expose_secret().len() > 2;
        Self {
            secrets: response.secrets().iter().filter(long).cloned().collect(),
            response,
            document: OnceLock::new(),
            json: OnceLock::new(),
            hidden: OnceLock::new(),
        }
    }

    /// How many bytes its body has.
    pub(in crate::steps) fn size(&self) -> u64 {
        self.response.body().len() as u64
    }

    /// A text, or a secret when there is one in it.
    fn text(&self, text: &str) -> Value {
        if self.repeats(text) {
            secret_value(SecretString::from(text))
        } else {
            Value::from(text)
        }
    }

    /// Whether there is a secret of the request in a text.
    fn repeats(&self, text: &str) -> bool {
        let holds = |secret: &SecretString| text.contains(secret.expose_secret());
        self.secrets.iter().any(holds)
    }

    /// Headers by their names in lower case; those of one name are one text.
    fn headers(&self) -> Value {
        let headers = self.response.headers();
        let joined = headers.keys().map(|name| {
            let values = headers.get_all(name).iter();
            let texts: Vec<_> = values
                .map(|value| String::from_utf8_lossy(value.as_bytes()))
                .collect();
            (name.as_str(), self.text(&texts.join(", ")))
        });
        Value::from_pairs(joined)
    }

    /// Cookies that this answer sets, by name.
    fn cookies(&self) -> Value {
        let pairs = self.set_cookies();
        Value::from_pairs(pairs.map(|(name, value)| (name.to_owned(), self.text(value))))
    }

    fn set_cookies(&self) -> impl Iterator<Item = (&str, &str)> {
        let set = self.response.headers().get_all(SET_COOKIE).iter();
        set.filter_map(|header| {
            let text = header.to_str().ok()?;
            let pair = text.split(';').next().unwrap_or_default();
            let (name, value) = pair.split_once('=')?;
            Some((name.trim(), value.trim()))
        })
    }

    /// The cookie of this name that the answer sets; the last one, as browsers
    /// keep it.
    pub(in crate::steps) fn cookie(&self, name: &str) -> Option<Value> {
        let named = self.set_cookies().filter(|(known, _)| *known == name);
        named.last().map(|(_, value)| self.text(value))
    }

    /// Names of the cookies that it sets.
    pub(in crate::steps) fn cookie_names(&self) -> Vec<String> {
        self.set_cookies().map(|(name, _)| self.cut(name)).collect()
    }

    /// The values of a header, one by one, or as one text.
    pub(in crate::steps) fn header_values(&self, name: &HeaderName, each: bool) -> Vec<Value> {
        let values = self.response.headers().get_all(name).iter();
        let texts: Vec<_> = values
            .map(|value| String::from_utf8_lossy(value.as_bytes()))
            .collect();
        if each || texts.is_empty() {
            return texts.iter().map(|text| self.text(text)).collect();
        }
        vec![self.text(&texts.join(", "))]
    }

    /// Names of its headers.
    pub(in crate::steps) fn header_names(&self) -> Vec<String> {
        let names = self.response.headers().keys();
        names.map(|name| self.cut(name.as_str())).collect()
    }

    /// What a pattern matches in the body: its first group, or all of it when it
    /// has none; at most so many. When the body repeats a secret, a part of it
    /// may be a part of that.
    pub(in crate::steps) fn matches(&self, pattern: &Regex, most: usize) -> Vec<Value> {
        let body = self.response.text();
        let sealed = self.repeats(&body);
        let found = pattern.captures_iter(&body).take(most).map(|found| {
            let group = found.get(1).or_else(|| found.get(0));
            let text = group.map_or("", |group| group.as_str());
            if sealed {
                secret_value(SecretString::from(text))
            } else {
                Value::from(text)
            }
        });
        found.collect()
    }

    /// What a path leads to in the body; at most so many values.
    pub(in crate::steps) fn at_path(&self, path: &JsonPath, most: usize) -> Vec<Value> {
        let Some(document) = self.document() else {
            return Vec::new();
        };
        let found = path.query(document).into_iter().take(most);
        found.map(|node| self.value(node)).collect()
    }

    /// What the body is, without what is in it.
    pub(in crate::steps) fn described(&self) -> String {
        let kind = self.response.headers().get(CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok());
        let kind = kind.map_or_else(String::new, |kind| format!(" of {}", self.cut(kind)));
        let length = bytes(self.size());
        let not = if self.document().is_some() {
            ""
        } else {
            ", which is no JSON"
        };
        format!("the answer is {length}{kind}{not}")
    }

    /// A text for messages, without the secrets of the request and of the answer.
    pub(in crate::steps) fn cut(&self, text: &str) -> String {
        let hidden = self.hidden.get_or_init(|| self.response.hidden());
        hidden.cut(text)
    }

    /// Milliseconds from the request to the end of the answer.
    fn duration(&self) -> f64 {
        self.response.took().as_secs_f64() * 1e3
    }

    /// The body as a document, with whatever secrets are in it.
    pub(in crate::steps) fn document(&self) -> Option<&serde_json::Value> {
        let parse = || self.response.document().map(WipedJson);
        let document = self.document.get_or_init(parse);
        document.as_ref().map(|document| &document.0)
    }

    /// The body as a value, in which what must not be shown is a secret.
    pub(in crate::steps) fn json(&self) -> Option<Value> {
        let make = || self.document().map(|document| self.value(document));
        self.json.get_or_init(make).clone()
    }

    fn value(&self, json: &serde_json::Value) -> Value {
        match json {
            serde_json::Value::String(text) => self.text(text),
            serde_json::Value::Array(items) => items.iter().map(|item| self.value(item)).collect(),
            serde_json::Value::Object(entries) => {
                let inside = entries.iter();
                Value::from_pairs(inside.map(|(key, json)| (key.as_str(), self.value(json))))
            }
            other => Value::from(Serde(other)),
        }
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[answer with status {}]", self.response.status())
    }
}

impl Object for Answer {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match key.as_str()? {
            "status" => Some(Value::from(self.response.status().as_u16())),
            "headers" => Some(self.headers()),
            "cookies" => Some(self.cookies()),
            "bytes" => Some(Value::from(self.response.body().len())),
            "duration" => Some(Value::from(self.duration())),
            "body" => Some(self.text(&self.response.text())),
            "json" => self.json(),
            _ => None,
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Str(KEYS)
    }

    /// As a mapping, whose texts know what must not be shown.
    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}
