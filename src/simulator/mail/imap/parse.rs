//! From the bytes of a command to what it asks for.

use secrecy::SecretString;

use super::cursor::{Cursor, Malformed, Parsed};
use super::items::{Item, read_items};
use super::keys::{Key, read_keys};
use super::set::MailSet;
use crate::simulator::mail::flags::{Change, Flags};

/// Longest tag.
const TAG: usize = 64;

/// A command with what its answer begins with.
#[derive(Debug)]
pub(super) struct Tagged {
    /// `*` when the command has none that can be repeated.
    pub(super) tag: String,
    pub(super) command: Parsed<Command>,
}

/// A command. Its debug form has no password in it.
#[derive(Debug)]
pub(super) enum Command {
    Capability,
    Noop,
    Logout,
    Id,
    Enable,
    Login {
        user: String,
        password: SecretString,
    },
    /// `PLAIN`, with what comes at once.
    Authenticate {
        initial: Option<SecretString>,
    },
    List {
        lsub: bool,
        pattern: String,
    },
    Status {
        mailbox: String,
        items: Vec<StatusItem>,
    },
    Select {
        mailbox: String,
        examine: bool,
    },
    Close,
    Unselect,
    Expunge {
        uids: Option<MailSet>,
    },
    Search {
        uid: bool,
        key: Key,
    },
    Fetch {
        uid: bool,
        set: MailSet,
        items: Vec<Item>,
    },
    Store {
        uid: bool,
        set: MailSet,
        store: Store,
    },
    Idle,
    /// A search in a charset that is not known.
    OtherCharset,
    /// A command that would change which mailboxes there are, or what is in
    /// them: there is one, and the simulator fills it.
    Fixed,
}

/// What `STORE` does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Store {
    pub(super) change: Change,
    pub(super) flags: Flags,
    pub(super) silent: bool,
}

/// A figure of `STATUS`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StatusItem {
    Messages,
    Recent,
    UidNext,
    UidValidity,
    Unseen,
}

/// Reads a command, which may end in a line break.
pub(super) fn parse(command: &[u8]) -> Tagged {
    let command = command.strip_suffix(b"\n").unwrap_or(command);
    let command = command.strip_suffix(b"\r").unwrap_or(command);
    let mut cursor = Cursor::new(command);
    let tag = cursor.take_while(|b| b.is_ascii_graphic() && !b"(){%*\"\\]+".contains(&b));
    if tag.is_empty() || tag.len() > TAG || !cursor.take(b' ') {
        return Tagged {
            tag: "*".to_owned(),
            command: Err(Malformed("expected a tag and a command")),
        };
    }
    Tagged {
        tag: String::from_utf8_lossy(tag).into_owned(),
        command: read(&mut cursor).and_then(|command| {
            // What is said about a client is not looked at.
            if !matches!(
                command,
                Command::Id | Command::Enable | Command::Fixed | Command::OtherCharset
            ) {
                cursor.end()?;
            }
            Ok(command)
        }),
    }
}

fn read(cursor: &mut Cursor<'_>) -> Parsed<Command> {
    let word = cursor.word();
    Ok(match word.as_str() {
        "CAPABILITY" => Command::Capability,
        // Nothing waits to be written down.
        "NOOP" | "CHECK" => Command::Noop,
        "LOGOUT" => Command::Logout,
        "ID" => Command::Id,
        "ENABLE" => Command::Enable,
        "LOGIN" => login(cursor)?,
        "AUTHENTICATE" => authenticate(cursor)?,
        "LIST" | "LSUB" => list(cursor, word == "LSUB")?,
        "STATUS" => status(cursor)?,
        "SELECT" | "EXAMINE" => {
            cursor.space()?;
            let examine = word == "EXAMINE";
            let mailbox = cursor.astring()?;
            Command::Select { mailbox, examine }
        }
        "CLOSE" => Command::Close,
        "UNSELECT" => Command::Unselect,
        "EXPUNGE" => Command::Expunge { uids: None },
        "IDLE" => Command::Idle,
        "SEARCH" => search(cursor, false)?,
        "FETCH" => fetch(cursor, false)?,
        "STORE" => store(cursor, false)?,
        "UID" => {
            cursor.space()?;
            match cursor.word().as_str() {
                "SEARCH" => search(cursor, true)?,
                "FETCH" => fetch(cursor, true)?,
                "STORE" => store(cursor, true)?,
                "EXPUNGE" => {
                    cursor.space()?;
                    let uids = Some(MailSet::read(cursor)?);
                    Command::Expunge { uids }
                }
                "COPY" => Command::Fixed,
                _ => return Err(Malformed("unknown command")),
            }
        }
        "CREATE" | "DELETE" | "RENAME" | "SUBSCRIBE" | "UNSUBSCRIBE" | "APPEND" | "COPY" => {
            Command::Fixed
        }
        _ => return Err(Malformed("unknown command")),
    })
}

fn login(cursor: &mut Cursor<'_>) -> Parsed<Command> {
    cursor.space()?;
    let user = cursor.astring()?;
    cursor.space()?;
    let password = SecretString::from(cursor.astring()?);
    Ok(Command::Login { user, password })
}

fn authenticate(cursor: &mut Cursor<'_>) -> Parsed<Command> {
    cursor.space()?;
    if cursor.word() != "PLAIN" {
        return Err(Malformed("the only mechanism is PLAIN"));
    }
    let initial = if cursor.take(b' ') {
        Some(SecretString::from(cursor.atom()?))
    } else {
        None
    };
    Ok(Command::Authenticate { initial })
}

fn list(cursor: &mut Cursor<'_>, lsub: bool) -> Parsed<Command> {
    cursor.space()?;
    let reference = cursor.astring()?;
    cursor.space()?;
    let pattern = cursor.pattern()?;
    // An empty pattern asks about the hierarchy, whatever the reference.
    let pattern = if pattern.is_empty() {
        pattern
    } else {
        reference + &pattern
    };
    Ok(Command::List { lsub, pattern })
}

fn status(cursor: &mut Cursor<'_>) -> Parsed<Command> {
    cursor.space()?;
    let mailbox = cursor.astring()?;
    cursor.space()?;
    let items = cursor.list(16, |cursor| {
        Ok(match cursor.word().as_str() {
            "MESSAGES" => StatusItem::Messages,
            "RECENT" => StatusItem::Recent,
            "UIDNEXT" => StatusItem::UidNext,
            "UIDVALIDITY" => StatusItem::UidValidity,
            "UNSEEN" => StatusItem::Unseen,
            _ => return Err(Malformed("unknown status item")),
        })
    })?;
    Ok(Command::Status { mailbox, items })
}

fn search(cursor: &mut Cursor<'_>, uid: bool) -> Parsed<Command> {
    cursor.space()?;
    let mut after = cursor.clone();
    if after.word() == "CHARSET" {
        after.space()?;
        let charset = after.astring()?.to_ascii_uppercase();
        if charset != "UTF-8" && charset != "US-ASCII" {
            // What is searched for cannot be read, so nothing more is.
            return Ok(Command::OtherCharset);
        }
        after.space()?;
        *cursor = after;
    }
    let key = read_keys(cursor)?;
    Ok(Command::Search { uid, key })
}

fn fetch(cursor: &mut Cursor<'_>, uid: bool) -> Parsed<Command> {
    cursor.space()?;
    let set = MailSet::read(cursor)?;
    cursor.space()?;
    let items = read_items(cursor)?;
    Ok(Command::Fetch { uid, set, items })
}

fn store(cursor: &mut Cursor<'_>, uid: bool) -> Parsed<Command> {
    const BAD: Malformed = Malformed("expected `FLAGS`, `+FLAGS` or `-FLAGS`");
    cursor.space()?;
    let set = MailSet::read(cursor)?;
    cursor.space()?;
    let change = if cursor.take(b'+') {
        Change::Add
    } else if cursor.take(b'-') {
        Change::Remove
    } else {
        Change::Replace
    };
    let silent = match cursor.word().as_str() {
        "FLAGS" => false,
        "FLAGS.SILENT" => true,
        _ => return Err(BAD),
    };
    cursor.space()?;
    let flags = if cursor.peek() == Some(b'(') {
        cursor.list(64, flag)?
    } else {
        let mut flags = vec![flag(cursor)?];
        while cursor.take(b' ') {
            flags.push(flag(cursor)?);
        }
        flags
    };
    let store = Store {
        change,
        flags: flags.into_iter().fold(Flags::NONE, Flags::with),
        silent,
    };
    Ok(Command::Store { uid, set, store })
}

/// Keywords are taken and not kept, which `PERMANENTFLAGS` says.
fn flag(cursor: &mut Cursor<'_>) -> Parsed<Flags> {
    let system = cursor.take(b'\\');
    let name = cursor.atom()?;
    if !system {
        return Ok(Flags::NONE);
    }
    Flags::named(&format!("\\{name}")).ok_or(Malformed("that flag cannot be set"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Command, parse};

    fn debug(line: &str) -> String {
        let tagged = parse(line.as_bytes());
        match tagged.command {
            Ok(command) => format!("{} {command:?}", tagged.tag),
            Err(malformed) => format!("{} BAD {}", tagged.tag, malformed.0),
        }
    }

    #[test]
    fn commands_are_read_whatever_their_case() {
        insta::assert_snapshot!(
            [
                "a noop\r\n",
                "a Select inbox",
                "a EXAMINE \"INBOX\"",
                "a list \"\" \"*\"",
                "a LSUB \"\" %",
                "a STATUS INBOX (MESSAGES UIDNEXT)",
                "a UID EXPUNGE 1:3",
                "a ID NIL",
                "a authenticate plain",
                "a store 1 +flags.silent (\\Seen $Used)",
                "a UID STORE 1,2 FLAGS \\Deleted \\Seen",
                "a SEARCH CHARSET utf-8 ALL",
                "a APPEND INBOX {3+}\r\nabc",
            ].map(debug).join("\n"), @r#"
a Noop
a Select { mailbox: "inbox", examine: false }
a Select { mailbox: "INBOX", examine: true }
a List { lsub: false, pattern: "*" }
a List { lsub: true, pattern: "%" }
a Status { mailbox: "INBOX", items: [Messages, UidNext] }
a Expunge { uids: Some(MailSet([(Some(1), Some(3))])) }
a Id
a Authenticate { initial: None }
a Store { uid: false, set: MailSet([(Some(1), Some(1))]), store: Store { change: Add, flags: Flags(8), silent: true } }
a Store { uid: true, set: MailSet([(Some(1), Some(1)), (Some(2), Some(2))]), store: Store { change: Replace, flags: Flags(12), silent: false } }
a Search { uid: false, key: All([Everything]) }
a Fixed
"#);
    }

    #[test]
    fn malformed_commands_are_explained() {
        insta::assert_snapshot!(
            [
                "", "a", "a ", "+ NOOP", "a b c", "a NOOP x", "a LOGIN x", "a SELECT", "a FETCH x FLAGS",
                "a AUTHENTICATE NTLM", "a UID FOO", "a STORE 1 FLAGS \\Recent", "a STATUS INBOX (FOO)",
                "a SEARCH CHARSET latin1 ALL", "\u{e9} NOOP",
            ].map(debug).join("\n"), @r#"
* BAD expected a tag and a command
* BAD expected a tag and a command
a BAD unknown command
* BAD expected a tag and a command
a BAD unknown command
a BAD too many arguments
a BAD expected a space
a BAD expected a space
a BAD expected a set such as `1,3:5,7:*`
a BAD the only mechanism is PLAIN
a BAD unknown command
a BAD that flag cannot be set
a BAD unknown status item
a OtherCharset
* BAD expected a tag and a command
"#);
    }

    #[test]
    fn the_password_is_in_no_debug_form() {
        for line in ["a LOGIN ada s3cret", "a AUTHENTICATE PLAIN s3cret"] {
            let shown = debug(line);
            assert!(
                !shown.contains("s3cret") && !shown.contains("BAD"),
                "{shown}"
            );
        }
        let empty = parse(b"a AUTHENTICATE PLAIN =");
        assert!(matches!(
            empty.command,
            Ok(Command::Authenticate { initial: Some(_) })
        ));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&bytes);
        }

        #[test]
        fn no_words_make_it_panic(words in prop::collection::vec(prop_oneof![
            Just("a "), Just("UID "), Just("FETCH "), Just("SEARCH "), Just("STORE "), Just("1:*"),
            Just(" "), Just("("), Just(")"), Just("BODY"), Just("["), Just("]"), Just("1"), Just("."),
            Just("<0.5>"), Just("HEADER.FIELDS "), Just("{3}\r\n"), Just("{3+}\r\nabc"), Just("\""),
            Just("\\"), Just("NOT "), Just("OR "), Just("SINCE "), Just("1-Jan-2024"), Just("+FLAGS "),
            Just("\\Seen"), Just("LOGIN "), Just("é"),
        ], 0..16)) {
            let _ = parse(format!("a {}", words.concat()).as_bytes());
        }
    }
}
