//! What a client may do when, and what is answered. Knows no sockets: bytes
//! come in, answers are written to a buffer.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::watch;
use zeroize::Zeroizing;

use super::cursor::Malformed;
use super::parse::{Command, StatusItem, parse};
use super::set::MailSet;
use super::view::{NoSuchMail, View};
use super::wildcard::is_like;
use super::work::Work;
use super::write::line;
use crate::simulator::mail::access::Account;
use crate::simulator::mail::mailbox::Mailbox;

/// What the server can do.
pub(super) const CAPABILITIES: &str =
    "IMAP4rev1 LITERAL+ SASL-IR AUTH=PLAIN ID ENABLE IDLE UIDPLUS UNSELECT";

/// The one mailbox.
const INBOX: &str = "INBOX";

/// One connection's conversation.
pub(super) struct Session {
    mailbox: Arc<Mailbox>,
    account: Arc<Account>,
    state: State,
    mode: Mode,
    /// A command that is done in pieces.
    work: Option<Work>,
}

/// The states of RFC 3501.
enum State {
    NotAuthenticated,
    Authenticated,
    Selected(View),
    Logout,
}

/// What the next line is.
enum Mode {
    Command,
    /// The credentials of an `AUTHENTICATE` of this tag.
    Credentials(String),
    /// The end of an `IDLE` of this tag.
    Done(String),
}

impl Session {
    /// A new conversation, with its greeting.
    pub(super) fn open(mailbox: Arc<Mailbox>, account: Arc<Account>, out: &mut Vec<u8>) -> Self {
        line(
            &format!("* OK [CAPABILITY {CAPABILITIES}] rehearse simulator"),
            out,
        );
        Self {
            mailbox,
            account,
            state: State::NotAuthenticated,
            mode: Mode::Command,
            work: None,
        }
    }

    /// Wakes when there may be news.
    pub(super) fn watch(&self) -> watch::Receiver<u64> {
        self.mailbox.watch()
    }

    /// Whether news are told at once.
    pub(super) fn is_idle(&self) -> bool {
        matches!(self.mode, Mode::Done(_))
    }

    /// Whether the connection ends here.
    pub(super) fn is_over(&self) -> bool {
        matches!(self.state, State::Logout)
    }

    /// Whether the client has said who it is.
    pub(super) fn is_logged_in(&self) -> bool {
        matches!(self.state, State::Authenticated | State::Selected(_))
    }

    /// Tells an idle client what happened.
    pub(super) fn tell(&mut self, out: &mut Vec<u8>) {
        if let State::Selected(view) = &mut self.state {
            view.tell(&self.mailbox, true, out);
        }
    }

    /// Ends the conversation from this side.
    pub(super) fn bye(&mut self, reason: &str, out: &mut Vec<u8>) {
        line(&format!("* BYE {reason}"), out);
        self.state = State::Logout;
    }

    /// Takes a whole command, or the line that the client was asked for. Then
    /// [`Session::go_on`] must be called until there is nothing more to do.
    pub(super) fn accept(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        match std::mem::replace(&mut self.mode, Mode::Command) {
            Mode::Command => self.command(bytes, out),
            Mode::Credentials(tag) => {
                let text = Zeroizing::new(String::from_utf8_lossy(bytes).trim().to_owned());
                self.authenticate(&tag, &text, out);
            }
            Mode::Done(tag) => {
                self.tell(out);
                if bytes.trim_ascii().eq_ignore_ascii_case(b"DONE") {
                    line(&format!("{tag} OK IDLE completed"), out);
                } else {
                    line(&format!("{tag} BAD expected DONE"), out);
                }
            }
        }
    }

    /// Goes on with a command; false when nothing is under way.
    pub(super) fn go_on(&mut self, out: &mut Vec<u8>) -> bool {
        let (Some(work), State::Selected(view)) = (&mut self.work, &mut self.state) else {
            return false;
        };
        if work.go_on(&self.mailbox, view, out) {
            let by_uid = work.by_uid();
            let mut end = Vec::new();
            if let Some(work) = self.work.take() {
                work.finish(out, &mut end);
            }
            // Numbers must hold while they are used (RFC 3501, 7.4.1).
            view.tell(&self.mailbox, by_uid, out);
            out.extend(end);
            return false;
        }
        true
    }

    fn command(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        let tagged = parse(bytes);
        let tag = tagged.tag;
        let command = match tagged.command {
            Ok(command) => command,
            Err(Malformed(reason)) => return line(&format!("{tag} BAD {reason}"), out),
        };
        match (command, &self.state) {
            (Command::Capability, _) => {
                line(&format!("* CAPABILITY {CAPABILITIES}"), out);
                self.ok(&tag, "CAPABILITY", out);
            }
            (Command::Noop, _) => self.ok(&tag, "NOOP", out),
            (Command::Logout, _) => {
                self.bye("logging out", out);
                line(&format!("{tag} OK LOGOUT completed"), out);
            }
            (Command::Id, _) => {
                line("* ID (\"name\" \"rehearse\")", out);
                self.ok(&tag, "ID", out);
            }
            (Command::Login { user, password }, State::NotAuthenticated) => {
                self.login(&tag, &user, password.expose_secret(), out);
            }
            (Command::Authenticate { initial }, State::NotAuthenticated) => {
                self.begin_authenticate(tag, initial, out);
            }
            (Command::Login { .. } | Command::Authenticate { .. }, _) => {
                line(&format!("{tag} BAD already logged in"), out);
            }
            (_, State::NotAuthenticated) => line(&format!("{tag} BAD log in first"), out),
            (command, _) => self.known(tag, command, out),
        }
    }

    /// Commands of a client that is logged in.
    fn known(&mut self, tag: String, command: Command, out: &mut Vec<u8>) {
        match command {
            Command::Enable => {
                line("* ENABLED", out);
                self.ok(&tag, "ENABLE", out);
            }
            Command::List { lsub, pattern } => self.list(&tag, lsub, &pattern, out),
            Command::Status { mailbox, items } => self.status(&tag, &mailbox, &items, out),
            Command::Select { mailbox, examine } => self.select(&tag, &mailbox, examine, out),
            Command::Idle => {
                line("+ idling", out);
                self.tell(out);
                self.mode = Mode::Done(tag);
            }
            Command::OtherCharset => {
                let charsets = "[BADCHARSET (UTF-8 US-ASCII)]";
                line(&format!("{tag} NO {charsets} unknown charset"), out);
            }
            Command::Fixed => {
                let what = "the simulator has one mailbox and fills it itself";
                line(&format!("{tag} NO [CANNOT] {what}"), out);
            }
            command => self.selected(&tag, command, out),
        }
    }

    /// Commands about the mails of a mailbox.
    fn selected(&mut self, tag: &str, command: Command, out: &mut Vec<u8>) {
        let State::Selected(view) = &mut self.state else {
            return line(&format!("{tag} BAD select a mailbox first"), out);
        };
        let work = match command {
            Command::Close => {
                if !view.examine {
                    self.mailbox.expunge(|_| true);
                }
                self.state = State::Authenticated;
                return self.ok(tag, "CLOSE", out);
            }
            Command::Unselect => {
                self.state = State::Authenticated;
                return self.ok(tag, "UNSELECT", out);
            }
            Command::Expunge { .. } | Command::Store { .. } if view.examine => {
                return line(&format!("{tag} NO [READ-ONLY] opened by EXAMINE"), out);
            }
            Command::Expunge { uids } => return self.expunge(tag, uids.as_ref(), out),
            Command::Search { uid, key } => Ok(Work::search(tag.to_owned(), view, uid, key)),
            Command::Fetch { uid, set, items } => view
                .pick(&set, uid)
                .map(|mails| Work::fetch(tag.to_owned(), mails, uid, items)),
            Command::Store { uid, set, store } => view
                .pick(&set, uid)
                .map(|mails| Work::store(tag.to_owned(), mails, uid, store)),
            // All others are taken before.
            _ => return line(&format!("{tag} BAD not now"), out),
        };
        match work {
            Ok(work) => self.work = Some(work),
            Err(NoSuchMail) => line(&format!("{tag} BAD there is no mail of that number"), out),
        }
    }

    /// The end of a command that may tell anything.
    fn ok(&mut self, tag: &str, name: &str, out: &mut Vec<u8>) {
        self.tell(out);
        line(&format!("{tag} OK {name} completed"), out);
    }

    fn login(&mut self, tag: &str, user: &str, password: &str, out: &mut Vec<u8>) {
        if self.account.admits(user, password) {
            self.state = State::Authenticated;
            line(
                &format!("{tag} OK [CAPABILITY {CAPABILITIES}] logged in"),
                out,
            );
        } else {
            let refusal = "NO [AUTHENTICATIONFAILED] wrong user or password";
            line(&format!("{tag} {refusal}"), out);
        }
    }

    fn begin_authenticate(
        &mut self,
        tag: String,
        initial: Option<SecretString>,
        out: &mut Vec<u8>,
    ) {
        if let Some(initial) = initial {
            self.authenticate(&tag, initial.expose_secret(), out);
        } else {
            line("+ ", out);
            self.mode = Mode::Credentials(tag);
        }
    }

    /// `PLAIN`: whom to act as, user, password, with NULs between them.
    fn authenticate(&mut self, tag: &str, text: &str, out: &mut Vec<u8>) {
        if text == "*" {
            return line(&format!("{tag} BAD cancelled"), out);
        }
        let decoded = Zeroizing::new(STANDARD.decode(text).unwrap_or_default());
        let decoded = std::str::from_utf8(&decoded).unwrap_or_default();
        let mut parts = decoded.split('\0');
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(act_as), Some(user), Some(password), None)
                if act_as.is_empty() || act_as == user =>
            {
                self.login(tag, user, password, out);
            }
            _ => line(&format!("{tag} BAD malformed credentials"), out),
        }
    }

    fn list(&mut self, tag: &str, lsub: bool, pattern: &str, out: &mut Vec<u8>) {
        let name = if lsub { "LSUB" } else { "LIST" };
        if pattern.is_empty() {
            line(&format!("* {name} (\\Noselect) \"/\" \"\""), out);
        } else if is_like(INBOX.as_bytes(), pattern.to_ascii_uppercase().as_bytes()) {
            line(&format!("* {name} () \"/\" {INBOX}"), out);
        }
        self.ok(tag, name, out);
    }

    fn status(&mut self, tag: &str, mailbox: &str, items: &[StatusItem], out: &mut Vec<u8>) {
        if !mailbox.eq_ignore_ascii_case(INBOX) {
            return no_such_mailbox(tag, out);
        }
        let figures = self.mailbox.figures();
        let items = items.iter().map(|item| match item {
            StatusItem::Messages => format!("MESSAGES {}", figures.messages),
            StatusItem::Recent => format!("RECENT {}", figures.recent),
            StatusItem::UidNext => format!("UIDNEXT {}", figures.next_uid),
            StatusItem::UidValidity => format!("UIDVALIDITY {}", figures.uid_validity),
            StatusItem::Unseen => format!("UNSEEN {}", figures.unseen),
        });
        let items: Vec<String> = items.collect();
        line(&format!("* STATUS {INBOX} ({})", items.join(" ")), out);
        self.ok(tag, "STATUS", out);
    }

    fn select(&mut self, tag: &str, mailbox: &str, examine: bool, out: &mut Vec<u8>) {
        // Whatever comes of it, the mailbox of before is not selected any more.
        self.state = State::Authenticated;
        if !mailbox.eq_ignore_ascii_case(INBOX) {
            return no_such_mailbox(tag, out);
        }
        let view = View::open(&self.mailbox, examine);
        let figures = self.mailbox.figures();
        line(
            "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)",
            out,
        );
        let permanent = if examine {
            ""
        } else {
            "\\Answered \\Flagged \\Deleted \\Seen \\Draft"
        };
        line(
            &format!("* OK [PERMANENTFLAGS ({permanent})] no keywords"),
            out,
        );
        line(&format!("* {} EXISTS", view.len()), out);
        line(&format!("* {} RECENT", view.recent()), out);
        if let Some(first) = view.first_unseen(&self.mailbox) {
            line(
                &format!("* OK [UNSEEN {first}] first mail that is unseen"),
                out,
            );
        }
        line(
            &format!(
                "* OK [UIDVALIDITY {}] as long as this simulator",
                figures.uid_validity
            ),
            out,
        );
        line(&format!("* OK [UIDNEXT {}] at least", view.next_uid()), out);
        self.state = State::Selected(view);
        let (code, name) = if examine {
            ("READ-ONLY", "EXAMINE")
        } else {
            ("READ-WRITE", "SELECT")
        };
        line(&format!("{tag} OK [{code}] {name} completed"), out);
    }

    fn expunge(&mut self, tag: &str, uids: Option<&MailSet>, out: &mut Vec<u8>) {
        if let State::Selected(view) = &mut self.state {
            // A mail that the client has not heard of is not meant.
            let known = view.resolve_known(uids);
            self.mailbox.expunge(|uid| known.contains(uid));
        }
        self.ok(tag, "EXPUNGE", out);
    }
}

fn no_such_mailbox(tag: &str, out: &mut Vec<u8>) {
    line(
        &format!("{tag} NO [NONEXISTENT] there is only {INBOX}"),
        out,
    );
}
