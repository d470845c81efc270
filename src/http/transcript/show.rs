//! Requests and answers as texts.

use std::fmt::Write;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, HeaderMap, SET_COOKIE};
use serde_json::Value;
use url::Url;

use crate::http::Exchange;
use crate::http::learn::is_secret_header;
use crate::http::multipart::{self, Part};
use crate::numbers::{bytes, plural, time};
use crate::shown::{self, SHOWN, Secrets, is_secret_name};

/// Texts are shown to this length, in characters.
const LONGEST: usize = 200;
/// Bodies are shown to this number of lines.
const MOST_LINES: usize = 200;

pub(super) fn exchanges<'a>(
    exchanges: impl Iterator<Item = &'a Exchange>,
    secrets: &Secrets,
) -> String {
    let mut out = String::new();
    let mut step = None;
    for exchange in exchanges {
        if step != Some(&exchange.step) {
            step = Some(&exchange.step);
            // Writing to a string never fails, here and below.
            let _ = writeln!(out, "\n{}", shown::line(&exchange.step));
        }
        let _ = show(&mut out, exchange, secrets);
    }
    out
}

fn show(out: &mut String, exchange: &Exchange, secrets: &Secrets) -> std::fmt::Result {
    let Exchange {
        method, url, took, ..
    } = exchange;
    writeln!(out, "\n  → {method} {}", secrets.cut(&address(url)))?;
    headers(out, &exchange.headers, secrets)?;
    if let Some(content) = &exchange.body {
        body(out, content, &exchange.headers, secrets)?;
    }
    match &exchange.answer {
        Err(reason) => writeln!(out, "  ✗ {} after {}", secrets.cut(reason), time(*took)),
        Ok(answer) => {
            writeln!(out, "  ← {} after {}", answer.status, time(*took))?;
            headers(out, answer.headers.map(), secrets)?;
            if exchange.secret_answer && answer.status.is_success() {
                return writeln!(out, "    {SHOWN}");
            }
            body(out, &answer.body, answer.headers.map(), secrets)
        }
    }
}

/// Host, path and query, in which the values of some names are secrets.
fn address(url: &Url) -> String {
    let mut url = url.clone();
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    if pairs.iter().any(|(name, _)| is_secret_name(name)) {
        let mut query = url.query_pairs_mut();
        query.clear();
        for (name, value) in &pairs {
            let value = if is_secret_name(name) { SHOWN } else { value };
            query.append_pair(name, value);
        }
    }
    let shown = url.as_str().replace("%5Bsecret%5D", SHOWN);
    shown.split('#').next().unwrap_or_default().to_owned()
}

fn headers(out: &mut String, headers: &HeaderMap, secrets: &Secrets) -> std::fmt::Result {
    for (name, value) in headers {
        let text = match value.to_str() {
            Ok(text) => header(name.as_str(), text, value.is_sensitive()),
            Err(_) => format!("({})", bytes(value.len() as u64)),
        };
        writeln!(out, "    {name}: {}", shortened(&secrets.cut(&text)))?;
    }
    Ok(())
}

/// What is left of a header's value: the scheme of credentials, the names of
/// cookies.
fn header(name: &str, text: &str, sensitive: bool) -> String {
    if name == AUTHORIZATION.as_str() {
        let scheme = text.split_once(' ').map_or("", |(scheme, _)| scheme);
        return format!("{scheme} {SHOWN}").trim_start().to_owned();
    }
    if name == COOKIE.as_str() || name == SET_COOKIE.as_str() {
        let all = name == COOKIE.as_str();
        let parts = text
            .split(';')
            .enumerate()
            .map(|(index, part)| match part.split_once('=') {
                Some((name, _)) if all || index == 0 => format!("{name}={SHOWN}"),
                None if all || index == 0 => SHOWN.to_owned(),
                _ => part.to_owned(),
            });
        return parts.collect::<Vec<_>>().join(";");
    }
    if sensitive || is_secret_header(name) {
        return SHOWN.to_owned();
    }
    text.to_owned()
}

fn body(
    out: &mut String,
    content: &[u8],
    headers: &HeaderMap,
    secrets: &Secrets,
) -> std::fmt::Result {
    if content.is_empty() {
        return Ok(());
    }
    if let Ok(mut json) = serde_json::from_slice::<Value>(content) {
        clear(&mut json, secrets);
        let pretty = serde_json::to_string_pretty(&json).unwrap_or_default();
        return lines(out, &shown::json(pretty));
    }
    if let Some(parts) = multipart::parts(content, headers) {
        return parts
            .iter()
            .try_for_each(|part| show_part(out, part, secrets));
    }
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    let is_form = kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    match std::str::from_utf8(content) {
        Ok(text) if is_form => {
            for (name, value) in url::form_urlencoded::parse(text.as_bytes()) {
                let value = if is_secret_name(&name) { SHOWN } else { &value };
                writeln!(
                    out,
                    "    {}",
                    shortened(&secrets.cut(&format!("{name}={value}")))
                )?;
            }
            Ok(())
        }
        Ok(text) => lines(out, &secrets.cut(text)),
        Err(_) => writeln!(
            out,
            "    ({} that are no text)",
            bytes(content.len() as u64)
        ),
    }
}

/// A part of a body: its headers, and its content below them.
fn show_part(out: &mut String, part: &Part<'_>, secrets: &Secrets) -> std::fmt::Result {
    for line in part.head.lines() {
        writeln!(out, "    -- {}", shortened(&secrets.cut(line)))?;
    }
    match std::str::from_utf8(part.content) {
        Ok(_) if is_secret_name(part.name) => lines(out, SHOWN),
        Ok(text) => lines(out, &secrets.cut(text)),
        Err(_) => {
            let length = bytes(part.content.len() as u64);
            writeln!(out, "    ({length} that are no text)")
        }
    }
}

/// Cuts secrets out of a document, and shortens what is long.
fn clear(value: &mut Value, secrets: &Secrets) {
    match value {
        Value::String(text) => *text = shortened(&secrets.cut(text)),
        Value::Number(number) if secrets.cut(&number.to_string()) == SHOWN => {
            *value = Value::from(SHOWN);
        }
        Value::Array(items) => items.iter_mut().for_each(|item| clear(item, secrets)),
        Value::Object(entries) => {
            let old = std::mem::take(entries);
            for (name, mut value) in old {
                if is_secret_name(&name) && !value.is_null() {
                    value = Value::from(SHOWN);
                }
                clear(&mut value, secrets);
                entries.insert(shortened(&secrets.cut(&name)), value);
            }
        }
        _ => {}
    }
}

fn lines(out: &mut String, text: &str) -> std::fmt::Result {
    for line in text.lines().take(MOST_LINES) {
        writeln!(out, "    {}", shortened(line))?;
    }
    match text.lines().count().saturating_sub(MOST_LINES) {
        0 => Ok(()),
        more => writeln!(out, "    … and {}", plural(more as u64, "line", "lines")),
    }
}

fn shortened(text: &str) -> String {
    let length = text.chars().count();
    if length <= LONGEST {
        return text.to_owned();
    }
    let head: String = text.chars().take(60).collect();
    format!("{head}… ({length} characters)")
}
