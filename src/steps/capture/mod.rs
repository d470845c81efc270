//! `capture` beside a step: parts of its result, each under a name.
//!
//! To add a place where values come from: a variant of [`Source`], a line in
//! [`SOURCES`].

mod find;
mod missing;

use std::sync::Arc;

use minijinja::Value;
use regex::Regex;
use reqwest::header::HeaderName;
use secrecy::SecretString;
use serde_json_path::JsonPath;

use super::StepError;
use crate::document::{ReadContext, Record, StepDoc, record};
use crate::expression::{Scope, Template, Type, json_path, sealed_value};
use crate::language::{Fields, Node, Problem, Read, Shape, Text};
use crate::shown::is_secret_name;

/// A part of a result that takes a name.
pub(super) struct Capture {
    name: Arc<str>,
    source: Source,
    /// All that is found, as a list; else the first.
    all: bool,
    default: Option<Template>,
    secret: bool,
}

/// Where a value comes from.
#[derive(Debug)]
pub(super) enum Source {
    JsonPath(JsonPath),
    Regex(Regex),
    Header(HeaderName),
    Cookie(String),
}

/// Keys that say where a value comes from. Those after the first are about
/// answers to requests of the scenario's own.
const SOURCES: &[&str] = &["jsonpath", "regex", "header", "cookie"];

/// Reads what stands below `capture`. `of_request` says that the result is the
/// answer to a request of the scenario's own. Names are not there yet.
pub(super) fn read(document: &StepDoc, of_request: bool, cx: &mut ReadContext) -> Vec<Capture> {
    let read = document.capture.iter();
    read.filter_map(|(name, node)| Capture::read(name, node, of_request, cx))
        .collect()
}

record! {
    struct CaptureDoc of "a capture" {
        /// what a path leads to, in the JSON of an answer or in another result
        jsonpath: JsonPath, also(&["json", "path"]);
        /// what the first group of a pattern matches in the body of an answer
        regex: Regex, example(r"code=(\d+)"), also(&["regexp", "pattern", "match"]);
        /// a header of an answer
        header: HeaderName, example("ETag");
        /// a cookie that an answer sets
        cookie: Text;
        /// whether it is a list of all that is found, instead of the first
        all: bool = false;
        /// the value when nothing is found
        default: Template;
        /// whether the value is never shown; so it is with cookies and names such as `token`
        /// otherwise
        secret: bool;
    }
}

/// What can be said of a name below `capture`.
pub fn shape() -> Shape {
    CaptureDoc::TABLE.shape()
}

impl Capture {
    fn read(name: &Text, node: &Node, of_request: bool, cx: &mut ReadContext) -> Option<Self> {
        let table = CaptureDoc::TABLE;
        let by_name = format!("`{}`", name.text);
        // In the form that is shown, its name is not to be missing.
        let what = if node.is_mapping() {
            table.what
        } else {
            &by_name
        };
        let mut fields = Fields::of(node, what, table.keys(), cx)?;
        let read = CaptureDoc::take(&mut fields, cx)?;
        let given: Vec<&str> = SOURCES
            .iter()
            .copied()
            .filter(|key| fields.has(key))
            .collect();
        match given.as_slice() {
            [] => {
                let message = format!("`{}` comes from nowhere", name.text);
                let help = "say where its value is: `jsonpath`, `regex`, `header` or `cookie`";
                fields.lacks(SOURCES, Problem::new(name.span, message, help), cx);
            }
            [key] if !of_request && SOURCES.first() != Some(key) => {
                let span = fields.span_of(key).unwrap_or(name.span);
                let help = "of any other result, and of a failure, there is `jsonpath`";
                let message = format!("`{key}` is for answers to `http`");
                cx.problem(span, message, help);
            }
            [_] => {}
            [first, second, ..] => {
                let span = fields.span_of(second).unwrap_or(name.span);
                let message = format!("both `{first}` and `{second}` are given");
                let help = "a value comes from one place: remove the other, or capture both";
                cx.problem(span, message, help);
            }
        }
        fields.finish(cx);
        let source = read.jsonpath.map(Source::JsonPath);
        let source = source.or(read.regex.map(Source::Regex));
        let source = source.or(read.header.map(Source::Header));
        let source = source.or(read.cookie.map(|name| Source::Cookie(name.text)))?;
        let guess = || is_secret_name(&name.text) || source.is_secret();
        Some(Self {
            name: name.text.as_str().into(),
            secret: read.secret.unwrap_or_else(guess),
            source,
            all: read.all,
            default: read.default,
        })
    }

    /// The name.
    pub(super) fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// What is known of the value.
    pub(super) fn of(&self) -> Type {
        let default = self.default.as_ref().map_or(Type::Null, Template::of);
        let found = match self.source {
            // What the document holds is anybody's.
            Source::JsonPath(_) => Type::Any,
            Source::Regex(_) | Source::Header(_) | Source::Cookie(_) => Type::Text,
        };
        let of = if self.all { found.list() } else { found }.or(default);
        // Of a default, the texts and numbers become secrets as well.
        if self.secret && of != Type::Text {
            return Type::Any;
        }
        of
    }

    /// The value in a result. When it is to be a secret, its texts go to
    /// `secrets`.
    ///
    /// # Errors
    /// When it is not there, and there is no other value for that case.
    pub(super) fn take(
        &self,
        result: &Value,
        scope: &Scope,
        secrets: &mut Vec<SecretString>,
    ) -> Result<Value, StepError> {
        let mut found = self.source.find(result, self.all);
        let value = match (&self.default, self.all) {
            (_, true) if !found.is_empty() => Value::from(found),
            (_, false) if !found.is_empty() => found.swap_remove(0),
            (Some(default), _) => default
                .render(scope)
                .map_err(StepError::argument("default"))?,
            (None, _) => {
                return Err(StepError::Capture {
                    name: self.name.to_string(),
                    reason: self.source.missing(result),
                });
            }
        };
        Ok(if self.secret {
            sealed_value(&value, secrets)
        } else {
            value
        })
    }
}

impl Source {
    /// Why there is nothing there, in words.
    pub(super) fn missing(&self, result: &Value) -> String {
        missing::reason(self, result)
    }

    /// Whether what comes from there is a secret unless somebody says that it
    /// is none: a cookie most often stands for who one is.
    pub(super) fn is_secret(&self) -> bool {
        match self {
            Self::Cookie(_) => true,
            Self::Header(name) => {
                let credentials = ["set-cookie", "www-authenticate"];
                credentials.contains(&name.as_str()) || is_secret_name(name.as_str())
            }
            Self::JsonPath(path) => is_secret_name(last_name(&path.to_string())),
            Self::Regex(_) => false,
        }
    }
}

/// The last name in a path, such as `token` in `$.a.token`, `$['a']['token']`
/// and `$.token[0]`: what an index or a filter leads to has the name before it.
fn last_name(path: &str) -> &str {
    let mut path = path;
    while let Some(open) = last_bracket(path) {
        let inside = path.get(open + 1..path.len() - 1).unwrap_or_default();
        if inside.starts_with(['\'', '"']) {
            path = inside;
            break;
        }
        path = path.get(..open).unwrap_or_default();
    }
    let path = path.trim_end_matches(|c: char| !c.is_alphanumeric());
    let rest = path.rfind(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-')));
    rest.map_or(path, |at| path.get(at + 1..).unwrap_or_default())
}

/// `jsonpath: $.rows[0].id`
impl Read<ReadContext> for JsonPath {
    const EXPECTED: &'static str = "a path such as `$.rows[0].id`";

    fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        let text = constant(node, "a path", cx)?;
        match json_path(&text.text) {
            Ok(path) => Some(path),
            Err((at, reason)) => {
                let message = format!("this is no JSONPath: {reason}");
                let help = "for example `$.rows[0].id` (RFC 9535)";
                cx.push(crate::language::Problem::inside(&text, at, message, help));
                None
            }
        }
    }

    fn shape() -> Shape {
        Shape::Form(r"^\$".to_owned(), Self::EXPECTED, "$.id")
    }
}

/// `regex: code=(\d+)`
impl Read<ReadContext> for Regex {
    const EXPECTED: &'static str = "a regular expression";

    fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        let text = constant(node, "a regular expression", cx)?;
        match Self::new(&text.text) {
            Ok(pattern) => Some(pattern),
            Err(error) => {
                // The last line is the reason; those before show the pattern.
                let error = error.to_string();
                let reason = error.lines().last().unwrap_or_default();
                let reason = reason.trim_start_matches("error: ");
                let help = "for example `code=([0-9]+)`, whose first group is what is captured";
                let message = format!("invalid regular expression: {reason}");
                cx.problem(text.span, message, help);
                None
            }
        }
    }

    fn shape() -> Shape {
        Shape::Text
    }
}

/// `header: ETag`
impl Read<ReadContext> for HeaderName {
    const EXPECTED: &'static str = "the name of a header";

    fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        let text = constant(node, "the name of a header", cx)?;
        let name = Self::from_bytes(text.text.as_bytes());
        if name.is_err() {
            let message = format!("`{}` is not the name of a header", text.text);
            cx.problem(text.span, message, "for example `ETag`");
        }
        name.ok()
    }

    fn shape() -> Shape {
        Shape::Text
    }
}

/// A text that is needed before anything is played, so that it is no template.
fn constant(node: &Node, what: &str, cx: &mut ReadContext) -> Option<Text> {
    let text = Text::read(node, cx)?;
    let Some(at) = text.text.find("{{") else {
        return Some(text);
    };
    let message = format!("{what} cannot have a template in it");
    let help = "capture all that may be there, and compare it in a condition:\n  \
                capture: {id: {regex: id=([0-9]+)}}\n  expect: id == wanted";
    cx.push(crate::language::Problem::inside(
        &text,
        at..at + 2,
        message,
        help,
    ));
    None
}

/// Where the bracket opens that the path ends with.
fn last_bracket(path: &str) -> Option<usize> {
    if !path.ends_with(']') {
        return None;
    }
    let mut open = Vec::new();
    let mut last = None;
    let mut quote = None;
    for (at, letter) in path.char_indices() {
        if let Some(begun) = quote {
            if begun == letter {
                quote = None;
            }
            continue;
        }
        match letter {
            '\'' | '"' => quote = Some(letter),
            '[' => open.push(at),
            ']' => last = open.pop(),
            _ => {}
        }
    }
    last
}

#[cfg(test)]
mod tests {
    use super::last_name;

    #[test]
    fn the_last_name_of_a_path() {
        for (path, name) in [
            ("$.a.token", "token"),
            ("$['a']['refresh_token']", "refresh_token"),
            ("$.tokens[0].id", "id"),
            ("$.x.password[*]", "password"),
            ("$.token[0]", "token"),
            ("$.token[?@.kind == 'x'][-1]", "token"),
            ("$['token'][?@['a'] == ']'][0:2]", "token"),
            ("$..token.*", "token"),
            ("$", ""),
        ] {
            assert_eq!(last_name(path), name, "{path}");
        }
    }
}
