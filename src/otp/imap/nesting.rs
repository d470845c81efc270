//! How deep brackets are nested in what a mail server says. The parser calls
//! itself for each of them, so it is not given more than it can bear.
//!
//! What stands in literals and quotes is not nested. A server could make this
//! take for a literal what the parser takes for text, and hide brackets in it; so
//! one at the end of a text, where none belongs, is refused as well.

use crate::ceilings::NESTED;

/// Responses that are a text for people.
const TEXTS: [&[u8]; 5] = [b"OK", b"NO", b"BAD", b"BYE", b"PREAUTH"];
/// The longest of those words, and what stands before it.
const LONGEST_START: usize = 9;

/// Follows what comes from a server.
#[derive(Debug, Default)]
pub(super) struct Nesting {
    place: Place,
    /// The beginning of the response, as far as it tells what it is.
    start: Vec<u8>,
    is_text: bool,
    /// Brackets that are open.
    depth: usize,
}

/// Where in a response the next byte is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Plain,
    Quoted,
    /// After a backslash in quotes.
    Escaped,
    /// In the length of what may be a literal.
    Length(u64),
    /// After that length.
    Closed(u64),
    /// After that and a carriage return.
    Return(u64),
    /// So many bytes of a literal are to come.
    Literal(u64),
}

impl Nesting {
    /// Takes what has come next; what is wrong with it, if anything is.
    pub(super) fn follow(&mut self, bytes: &[u8]) -> Result<(), &'static str> {
        let mut rest = bytes;
        while let Some((byte, after)) = rest.split_first() {
            if let Place::Literal(left) = self.place {
                let here = usize::try_from(left).unwrap_or(usize::MAX).min(rest.len());
                rest = &rest[here..];
                self.place = match left - here as u64 {
                    0 => Place::Plain,
                    left => Place::Literal(left),
                };
                continue;
            }
            self.take(*byte)?;
            rest = after;
        }
        Ok(())
    }

    /// Whether the last response has come whole, and nothing of another one.
    pub(super) fn is_between(&self) -> bool {
        self.start.is_empty()
    }

    fn take(&mut self, byte: u8) -> Result<(), &'static str> {
        self.begin(byte);
        self.place = match (self.place, byte) {
            (Place::Return(length), b'\n') => {
                if self.is_text {
                    return Err("the server's answer has a literal in a text");
                }
                match length {
                    0 => Place::Plain,
                    length => Place::Literal(length),
                }
            }
            (_, b'\n') => {
                self.start.clear();
                (self.depth, self.is_text) = (0, false);
                Place::Plain
            }
            (Place::Quoted, b'\\') => Place::Escaped,
            (Place::Quoted, b'"') => Place::Plain,
            (Place::Quoted | Place::Escaped, _) => Place::Quoted,
            (Place::Length(length), b'0'..=b'9') => {
                let digit = u64::from(byte - b'0');
                Place::Length(length.saturating_mul(10).saturating_add(digit))
            }
            (Place::Length(length), b'}') => Place::Closed(length),
            (Place::Closed(length), b'\r') => Place::Return(length),
            (_, b'{') => Place::Length(0),
            (_, b'"') if !self.is_text => Place::Quoted,
            (_, b'(') => {
                self.depth += 1;
                if self.depth > NESTED {
                    return Err("the server's answer is nested too deep");
                }
                Place::Plain
            }
            (_, b')') => {
                self.depth = self.depth.saturating_sub(1);
                Place::Plain
            }
            _ => Place::Plain,
        };
        Ok(())
    }

    /// Finds out at the beginning of a response whether it is a text: `* OK …`,
    /// and everything that is no untagged response.
    fn begin(&mut self, byte: u8) {
        if self.start.len() >= LONGEST_START {
            return;
        }
        self.start.push(byte);
        self.is_text = match self.start.strip_prefix(b"* ") {
            Some(word) => {
                let word = word.split(|byte| !byte.is_ascii_alphabetic()).next();
                let is_word = |text: &&[u8]| word.is_some_and(|it| it.eq_ignore_ascii_case(text));
                TEXTS.iter().any(is_word)
            }
            None => !b"* ".starts_with(&self.start),
        };
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{NESTED, Nesting};

    fn follow(text: &str) -> Result<(), &'static str> {
        Nesting::default().follow(text.as_bytes())
    }

    const DEEP: Result<(), &str> = Err("the server's answer is nested too deep");
    const HIDDEN: Result<(), &str> = Err("the server's answer has a literal in a text");

    #[test]
    fn brackets_are_counted_wherever_the_parser_calls_itself_for_them() {
        let many = "(".repeat(NESTED + 1);
        let few = "(".repeat(NESTED);
        let half = "(".repeat(NESTED / 2 + 1);
        for (text, expected) in [
            (format!("* 1 FETCH (BODYSTRUCTURE {many}\r\n"), DEEP),
            (format!("* THREAD {many}\r\n"), DEEP),
            (format!("* CAPABILITY {many}\r\n"), DEEP),
            (format!("* {many}\r\n"), DEEP),
            (format!("{many}\r\n"), DEEP),
            (format!("* OK [BADCHARSET {many}\r\n"), DEEP),
            (format!("a1 NO [BADCHARSET {many}\r\n"), DEEP),
            (format!("* THREAD {few}\r\n* THREAD {few}\r\n"), Ok(())),
            (
                format!("* 1 FETCH (BODY[] {{50}}\r\n{many}{many})\r\n* THREAD {few}\r\n"),
                DEEP,
            ),
            (
                format!("* 1 FETCH (BODY[] {{101}}\r\n{many})\r\n* THREAD {few}\r\n"),
                Ok(()),
            ),
            // Over the end of a line, which is a literal's.
            (format!("* LIST {half} {{2}}\r\n\r\n{half}\r\n"), DEEP),
            (format!("* LIST {half} {{0}}\r\n{half}\r\n"), DEEP),
            (format!("* LIST {half} \"{{2}}\r\n{half}\r\n"), Ok(())),
            (format!("* 1 FETCH (X \"\\\"{many}\" {few})\r\n"), DEEP),
            (format!("* 1 FETCH (X \"\\\"{many}\")\r\n"), Ok(())),
            // What hides brackets from this, and not from the parser.
            (format!("* OK {{1000}}\r\n* THREAD {many}\r\n"), HIDDEN),
            (format!("* ok {{1000}}\r\n* THREAD {many}\r\n"), HIDDEN),
            (format!("a1 OK \"{{1000}}\r\n* THREAD {many}\r\n"), HIDDEN),
            (format!("+ {{1000}}\r\n* THREAD {many}\r\n"), HIDDEN),
            (format!("* OK \"\r\n* THREAD {many}\r\n"), DEEP),
            (format!("* X {{5+}}\r\n* THREAD {many}\r\n"), DEEP),
            (format!("* X {{5}}\n* THREAD {many}\r\n"), DEEP),
            ("* OKAY {5}\r\n(((((\r\n".to_owned(), Ok(())),
        ] {
            assert_eq!(follow(&text), expected, "{text}");
        }
    }

    proptest! {
        /// However what comes is cut into pieces, it is the same.
        #[test]
        fn pieces_are_followed_as_the_whole_is(
            words in prop::collection::vec(
                prop::sample::select(vec![
                    "* ", "OK ", "1 FETCH ", "(((", ")", "\"", "\\", "{3}", "{0}", "\r\n", "\n", "a1 ", "{",
                ]),
                0..60,
            ),
            cut in 0usize..200,
        ) {
            let text = words.concat();
            let bytes = text.as_bytes();
            let (left, right) = bytes.split_at(cut.min(bytes.len()));
            let mut nesting = Nesting::default();
            let pieces = nesting.follow(left).and_then(|()| nesting.follow(right));
            prop_assert_eq!(pieces, follow(&text));
        }
    }
}
