//! A text in which secrets are looked for, and the same with its escapes undone.

use std::ops::Range;

use zeroize::Zeroizing;

/// Bytes in the form in which they are compared, and where each comes from in
/// the text. The text is that of a server: it may hold anything.
pub(super) struct Level {
    pub(super) bytes: Zeroizing<Vec<u8>>,
    places: Vec<Range<usize>>,
}

/// What a byte is compared as: small letters, and one alphabet of base64. A line
/// end counts for nothing, as some break what is long.
pub(super) fn compared(byte: u8) -> Option<u8> {
    match byte {
        b'\r' | b'\n' => None,
        b'+' | b'-' => Some(b' '),
        b'_' => Some(b'/'),
        other => Some(other.to_ascii_lowercase()),
    }
}

impl Level {
    /// The text as it is.
    pub(super) fn new(text: &str) -> Self {
        let mut level = Self::empty();
        for (at, byte) in text.bytes().enumerate() {
            level.push(byte, at..at + 1);
        }
        level
    }

    fn empty() -> Self {
        Self {
            bytes: Zeroizing::default(),
            places: Vec::new(),
        }
    }

    fn push(&mut self, byte: u8, place: Range<usize>) {
        if let Some(byte) = compared(byte) {
            self.bytes.push(byte);
            self.places.push(place);
        }
    }

    /// Where a part of it is in the text.
    pub(super) fn place(&self, part: Range<usize>) -> Option<Range<usize>> {
        let first = self.places.get(part.start)?;
        let last = self.places.get(part.end.checked_sub(1)?)?;
        Some(first.start..last.end)
    }

    /// The same with the escapes that begin with one of these marks undone, once;
    /// `None` when there are none.
    pub(super) fn unescaped(&self, marks: &[u8]) -> Option<Self> {
        let mut next = Self::empty();
        let mut at = 0;
        let mut found = false;
        while let Some(rest) = self.bytes.get(at..).filter(|rest| !rest.is_empty()) {
            let escape = Some(rest).filter(|rest| marks.contains(&rest[0]));
            let escape = escape.and_then(escape_of);
            let (decoded, length) = escape.unwrap_or((Decoded::Byte(rest[0]), 1));
            found |= length > 1;
            let place = self.place(at..at + length)?;
            match decoded {
                Decoded::Byte(byte) => next.push(byte, place),
                Decoded::Char(c) => {
                    for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                        next.push(byte, place.clone());
                    }
                }
            }
            at += length;
        }
        found.then_some(next)
    }
}

enum Decoded {
    Byte(u8),
    Char(char),
}

/// The escape that a text begins with, and its length.
fn escape_of(text: &[u8]) -> Option<(Decoded, usize)> {
    match text {
        [b'%', digits @ ..] => {
            let code = number(digits.get(..2)?, 16)?;
            Some((Decoded::Byte(u8::try_from(code).ok()?), 3))
        }
        [b'\\', b'u', digits @ ..] => {
            let code = number(digits.get(..4)?, 16)?;
            if !(0xd800..0xdc00).contains(&code) {
                return Some((Decoded::Char(char::from_u32(code)?), 6));
            }
            let [b'\\', b'u', low @ ..] = digits.get(4..)? else {
                return None;
            };
            let low = number(low.get(..4)?, 16)?.checked_sub(0xdc00)?;
            let code = 0x1_0000 + ((code - 0xd800) << 10) + low;
            Some((Decoded::Char(char::from_u32(code)?), 12))
        }
        [b'\\', b'n' | b'r', ..] => Some((Decoded::Byte(b'\n'), 2)),
        [b'\\', b't', ..] => Some((Decoded::Byte(b'\t'), 2)),
        [b'\\', other @ (b'"' | b'\'' | b'\\' | b'/'), ..] => Some((Decoded::Byte(*other), 2)),
        [b'&', rest @ ..] => {
            let end = rest.iter().take(8).position(|byte| *byte == b';')?;
            let c = entity(rest.get(..end)?)?;
            Some((Decoded::Char(c), end + 2))
        }
        _ => None,
    }
}

fn entity(name: &[u8]) -> Option<char> {
    match name {
        b"amp" => Some('&'),
        b"lt" => Some('<'),
        b"gt" => Some('>'),
        b"quot" => Some('"'),
        b"apos" => Some('\''),
        [b'#', b'x', digits @ ..] => char::from_u32(number(digits, 16)?),
        [b'#', digits @ ..] => char::from_u32(number(digits, 10)?),
        _ => None,
    }
}

fn number(digits: &[u8], radix: u32) -> Option<u32> {
    let text = std::str::from_utf8(digits).ok()?;
    // `from_str_radix` takes a sign.
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    plain.then(|| u32::from_str_radix(text, radix).ok())?
}
