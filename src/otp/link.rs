//! A connection to a mail server, for threads that may wait.

use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::time::Duration;

use rustls::client::WebPkiServerVerifier;
use rustls::crypto::ring;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use rustls_platform_verifier::BuilderVerifierExt;

use super::redact;
use super::server::Server;
use crate::ceilings;
use crate::http::trusting_listed;

/// How long one address may take to answer.
const CONNECT: Duration = Duration::from_secs(10);
/// How long a server may say nothing.
pub(super) const SILENCE: Duration = Duration::from_secs(10);

/// Why there is no connection.
#[derive(Debug)]
pub(super) struct NoLink {
    pub(super) reason: String,
    pub(super) hint: Option<&'static str>,
    pub(super) timed_out: bool,
}

impl NoLink {
    pub(super) fn new(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            hint: None,
            timed_out: false,
        }
    }

    /// How to correct it.
    pub(super) fn hint(mut self, hint: &'static str) -> Self {
        self.hint = Some(hint);
        self
    }
}

impl From<io::Error> for NoLink {
    fn from(error: io::Error) -> Self {
        use io::ErrorKind::{TimedOut, WouldBlock};
        if matches!(error.kind(), TimedOut | WouldBlock) {
            return Self {
                timed_out: true,
                ..Self::new("the server does not answer")
            };
        }
        Self::new(error.to_string())
    }
}

/// A connection, with TLS or without.
pub(super) enum Link {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ClientConnection, TcpStream>>),
}

impl Link {
    pub(super) fn connect(server: &Server) -> Result<Self, NoLink> {
        let host = server.host.as_str();
        let addresses = (host, server.port).to_socket_addrs();
        let addresses =
            addresses.map_err(|error| NoLink::new(format!("cannot find `{host}`: {error}")))?;
        let mut last = NoLink::new(format!("`{host}` has no address"));
        for address in addresses {
            match TcpStream::connect_timeout(&address, CONNECT) {
                Ok(tcp) => {
                    tcp.set_read_timeout(Some(SILENCE))?;
                    tcp.set_write_timeout(Some(SILENCE))?;
                    tcp.set_nodelay(true)?;
                    return Ok(Self::Plain(tcp));
                }
                Err(error) => last = NoLink::new(error.to_string()),
            }
        }
        Err(last)
    }

    /// Agrees on a key with the server and checks who it is, before anything else
    /// is said.
    pub(super) fn secure(self, server: &Server) -> Result<Self, NoLink> {
        let Self::Plain(mut tcp) = self else {
            return Ok(self);
        };
        let broken = |error: rustls::Error| NoLink::new(format!("TLS: {error}"));
        let config = config(server).map_err(broken)?;
        let connection = ClientConnection::new(Arc::new(config), server.name.clone());
        let mut connection = connection.map_err(broken)?;
        while connection.is_handshaking() {
            connection
                .complete_io(&mut tcp)
                .map_err(|error| refused(&error))?;
        }
        Ok(Self::Tls(Box::new(StreamOwned::new(connection, tcp))))
    }

    pub(super) fn tcp(&self) -> &TcpStream {
        match self {
            Self::Plain(tcp) => tcp,
            Self::Tls(tls) => &tls.sock,
        }
    }

    /// Reads a line and not a byte more: what follows may be TLS, or somebody's
    /// who wants it to be taken for the server's.
    pub(super) fn line(&mut self) -> Result<String, NoLink> {
        let mut line = Vec::new();
        let mut byte = [0];
        while line.last() != Some(&b'\n') {
            if line.len() >= ceilings::IMAP_GREETING || self.read(&mut byte)? == 0 {
                return Err(NoLink::new("the server closed the connection")
                    .hint("are `port` and `security` of the target's `otp` right?"));
            }
            line.push(byte[0]);
        }
        Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
    }
}

impl Read for Link {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(tcp) => tcp.read(buffer),
            Self::Tls(tls) => tls.read(buffer),
        }
    }
}

impl Write for Link {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(tcp) => tcp.write(buffer),
            Self::Tls(tls) => tls.write(buffer),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(tcp) => tcp.flush(),
            Self::Tls(tls) => tls.flush(),
        }
    }
}

fn config(server: &Server) -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()?;
    let builder = match &server.roots {
        None => builder.with_platform_verifier()?,
        Some(certificates) => {
            let mut roots = RootCertStore::empty();
            for certificate in certificates {
                roots.add(certificate.clone())?;
            }
            let usual = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider);
            let usual = usual.build().map_err(|error| {
                rustls::Error::General(format!("no certificate can be checked: {error}"))
            })?;
            let verifier = trusting_listed(usual, certificates.clone());
            builder
                .dangerous()
                .with_custom_certificate_verifier(verifier)
        }
    };
    Ok(builder.with_no_client_auth())
}

fn refused(error: &io::Error) -> NoLink {
    let inner = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match inner {
        Some(rustls::Error::InvalidCertificate(reason)) => {
            NoLink::new(format!("the server's certificate is refused: {reason}")).hint(
                "`host`, or `server_name`, must be a name in the certificate; `ca_file` names who signed it, when this machine does not know",
            )
        }
        Some(rustls::Error::InvalidMessage(_)) => {
            NoLink::new("the server does not speak TLS there").hint(
                "`security: tls` goes with port 993 (IMAP) or 995 (POP3), `security: starttls` with 143 or 110",
            )
        }
        _ => NoLink::new(format!("no TLS connection: {error}")),
    }
}

/// The code in brackets with which a server explains a refusal, without its
/// arguments.
pub(super) fn code(text: &str) -> Option<String> {
    let (code, _) = text.strip_prefix('[')?.split_once([']', ' '])?;
    Some(code.to_ascii_uppercase())
}

/// What a server says, in one short line without figures and without its code
/// in brackets, which is for programs.
pub(super) fn shown(text: &str) -> String {
    let text = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((_, words)) if !words.trim().is_empty() => words.trim(),
        _ => text,
    };
    let line: String = text.chars().filter(|c| !c.is_control()).take(120).collect();
    redact(&line)
}
