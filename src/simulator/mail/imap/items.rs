//! What `FETCH` asks for.

use std::fmt::Write;

use super::cursor::{Cursor, Malformed, Parsed};

/// Most items in one command.
const MOST: usize = 64;

/// A thing to fetch of each mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Item {
    Flags,
    Uid,
    InternalDate,
    Size,
    Envelope,
    /// `BODYSTRUCTURE`, or `BODY` without the extension data.
    Structure {
        extended: bool,
    },
    Section(Section),
}

/// A piece of a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Section {
    /// What the answer calls it.
    pub(super) label: String,
    /// Numbers of nested parts; none is the mail itself.
    pub(super) path: Vec<u32>,
    pub(super) of: Piece,
    /// Leaves the mail unseen.
    pub(super) peek: bool,
    /// First byte and count.
    pub(super) partial: Option<(u32, u32)>,
}

/// Which piece of a mail or of a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Whole,
    Header,
    /// Some fields, or all but these.
    Fields {
        names: Vec<String>,
        others: bool,
    },
    Text,
    /// The header of a part.
    Mime,
}

impl Item {
    /// Whether fetching it makes a mail seen.
    pub(super) fn marks(&self) -> bool {
        matches!(self, Self::Section(section) if !section.peek)
    }

    /// Whether it needs more than the message.
    pub(super) fn renders(&self) -> bool {
        matches!(self, Self::Size | Self::Structure { .. } | Self::Section(_))
    }
}

/// One item, some in parentheses, or a name for several.
pub(super) fn read_items(cursor: &mut Cursor<'_>) -> Parsed<Vec<Item>> {
    if cursor.peek() == Some(b'(') {
        let items = cursor.list(MOST, read_item)?;
        if items.is_empty() {
            return Err(Malformed("nothing to fetch"));
        }
        return Ok(items);
    }
    let mut after = cursor.clone();
    let usual = [Item::Flags, Item::InternalDate, Item::Size];
    let more = match after.word().as_str() {
        "FAST" => vec![],
        "ALL" => vec![Item::Envelope],
        "FULL" => vec![Item::Envelope, Item::Structure { extended: false }],
        _ => return Ok(vec![read_item(cursor)?]),
    };
    *cursor = after;
    Ok(usual.into_iter().chain(more).collect())
}

fn read_item(cursor: &mut Cursor<'_>) -> Parsed<Item> {
    let whole = |label: &str, of: Piece, peek: bool| {
        Item::Section(Section {
            label: label.to_owned(),
            path: Vec::new(),
            of,
            peek,
            partial: None,
        })
    };
    let word = cursor.word();
    Ok(match word.as_str() {
        "FLAGS" => Item::Flags,
        "UID" => Item::Uid,
        "INTERNALDATE" => Item::InternalDate,
        "RFC822.SIZE" => Item::Size,
        "ENVELOPE" => Item::Envelope,
        "BODYSTRUCTURE" => Item::Structure { extended: true },
        "RFC822" => whole("RFC822", Piece::Whole, false),
        "RFC822.HEADER" => whole("RFC822.HEADER", Piece::Header, true),
        "RFC822.TEXT" => whole("RFC822.TEXT", Piece::Text, false),
        "BODY" if cursor.peek() != Some(b'[') => Item::Structure { extended: false },
        "BODY" => Item::Section(read_section(cursor, false)?),
        "BODY.PEEK" => Item::Section(read_section(cursor, true)?),
        _ => return Err(Malformed("unknown item to fetch")),
    })
}

fn read_section(cursor: &mut Cursor<'_>, peek: bool) -> Parsed<Section> {
    const BAD: Malformed = Malformed("unknown section");
    cursor.expect(b'[', "expected `[`")?;
    let mut path = Vec::new();
    let mut labels: Vec<String> = Vec::new();
    let mut of = Piece::Whole;
    loop {
        match cursor.peek() {
            Some(b']') if path.is_empty() && labels.is_empty() => break,
            Some(byte) if byte.is_ascii_digit() => {
                let number = cursor.number()?;
                path.push(number);
                labels.push(number.to_string());
            }
            _ => {
                of = read_piece(cursor, &path, &mut labels)?;
                break;
            }
        }
        if !cursor.take(b'.') {
            break;
        }
        if path.len() > 16 {
            return Err(BAD);
        }
    }
    cursor.expect(b']', BAD.0)?;
    let mut label = format!("BODY[{}]", labels.join("."));
    let partial = if cursor.take(b'<') {
        let first = cursor.number()?;
        cursor.expect(b'.', "expected `<first.count>`")?;
        let count = cursor.number()?;
        cursor.expect(b'>', "expected `<first.count>`")?;
        let _ = write!(label, "<{first}>");
        Some((first, count))
    } else {
        None
    };
    Ok(Section {
        label,
        path,
        of,
        peek,
        partial,
    })
}

fn read_piece(cursor: &mut Cursor<'_>, path: &[u32], labels: &mut Vec<String>) -> Parsed<Piece> {
    let word = cursor.word();
    let piece = match word.as_str() {
        "HEADER" => Piece::Header,
        "TEXT" => Piece::Text,
        "MIME" if !path.is_empty() => Piece::Mime,
        "HEADER.FIELDS" | "HEADER.FIELDS.NOT" => {
            cursor.space()?;
            let names = cursor.list(MOST, Cursor::astring)?;
            let good =
                |c: u8| c.is_ascii_graphic() && !matches!(c, b':' | b'"' | b'\\' | b'(' | b')');
            if !names
                .iter()
                .all(|name| !name.is_empty() && name.bytes().all(good))
            {
                return Err(Malformed("that is no name of a header field"));
            }
            labels.push(format!("{word} ({})", names.join(" ")));
            let others = word.ends_with("NOT");
            return Ok(Piece::Fields { names, others });
        }
        _ => return Err(Malformed("unknown section")),
    };
    labels.push(word);
    Ok(piece)
}

#[cfg(test)]
mod tests {
    use super::{Cursor, Item, Piece, Section, read_items};

    fn items(text: &str) -> Option<Vec<Item>> {
        let mut cursor = Cursor::new(text.as_bytes());
        let items = read_items(&mut cursor).ok()?;
        cursor.end().ok().map(|()| items)
    }

    fn section(text: &str) -> Section {
        match items(text).unwrap().remove(0) {
            Item::Section(section) => section,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn macros_stand_for_several_items() {
        assert_eq!(items("FAST").unwrap().len(), 3);
        assert_eq!(items("all").unwrap().len(), 4);
        assert_eq!(items("FULL").unwrap().len(), 5);
        assert_eq!(items("(UID FLAGS)").unwrap(), [Item::Uid, Item::Flags]);
    }

    #[test]
    fn sections_are_called_what_they_were_asked_as() {
        for (text, label) in [
            ("BODY[]", "BODY[]"),
            ("body.peek[header]", "BODY[HEADER]"),
            ("BODY[1]", "BODY[1]"),
            ("BODY[2.MIME]", "BODY[2.MIME]"),
            ("BODY[TEXT]<5.10>", "BODY[TEXT]<5>"),
            (
                "BODY.PEEK[HEADER.FIELDS (To \"Date\")]",
                "BODY[HEADER.FIELDS (To Date)]",
            ),
            ("RFC822.TEXT", "RFC822.TEXT"),
        ] {
            assert_eq!(section(text).label, label, "{text}");
        }
        assert_eq!(section("BODY[1.2.TEXT]").path, [1, 2]);
        assert_eq!(section("BODY[TEXT]<5.10>").partial, Some((5, 10)));
        assert_eq!(
            section("BODY[HEADER.FIELDS.NOT (to)]").of,
            Piece::Fields {
                names: vec!["to".to_owned()],
                others: true
            }
        );
    }

    #[test]
    fn only_reading_marks_a_mail() {
        for (text, marks) in [
            ("BODY[]", true),
            ("RFC822", true),
            ("RFC822.TEXT", true),
            ("RFC822.HEADER", false),
            ("BODY.PEEK[]", false),
            ("BODYSTRUCTURE", false),
            ("BODY", false),
        ] {
            assert_eq!(items(text).unwrap()[0].marks(), marks, "{text}");
        }
    }

    #[test]
    fn malformed_items_are_refused() {
        for text in [
            "",
            "()",
            "(UID",
            "FOO",
            "BODY[",
            "BODY[FOO]",
            "BODY[MIME]",
            "BODY[1.]",
            "BODY[.1]",
            "BODY[]<1>",
            "BODY[]<1.2",
            "BODY.PEEK",
            "BODY[HEADER.FIELDS]",
            "BODY[HEADER.FIELDS (a:b)]",
            "BODY[HEADER.FIELDS ({3}\r\na\r\n)]",
            "(FAST)",
        ] {
            assert_eq!(items(text), None, "{text}");
        }
    }
}
