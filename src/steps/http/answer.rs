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
use reqwest::header::SET_COOKIE;
use secrecy::{ExposeSecret, SecretString};

use crate::http::Response;
use crate::scenario::secret_value;

/// Names of what an answer has.
const KEYS: &[&str] = &[
    "status", "headers", "cookies", "body", "json", "bytes", "duration",
];

/// An answer to a request of the scenario's own.
pub(super) struct Answer {
    response: Response,
    secrets: Vec<SecretString>,
    json: OnceLock<Option<Value>>,
}

impl Answer {
    pub(super) fn new(response: Response) -> Self {
        // A secret of one or two letters would make a secret of everything.
        let long = |secret: &&SecretString| secret.expose_secret().len() > 2;
        Self {
            secrets: response.secrets().iter().filter(long).cloned().collect(),
            response,
            json: OnceLock::new(),
        }
    }

    /// A text, or a secret when there is one in it.
    fn text(&self, text: &str) -> Value {
        let holds = |secret: &SecretString| text.contains(secret.expose_secret());
        if self.secrets.iter().any(holds) {
            secret_value(SecretString::from(text))
        } else {
            Value::from(text)
        }
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
        let set = self.response.headers().get_all(SET_COOKIE).iter();
        let pairs = set.filter_map(|header| {
            let text = header.to_str().ok()?;
            let pair = text.split(';').next().unwrap_or_default();
            let (name, value) = pair.split_once('=')?;
            Some((name.trim().to_owned(), self.text(value.trim())))
        });
        Value::from_pairs(pairs)
    }

    /// Milliseconds from the request to the end of the answer.
    fn duration(&self) -> f64 {
        self.response.took().as_secs_f64() * 1e3
    }

    fn json(&self) -> Option<Value> {
        let parse = || {
            let parsed = serde_json::from_slice(self.response.body()).ok()?;
            Some(self.value(&parsed))
        };
        self.json.get_or_init(parse).clone()
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
            "body" => Some(self.text(&String::from_utf8_lossy(self.response.body()))),
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
