//! From a host to an open folder.

use std::io::Write;
use std::rc::Rc;
use std::sync::Arc;

use imap::{Client, Session};

use super::failure::Failure;
use super::folder::open;
use super::idle::Idle;
use super::login::{Ways, log_in};
use super::orders::Orders;
use super::settings::Settings;
use super::wire::Wire;
use crate::otp::link::{Link, NoLink, shown};
use crate::otp::oauth::Token;
use crate::otp::server::{Security, Server};

/// An open folder.
pub(super) struct Folder {
    pub(super) session: Session<Wire>,
    /// Changes when the numbers of messages start anew.
    pub(super) validity: Option<u32>,
    /// Number that the next message will have.
    pub(super) next: u32,
    pub(super) exists: u32,
    /// The server tells of new mail, as far as is known.
    pub(super) has_idle: bool,
    /// It has done so, or could at least be stopped.
    pub(super) has_idled: bool,
    pub(super) idle: Rc<Idle>,
    pub(super) has_uidplus: bool,
}

/// Connects, says who we are, and opens the folder. A token that is refused may
/// have ended before its time: another one is asked for, once.
pub(super) fn dial(settings: &Settings, orders: &Arc<Orders>) -> Result<Folder, Failure> {
    let token = settings.proof.token(&orders.clock)?;
    match dial_with(settings, orders, token.as_ref()) {
        Err(failure)
            if failure.refused
                && !failure.is_busy()
                && token
                    .as_ref()
                    .is_some_and(|token| settings.proof.refuse(token)) =>
        {
            let token = settings.proof.token(&orders.clock)?;
            dial_with(settings, orders, token.as_ref())
        }
        done => done,
    }
}

fn dial_with(
    settings: &Settings,
    orders: &Arc<Orders>,
    token: Option<&Token>,
) -> Result<Folder, Failure> {
    let idle = Rc::new(Idle::new(Arc::clone(orders), settings.poll));
    let mut client = greet(&settings.server, &idle)?;
    let capabilities = client.capabilities().map_err(|error| {
        Failure::from(error)
            .during("the server does not speak IMAP")
            .hint("is `port` the server's IMAP port, and is `security` right?")
    })?;
    let before = capabilities.has_str("IDLE");
    let ways = Ways::of(&capabilities);
    drop(capabilities);
    let mut session = log_in(client, settings, token, ways)?;
    // Most servers tell all they can only then.
    let capabilities = session.capabilities()?;
    let has_idle = before || capabilities.has_str("IDLE");
    let has_uidplus = capabilities.has_str("UIDPLUS");
    drop(capabilities);
    let (folder, next) = open(&mut session, settings)?;
    Ok(Folder {
        session,
        validity: folder.uid_validity,
        next,
        exists: folder.exists,
        has_idle,
        has_idled: false,
        idle,
        has_uidplus,
    })
}

/// Reads the greeting, and makes the connection safe, in the order that
/// `security` asks for.
fn greet(server: &Server, idle: &Rc<Idle>) -> Result<Client<Wire>, Failure> {
    let mut link = Link::connect(server)?;
    if server.security == Security::Tls {
        link = link.secure(server)?;
    }
    let let_in = greeting(&mut link)?;
    if server.security == Security::StartTls {
        if let_in {
            let reason =
                "the server lets us in before TLS (PREAUTH), where others could read along";
            return Err(Failure::new(reason)
                .hint("try `security: tls`, usually with port 993")
                .for_good());
        }
        start_tls(&mut link)?;
        link = link.secure(server)?;
    }
    Ok(Client::new(Wire::new(link, Rc::clone(idle), let_in)))
}

/// Whether the server knows already who we are.
fn greeting(link: &mut Link) -> Result<bool, Failure> {
    let greeting = link.line()?;
    let (word, text) = untagged(&greeting).unwrap_or_default();
    match word.to_ascii_uppercase().as_str() {
        "OK" => Ok(false),
        "PREAUTH" => Ok(true),
        "BYE" => {
            let text = shown(text);
            Err(Failure::new(format!("the server sends us away: {text}")))
        }
        _ => Err(Failure::new("what answers there is not an IMAP server")
            .hint("is `port` the server's IMAP port, and is `security` right?")),
    }
}

/// The first word of an untagged response, and the rest.
fn untagged(line: &str) -> Option<(&str, &str)> {
    let data = line.strip_prefix("* ")?;
    Some(data.split_once(' ').unwrap_or((data, "")))
}

fn start_tls(link: &mut Link) -> Result<(), Failure> {
    link.write_all(b"s STARTTLS\r\n").map_err(NoLink::from)?;
    loop {
        let answer = link.line()?;
        if answer.to_ascii_uppercase().starts_with("S OK") {
            return Ok(());
        }
        if untagged(&answer).is_none() {
            return Err(Failure::new("the server has no STARTTLS")
                .hint("try `security: tls`, usually with port 993"));
        }
    }
}
