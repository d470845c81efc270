//! What `SEARCH` looks for.

use jiff::civil::Date;

use super::cursor::{Cursor, Malformed, Parsed};
use super::date::read_date;
use super::set::{MailSet, Ranges};
use crate::simulator::mail::flags::Flags;

/// How deep keys are nested.
const DEEPEST: usize = 16;

/// Most keys in one command.
const MOST: usize = 256;

/// A condition on a mail. Texts are in lower case: case does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Everything,
    Nothing,
    Flag(Flags),
    Recent,
    From(String),
    To(String),
    Subject(String),
    /// A header field that has this in it; any value has the empty text in it.
    Header(String, String),
    Body(String),
    /// Header or body.
    Text(String),
    Before(Date),
    On(Date),
    Since(Date),
    Larger(u32),
    Smaller(u32),
    /// Numbers as they are written.
    Numbers(MailSet),
    /// UIDs as they are written.
    Uids(MailSet),
    /// What the numbers are in a mailbox.
    NumberIn(Ranges),
    /// What the UIDs are in a mailbox.
    UidIn(Ranges),
    Not(Box<Key>),
    Either(Box<Key>, Box<Key>),
    All(Vec<Key>),
}

/// The keys of a command, all of which a mail must satisfy.
pub(super) fn read_keys(cursor: &mut Cursor<'_>) -> Parsed<Key> {
    let mut reader = Reader { left: MOST };
    let mut keys = vec![reader.key(cursor, 0)?];
    while cursor.take(b' ') {
        keys.push(reader.key(cursor, 0)?);
    }
    Ok(Key::All(keys))
}

struct Reader {
    /// Keys that may still come.
    left: usize,
}

impl Reader {
    fn key(&mut self, cursor: &mut Cursor<'_>, depth: usize) -> Parsed<Key> {
        self.left = self
            .left
            .checked_sub(1)
            .ok_or(Malformed("too many search keys"))?;
        if depth > DEEPEST {
            return Err(Malformed("search keys are nested too deep"));
        }
        match cursor.peek() {
            Some(b'(') => {
                let keys = cursor.list(MOST, |cursor| self.key(cursor, depth + 1))?;
                if keys.is_empty() {
                    return Err(Malformed("nothing to search for"));
                }
                return Ok(Key::All(keys));
            }
            Some(b'*' | b'0'..=b'9') => return Ok(Key::Numbers(MailSet::read(cursor)?)),
            _ => {}
        }
        let word = cursor.word();
        if let Some(key) = simple(&word) {
            return Ok(key);
        }
        cursor.space()?;
        if word == "NOT" {
            return Ok(not(self.key(cursor, depth + 1)?));
        }
        if word == "OR" {
            let one = self.key(cursor, depth + 1)?;
            cursor.space()?;
            let other = self.key(cursor, depth + 1)?;
            return Ok(Key::Either(Box::new(one), Box::new(other)));
        }
        with_argument(&word, cursor)
    }
}

/// Keys that are one word.
fn simple(word: &str) -> Option<Key> {
    let unseen = || not(Key::Flag(Flags::SEEN));
    Some(match word {
        "ALL" => Key::Everything,
        "ANSWERED" => Key::Flag(Flags::ANSWERED),
        "DELETED" => Key::Flag(Flags::DELETED),
        "DRAFT" => Key::Flag(Flags::DRAFT),
        "FLAGGED" => Key::Flag(Flags::FLAGGED),
        "SEEN" => Key::Flag(Flags::SEEN),
        "UNANSWERED" => not(Key::Flag(Flags::ANSWERED)),
        "UNDELETED" => not(Key::Flag(Flags::DELETED)),
        "UNDRAFT" => not(Key::Flag(Flags::DRAFT)),
        "UNFLAGGED" => not(Key::Flag(Flags::FLAGGED)),
        "UNSEEN" => unseen(),
        "RECENT" => Key::Recent,
        "OLD" => not(Key::Recent),
        "NEW" => Key::All(vec![Key::Recent, unseen()]),
        _ => return None,
    })
}

fn with_argument(word: &str, cursor: &mut Cursor<'_>) -> Parsed<Key> {
    let text = |cursor: &mut Cursor<'_>| cursor.astring().map(|text| text.to_lowercase());
    Ok(match word {
        "FROM" => Key::From(text(cursor)?),
        "TO" => Key::To(text(cursor)?),
        "SUBJECT" => Key::Subject(text(cursor)?),
        "CC" | "BCC" => {
            text(cursor)?;
            Key::Nothing
        }
        "HEADER" => {
            let name = text(cursor)?;
            cursor.space()?;
            Key::Header(name, text(cursor)?)
        }
        "BODY" => Key::Body(text(cursor)?),
        "TEXT" => Key::Text(text(cursor)?),
        // There are no keywords.
        "KEYWORD" => {
            cursor.atom()?;
            Key::Nothing
        }
        "UNKEYWORD" => {
            cursor.atom()?;
            Key::Everything
        }
        "BEFORE" | "SENTBEFORE" => Key::Before(read_date(cursor)?),
        "ON" | "SENTON" => Key::On(read_date(cursor)?),
        "SINCE" | "SENTSINCE" => Key::Since(read_date(cursor)?),
        "LARGER" => Key::Larger(cursor.number()?),
        "SMALLER" => Key::Smaller(cursor.number()?),
        "UID" => Key::Uids(MailSet::read(cursor)?),
        _ => return Err(Malformed("unknown search key")),
    })
}

fn not(key: Key) -> Key {
    Key::Not(Box::new(key))
}

#[cfg(test)]
mod tests {
    use super::{Cursor, Key, not, read_keys};

    fn keys(text: &str) -> Option<Vec<Key>> {
        let mut cursor = Cursor::new(text.as_bytes());
        let key = read_keys(&mut cursor).ok()?;
        cursor.end().ok()?;
        match key {
            Key::All(keys) => Some(keys),
            _ => None,
        }
    }

    #[test]
    fn keys_are_combined() {
        let to = Key::To("ada@example.org".to_owned());
        assert_eq!(
            keys("NOT to Ada@example.org OR ALL (RECENT)"),
            Some(vec![
                not(to),
                Key::Either(
                    Box::new(Key::Everything),
                    Box::new(Key::All(vec![Key::Recent]))
                ),
            ])
        );
        assert_eq!(
            keys("HEADER Message-ID \"\" LARGER 5"),
            Some(vec![
                Key::Header("message-id".to_owned(), String::new()),
                Key::Larger(5),
            ])
        );
    }

    #[test]
    fn malformed_keys_are_refused() {
        for text in [
            "",
            "FOO",
            "NOT",
            "OR ALL",
            "TO",
            "SINCE yesterday",
            "LARGER x",
            "()",
            "(ALL",
            "UID x",
            "ALL ",
            "HEADER x",
        ] {
            assert_eq!(keys(text), None, "{text}");
        }
    }

    #[test]
    fn nesting_and_number_have_limits() {
        assert!(keys(&format!("{}ALL", "NOT ".repeat(16))).is_some());
        assert!(keys(&format!("{}ALL", "NOT ".repeat(17))).is_none());
        assert!(keys(&format!("{}ALL", "(".repeat(100_000))).is_none());
        assert!(keys(&["ALL"; 256].join(" ")).is_some());
        assert!(keys(&["ALL"; 257].join(" ")).is_none());
    }
}
