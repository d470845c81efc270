//! Texts as YAML and templates have them.

use std::fmt::Write;

use serde_json::Value;

use crate::import::text::parts;
use crate::shown::is_hidden;

pub(super) fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").chars().filter(|c| !is_hidden(*c)).collect()
}

/// A text in double quotes, which YAML and JSON write alike.
pub(super) fn quoted(text: &str) -> String {
    let quoted = Value::from(text).to_string();
    // JSON lets some of these stand as they are; YAML and terminals do not.
    let mut out = String::new();
    for c in quoted.chars() {
        if is_hidden(c) {
            let code = u32::from(c);
            let _ = if code > 0xffff {
                write!(out, "\\U{code:08x}")
            } else {
                write!(out, "\\u{code:04x}")
            };
        } else {
            out.push(c);
        }
    }
    out
}

/// A text with its expressions as a template; nothing else of it is taken for
/// one.
pub(super) fn template(text: &str) -> String {
    let mut out = String::new();
    let mut parts = parts(text).peekable();
    while let Some(part) = parts.next() {
        match part {
            Ok(text) => plain(text, matches!(parts.peek(), Some(Err(_))), &mut out),
            Err(source) => out.extend(["{{ ", source, " }}"]),
        }
    }
    quoted(&out)
}

fn plain(text: &str, before_expression: bool, out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        // One brace is harmless, if no other one follows.
        let after = &from[1..];
        if after.starts_with(['{', '%', '#']) || (after.is_empty() && before_expression) {
            out.push_str("{{ '{' }}");
        } else {
            out.push('{');
        }
        rest = after;
    }
    out.push_str(rest);
}
