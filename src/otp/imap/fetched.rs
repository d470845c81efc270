//! What a server tells of one message: the four things that are asked for,
//! wherever and however they stand among others.

use std::borrow::Cow;
use std::io::{self, Write};

/// The answer to a `FETCH`, for one message.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Fetched<'a> {
    uid: u32,
    size: Option<u64>,
    /// When it arrived.
    date: Option<Cow<'a, [u8]>>,
    body: Option<Cow<'a, [u8]>>,
}

impl<'a> Fetched<'a> {
    /// Reads `(UID 7 BODY[] {3}…)`; `None` when it is broken, or when nobody asked
    /// for it: then it has no number that stays.
    pub(super) fn read(text: &'a [u8]) -> Option<Self> {
        let mut rest = text.strip_prefix(b"(")?;
        let (mut fetched, mut uid) = (Self::default(), None);
        loop {
            rest = rest.trim_ascii_start();
            if rest.first().is_none_or(|byte| *byte == b')') {
                break;
            }
            let name = take_name(&mut rest).to_ascii_uppercase();
            let value = take_value(&mut rest)?;
            let number = || str::from_utf8(&value).ok()?.parse().ok();
            match name.as_slice() {
                b"UID" => uid = number().and_then(|uid: u64| u32::try_from(uid).ok()),
                b"RFC822.SIZE" => fetched.size = number(),
                b"INTERNALDATE" => fetched.date = Some(value).filter(|date| date.is_ascii()),
                b"RFC822" => fetched.body = Some(value),
                name if name.starts_with(b"BODY[]") => fetched.body = Some(value),
                _ => {}
            }
        }
        Some(Self {
            uid: uid?,
            ..fetched
        })
    }

    /// Writes it as the client's parser wants it.
    pub(super) fn write(&self, sequence: u32, out: &mut Vec<u8>) -> io::Result<()> {
        write!(out, "* {sequence} FETCH (UID {}", self.uid)?;
        if let Some(size) = self.size {
            write!(out, " RFC822.SIZE {}", size.min(u32::MAX.into()))?;
        }
        if let Some(date) = &self.date {
            write!(out, " INTERNALDATE {{{}}}\r\n", date.len())?;
            out.extend_from_slice(date);
        }
        if let Some(body) = &self.body {
            write!(out, " BODY[]<0> {{{}}}\r\n", body.len())?;
            out.extend_from_slice(body);
        }
        out.extend_from_slice(b")\r\n");
        Ok(())
    }
}

/// `BODY[HEADER.FIELDS (TO CC)]<0>`: up to a space that is in no brackets.
fn take_name<'a>(rest: &mut &'a [u8]) -> &'a [u8] {
    let mut depth = 0_usize;
    let end = rest.iter().position(|byte| {
        match byte {
            b'[' => depth += 1,
            b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        *byte == b' ' && depth == 0
    });
    let (name, after) = rest.split_at(end.unwrap_or(rest.len()));
    *rest = after.trim_ascii_start();
    name
}

/// A string, a literal or a word; of a list, nothing but its end.
fn take_value<'a>(rest: &mut &'a [u8]) -> Option<Cow<'a, [u8]>> {
    if rest.first() != Some(&b'(') {
        return take_plain(rest);
    }
    let mut depth = 0_usize;
    loop {
        match rest.trim_ascii_start().split_first()? {
            (b'(', after) => (*rest, depth) = (after, depth + 1),
            (b')', after) => (*rest, depth) = (after, depth - 1),
            _ => {
                *rest = rest.trim_ascii_start();
                take_plain(rest)?;
            }
        }
        if depth == 0 {
            return Some(Cow::default());
        }
    }
}

fn take_plain<'a>(rest: &mut &'a [u8]) -> Option<Cow<'a, [u8]>> {
    let literal = rest.strip_prefix(b"~").unwrap_or(rest);
    if let Some(text) = rest.strip_prefix(b"\"") {
        return take_quoted(text, rest);
    }
    if let Some(text) = literal.strip_prefix(b"{") {
        let end = text.iter().position(|byte| *byte == b'}')?;
        let (length, text) = text.split_at(end);
        let length: usize = str::from_utf8(length).ok()?.parse().ok()?;
        let text = text.strip_prefix(b"}\r\n")?;
        let (value, after) = text.split_at_checked(length)?;
        *rest = after;
        return Some(Cow::Borrowed(value));
    }
    let end = rest.iter().position(|byte| b" ()".contains(byte));
    let (word, after) = rest.split_at(end.unwrap_or(rest.len()));
    *rest = after;
    let nothing = word.eq_ignore_ascii_case(b"NIL");
    Some(Cow::Borrowed(if nothing { b"" } else { word }))
}

fn take_quoted<'a>(text: &'a [u8], rest: &mut &'a [u8]) -> Option<Cow<'a, [u8]>> {
    let mut escaped = false;
    let end = text.iter().position(|byte| {
        let ends = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        ends
    })?;
    *rest = &text[end + 1..];
    let inner = &text[..end];
    if !inner.contains(&b'\\') {
        return Some(Cow::Borrowed(inner));
    }
    let mut plain = Vec::with_capacity(inner.len());
    let mut bytes = inner.iter();
    while let Some(byte) = bytes.next() {
        let byte = if *byte == b'\\' {
            bytes.next()
        } else {
            Some(byte)
        };
        plain.extend(byte);
    }
    Some(Cow::Owned(plain))
}

#[cfg(test)]
mod tests {
    use super::Fetched;

    fn written(text: &str) -> Option<String> {
        let mut out = Vec::new();
        Fetched::read(text.as_bytes())?.write(3, &mut out).unwrap();
        Some(String::from_utf8(out).unwrap())
    }

    #[test]
    fn the_four_things_are_found_among_all_others() {
        let mail = "* 3 FETCH (UID 7 BODY[]<0> {5}\r\na (\"b)\r\n";
        for text in [
            "(UID 7 BODY[]<0> {5}\r\na (\"b)",
            "(body[]<0> \"a (\\\"b\" uid 7)",
            "( UID  7  BODY[] ~{5}\r\na (\"b )",
            "(FLAGS (\\Seen \"(\" {2}\r\n)) ) UID 7 RFC822 {5}\r\na (\"b MODSEQ (12345))",
            "(X-GM-LABELS (\"\\\\Inbox\" {3}\r\nb)( ()) X-GM-MSGID 123 EMAILID (M6d) BODY[]<0> {5}\r\na (\"b UID 7)",
            "(ENVELOPE (NIL ((\"A\" NIL \"b\" \"c)\")) NIL) BODY[HEADER.FIELDS (TO CC)] {2}\r\nxx UID 7 BODY[] {5}\r\na (\"b)",
        ] {
            assert_eq!(written(text).as_deref(), Some(mail), "{text}");
        }
        assert_eq!(
            written("(RFC822.SIZE 99999999999 INTERNALDATE \" 1-Jan-2026 10:00:00 +0000\" UID 7)")
                .unwrap(),
            "* 3 FETCH (UID 7 RFC822.SIZE 4294967295 INTERNALDATE {26}\r\n 1-Jan-2026 10:00:00 +0000)\r\n"
        );
    }

    #[test]
    fn what_is_broken_or_was_not_asked_for_is_none() {
        for text in [
            "",
            "()",
            "(FLAGS (\\Seen))",
            "(UID 7 BODY[] {9}\r\nshort)",
            "(UID 7 BODY[] {99999999999999999999}\r\nx)",
            "(UID 7 BODY[] \"open)",
            "(UID 7 FLAGS (open",
            "(UID x)",
            "(UID 99999999999)",
        ] {
            assert_eq!(written(text), None, "{text}");
        }
    }
}
