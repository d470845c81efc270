//! Finds secrets in texts, and cuts them out. It is the one finder: for traces,
//! errors, and whatever else tells of an answer.

mod level;
mod names;
mod needle;

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{LazyLock, OnceLock};

use regex::Regex;
use serde_json::Value;
use zeroize::Zeroizing;

use level::Level;
pub(crate) use names::{is_secret_name, may_lead_to_secret};
use needle::{Needle, needles};

/// What is shown in place of a secret.
pub(crate) const SHOWN: &str = "[secret]";

/// Shorter ones are cut out where they are known to be, and not looked for
/// elsewhere: they would be found in everything.
const SHORTEST: usize = 4;
/// Of those that somebody has named as secrets.
const SHORTEST_NAMED: usize = 3;
/// By so many bytes forms of secrets are found.
const INDEXED: usize = 3;
/// So often escapes are undone: JSON in JSON in a URL.
const DEPTH: usize = 4;
/// What escapes of URLs, JSON and HTML begin with. Those of one kind are undone
/// alone too: what looks like one of another may belong to the secret.
const MARKS: [&[u8]; 4] = [b"%\\&", b"%", b"\\", b"&"];

/// What is a secret by its looks: a JSON Web Token, credentials of HTTP, a
/// private key, the value beside a name.
static SHAPES: LazyLock<Vec<(Regex, &'static str)>> = LazyLock::new(|| {
    let shapes = [
        (r"eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*", SHOWN),
        (
            r"\b(?i:(bearer|basic)) +[A-Za-z0-9._~+/-]{8,}=*",
            "${1} [secret]",
        ),
        (
            r"(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)",
            SHOWN,
        ),
        (
            r#"(?i)((?:token|passw(?:or)?d|passphrase|secret|api[_-]?key)\\*["']?(?:=|: ?\\*["'])["']?)([^\s"'&,;\\<>]{4,})"#,
            "${1}[secret]",
        ),
    ];
    let shapes = shapes.into_iter();
    shapes
        .filter_map(|(pattern, shown)| Some((Regex::new(pattern).ok()?, shown)))
        .collect()
});

/// Secrets that are known.
#[derive(Default)]
pub(crate) struct Secrets {
    known: Vec<Zeroizing<String>>,
    /// How they are found, once somebody looks.
    index: OnceLock<Index>,
}

/// Forms of secrets, by their first bytes.
struct Index {
    needles: Vec<Needle>,
    first: HashMap<[u8; INDEXED], Vec<usize>>,
}

impl Secrets {
    /// A text that may be a secret; one of a few characters is none.
    pub(crate) fn add(&mut self, secret: &str) {
        self.add_from(secret, SHORTEST);
    }

    /// A text that somebody has said to be a secret.
    pub(crate) fn add_named(&mut self, secret: &str) {
        self.add_from(secret, SHORTEST_NAMED);
    }

    fn add_from(&mut self, secret: &str, shortest: usize) {
        if secret.chars().count() < shortest || secret == SHOWN {
            return;
        }
        if !self.known.iter().any(|known| **known == secret) {
            self.known.push(Zeroizing::new(secret.to_owned()));
            self.index.take();
        }
    }

    /// What stands under names of secrets in a document.
    pub(crate) fn add_named_in(&mut self, value: &Value) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.add_named_in(item)),
            Value::Object(entries) => {
                for (name, value) in entries {
                    if is_secret_name(name) {
                        self.add_all_in(value);
                    } else {
                        self.add_named_in(value);
                    }
                }
            }
            _ => {}
        }
    }

    /// Every text and number of a document.
    pub(crate) fn add_all_in(&mut self, value: &Value) {
        match value {
            Value::String(text) => self.add(text),
            Value::Number(number) => self.add(&number.to_string()),
            Value::Array(items) => items.iter().for_each(|item| self.add_all_in(item)),
            Value::Object(entries) => {
                entries.values().for_each(|value| self.add_all_in(value));
            }
            _ => {}
        }
    }

    /// Cuts every secret out of a text: as it is, encoded, or cut short.
    pub(crate) fn cut(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut done = 0;
        for found in self.places(text) {
            out.push_str(text.get(done..found.start).unwrap_or_default());
            out.push_str(SHOWN);
            done = found.end;
        }
        out.push_str(text.get(done..).unwrap_or_default());
        SHAPES.iter().fold(out, |text, (shape, shown)| {
            match shape.replace_all(&text, *shown) {
                std::borrow::Cow::Borrowed(_) => text,
                std::borrow::Cow::Owned(cut) => cut,
            }
        })
    }

    /// Where there are secrets, in order and apart from each other.
    fn places(&self, text: &str) -> Vec<Range<usize>> {
        if self.known.is_empty() {
            return Vec::new();
        }
        let index = self.index.get_or_init(|| Index::new(&self.known));
        let mut found = Vec::new();
        let plain = Level::new(text);
        found.extend(index.find(&plain));
        for marks in MARKS {
            let mut level = plain.unescaped(marks);
            for _ in 0..DEPTH {
                let Some(here) = level else { break };
                found.extend(index.find(&here));
                level = here.unescaped(marks);
            }
        }
        for place in &mut found {
            while !text.is_char_boundary(place.start) {
                place.start -= 1;
            }
            while !text.is_char_boundary(place.end) {
                place.end += 1;
            }
        }
        found.sort_by_key(|place| place.start);
        let mut apart: Vec<Range<usize>> = Vec::new();
        for place in found {
            match apart.last_mut() {
                Some(last) if place.start <= last.end => last.end = last.end.max(place.end),
                _ => apart.push(place),
            }
        }
        apart
    }
}

impl Index {
    fn new(known: &[Zeroizing<String>]) -> Self {
        let needles: Vec<Needle> = known.iter().flat_map(|secret| needles(secret)).collect();
        let mut first: HashMap<_, Vec<usize>> = HashMap::new();
        for (number, needle) in needles.iter().enumerate() {
            if let Some(start) = needle.bytes.first_chunk() {
                first.entry(*start).or_default().push(number);
            }
        }
        Self { needles, first }
    }

    /// Places in the text at which there is enough of a secret.
    fn find(&self, level: &Level) -> Vec<Range<usize>> {
        let bytes = &*level.bytes;
        let mut found = Vec::new();
        for at in 0..bytes.len() {
            let rest = bytes.get(at..).unwrap_or_default();
            let Some(start) = rest.first_chunk::<INDEXED>() else {
                break;
            };
            for number in self.first.get(start).into_iter().flatten() {
                let Some(needle) = self.needles.get(*number) else {
                    continue;
                };
                let pairs = needle.bytes.iter().zip(rest);
                let same = pairs.take_while(|(a, b)| a == b).count();
                if same >= needle.least {
                    let (mut from, mut to) = (at, at + same);
                    if needle.is_base64 {
                        from -= usize::from(from > 0 && is_base64(bytes[from - 1]));
                        to += usize::from(bytes.get(to).is_some_and(|byte| is_base64(*byte)));
                    }
                    found.extend(level.place(from..to));
                }
            }
        }
        found
    }
}

/// Of the alphabet as it is compared.
fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'/'
}

#[cfg(test)]
mod tests;
