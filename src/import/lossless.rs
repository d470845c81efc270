//! Whether the language's own forms of bodies send what was there.

use std::collections::HashSet;

use serde_json::Value;
use url::form_urlencoded;

use super::text;

/// How deep, and how many values: beyond, a scenario takes a text only.
const MAX_DEPTH: usize = 40;
const MAX_VALUES: usize = 20_000;

/// The JSON of a text, when the same values are sent for it: no number loses a
/// digit, no key is there twice, no key looks like a template.
pub(super) fn json(source: &str) -> Option<Value> {
    let value: Value = serde_json::from_str(source).ok()?;
    let mut numbers = numbers(source).into_iter();
    let mut count = 0;
    let same = same_numbers(&value, &mut numbers, 0, &mut count) && numbers.next().is_none();
    let variables_are_texts = text::parts(source).filter(Result::is_err).count() == holes(&value);
    (same && variables_are_texts && !value.is_number()).then_some(value)
}

/// The numbers of a JSON text, as they are written.
fn numbers(source: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut in_text = false;
    let mut begun = None;
    let mut escaped = false;
    for (at, letter) in source.char_indices() {
        if in_text {
            in_text = escaped || letter != '"';
            escaped = !escaped && letter == '\\';
            continue;
        }
        let is_part = letter.is_ascii_digit() || matches!(letter, '-' | '+' | '.' | 'e' | 'E');
        match begun {
            None if letter.is_ascii_digit() || letter == '-' => begun = Some(at),
            Some(start) if !is_part => {
                found.push(&source[start..at]);
                begun = None;
            }
            _ => {}
        }
        in_text = letter == '"';
    }
    found.extend(begun.map(|start| &source[start..]));
    found
}

fn same_numbers<'a>(
    value: &Value,
    numbers: &mut impl Iterator<Item = &'a str>,
    depth: usize,
    count: &mut usize,
) -> bool {
    *count += 1;
    if depth > MAX_DEPTH || *count > MAX_VALUES {
        return false;
    }
    match value {
        Value::Number(number) => numbers.next() == Some(&number.to_string()),
        Value::Array(items) => items
            .iter()
            .all(|item| same_numbers(item, numbers, depth + 1, count)),
        Value::Object(entries) => entries.iter().all(|(name, value)| {
            !is_template(name)
                && !text::has_expression(name)
                && same_numbers(value, numbers, depth + 1, count)
        }),
        _ => true,
    }
}

fn holes(value: &Value) -> usize {
    match value {
        Value::String(text) => text::parts(text).filter(Result::is_err).count(),
        Value::Array(items) => items.iter().map(holes).sum(),
        Value::Object(entries) => entries.values().map(holes).sum(),
        _ => 0,
    }
}

/// Whether a scenario would take a name for a template, which no key can be.
pub(super) fn is_template(name: &str) -> bool {
    name.contains("{{") || name.contains("{%")
}

/// Whether a form or query is what comes of its pairs, with each name once.
pub(super) fn is_form(source: &str) -> bool {
    let mut names = HashSet::new();
    let written = pairs(source);
    let mut again = form_urlencoded::Serializer::new(String::new());
    for (name, value) in &written {
        if is_template(name) || text::has_expression(name) || !names.insert(name.as_str()) {
            return false;
        }
        again.append_pair(name, &text::with_letters(value));
    }
    again.finish() == text::with_letters(source)
}

/// The pairs of a form or query.
pub(super) fn pairs(source: &str) -> Vec<(String, String)> {
    let pairs = form_urlencoded::parse(source.as_bytes());
    pairs.into_owned().collect()
}

#[cfg(test)]
mod tests {
    use super::{is_form, json};

    #[test]
    fn json_is_taken_when_nothing_is_lost() {
        for kept in [
            "{\"a\": [1, -2, 0.5, \"1.10 \\\" 2\"]}",
            "[]",
            "\"x\"",
            "null",
        ] {
            assert!(json(kept).is_some(), "{kept}");
        }
        for lost in [
            "{\"a\": 1.10}",
            "{\"a\": 1, \"a\": 2}",
            "[1e400]",
            "[123456789012345678901234567890]",
            "{\"{{ a }}\": 1}",
            "{",
        ] {
            assert!(json(lost).is_none(), "{lost}");
        }
    }

    #[test]
    fn a_form_is_taken_when_the_same_bytes_come_of_it() {
        for kept in ["a=b&c=d+e", "a=%C3%A9", "a="] {
            assert!(is_form(kept), "{kept}");
        }
        for lost in [
            "a",
            "a=b c",
            "a=1&a=2",
            "a=%20",
            "a[]=1",
            "{\"a\":1}",
            "a=%c3%a9",
        ] {
            assert!(!is_form(lost), "{lost}");
        }
    }
}
