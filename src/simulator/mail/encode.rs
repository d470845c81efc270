//! Text in seven bits: quoted-printable bodies, encoded words and addresses in
//! headers.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Longest line of a quoted-printable body.
const LINE: usize = 76;

/// Most bytes in an encoded word: with what surrounds them they make 75
/// characters at most (RFC 2047, 2).
const WORD: usize = 45;

/// A text as a quoted-printable body: lines end in CRLF, whatever they ended
/// in before, and the last one does.
pub(super) fn quoted_printable(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len() + text.len() / 8);
    let text = text.strip_suffix('\n').unwrap_or(text);
    for line in text.split('\n') {
        encode_line(line.strip_suffix('\r').unwrap_or(line), &mut encoded);
        encoded.push_str("\r\n");
    }
    encoded
}

fn encode_line(line: &str, encoded: &mut String) {
    let mut width = 0;
    let mut bytes = line.bytes().peekable();
    while let Some(byte) = bytes.next() {
        let last = bytes.peek().is_none();
        // A space at the end of a line would be lost on the way.
        let plain = match byte {
            b'=' => false,
            b' ' | b'\t' => !last,
            _ => byte.is_ascii_graphic(),
        };
        let needed = if plain { 1 } else { 3 };
        // One character is left for the `=` of a soft break.
        if width + needed >= LINE {
            encoded.push_str("=\r\n");
            width = 0;
        }
        if plain {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "={byte:02X}");
        }
        width += needed;
    }
}

/// A text as the value of a header: as it is when that is safe, in folded
/// encoded words otherwise. No line break survives.
pub(super) fn header_text(text: &str) -> String {
    let plain = text.len() <= LINE
        && !text.contains("=?")
        && text == text.trim()
        && text.bytes().all(|b| b == b' ' || b.is_ascii_graphic());
    if plain {
        return text.to_owned();
    }
    let text: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let mut words = Vec::new();
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let fits =
            |(start, c): (usize, char)| Some(start + c.len_utf8()).filter(|end| *end <= WORD);
        let end = rest.char_indices().map_while(fits).last();
        let (word, after) = rest.split_at(end.unwrap_or(rest.len()));
        words.push(format!("=?utf-8?B?{}?=", STANDARD.encode(word)));
        rest = after;
    }
    words.join("\r\n ")
}

/// An address as it stands in a header: the part before the `@` is quoted when
/// it is not made of atoms.
pub(super) fn header_address(address: &str) -> String {
    let (local, domain) = split_address(address);
    let atom = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
    let plain = local
        .split('.')
        .all(|part| !part.is_empty() && part.chars().all(atom));
    if plain {
        return address.to_owned();
    }
    let mut quoted = String::from("\"");
    for c in local.chars() {
        if matches!(c, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    format!("{quoted}\"@{domain}")
}

/// What stands before and after the `@`.
pub(super) fn split_address(address: &str) -> (&str, &str) {
    address.rsplit_once('@').unwrap_or((address, ""))
}

/// A text in HTML, where nothing in it means anything.
pub(super) fn html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\n' => escaped.push_str("<br>\n"),
            _ => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{header_address, header_text, quoted_printable};

    /// What a reader makes of it, by the rules of RFC 2045.
    fn decode(encoded: &str) -> String {
        let joined = encoded.replace("=\r\n", "");
        let mut bytes = Vec::new();
        let mut rest = joined.as_bytes();
        while let Some((&first, after)) = rest.split_first() {
            if first == b'=' {
                let hex = std::str::from_utf8(&after[..2]).unwrap();
                bytes.push(u8::from_str_radix(hex, 16).unwrap());
                rest = &after[2..];
            } else {
                bytes.push(first);
                rest = after;
            }
        }
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn ordinary_text_stays_readable() {
        assert_eq!(
            quoted_printable("Hello Élan,\n\na=b \n"),
            "Hello =C3=89lan,\r\n\r\na=3Db=20\r\n"
        );
    }

    #[test]
    fn a_header_cannot_be_broken_out_of() {
        assert_eq!(header_text("Your code"), "Your code");
        for text in ["a\r\nBcc: x@example.org", "é", " a", "=?utf-8?B?x?="] {
            let header = header_text(text);
            assert!(header.starts_with("=?utf-8?B?"), "{header}");
            assert!(!header.contains("Bcc"), "{header}");
        }
    }

    #[test]
    fn odd_addresses_are_quoted() {
        assert_eq!(header_address("a.b+c@example.org"), "a.b+c@example.org");
        assert_eq!(
            header_address("a\"b,<c>@example.org"),
            "\"a\\\"b,<c>\"@example.org"
        );
        assert_eq!(header_address("a..b@example.org"), "\"a..b\"@example.org");
    }

    proptest! {
        #[test]
        fn a_quoted_printable_body_is_short_lines_that_read_the_same(text in "(\\PC|[ \t=\n]){0,300}") {
            let encoded = quoted_printable(&text);
            for line in encoded.split("\r\n") {
                prop_assert!(line.len() <= 76, "{line}");
                prop_assert!(!line.ends_with([' ', '\t']), "{line}");
                prop_assert!(line.is_ascii());
            }
            let mut expected = text.strip_suffix('\n').unwrap_or(&text).to_owned();
            expected.push('\n');
            prop_assert_eq!(decode(&encoded).replace("\r\n", "\n"), expected);
        }

        #[test]
        fn header_lines_are_short_and_ascii(text in "\\PC{0,200}") {
            for line in header_text(&text).split("\r\n") {
                prop_assert!(line.len() <= 76 && line.is_ascii(), "{line}");
            }
        }
    }
}
