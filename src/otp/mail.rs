//! From the bytes of a mail to a message.

use std::panic::catch_unwind;

use mail_parser::{Address, HeaderName, Message as Mail, MessageParser, PartType};

use super::body::{Body, Mark};
use super::html::visible;
use super::{Content, Message, Sent};

/// Headers in which mail servers write for whom they took a mail, the surest
/// first.
const ENVELOPE: &[&str] = &[
    "X-Original-To",
    "X-Delivered-To",
    "Envelope-To",
    "X-Envelope-To",
    "Delivered-To",
];

/// Headers of answers and reports that nobody wrote, each with how its value begins, or is.
const AUTOMATIC: &[(&str, &str)] = &[
    ("Auto-Submitted", "auto-replied"),
    ("X-Autoreply", "yes"),
    ("X-Autorespond", ""),
    ("Precedence", "auto_reply"),
    ("Content-Type", "multipart/report"),
];

/// Who reports that a mail could not be delivered.
const DAEMON: &str = "mailer-daemon@";

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
        let one = |value: &str| {
            let value = value.trim();
            value[value.find('<').unwrap_or(0)..].to_owned()
        };
        found.extend(raw.flat_map(|(_, value)| value.split(',').map(one)));
    }
    for name in [HeaderName::To, HeaderName::Cc] {
        let values = mail
            .header_values(name)
            .filter_map(|value| value.as_address());
        found.extend(values.flat_map(addresses));
    }
    // Of a mail that is handed on, whom it was for.
    found.extend(attached(mail).flat_map(recipients));
    found
}

/// The mails that are attached to a mail.
fn attached<'m>(mail: &'m Mail<'_>) -> impl Iterator<Item = &'m Mail<'m>> {
    mail.attachments().filter_map(|part| match &part.body {
        PartType::Message(mail) => Some(mail),
        _ => None,
    })
}

/// The header that says that a program answers or reports.
fn automatic(mail: &Mail<'_>) -> Option<String> {
    // An empty `Return-Path` says nothing: mails with codes have one, too.
    let mut from = mail.from().into_iter().flat_map(addresses);
    if from.any(|from| from.to_ascii_lowercase().starts_with(DAEMON)) {
        return Some("From".into());
    }
    mail.headers_raw().find_map(|(name, value)| {
        let value = value.trim().to_ascii_lowercase();
        let is_known = AUTOMATIC
            .iter()
            .any(|(header, begins)| name.eq_ignore_ascii_case(header) && value.starts_with(begins));
        is_known.then(|| name.to_owned())
    })
}

fn addresses<'m>(list: &'m Address<'_>) -> impl Iterator<Item = String> + 'm {
    list.iter()
        .filter_map(|one| one.address().map(str::to_owned))
}

fn content(mail: &Mail<'_>) -> Content {
    if let Some(by) = automatic(mail) {
        return Content::Automatic { by };
    }
    let (plain, html) = texts(mail);
    Content::Text { plain, html }
}

/// What is plain and what is seen of the HTML, with that of attached mails after it.
fn texts(mail: &Mail<'_>) -> (Option<Body>, Option<Body>) {
    let plain = mail.text_bodies().filter_map(|part| match &part.body {
        PartType::Text(text) => Some(Body::from(text)),
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
    let (plain_attached, html_attached): (Vec<_>, Vec<_>) = attached(mail).map(texts).unzip();
    let quoted = |texts: Vec<Option<Body>>| {
        texts.into_iter().flatten().map(|mut text| {
            text.mark(0..text.as_str().len(), Mark::Quoted);
            text
        })
    };
    (
        joined(plain.chain(quoted(plain_attached))),
        joined(html.chain(broken).chain(root).chain(quoted(html_attached))),
    )
}

fn joined(parts: impl Iterator<Item = Body>) -> Option<Body> {
    let mut all = Body::default();
    for part in parts {
        all.append(&part);
    }
    (!all.is_blank()).then_some(all)
}
