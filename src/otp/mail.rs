//! From the bytes of a mail to a message.

use std::panic::catch_unwind;

use mail_parser::{Address, HeaderName, Message as Mail, MessageParser, PartType};
use secrecy::SecretString;

use super::html::visible;
use super::{Content, Message, Sent};

/// Headers in which mail servers write for whom they took a mail, the surest
/// first.
const ENVELOPE: &[&str] = &["X-Original-To", "Envelope-To", "Delivered-To"];

/// Most boundaries of a mail that are looked for.
const BOUNDARIES: usize = 16;

/// Reads a mail, which may be cut off or broken. `arrived` is when the server
/// got it, in milliseconds since 1970, in whole seconds.
pub(super) fn read(raw: &[u8], arrived: Option<i64>, handle: u64) -> Message {
    // One mail must not end the reading of all others.
    let read = catch_unwind(|| understand(raw, arrived, handle));
    read.unwrap_or_else(|_| nothing(arrived, handle))
}

fn understand(raw: &[u8], arrived: Option<i64>, handle: u64) -> Message {
    let parser = MessageParser::default();
    let Some(mut mail) = parser.parse(raw) else {
        return nothing(arrived, handle);
    };
    let closed;
    if mail.parts.iter().any(|part| part.is_encoding_problem) {
        // The parser leaves parts alone that have no end.
        closed = close(raw);
        mail = parser.parse(&closed).unwrap_or(mail);
    }
    if mail.parts.is_empty() {
        return nothing(arrived, handle);
    }
    let dated = mail.date().filter(|date| date.is_valid());
    let dated = dated.map(|date| date.to_timestamp().saturating_mul(1000));
    // A mail cannot have been sent after it arrived.
    let sent = match (dated, arrived) {
        (Some(dated), Some(arrived)) => Some(dated.min(arrived)),
        (dated, arrived) => dated.or(arrived),
    };
    Message {
        recipients: recipients(&mail),
        id: mail.message_id().map(str::to_owned),
        sent: sent.map(second),
        content: content(&mail),
        handle,
    }
}

/// A mail of which nothing can be understood.
fn nothing(arrived: Option<i64>, handle: u64) -> Message {
    Message {
        recipients: Vec::new(),
        id: None,
        sent: arrived.map(second),
        content: Content::Text {
            plain: None,
            html: None,
        },
        handle,
    }
}

/// Mails are dated in whole seconds.
fn second(at: i64) -> Sent {
    Sent { at, within: 1000 }
}

/// The mail with an end for each of its parts.
fn close(raw: &[u8]) -> Vec<u8> {
    const NAME: &[u8] = b"boundary=";
    let mut ends = Vec::new();
    let mut rest = raw;
    while let Some(at) = rest
        .windows(NAME.len())
        .position(|window| window.eq_ignore_ascii_case(NAME))
    {
        rest = &rest[at + NAME.len()..];
        let (value, end): (&[u8], &[u8]) = match rest.strip_prefix(b"\"") {
            Some(quoted) => (quoted, b"\"\r\n"),
            None => (rest, b"; \t\r\n"),
        };
        let length = value.iter().position(|byte| end.contains(byte));
        ends.extend(length.map(|length| &value[..length]));
        if ends.len() == BOUNDARIES {
            break;
        }
    }
    let mut closed = raw.to_vec();
    for boundary in ends.iter().rev().filter(|boundary| !boundary.is_empty()) {
        closed.extend_from_slice(b"\r\n--");
        closed.extend_from_slice(boundary);
        closed.extend_from_slice(b"--\r\n");
    }
    closed
}

fn recipients(mail: &Mail<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for name in ENVELOPE {
        let raw = mail
            .headers_raw()
            .filter(|(header, _)| header.eq_ignore_ascii_case(name));
        found.extend(raw.map(|(_, value)| value.trim().to_owned()));
    }
    for name in [HeaderName::To, HeaderName::Cc] {
        let values = mail
            .header_values(name)
            .filter_map(|value| value.as_address());
        found.extend(values.flat_map(addresses));
    }
    found
}

fn addresses<'m>(list: &'m Address<'_>) -> impl Iterator<Item = String> + 'm {
    list.iter()
        .filter_map(|one| one.address().map(str::to_owned))
}

fn content(mail: &Mail<'_>) -> Content {
    let plain = mail.text_bodies().filter_map(|part| match &part.body {
        PartType::Text(text) => Some(text.to_string()),
        _ => None,
    });
    let html = mail.html_bodies().filter_map(|part| match &part.body {
        PartType::Html(html) => Some(visible(html)),
        _ => None,
    });
    // What could not be decoded may still be readable.
    let broken = mail.attachments().filter_map(|part| match &part.body {
        PartType::Text(text) if part.is_encoding_problem => Some(visible(text)),
        _ => None,
    });
    // A mail of many parts that does not say what is between them.
    let root = mail.parts.first().and_then(|part| match &part.body {
        PartType::Binary(bytes) | PartType::InlineBinary(bytes) => {
            Some(visible(&String::from_utf8_lossy(bytes)))
        }
        _ => None,
    });
    Content::Text {
        plain: joined(plain),
        html: joined(html.chain(broken).chain(root)),
    }
}

fn joined(parts: impl Iterator<Item = String>) -> Option<SecretString> {
    let text = parts.collect::<Vec<_>>().join("\n");
    (!text.trim().is_empty()).then(|| SecretString::from(text))
}
