//! Texts with variables in them, before they are written as templates.

use std::sync::LazyLock;

use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use regex::Regex;

/// Around an expression in a text. Unicode leaves these two to programs, so no
/// text of a file has them.
const OPEN: char = '\u{fdd0}';
const CLOSE: char = '\u{fdd1}';

/// An expression as a part of a text, such as a variable of a shell.
pub(super) fn expression(source: &str) -> String {
    format!("{OPEN}{source}{CLOSE}")
}

/// The same text without what would be taken for an expression.
pub(super) fn without_expressions(text: &str) -> String {
    text.replace([OPEN, CLOSE], "\u{fffd}")
}

/// Whether there is an expression in a text.
pub(super) fn has_expression(text: &str) -> bool {
    text.contains(OPEN)
}

/// The parts of a text: as they are, or an expression.
pub(super) fn parts(text: &str) -> impl Iterator<Item = Result<&str, &str>> {
    text.split(OPEN).enumerate().flat_map(|(place, part)| {
        let (source, rest) = match part.split_once(CLOSE) {
            Some((source, rest)) if place > 0 => (Some(source), rest),
            _ => (None, part),
        };
        let rest = Some(rest).filter(|rest| !rest.is_empty());
        source.map(Err).into_iter().chain(rest.map(Ok))
    })
}

/// A text as people read it: `{NAME}` for each expression.
pub(super) fn shown(text: &str) -> String {
    parts(text)
        .map(|part| part.map_or_else(|source| format!("{{{source}}}"), str::to_owned))
        .collect()
}

/// A text in which letters stand for each expression, for readers that know
/// nothing of them.
pub(super) fn with_letters(text: &str) -> String {
    let letters = parts(text).map(|part| part.unwrap_or("x"));
    letters.collect()
}

/// A value of a form or query. curl and browsers leave these bytes as they are.
pub(super) fn urlencoded(text: &str) -> String {
    const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'.')
        .remove(b'_')
        .remove(b'~');
    let encoded = parts(text).map(|part| match part {
        Ok(text) => utf8_percent_encode(text, UNRESERVED)
            .to_string()
            .replace("%20", "+"),
        Err(source) => expression(&format!("{source} | urlencode")),
    });
    encoded.collect()
}

/// An address as it can be sent: what no address has is encoded, what is encoded
/// already is left.
pub(super) fn in_address(text: &str) -> String {
    const ADDRESS: &AsciiSet = &CONTROLS
        .add(b' ')
        .add(b'"')
        .add(b'<')
        .add(b'>')
        .add(b'`')
        .add(b'\\')
        .add(b'^')
        .add(b'{')
        .add(b'|')
        .add(b'}');
    let encoded = parts(text).map(|part| match part {
        Ok(text) => utf8_percent_encode(text, ADDRESS).to_string(),
        Err(source) => expression(source),
    });
    encoded.collect()
}

/// A name, with what stands before and after it when it is no variable's: that of
/// a filter, a function, a part.
static NAME: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"([|.]\s*)?\b([A-Za-z]\w*)([(.])?").ok());

/// The variables that an expression asks for.
pub(super) fn names(source: &str) -> impl Iterator<Item = &str> {
    // Every second piece is a text in quotes.
    let pieces = source.split('"').step_by(2);
    let found = pieces.flat_map(|code| NAME.iter().flat_map(|name| name.captures_iter(code)));
    found
        .filter(|name| name.get(1).is_none() && name.get(3).is_none())
        .filter_map(|name| Some(name.get(2)?.as_str()))
}

/// The variable of a scenario that stands for one of a shell or a collection.
/// Words that expressions know already are in small letters.
pub(super) fn variable_of(name: &str) -> String {
    let name = word(name).to_ascii_uppercase();
    if name.starts_with(|first: char| first.is_ascii_digit()) {
        return format!("V{name}");
    }
    name
}

/// Letters and digits of a name, as a variable's.
pub(super) fn word(name: &str) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    name.chars().map(letter).collect()
}
