//! From a host to an open folder.

use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use imap::types::Mailbox;
use imap::{Authenticator, Client, Session};
use secrecy::ExposeSecret;

use super::failure::Failure;
use super::idle::Idle;
use super::orders::Orders;
use super::settings::{After, Proof, Security, Settings};
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
    drop(capabilities);
    let mut session = log_in(client, settings)?;
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
/// `security` asks for.
fn greet(
    mut tcp: TcpStream,
    settings: &Settings,
    idle: &Rc<Idle>,
) -> Result<Client<Wire>, Failure> {
    let idle = Rc::clone(idle);
    match settings.security {
        Security::Tls => {
            let mut tls = tls::secure(tcp, settings)?;
            greeting(&mut tls)?;
            Ok(Client::new(Wire::tls(tls, idle)))
        }
        Security::StartTls => {
            greeting(&mut tcp)?;
            start_tls(&mut tcp)?;
            Ok(Client::new(Wire::tls(tls::secure(tcp, settings)?, idle)))
        }
        Security::Plain => {
            greeting(&mut tcp)?;
            Ok(Client::new(Wire::plain(tcp, idle)))
        }
    }
}

fn greeting(stream: &mut impl Read) -> Result<(), Failure> {
    let line = line(stream)?;
    if line.starts_with("* OK") {
        return Ok(());
    }
    if line.starts_with("* BYE") {
        return Err(Failure::new("the server sends us away"));
    }
    Err(Failure::new("what answers there is not an IMAP server")
        .hint("is `port` the server's IMAP port, and is `security` right?"))
}

fn start_tls(tcp: &mut TcpStream) -> Result<(), Failure> {
    let broken = |error: std::io::Error| Failure::new(error.to_string());
    tcp.write_all(b"s STARTTLS\r\n").map_err(broken)?;
    loop {
        let line = line(tcp)?;
        if line.starts_with("s OK") {
            return Ok(());
        }
        if !line.starts_with("* ") {
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

fn log_in(client: Client<Wire>, settings: &Settings) -> Result<Session<Wire>, Failure> {
    let user = settings.user.as_str();
    let done = match &settings.proof {
        Proof::Password(password) => client.login(user, password.expose_secret()),
        Proof::Token(token) => client.authenticate("XOAUTH2", &XOAuth2 { user, token }),
    };
    done.map_err(|(error, _)| {
        let failure = Failure::from(error);
        if !failure.refused {
            return failure;
        }
        let hint = match &settings.proof {
            Proof::Password(_) => {
                "are `user` and `password` of the target's `otp` right? Gmail and Outlook want an app password or `xoauth2`"
            }
            Proof::Token(_) => "is the token of `xoauth2` for this user, and not expired?",
        };
        failure.during(&format!("the server refuses `{user}`")).hint(hint)
    })
}

struct XOAuth2<'a> {
    user: &'a str,
    token: &'a secrecy::SecretString,
}

impl Authenticator for XOAuth2<'_> {
    type Response = String;

    fn process(&self, challenge: &[u8]) -> String {
        if challenge.is_empty() {
            format!(
                "user={}\x01auth=Bearer {}\x01\x01",
                self.user,
                self.token.expose_secret()
            )
        } else {
            // It says why it refuses, and wants to hear nothing before it does.
            String::new()
        }
    }
}

/// The folder, and the number that its next message will have.
fn open(session: &mut Session<Wire>, settings: &Settings) -> Result<(Mailbox, u32), Failure> {
    let folder = settings.folder.as_str();
    let opened = match settings.after {
        After::Keep => session.examine(folder),
        After::Seen | After::Delete => session.select(folder),
    };
    let opened = opened.map_err(|error| {
        let failure = Failure::from(error);
        if failure.refused {
            failure
                .during(&format!("the server does not open the folder `{folder}`"))
                .hint("is `folder` of the target's `otp` right? Every mailbox has `INBOX`")
        } else {
            failure
        }
    })?;
    if opened.is_read_only && settings.after != After::Keep {
        return Err(
            Failure::new(format!("the folder `{folder}` can only be read"))
                .hint("write `after: keep`, or use another user"),
        );
    }
    let next = match opened.uid_next {
        Some(next) => next,
        None if opened.exists == 0 => 1,
        // A server that does not say must be asked for its last message.
        None => {
            let last = session.uid_fetch("*", "(UID)")?;
            let last = last.iter().filter_map(|message| message.uid).max();
            last.unwrap_or_default().saturating_add(1)
        }
    };
    Ok((opened, next))
}
