//! `source: pop3`: a mailbox where there is nothing but POP3 (RFC 1939).
//!
//! A POP3 session sees the mailbox as it was when it began, so each look is a
//! connection of its own, in a thread that may wait.

use std::collections::HashSet;
use std::io::{BufReader, ErrorKind, Write};
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use parking_lot::Mutex;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::oneshot;

use super::link::{Link, NoLink, code, shown};
use super::oauth::Token;
use super::polled::{Poll, Polled};
use super::proof::{self, Proof, sasl};
use super::reading::DATED;
use super::server::{self, Ports, Security, Server};
use super::{Access, Message, OtpSource, Prospect, Reading, Reply, SourceError, mail};
use crate::clock::Clock;
use crate::document::{Defaulted, Field, ReadContext};
use crate::language::{Node, Table};
use crate::{ceilings, files};

/// How often the mailbox is looked at, unless the target says otherwise.
const USUAL_POLL: Duration = Duration::from_secs(5);
/// Most refusals in a row that are not explained.
const REFUSALS: u32 = 3;

const PORTS: Ports = Ports {
    field: Field::new("port", "995 with `tls`, 110 otherwise, unless given").example("995"),
    tls: 995,
    other: 110,
};
const USER: Field<String> = Field::new("user", "user name for the mailbox")
    .required()
    .example("ada");
const POLL: Defaulted<Duration> =
    Field::new("poll", "how often the mailbox is looked at").or(&USUAL_POLL);

pub(super) const FIELDS: Table = Table {
    what: "`otp`",
    keys: &[
        &[PORTS.field.key(), USER.key(), POLL.key()],
        server::KEYS,
        proof::KEYS,
        DATED,
    ],
};

/// `otp: {source: pop3, host: …}`
#[derive(Debug)]
struct Settings {
    server: Server,
    user: String,
    proof: Proof,
    poll: Duration,
    reading: Reading,
}

pub(super) fn compile(arguments: &Node, cx: &mut ReadContext) -> Option<Arc<dyn OtpSource>> {
    let mut fields = FIELDS.open(arguments, cx)?;
    let server = Server::read(&mut fields, &PORTS, cx);
    let user = fields.get(&USER, cx);
    let proof = Proof::read(&mut fields, cx);
    let poll = fields.get_or(&POLL, cx);
    let reading = Reading::read(&mut fields, cx);
    fields.finish(cx);
    Some(Arc::new(Pop3(Arc::new(Settings {
        server: server?,
        user: user?,
        proof: proof?,
        poll,
        reading,
    }))))
}

#[derive(Debug)]
struct Pop3(Arc<Settings>);

impl OtpSource for Pop3 {
    fn kind(&self) -> &'static str {
        "pop3"
    }

    fn connect<'a>(&'a self, clock: &'a Clock) -> Reply<'a, Access> {
        Box::pin(async move {
            let mailbox = Mailbox {
                settings: Arc::clone(&self.0),
                clock: clock.clone(),
                known: Arc::default(),
                refusals: 0,
            };
            // What is there already is not news.
            mailbox.look(false).await?;
            Ok(Access::Watched(Box::new(Polled::new(mailbox))))
        })
    }

    fn reading(&self) -> Reading {
        self.0.reading.clone()
    }
}

struct Mailbox {
    settings: Arc<Settings>,
    clock: Clock,
    /// Ids of the mails that are there and were read.
    known: Arc<Mutex<HashSet<String>>>,
    /// Refused log-ins in a row that were not explained.
    refusals: u32,
}

impl Mailbox {
    /// Looks once, in a thread; what is new is read, or only noted.
    async fn look(&self, read: bool) -> Result<Vec<Message>, SourceError> {
        let (settings, clock) = (Arc::clone(&self.settings), self.clock.clone());
        let known = Arc::clone(&self.known);
        let (done, looked) = oneshot::channel();
        std::thread::Builder::new()
            .name("pop3".to_owned())
            .spawn(move || {
                // Nobody waits for it any more when this fails.
                let _ = done.send(settings.look(&clock, &mut known.lock(), read));
            })
            .map_err(|error| self.settings.error(error.to_string()))?;
        let ended = |_| Err(self.settings.error("the thread that reads it has ended"));
        looked.await.unwrap_or_else(ended)
    }
}

impl Poll for Mailbox {
    fn poll(&mut self) -> Reply<'_, Vec<Message>> {
        Box::pin(async move {
            tokio::time::sleep(self.settings.poll).await;
            let looked = self.look(true).await;
            let unexplained = looked
                .as_ref()
                .is_err_and(|error| error.prospect == Prospect::NotYet);
            self.refusals = if unexplained { self.refusals + 1 } else { 0 };
            looked.map_err(|error| {
                let last = self.refusals >= REFUSALS;
                let lasting = if last {
                    Prospect::Permanent
                } else {
                    Prospect::Away
                };
                match error.prospect {
                    Prospect::NotYet => error.lasting(lasting),
                    _ => error,
                }
            })
        })
    }
}

impl Settings {
    /// What messages call the mailbox.
    fn error(&self, reason: impl Into<String>) -> SourceError {
        let Server { host, port, .. } = &self.server;
        SourceError::new(
            format!("the mailbox of `{}` at {host}:{port}", self.user),
            reason,
        )
    }

    fn broken(&self, error: NoLink) -> SourceError {
        SourceError {
            hint: error.hint,
            ..self.error(error.reason)
        }
    }

    fn look(
        &self,
        clock: &Clock,
        known: &mut HashSet<String>,
        read: bool,
    ) -> Result<Vec<Message>, SourceError> {
        let token = self.proof.token(clock)?;
        let mut session = match self.log_in(token.as_ref()) {
            Err(error)
                if error.prospect != Prospect::Away
                    && token.as_ref().is_some_and(|token| self.proof.refuse(token)) =>
            {
                let token = self.proof.token(clock)?;
                self.log_in(token.as_ref())
            }
            done => done,
        }?;
        session.say("UIDL").map_err(|error| {
            error.with_hint("mails are told apart by UIDL, which this server must know")
        })?;
        let list = session.lines(ceilings::IMAP_ANSWER)?;
        let list = String::from_utf8_lossy(&list);
        let entries = list.lines().filter_map(|line| line.split_once(' '));
        let entries: Vec<(u32, &str)> = entries
            .filter_map(|(number, id)| Some((number.parse().ok()?, id.trim())))
            .collect();
        let mut messages = Vec::new();
        for (number, id) in &entries {
            if read && !known.contains(*id) {
                session.say(&format!("RETR {number}"))?;
                let raw = session.lines(ceilings::MAIL)?;
                messages.push(mail::read(&raw, None, 0));
            }
        }
        *known = entries.iter().map(|(_, id)| (*id).to_owned()).collect();
        // What there was to read has been read.
        let _ = session.say("QUIT");
        Ok(messages)
    }

    /// Connects, and says who we are.
    fn log_in(&self, token: Option<&Token>) -> Result<Session<'_>, SourceError> {
        let mut session = self.connect(token).map_err(|error| self.broken(error))?;
        let done = match (token, &self.proof) {
            (Some(token), _) => session.show(token),
            (None, Proof::Password(password)) => session
                .say(&format!("USER {}", self.user))
                .and_then(|_| session.say(&format!("PASS {}", password.expose_secret()))),
            _ => Ok(String::new()),
        };
        done.map_err(|error| {
            if error.prospect == Prospect::Away {
                return error;
            }
            let reason = format!("the server refuses `{}`: {}", self.user, error.reason);
            SourceError { reason, ..error }
                .with_hint("are `user` and `password`, or `oauth2`, of the target's `otp` right?")
        })?;
        Ok(session)
    }

    fn connect(&self, token: Option<&Token>) -> Result<Session<'_>, NoLink> {
        let mut link = Link::connect(&self.server)?;
        if self.server.security == Security::Tls {
            link = link.secure(&self.server)?;
        }
        if !link.line()?.starts_with("+OK") {
            return Err(NoLink::new("what answers there is not a POP3 server")
                .hint("is `port` the server's POP3 port, and is `security` right?"));
        }
        if self.server.security == Security::StartTls {
            link.write_all(b"STLS\r\n")?;
            if !link.line()?.starts_with("+OK") {
                return Err(NoLink::new("the server has no STLS")
                    .hint("try `security: tls`, usually with port 995"));
            }
            link = link.secure(&self.server)?;
        }
        Ok(Session {
            settings: self,
            token: token.cloned(),
            link: BufReader::new(link),
        })
    }
}

/// A connection to the server, for one look.
struct Session<'s> {
    settings: &'s Settings,
    /// What it is shown in place of a password.
    token: Option<Token>,
    link: BufReader<Link>,
}

impl Session<'_> {
    /// Says a line, and hears whether it is good.
    fn say(&mut self, line: &str) -> Result<String, SourceError> {
        if line.contains(['\r', '\n']) {
            let reason = "`user` or `password` is more than one line";
            return Err(self.settings.error(reason).lasting(Prospect::Permanent));
        }
        let sent = SecretString::from(format!("{line}\r\n"));
        self.write(&sent)?;
        let line = self.line(ceilings::IMAP_GREETING)?;
        let line = String::from_utf8_lossy(&line).trim_end().to_owned();
        if line.starts_with("+OK") || line.starts_with('+') {
            return Ok(line);
        }
        let text = line.strip_prefix("-ERR").unwrap_or(&line).trim();
        let text = self.settings.proof.cut_from(text, self.token.as_ref());
        Err(self.refusal(&text))
    }

    /// Shows a token in place of a password (RFC 5034).
    fn show(&mut self, token: &Token) -> Result<String, SourceError> {
        let mut ways = String::new();
        if self.say("CAPA").is_ok() {
            ways = String::from_utf8_lossy(&self.lines(ceilings::IMAP_GREETING)?).to_uppercase();
        }
        let bearer = ways.contains("OAUTHBEARER") && !ways.contains("XOAUTH2");
        let Settings { server, user, .. } = self.settings;
        let (way, answer) = sasl(server, user, token, bearer);
        self.say(&format!("AUTH {way}"))?;
        let said = self.say(&STANDARD.encode(answer.expose_secret()))?;
        if said.starts_with("+OK") {
            return Ok(said);
        }
        // It says why it refuses, and wants to hear nothing before it does.
        self.say("")
    }

    /// Why not, and whether it may be another time (RFC 2449, RFC 3206).
    fn refusal(&self, text: &str) -> SourceError {
        let error = self.settings.error(shown(text));
        match code(text).as_deref() {
            Some("AUTH" | "SYS/PERM") => error.lasting(Prospect::Permanent),
            None => error.lasting(Prospect::NotYet),
            // In use, a delay between log-ins, a trouble of the server's.
            _ => error,
        }
    }

    fn write(&mut self, line: &SecretString) -> Result<(), SourceError> {
        let sent = self
            .link
            .get_mut()
            .write_all(line.expose_secret().as_bytes());
        sent.map_err(|error| self.settings.broken(error.into()))
    }

    fn line(&mut self, most: usize) -> Result<Vec<u8>, SourceError> {
        let mut line = Vec::new();
        match files::read_line(&mut self.link, &mut line, most as u64) {
            Ok(0) => Err(self.settings.error("the server closed the connection")),
            Ok(_) => Ok(line),
            Err(error) if error.kind() == ErrorKind::InvalidData => {
                Err(self.settings.error("the server's answer does not end"))
            }
            Err(error) => Err(self.settings.broken(error.into())),
        }
    }

    /// An answer of several lines, up to its end; the first bytes of it.
    fn lines(&mut self, kept: usize) -> Result<Vec<u8>, SourceError> {
        let mut left = ceilings::IMAP_ANSWER;
        let mut text = Vec::new();
        loop {
            let line = self.line(left)?;
            left -= line.len();
            if line == b".\r\n" || line == b".\n" {
                return Ok(text);
            }
            // A dot at the beginning was put before another one.
            let line = line.strip_prefix(b".").unwrap_or(&line);
            let room = kept.saturating_sub(text.len()).min(line.len());
            text.extend_from_slice(&line[..room]);
        }
    }
}
