//! A message of the outbox as a mail: RFC 5322 with MIME. A text becomes
//! text/plain with text/html beside it, HTML stays HTML alone.
//!
//! It is rendered when it is asked for, and always the same: nothing but the
//! message goes into it.

use std::fmt::Write;
use std::ops::Range;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::encode::{header_address, header_text, html, quoted_printable};
use crate::wire::OutboxMessage;

/// Domain of the sender and of message ids; reserved, so nobody's.
pub(super) const DOMAIN: &str = "rehearse.example";
/// Part of the sender's address before the `@`.
pub(super) const SENDER: &str = "no-reply";

/// The sender's name.
pub(super) const SENDER_NAME: &str = "rehearse simulator";

/// A mail, and where its parts are in it.
pub(super) struct Mail {
    bytes: Vec<u8>,
    /// Where the body begins; the empty line belongs to the header.
    body: usize,
    shape: Shape,
}

/// What the body is.
pub(super) enum Shape {
    /// The body is the part.
    Single(Part),
    /// `multipart/alternative`.
    Alternative { boundary: String, parts: [Part; 2] },
}

/// A leaf of the mail; text, quoted-printable, UTF-8.
pub(super) struct Part {
    /// `PLAIN` or `HTML`.
    pub(super) subtype: &'static str,
    /// Its own header, the empty line included; none for a single part.
    pub(super) header: Range<usize>,
    pub(super) body: Range<usize>,
}

impl Mail {
    pub(super) fn of(message: &OutboxMessage) -> Self {
        let mut text = String::with_capacity(1024 + 2 * message.body.len());
        // Writing to a text does not fail.
        let _ = write!(
            text,
            "From: {SENDER_NAME} <{SENDER}@{DOMAIN}>\r\nTo: {}\r\nSubject: {}\r\nDate: {}\r\n\
             Message-ID: {}\r\nMIME-Version: 1.0\r\n",
            header_address(&message.to),
            subject(message),
            date(message.sent_at),
            message_id(message),
        );
        let (body, shape) = if message.html {
            let start = open_part(&mut text, "html");
            let part = close_part(&mut text, start..start, "HTML", &message.body);
            (start, Shape::Single(part))
        } else {
            alternative(&mut text, message)
        };
        Self {
            bytes: text.into_bytes(),
            body,
            shape,
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The header with the empty line that ends it.
    pub(super) fn header(&self) -> &[u8] {
        self.at(&(0..self.body))
    }

    pub(super) fn body(&self) -> &[u8] {
        self.at(&(self.body..self.bytes.len()))
    }

    pub(super) fn shape(&self) -> &Shape {
        &self.shape
    }

    /// The leaf of a number, which begins at one.
    pub(super) fn part(&self, number: u32) -> Option<&Part> {
        let index = usize::try_from(number).ok()?.checked_sub(1)?;
        match &self.shape {
            Shape::Single(part) => (index == 0).then_some(part),
            Shape::Alternative { parts, .. } => parts.get(index),
        }
    }

    pub(super) fn at(&self, range: &Range<usize>) -> &[u8] {
        self.bytes.get(range.clone()).unwrap_or_default()
    }
}

fn alternative(text: &mut String, message: &OutboxMessage) -> (usize, Shape) {
    // `=_` is in no quoted-printable text.
    let boundary = format!("=_rehearse_{}", message.sequence);
    let _ = write!(
        text,
        "Content-Type: multipart/alternative; boundary=\"{boundary}\"\r\n\r\n"
    );
    let body = text.len();
    let page = format!(
        "<html><body><p>{}</p></body></html>\n",
        html(message.body.trim_end())
    );
    let parts = [
        ("plain", "PLAIN", message.body.as_str()),
        ("html", "HTML", page.as_str()),
    ];
    let parts = parts.map(|(name, subtype, content)| {
        let _ = write!(text, "--{boundary}\r\n");
        let start = text.len();
        let end = open_part(text, name);
        let part = close_part(text, start..end, subtype, content);
        // This line break belongs to the boundary.
        text.push_str("\r\n");
        part
    });
    let _ = write!(text, "--{boundary}--\r\n");
    (body, Shape::Alternative { boundary, parts })
}

/// Writes what describes a part; gives where its body begins.
fn open_part(text: &mut String, subtype: &str) -> usize {
    let _ = write!(
        text,
        "Content-Type: text/{subtype}; charset=utf-8\r\n\
         Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    );
    text.len()
}

fn close_part(
    text: &mut String,
    header: Range<usize>,
    subtype: &'static str,
    content: &str,
) -> Part {
    let start = text.len();
    text.push_str(&quoted_printable(content));
    Part {
        subtype,
        header,
        body: start..text.len(),
    }
}

/// The subject as it stands in the header.
pub(super) fn subject(message: &OutboxMessage) -> String {
    header_text(message.subject.as_deref().unwrap_or_default())
}

/// `<sequence.time@domain>`
pub(super) fn message_id(message: &OutboxMessage) -> String {
    format!("<{}.{}@{DOMAIN}>", message.sequence, message.sent_at)
}

/// A time as it stands in a mail, in UTC.
pub(super) fn date(sent_at: i64) -> String {
    let at = moment(sent_at).to_zoned_datetime(TimeZone::UTC);
    at.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string()
}

/// The time of milliseconds since 1970.
pub(super) fn moment(sent_at: i64) -> Timestamp {
    Timestamp::from_millisecond(sent_at).unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::{Mail, Shape};
    use crate::simulator::mail::mailbox::tests::message;

    #[test]
    fn a_code_is_sent_as_text_and_as_html() {
        let mail = Mail::of(&message(
            7,
            "ada@example.org",
            "Hello É,\n\nyour code is 123456.\n",
        ));
        insta::assert_snapshot!(String::from_utf8_lossy(mail.bytes()).replace('\r', ""), @r#"
        From: rehearse simulator <no-reply@rehearse.example>
        To: ada@example.org
        Subject: Your verification code
        Date: Tue, 14 Nov 2023 22:13:20 +0000
        Message-ID: <7.1700000000000@rehearse.example>
        MIME-Version: 1.0
        Content-Type: multipart/alternative; boundary="=_rehearse_7"

        --=_rehearse_7
        Content-Type: text/plain; charset=utf-8
        Content-Transfer-Encoding: quoted-printable

        Hello =C3=89,

        your code is 123456.

        --=_rehearse_7
        Content-Type: text/html; charset=utf-8
        Content-Transfer-Encoding: quoted-printable

        <html><body><p>Hello =C3=89,<br>
        <br>
        your code is 123456.</p></body></html>

        --=_rehearse_7--
        "#);
    }

    #[test]
    fn parts_are_where_they_are_said_to_be() {
        let mail = Mail::of(&message(7, "ada@example.org", "a\n"));
        assert!(mail.header().ends_with(b"\r\n\r\n"));
        assert!(mail.body().starts_with(b"--=_rehearse_7\r\n"));
        let plain = mail.part(1).unwrap();
        assert_eq!(mail.at(&plain.body), b"a\r\n");
        assert!(
            mail.at(&plain.header)
                .starts_with(b"Content-Type: text/plain")
        );
        assert!(mail.part(0).is_none() && mail.part(3).is_none());
    }

    #[test]
    fn html_of_a_user_is_sent_as_it_is() {
        let mut message = message(7, "ada@example.org", "<p>Hi</p>");
        message.html = true;
        let mail = Mail::of(&message);
        assert!(matches!(mail.shape(), Shape::Single(_)));
        assert_eq!(mail.body(), b"<p>Hi</p>\r\n");
        assert_eq!(mail.at(&mail.part(1).unwrap().body), mail.body());
    }
}
