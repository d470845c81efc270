//! A conversation without a socket; logging in, and the mailbox as a whole.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::ExposeSecret;

use crate::clock::Clock;
use crate::simulator::mail::access::{Account, ImapAccess};
use crate::simulator::mail::imap::session::Session;
use crate::simulator::mail::mailbox::Mailbox;
use crate::simulator::mail::mailbox::tests::message;

/// A mailbox with an account.
pub(super) struct House {
    pub(super) mailbox: Arc<Mailbox>,
    pub(super) access: ImapAccess,
}

/// One client.
pub(super) struct Talk {
    session: Session,
    pub(super) greeting: String,
}

impl House {
    pub(super) fn new() -> Self {
        Self {
            mailbox: Arc::new(Mailbox::new(&Clock::real())),
            access: ImapAccess::at("127.0.0.1:1143".parse().unwrap()),
        }
    }

    /// With as many mails, of which the n-th has the code n, six times.
    pub(super) fn with(count: u64) -> Self {
        let house = Self::new();
        for number in 1..=count {
            let code = number.to_string().repeat(6);
            house.deliver(number, "ada@example.org", &format!("Your code: {code}\n"));
        }
        house
    }

    pub(super) fn deliver(&self, sequence: u64, to: &str, body: &str) {
        self.mailbox.deliver(Arc::new(message(sequence, to, body)));
    }

    pub(super) fn stranger(&self) -> Talk {
        let mut out = Vec::new();
        let account = Arc::new(Account::of(&self.access));
        let session = Session::open(Arc::clone(&self.mailbox), account, &mut out);
        Talk {
            session,
            greeting: String::from_utf8(out).unwrap(),
        }
    }

    /// A client that has logged in.
    pub(super) fn known(&self) -> Talk {
        let mut talk = self.stranger();
        let password = self.access.password.expose_secret();
        let answer = talk.say(&format!("a LOGIN {} {password}", self.access.user));
        assert!(answer.starts_with("a OK"), "{answer}");
        talk
    }

    /// A client that has selected the mailbox.
    pub(super) fn reader(&self) -> Talk {
        let mut talk = self.known();
        let answer = talk.say("a SELECT INBOX");
        assert!(answer.contains("a OK [READ-WRITE]"), "{answer}");
        talk
    }
}

impl Talk {
    /// Everything that is answered to a line, with plain line breaks.
    pub(super) fn say(&mut self, line: &str) -> String {
        let mut out = Vec::new();
        self.session
            .accept(format!("{line}\r\n").as_bytes(), &mut out);
        while self.session.go_on(&mut out) {}
        String::from_utf8(out).unwrap().replace("\r\n", "\n")
    }

    /// What an idle client is told.
    pub(super) fn hear(&mut self) -> String {
        assert!(self.session.is_idle());
        let mut out = Vec::new();
        self.session.tell(&mut out);
        String::from_utf8(out).unwrap().replace("\r\n", "\n")
    }
}

#[test]
fn strangers_learn_what_the_server_can_do() {
    let mut talk = House::new().stranger();
    assert!(
        talk.greeting.starts_with("* OK [CAPABILITY IMAP4rev1 "),
        "{}",
        talk.greeting
    );
    let answer = talk.say("a CAPABILITY");
    assert!(answer.starts_with("* CAPABILITY IMAP4rev1 "), "{answer}");
    assert!(answer.ends_with("a OK CAPABILITY completed\n"), "{answer}");
    assert_eq!(talk.say("b NOOP"), "b OK NOOP completed\n");
    for line in [
        "c SELECT INBOX",
        "c LIST \"\" *",
        "c IDLE",
        "c ENABLE X",
        "c FETCH 1 FLAGS",
    ] {
        assert_eq!(talk.say(line), "c BAD log in first\n");
    }
    assert_eq!(
        talk.say("d LOGOUT"),
        "* BYE logging out\nd OK LOGOUT completed\n"
    );
}

#[test]
fn a_wrong_password_is_refused_and_may_be_tried_again() {
    let house = House::new();
    let mut talk = house.stranger();
    let user = &house.access.user;
    for line in [
        format!("a LOGIN {user} wrong"),
        format!("a LOGIN nobody {}", house.access.password.expose_secret()),
        format!("a LOGIN {user} \"\""),
    ] {
        assert_eq!(
            talk.say(&line),
            "a NO [AUTHENTICATIONFAILED] wrong user or password\n"
        );
    }
    let password = house.access.password.expose_secret();
    assert!(
        talk.say(&format!("b LOGIN \"{user}\" {{32+}}\r\n{password}"))
            .starts_with("b OK")
    );
    assert_eq!(
        talk.say(&format!("c LOGIN {user} {password}")),
        "c BAD already logged in\n"
    );
}

#[test]
fn plain_credentials_come_at_once_or_when_asked_for() {
    let house = House::new();
    let plain = |act_as: &str, user: &str| {
        let password = house.access.password.expose_secret();
        STANDARD.encode(format!("{act_as}\0{user}\0{password}"))
    };
    let user = house.access.user.as_str();
    let at_once = house
        .stranger()
        .say(&format!("a AUTHENTICATE PLAIN {}", plain("", user)));
    assert!(at_once.starts_with("a OK"), "{at_once}");
    let mut talk = house.stranger();
    assert_eq!(talk.say("a AUTHENTICATE PLAIN"), "+ \n");
    assert!(talk.say(&plain(user, user)).starts_with("a OK"));

    let mut talk = house.stranger();
    for (credentials, answer) in [
        (plain("", "nobody"), "a NO [AUTHENTICATIONFAILED]"),
        (plain("somebody", user), "a BAD malformed"),
        (STANDARD.encode("x"), "a BAD malformed"),
        ("=".to_owned(), "a BAD malformed"),
        ("*".to_owned(), "a BAD cancelled"),
        (String::new(), "a BAD malformed"),
    ] {
        talk.say("a AUTHENTICATE PLAIN");
        let said = talk.say(&credentials);
        assert!(said.starts_with(answer), "{said}");
    }
}

#[test]
fn there_is_one_mailbox() {
    let mut talk = House::with(2).known();
    insta::assert_snapshot!([
        "a LIST \"\" \"\"",
        "a LIST \"\" *",
        "a LIST in \"box\"",
        "a LIST \"\" Drafts",
        "a LSUB \"\" %",
        "a STATUS inbox (MESSAGES RECENT UIDNEXT UNSEEN)",
        "a STATUS Drafts (MESSAGES)",
        "a SELECT Drafts",
        "a CREATE Drafts",
        "a APPEND INBOX {1+}\r\nx",
        "a ID (\"name\" \"x\")",
        "a ENABLE CONDSTORE",
        "a FETCH 1 FLAGS",
        "a FOO",
        "nonsense",
    ].map(|line| talk.say(line)).concat(), @r#"
* LIST (\Noselect) "/" ""
a OK LIST completed
* LIST () "/" INBOX
a OK LIST completed
* LIST () "/" INBOX
a OK LIST completed
a OK LIST completed
* LSUB () "/" INBOX
a OK LSUB completed
* STATUS INBOX (MESSAGES 2 RECENT 2 UIDNEXT 3 UNSEEN 2)
a OK STATUS completed
a NO [NONEXISTENT] there is only INBOX
a NO [NONEXISTENT] there is only INBOX
a NO [CANNOT] the simulator has one mailbox and fills it itself
a NO [CANNOT] the simulator has one mailbox and fills it itself
* ID ("name" "rehearse")
a OK ID completed
* ENABLED
a OK ENABLE completed
a BAD select a mailbox first
a BAD unknown command
* BAD expected a tag and a command
"#);
}

#[test]
fn selecting_tells_what_there_is() {
    let house = House::with(3);
    let mut first = house.known();
    let answer = first.say("a SELECT INBOX");
    let validity = answer.split("[UIDVALIDITY ").nth(1).unwrap();
    let validity = validity.split(']').next().unwrap();
    insta::assert_snapshot!(answer.replace(validity, "VALIDITY"), @r#"
* FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
* OK [PERMANENTFLAGS (\Answered \Flagged \Deleted \Seen \Draft)] no keywords
* 3 EXISTS
* 3 RECENT
* OK [UNSEEN 1] first mail that is unseen
* OK [UIDVALIDITY VALIDITY] as long as this simulator
* OK [UIDNEXT 4] at least
a OK [READ-WRITE] SELECT completed
"#);
    first.say("a STORE 1 +FLAGS (\\Seen)");

    let answer = house.known().say("a EXAMINE inbox");
    for line in [
        "* 3 EXISTS",
        "* 0 RECENT",
        "[UNSEEN 2]",
        "a OK [READ-ONLY]",
        "[PERMANENTFLAGS ()]",
    ] {
        assert!(answer.contains(line), "{line}: {answer}");
    }
    assert!(answer.contains(validity), "{answer}");
}

#[test]
fn a_mailbox_that_was_left_is_not_selected_any_more() {
    let house = House::with(1);
    for line in ["a CLOSE", "a UNSELECT", "a SELECT Drafts"] {
        let mut talk = house.reader();
        talk.say(line);
        assert_eq!(
            talk.say("b FETCH 1 FLAGS"),
            "b BAD select a mailbox first\n",
            "{line}"
        );
    }
}
