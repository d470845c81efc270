//! Where a command ends: a line, and the literals in it with the lines after
//! them.

/// Longest command, lines and literals together.
pub(super) const LIMIT: usize = 128 * 1024;

/// What has been read so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framed {
    /// A command of this many bytes, the line break at its end included.
    Whole(usize),
    /// More must come. The peer waits until it has been asked this many times
    /// to go on.
    Partial { asked: usize },
    /// The command is, or says that it will be, longer than is taken.
    TooLong,
}

/// Looks for the end of a command in bytes that grow.
#[derive(Debug, Default)]
pub(super) struct Framer {
    /// Everything before was looked at; a line or a part of one begins here.
    at: usize,
    /// Literals whose sender waits to be asked.
    asked: usize,
}

impl Framer {
    /// Looks at all bytes since the last command; the same as before, and more.
    pub(super) fn look(&mut self, bytes: &[u8]) -> Framed {
        loop {
            let rest = bytes.get(self.at..).unwrap_or_default();
            let Some(length) = rest.iter().position(|byte| *byte == b'\n') else {
                return self.partial(bytes.len());
            };
            let line = rest.get(..length).unwrap_or_default();
            let end = self.at + length + 1;
            let Some(literal) = announced(line.strip_suffix(b"\r").unwrap_or(line)) else {
                *self = Self::default();
                return if end > LIMIT {
                    Framed::TooLong
                } else {
                    Framed::Whole(end)
                };
            };
            let after = end.saturating_add(literal.length);
            if after > LIMIT {
                return Framed::TooLong;
            }
            self.asked += usize::from(literal.waits);
            // May be beyond what is there: the literal is still to come.
            self.at = after;
        }
    }

    fn partial(&self, length: usize) -> Framed {
        if length > LIMIT {
            return Framed::TooLong;
        }
        Framed::Partial { asked: self.asked }
    }
}

/// A literal that a line announces.
#[derive(Clone, Copy)]
pub(super) struct Literal {
    pub(super) length: usize,
    /// The sender waits for the server to ask for it.
    waits: bool,
}

/// The literal at the end of a line: `{5}`, or `{5+}` that comes unasked.
pub(super) fn announced(line: &[u8]) -> Option<Literal> {
    let inner = line.strip_suffix(b"}")?;
    let start = inner.iter().rposition(|byte| *byte == b'{')?;
    let inner = inner.get(start + 1..)?;
    let (digits, waits) = match inner.strip_suffix(b"+") {
        Some(digits) => (digits, false),
        None => (inner, true),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    // A number that does not fit is too long, not no number.
    let length = std::str::from_utf8(digits)
        .ok()?
        .parse()
        .unwrap_or(usize::MAX);
    Some(Literal { length, waits })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Framed, Framer, LIMIT};

    fn look(bytes: &[u8]) -> Framed {
        Framer::default().look(bytes)
    }

    #[test]
    fn a_line_is_a_command() {
        assert_eq!(look(b"a NOOP\r\nb NOOP\r\n"), Framed::Whole(8));
        assert_eq!(look(b"a NOOP\n"), Framed::Whole(7));
        assert_eq!(look(b"a NOOP\r"), Framed::Partial { asked: 0 });
    }

    #[test]
    fn a_literal_is_asked_for() {
        assert_eq!(look(b"a LOGIN {3}\r\n"), Framed::Partial { asked: 1 });
        let mut framer = Framer::default();
        assert_eq!(
            framer.look(b"a LOGIN {3}\r\n"),
            Framed::Partial { asked: 1 }
        );
        assert_eq!(
            framer.look(b"a LOGIN {3}\r\nab\n {1}\r\n"),
            Framed::Partial { asked: 2 }
        );
        assert_eq!(
            framer.look(b"a LOGIN {3}\r\nab\n {1}\r\n\n\r\n"),
            Framed::Whole(25)
        );
    }

    #[test]
    fn a_literal_may_come_unasked() {
        assert_eq!(look(b"a LOGIN {3+}\r\nabc x\r\n"), Framed::Whole(21));
        assert_eq!(look(b"a LOGIN {3+}\r\nab"), Framed::Partial { asked: 0 });
    }

    #[test]
    fn what_only_looks_like_a_literal_is_text() {
        for line in [
            "a {}\r\n",
            "a {x}\r\n",
            "a {1}x\r\n",
            "a {-1}\r\n",
            "a 1}\r\n",
        ] {
            assert_eq!(look(line.as_bytes()), Framed::Whole(line.len()), "{line}");
        }
    }

    #[test]
    fn endless_lines_and_huge_literals_are_refused() {
        assert_eq!(look(&vec![b'a'; LIMIT + 1]), Framed::TooLong);
        let mut line = vec![b'a'; LIMIT + 1];
        line.extend(b"\r\n");
        assert_eq!(look(&line), Framed::TooLong);
        for literal in ["131072", "99999999999999999999999", "18446744073709551615"] {
            for plus in ["", "+"] {
                let line = format!("a LOGIN {{{literal}{plus}}}\r\n");
                assert_eq!(look(line.as_bytes()), Framed::TooLong, "{line}");
            }
        }
    }

    proptest! {
        #[test]
        fn it_makes_no_difference_how_bytes_arrive(
            bytes in prop::collection::vec(prop_oneof![
                Just(b"{3}\r\n".to_vec()), Just(b"{2+}\r\n".to_vec()), Just(b"\r\n".to_vec()),
                prop::collection::vec(any::<u8>(), 0..4),
            ], 0..12).prop_map(|parts| parts.concat()),
        ) {
            let whole = look(&bytes);
            let mut framer = Framer::default();
            let mut last = Framed::Partial { asked: 0 };
            for end in 0..=bytes.len() {
                last = framer.look(&bytes[..end]);
                if !matches!(last, Framed::Partial { .. }) {
                    break;
                }
            }
            prop_assert_eq!(last, whole);
        }

        #[test]
        fn a_part_of_a_command_is_incomplete(
            words in prop::collection::vec("[a-z]{1,5}|\\{[0-9]\\+?\\}\r\n[a-z]{9}", 1..6),
        ) {
            let command = format!("{}\r\n", words.join(" "));
            let Framed::Whole(length) = look(command.as_bytes()) else {
                return Ok(());
            };
            for end in 0..length {
                let part = look(&command.as_bytes()[..end]);
                prop_assert!(matches!(part, Framed::Partial { .. }), "{part:?} at {end}");
            }
        }
    }
}
