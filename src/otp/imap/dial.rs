//! From a host to an open folder.

use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use imap::{Client, Session};

use super::failure::{Failure, shown};
use super::folder::open;
use super::idle::Idle;
use super::login::{Ways, log_in};
use super::orders::Orders;
use super::settings::{Security, Settings};
use super::tls;
use super::wire::{SILENCE, Wire};
use crate::ceilings;

/// How long one address may take to answer.
const CONNECT: Duration = Duration::from_secs(10);

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

/// Connects, says who we are, and opens the folder.
pub(super) fn dial(settings: &Settings, orders: &Arc<Orders>) -> Result<Folder, Failure> {
    let tcp = connect(settings)?;
    let idle = Rc::new(Idle::new(Arc::clone(orders), settings.poll));
    let mut client = greet(tcp, settings, &idle)?;
    let capabilities = client.capabilities().map_err(|error| {
        Failure::from(error)
            .during("the server does not speak IMAP")
            .hint("is `port` the server's IMAP port, and is `security` right?")
    })?;
    let before = capabilities.has_str("IDLE");
    let ways = Ways::of(&capabilities);
    drop(capabilities);
    let mut session = log_in(client, settings, ways)?;
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

fn connect(settings: &Settings) -> Result<TcpStream, Failure> {
    let host = settings.host.as_str();
    let addresses = (host, settings.port).to_socket_addrs();
    let addresses =
        addresses.map_err(|error| Failure::new(format!("cannot find `{host}`: {error}")))?;
    let mut last = Failure::new(format!("`{host}` has no address"));
    for address in addresses {
        match TcpStream::connect_timeout(&address, CONNECT) {
            Ok(tcp) => {
                let limits = tcp
                    .set_read_timeout(Some(SILENCE))
                    .and_then(|()| tcp.set_write_timeout(Some(SILENCE)))
                    .and_then(|()| tcp.set_nodelay(true));
                limits.map_err(|error| Failure::new(error.to_string()))?;
                return Ok(tcp);
            }
            Err(error) => last = Failure::new(error.to_string()),
        }
    }
    Err(last)
}

/// Reads the greeting, and makes the connection safe, in the order that
/// `security` asks for. Whether the server has let us in already.
fn greet(
    mut tcp: TcpStream,
    settings: &Settings,
    idle: &Rc<Idle>,
) -> Result<Client<Wire>, Failure> {
    let idle = Rc::clone(idle);
    let (wire, let_in) = match settings.security {
        Security::Tls => {
            let mut tls = tls::secure(tcp, settings)?;
            let let_in = greeting(&mut tls)?;
            (Wire::tls(tls, idle), let_in)
        }
        Security::StartTls => {
            if greeting(&mut tcp)? {
                let reason =
                    "the server lets us in before TLS (PREAUTH), where others could read along";
                return Err(Failure::new(reason)
                    .hint("try `security: tls`, usually with port 993")
                    .for_good());
            }
            start_tls(&mut tcp)?;
            (Wire::tls(tls::secure(tcp, settings)?, idle), false)
        }
        Security::Plain => {
            let let_in = greeting(&mut tcp)?;
            (Wire::plain(tcp, idle), let_in)
        }
    };
    Ok(Client::new(if let_in { wire.let_in() } else { wire }))
}

/// Whether the server knows already who we are.
fn greeting(stream: &mut impl Read) -> Result<bool, Failure> {
    let line = line(stream)?;
    let (word, text) = untagged(&line).unwrap_or_default();
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
    let data = line.strip_prefix("* ")?.trim_end();
    Some(data.split_once(' ').unwrap_or((data, "")))
}

fn start_tls(tcp: &mut TcpStream) -> Result<(), Failure> {
    let broken = |error: std::io::Error| Failure::new(error.to_string());
    tcp.write_all(b"s STARTTLS\r\n").map_err(broken)?;
    loop {
        let line = line(tcp)?;
        if line.to_ascii_uppercase().starts_with("S OK") {
            return Ok(());
        }
        if untagged(&line).is_none() {
            return Err(Failure::new("the server has no STARTTLS")
                .hint("try `security: tls`, usually with port 993"));
        }
    }
}

/// Reads a line and not a byte more: what follows may be TLS, or somebody's
/// who wants it to be taken for the server's.
fn line(stream: &mut impl Read) -> Result<String, Failure> {
    let mut line = Vec::new();
    let mut byte = [0];
    while line.last() != Some(&b'\n') {
        let broken = |error| Failure::from(imap::Error::Io(error));
        if line.len() >= ceilings::IMAP_GREETING || stream.read(&mut byte).map_err(broken)? == 0 {
            let hint = "is `port` the server's IMAP port, and is `security` right?";
            return Err(Failure::new("the server closed the connection").hint(hint));
        }
        line.push(byte[0]);
    }
    Ok(String::from_utf8_lossy(&line).into_owned())
}
