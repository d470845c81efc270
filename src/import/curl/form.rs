//! Bodies in parts, and values that are encoded.

use crate::import::request::{Part, PartContent};
use crate::import::text::urlencoded;

/// `name=text`, `name=@file`, `name=<file`, with `;type=…` and `;filename=…`.
pub(super) fn part(value: &str) -> Result<Part, String> {
    let (name, content) = value.split_once('=').ok_or("`-F` needs `NAME=CONTENT`")?;
    let is_file = content.starts_with(['@', '<']);
    let mut part = Part {
        name: name.to_owned(),
        ..Part::default()
    };
    let (content, settings) = settings(content, is_file)?;
    for (key, value) in settings {
        match key.as_str() {
            "type" => part.kind = Some(value),
            "filename" => part.filename = Some(value),
            _ => return Err(format!("`;{key}=` of `-F` has no counterpart")),
        }
    }
    if content == "@-" || content == "<-" {
        return Err("a part of its body came from another command".into());
    }
    part.content = match content.strip_prefix('@') {
        Some(files) if is_file && files.contains(',') => {
            return Err("one `-F` has several files: write one for each".into());
        }
        Some(file) if is_file => PartContent::File(file.to_owned()),
        _ if is_file => {
            return Err("`-F NAME=<FILE` sends a file as a text: write the text out".into());
        }
        _ => PartContent::Text(content),
    };
    if let PartContent::File(path) = &part.content {
        let name = part.filename.as_ref().unwrap_or(path);
        part.kind.get_or_insert_with(|| type_of(name).to_owned());
    }
    Ok(part)
}

/// `content`, `=content`, `name=content`; the name is sent as it is.
pub(super) fn urlencode(value: &str) -> Result<String, String> {
    match value.find(['=', '@']).map(|at| (at, value.split_at(at))) {
        Some((0, (_, text))) if text.starts_with('=') => Ok(urlencoded(&text[1..])),
        Some((_, (name, text))) if text.starts_with('=') => {
            Ok(format!("{name}={}", urlencoded(&text[1..])))
        }
        Some(_) => Err(
            "`--data-urlencode` with a file sends what is in it as a value: write it out".into(),
        ),
        None => Ok(urlencoded(value)),
    }
}

/// The content of a part, which can be quoted, and what is said after it.
fn settings(content: &str, is_file: bool) -> Result<(String, Vec<(String, String)>), String> {
    let pieces = pieces(content);
    let mut pieces = pieces.into_iter();
    let mut text = pieces.next().unwrap_or_default();
    let mut settings = Vec::new();
    for piece in pieces {
        let known = piece
            .split_once('=')
            .map(|(key, value)| (key.trim(), value));
        match known {
            Some((key @ ("type" | "filename" | "headers" | "encoder"), value)) => {
                settings.push((key.to_owned(), unquote(value)));
            }
            // Types can have settings of their own: `text/plain; charset=utf-8`.
            _ if settings.last().is_some_and(|(key, _)| key == "type") => {
                if let Some((_, kind)) = settings.last_mut() {
                    kind.extend([";", &piece]);
                }
            }
            _ if is_file => {
                return Err("`-F` says something of its file that is not known here".into());
            }
            _ => text.extend([";", &piece]),
        }
    }
    let text = match text.strip_prefix(['@', '<']) {
        Some(file) if is_file => format!("{}{}", &text[..1], unquote(file)),
        _ => unquote(&text),
    };
    Ok((text, settings))
}

/// What curl takes a file for, by the end of its name.
fn type_of(name: &str) -> &'static str {
    const TYPES: &[(&str, &str)] = &[
        (".gif", "image/gif"),
        (".jpg", "image/jpeg"),
        (".jpeg", "image/jpeg"),
        (".png", "image/png"),
        (".svg", "image/svg+xml"),
        (".txt", "text/plain"),
        (".htm", "text/html"),
        (".html", "text/html"),
        (".pdf", "application/pdf"),
        (".xml", "application/xml"),
    ];
    let name = name.to_ascii_lowercase();
    let known = TYPES.iter().find(|(end, _)| name.ends_with(end));
    known.map_or("application/octet-stream", |(_, kind)| kind)
}

/// Split at `;`, but not in quotes.
fn pieces(content: &str) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut in_quotes = false;
    let mut letters = content.chars();
    while let Some(letter) = letters.next() {
        let Some(last) = pieces.last_mut() else { break };
        match letter {
            '"' if in_quotes || last.is_empty() || last.ends_with(['=', '@', '<']) => {
                in_quotes = !in_quotes;
                last.push(letter);
            }
            '\\' if in_quotes => {
                last.push(letter);
                last.extend(letters.next());
            }
            ';' if !in_quotes => pieces.push(String::new()),
            letter => last.push(letter),
        }
    }
    pieces
}

fn unquote(text: &str) -> String {
    let inside = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'));
    let Some(inside) = inside else {
        return text.to_owned();
    };
    inside.replace("\\\"", "\"").replace("\\\\", "\\")
}
