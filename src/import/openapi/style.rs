//! Lists and mappings in addresses, by their style.

use serde_json::Value;

use super::tree::Tree;

/// What a path leaves as it is.
const IN_PATH: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'@')
    .remove(b':');

/// A single value as a text.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

fn form(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

fn path(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, IN_PATH).to_string()
}

/// The parts of a query that a parameter is written as.
pub(super) fn in_query(name: &str, value: &Value, parameter: &Tree) -> Vec<String> {
    let style = parameter.text_of("style").unwrap_or("form");
    let explode = parameter
        .text_of("explode")
        .map_or(style == "form", |said| said == "true");
    let name = form(name);
    let one = |value: &Value| form(&plain(value));
    match value {
        Value::Array(items) if explode => items
            .iter()
            .map(|item| format!("{name}={}", one(item)))
            .collect(),
        Value::Array(items) => {
            let between = match style {
                "spaceDelimited" => "%20",
                "pipeDelimited" => "%7C",
                _ => ",",
            };
            let items: Vec<String> = items.iter().map(one).collect();
            vec![format!("{name}={}", items.join(between))]
        }
        Value::Object(entries) if style == "deepObject" => entries
            .iter()
            .map(|(key, value)| format!("{name}[{}]={}", form(key), one(value)))
            .collect(),
        Value::Object(entries) if explode => entries
            .iter()
            .map(|(key, value)| format!("{}={}", form(key), one(value)))
            .collect(),
        Value::Object(entries) => {
            let entries: Vec<String> = entries
                .iter()
                .map(|(key, value)| format!("{},{}", form(key), one(value)))
                .collect();
            vec![format!("{name}={}", entries.join(","))]
        }
        single => vec![format!("{name}={}", one(single))],
    }
}

/// A parameter in a path.
pub(super) fn in_path(name: &str, value: &Value, parameter: &Tree) -> String {
    let style = parameter.text_of("style").unwrap_or("simple");
    let explode = parameter.is("explode");
    let before = match style {
        "label" => ".",
        "matrix" => ";",
        _ => "",
    };
    let named = |text: String| match style {
        "matrix" => format!(";{}={text}", path(name)),
        _ => format!("{before}{text}"),
    };
    let items: Vec<String> = match value {
        Value::Array(items) => items.iter().map(|item| path(&plain(item))).collect(),
        Value::Object(entries) => {
            let between = if explode { "=" } else { "," };
            let entries = entries.iter();
            entries
                .map(|(key, value)| format!("{}{between}{}", path(key), path(&plain(value))))
                .collect()
        }
        single => vec![path(&plain(single))],
    };
    if explode && style != "simple" {
        let of_object = value.is_object() && style == "matrix";
        return items
            .into_iter()
            .map(|item| {
                if of_object {
                    format!(";{item}")
                } else {
                    named(item)
                }
            })
            .collect();
    }
    named(items.join(","))
}

/// A parameter in a header or a cookie.
pub(super) fn in_header(value: &Value) -> String {
    match value {
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(","),
        Value::Object(entries) => {
            let entries = entries.iter();
            let entries: Vec<String> = entries
                .map(|(key, value)| format!("{key},{}", plain(value)))
                .collect();
            entries.join(",")
        }
        single => plain(single),
    }
}
