//! A mail's structure and envelope as `FETCH` gives them.

use super::write::string;
use crate::simulator::mail::encode::split_address;
use crate::simulator::mail::render::{self, DOMAIN, Mail, Part, SENDER, SENDER_NAME, Shape};
use crate::wire::OutboxMessage;

/// `ENVELOPE`: what is in the header.
pub(super) fn envelope(message: &OutboxMessage, out: &mut Vec<u8>) {
    out.push(b'(');
    string(&render::date(message.sent_at), out);
    out.push(b' ');
    string(&render::subject(message).replace("\r\n", ""), out);
    // From, and the same again as sender and reply-to (RFC 3501, 7.4.2).
    for _ in 0..3 {
        out.push(b' ');
        address(Some(SENDER_NAME), SENDER, DOMAIN, out);
    }
    out.push(b' ');
    let (local, domain) = split_address(&message.to);
    address(None, local, domain, out);
    out.extend(b" NIL NIL NIL ");
    string(&render::message_id(message), out);
    out.push(b')');
}

fn address(name: Option<&str>, local: &str, domain: &str, out: &mut Vec<u8>) {
    out.extend(b"((");
    match name {
        Some(name) => string(name, out),
        None => out.extend(b"NIL"),
    }
    out.extend(b" NIL ");
    string(local, out);
    out.push(b' ');
    string(domain, out);
    out.extend(b"))");
}

/// `BODYSTRUCTURE`, or `BODY` when not extended.
pub(super) fn structure(mail: &Mail, extended: bool, out: &mut Vec<u8>) {
    match mail.shape() {
        Shape::Single(part) => leaf(mail, part, extended, out),
        Shape::Alternative { boundary, parts } => {
            out.push(b'(');
            for part in parts {
                leaf(mail, part, extended, out);
            }
            out.extend(b" \"ALTERNATIVE\"");
            if extended {
                out.extend(b" (\"BOUNDARY\" ");
                string(boundary, out);
                out.extend(b") NIL NIL NIL");
            }
            out.push(b')');
        }
    }
}

fn leaf(mail: &Mail, part: &Part, extended: bool, out: &mut Vec<u8>) {
    let body = mail.at(&part.body);
    // Every line of a body ends, the last one too.
    let lines = body.split(|byte| *byte == b'\n').count() - 1;
    let text = format!(
        "(\"TEXT\" \"{}\" (\"CHARSET\" \"UTF-8\") NIL NIL \"QUOTED-PRINTABLE\" {} {lines}",
        part.subtype,
        body.len(),
    );
    out.extend(text.as_bytes());
    if extended {
        out.extend(b" NIL NIL NIL NIL");
    }
    out.push(b')');
}
