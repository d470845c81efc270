//! What of a server's responses reaches the IMAP client, and in which form.
//!
//! The client's parser gives up on whatever it does not know: a response nobody
//! asked for in the wrong place, an attribute, an accent in a text. So it is
//! given what it asked for and nothing else, written as the standard's examples
//! are.

use std::io::{self, ErrorKind, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::fetched::Fetched;
use super::idle::Idle;
use crate::otp::link::shown;

/// The command that is being answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Asked {
    Capability,
    List,
    /// `SELECT` or `EXAMINE`.
    Open,
    Fetch,
    /// `IDLE`, and whether the server has agreed to it.
    Idle(bool),
    Logout,
    #[default]
    Other,
}

/// Passes on what belongs to the command that was sent last.
#[derive(Debug, Default)]
pub(super) struct Sieve {
    tag: String,
    asked: Asked,
    /// What was sent does not end a line yet.
    in_line: bool,
    /// Told before the server agreed to an `IDLE`.
    early: Vec<u8>,
}

impl Sieve {
    /// Notes what is sent; gives the tag when it is a `LOGIN`.
    pub(super) fn ask(&mut self, sent: &[u8]) -> Option<&str> {
        let begins = !std::mem::replace(&mut self.in_line, !sent.ends_with(b"\n"));
        let line = String::from_utf8_lossy(sent);
        let mut words = line.trim_end().split(' ');
        // Everything else goes on with a command: it is one word.
        let (Some(tag), Some(mut verb), true) = (words.next(), words.next(), begins) else {
            return None;
        };
        if verb == "UID" {
            verb = words.next().unwrap_or_default();
        }
        self.early.clear();
        tag.clone_into(&mut self.tag);
        self.asked = match verb {
            "CAPABILITY" => Asked::Capability,
            "LIST" => Asked::List,
            "SELECT" | "EXAMINE" => Asked::Open,
            "FETCH" => Asked::Fetch,
            "IDLE" => Asked::Idle(false),
            "LOGOUT" => Asked::Logout,
            _ => Asked::Other,
        };
        (verb == "LOGIN").then_some(self.tag.as_str())
    }

    /// Passes one whole response on to `out`, or not.
    pub(super) fn pass(
        &mut self,
        response: &[u8],
        idle: &Idle,
        out: &mut Vec<u8>,
    ) -> io::Result<()> {
        let response = response.strip_suffix(b"\n").unwrap_or(response);
        let response = response.strip_suffix(b"\r").unwrap_or(response);
        if let Some(rest) = response.strip_prefix(b"+") {
            self.go_on(rest.trim_ascii(), out);
            return Ok(());
        }
        let (first, rest) = split(response);
        if first == b"*" {
            return self.untagged(rest, idle, out);
        }
        // Whatever has another tag answers nothing that was asked.
        if first.eq_ignore_ascii_case(self.tag.as_bytes()) {
            let (status, text) = split(rest);
            let status = match status.to_ascii_uppercase().as_slice() {
                // An IDLE that ends before it began.
                b"OK" if self.asked == Asked::Idle(false) => "BAD",
                b"OK" => "OK",
                b"NO" => "NO",
                _ => "BAD",
            };
            write!(out, "{} {status} {}\r\n", self.tag, plain(text))?;
        }
        Ok(())
    }

    /// The server waits for more of the command.
    fn go_on(&mut self, challenge: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(b"+ ");
        if self.asked == Asked::Idle(false) {
            self.asked = Asked::Idle(true);
            out.extend_from_slice(b"\r\n");
            out.append(&mut self.early);
            return;
        }
        // Some say here that they are ready.
        if STANDARD.decode(challenge).is_ok() {
            out.extend_from_slice(challenge);
        }
        out.extend_from_slice(b"\r\n");
    }

    fn untagged(&mut self, data: &[u8], idle: &Idle, out: &mut Vec<u8>) -> io::Result<()> {
        let (first, rest) = split(data);
        if let Some(number) = number(first) {
            return self.numbered(number, rest, idle, out);
        }
        match (first.to_ascii_uppercase().as_slice(), self.asked) {
            (b"BYE", Asked::Logout) => {}
            (b"BYE", _) => {
                let why = format!("the server sends us away: {}", shown(&plain(rest)));
                return Err(io::Error::new(ErrorKind::ConnectionAborted, why));
            }
            (b"OK", Asked::Open) => {
                let code = rest.strip_prefix(b"[").unwrap_or_default();
                let (name, value) = split(code.split(|byte| *byte == b']').next().unwrap_or(code));
                let name = String::from_utf8_lossy(name).to_ascii_uppercase();
                if let ("UIDVALIDITY" | "UIDNEXT", Some(value)) = (name.as_str(), number(value)) {
                    write!(out, "* OK [{name} {value}] .\r\n")?;
                }
            }
            (b"CAPABILITY", Asked::Capability) => {
                // The client knows nothing else, and needs nothing else.
                out.extend_from_slice(b"* CAPABILITY IMAP4rev1");
                let words = rest.split(u8::is_ascii_whitespace);
                for word in words.filter(|word| is_atom(word)) {
                    let word = String::from_utf8_lossy(word).to_ascii_uppercase();
                    if !word.is_empty() && word != "IMAP4REV1" {
                        write!(out, " {word}")?;
                    }
                }
                out.extend_from_slice(b"\r\n");
            }
            (b"LIST" | b"XLIST", Asked::List) if rest.is_ascii() => {
                out.extend_from_slice(b"* LIST ");
                out.extend_from_slice(rest.trim_ascii());
                out.extend_from_slice(b"\r\n");
            }
            _ => {}
        }
        Ok(())
    }

    /// `* 5 EXISTS` and its like.
    fn numbered(
        &mut self,
        number: u32,
        rest: &[u8],
        idle: &Idle,
        out: &mut Vec<u8>,
    ) -> io::Result<()> {
        let (word, rest) = split(rest);
        match (word.to_ascii_uppercase().as_slice(), self.asked) {
            (b"EXISTS", Asked::Open) => {
                idle.open_with(number);
                write!(out, "* {number} EXISTS\r\n")?;
            }
            (b"EXISTS", Asked::Idle(begun)) => {
                idle.hear_of(number, true);
                let told = if begun { out } else { &mut self.early };
                write!(told, "* {number} EXISTS\r\n")?;
            }
            (b"EXISTS", _) => idle.hear_of(number, false),
            (b"EXPUNGE", _) => idle.hear_of_removal(),
            (b"FETCH", Asked::Fetch) => {
                if let Some(fetched) = Fetched::read(rest) {
                    fetched.write(number, out)?;
                }
            }
            _ => {}
        }
        Ok(())
    }
}

/// The first word, and what comes after it and the spaces.
fn split(text: &[u8]) -> (&[u8], &[u8]) {
    let text = text.trim_ascii_start();
    let end = text.iter().position(|byte| *byte == b' ');
    let (word, rest) = text.split_at(end.unwrap_or(text.len()));
    (word, rest.trim_ascii_start())
}

fn number(word: &[u8]) -> Option<u32> {
    str::from_utf8(word).ok()?.parse().ok()
}

fn is_atom(word: &[u8]) -> bool {
    let inner = |byte: &u8| byte.is_ascii_alphanumeric() || b"=+-_./:".contains(byte);
    word.iter().all(inner)
}

/// A text for people, as the client can read it.
fn plain(text: &[u8]) -> String {
    let letters = String::from_utf8_lossy(text);
    let plain = |letter: char| {
        if matches!(letter, ' '..='~') {
            letter
        } else {
            '?'
        }
    };
    letters.trim().chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::Sieve;
    use crate::clock::Clock;
    use crate::otp::imap::idle::Idle;
    use crate::otp::imap::orders::Orders;

    /// What comes of these responses to a command.
    fn passed(command: &str, responses: &[&str]) -> String {
        let idle = Idle::new(Arc::new(Orders::new(&Clock::real())), None);
        let mut sieve = Sieve::default();
        sieve.ask(format!("a1 {command}\r\n").as_bytes());
        let mut out = Vec::new();
        for response in responses {
            let response = format!("{response}\r\n");
            if let Err(error) = sieve.pass(response.as_bytes(), &idle, &mut out) {
                return error.to_string();
            }
        }
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn what_was_asked_for_is_passed_on_as_the_client_reads_it() {
        for (command, response, expected) in [
            ("NOOP", "A1 ok Exécuté", "a1 OK Ex?cut?\r\n"),
            (
                "NOOP",
                "a1 no [Throttled] later",
                "a1 NO [Throttled] later\r\n",
            ),
            ("NOOP", "a1 OK", "a1 OK \r\n"),
            ("NOOP", "a1 what", "a1 BAD \r\n"),
            ("NOOP", "a2 OK another's", ""),
            ("IDLE", "a1 OK done", "a1 BAD done\r\n"),
            ("EXAMINE \"INBOX\"", "* 3 exists", "* 3 EXISTS\r\n"),
            (
                "EXAMINE \"INBOX\"",
                "* ok [uidnext 7] Predicted",
                "* OK [UIDNEXT 7] .\r\n",
            ),
            ("EXAMINE \"INBOX\"", "* OK [UIDNEXT none] x", ""),
            ("EXAMINE \"INBOX\"", "* FLAGS (\\Seen é)", ""),
            ("EXAMINE \"INBOX\"", "* NO disk is full soon", ""),
            ("EXAMINE \"INBOX\"", "* 3 FETCH (FLAGS (\\Seen))", ""),
            (
                "CAPABILITY",
                "* capability imap4rev1 idle \"odd\" AUTH=xoauth2",
                "* CAPABILITY IMAP4rev1 IDLE AUTH=XOAUTH2\r\n",
            ),
            (
                "CAPABILITY",
                "* CAPABILITY IMAP4rev2",
                "* CAPABILITY IMAP4rev1 IMAP4REV2\r\n",
            ),
            (
                "LIST \"\" \"*\"",
                "* xlist (\\All) \"/\" \"[Gmail]/All Mail\"",
                "* LIST (\\All) \"/\" \"[Gmail]/All Mail\"\r\n",
            ),
            (
                "UID FETCH 7:* (UID)",
                "* 3 fetch (uid 7)",
                "* 3 FETCH (UID 7)\r\n",
            ),
            ("UID FETCH 7:* (UID)", "* 3 FETCH (FLAGS (\\Seen))", ""),
            ("AUTHENTICATE PLAIN", "+ go ahead!", "+ \r\n"),
            ("AUTHENTICATE PLAIN", "+ YWJj", "+ YWJj\r\n"),
            (
                "NOOP",
                "* BYE [UNAVAILABLE] back in 12345",
                "the server sends us away: back in •••••",
            ),
            ("LOGOUT", "* BYE so long", ""),
        ] {
            assert_eq!(
                passed(command, &[response]),
                expected,
                "{command}: {response}"
            );
        }
    }

    #[test]
    fn what_comes_before_an_idle_begins_is_told_when_it_has() {
        let responses = [
            "* 4 RECENT",
            "* 4 EXISTS",
            "+",
            "* 5 EXISTS",
            "* OK Still here",
        ];
        assert_eq!(
            passed("IDLE", &responses),
            "+ \r\n* 4 EXISTS\r\n* 5 EXISTS\r\n"
        );
    }
}
