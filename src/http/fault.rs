//! What is wrong with a connection: typed, out of what the layers below say.
//!
//! To tell a further kind: one variant of [`Fault`] and its word.

use std::error::Error;
use std::io::{self, ErrorKind};
use std::time::Duration;

use super::Failure;
use super::trust::only_unvouched;
use crate::metrics::OwnShortage;

/// Why there is no connection, or why it broke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The name of the host was not found.
    Dns,
    /// Nobody listens there.
    Refused,
    /// There is no way to the host.
    Unreachable,
    /// No connection in time, TLS included.
    ConnectTimeout,
    /// The certificate is refused, or it is not TLS that is spoken there.
    Tls,
    /// The other side broke the connection off.
    Reset,
    /// The other side closed a connection that had served before, while the
    /// request was on its way.
    Closed,
    /// The connection was closed before the answer was there, or whole.
    Incomplete,
    /// What came is not HTTP, or breaks its rules.
    Protocol,
    /// Anything else.
    Other,
}

impl Fault {
    /// All of them that have a word.
    pub const NAMED: &'static [Self] = &[
        Self::Dns,
        Self::Refused,
        Self::Unreachable,
        Self::ConnectTimeout,
        Self::Tls,
        Self::Reset,
        Self::Closed,
        Self::Incomplete,
        Self::Protocol,
    ];

    /// The kind of the error; that of an unknown one depends on whether there
    /// was a connection.
    pub fn word(self) -> Option<&'static str> {
        Some(match self {
            Self::Dns => "dns",
            Self::Refused => "refused",
            Self::Unreachable => "unreachable",
            Self::ConnectTimeout => "connect timeout",
            Self::Tls => "tls",
            Self::Reset => "reset",
            Self::Closed => "closed",
            Self::Incomplete => "incomplete",
            Self::Protocol => "protocol",
            Self::Other => return None,
        })
    }
}

/// What is known of a request that got no answer.
#[derive(Clone, Copy)]
pub(super) struct Sent {
    /// How long it may take to connect.
    pub(super) connect_timeout: Duration,
    /// How long it may take in all.
    pub(super) timeout: Duration,
    /// Whether its connection was made for it.
    pub(super) fresh: bool,
    /// Whether the head of the answer was there.
    pub(super) answered: bool,
}

/// The URL is taken out of every message: it can hold a secret.
pub(super) fn classify(error: reqwest::Error, sent: Sent) -> Failure {
    let error = error.without_url();
    let connecting = error.is_connect();
    if let Some(shortage) = own_shortage(&error) {
        return Failure::Own(shortage);
    }
    if error.is_timeout() && !connecting && !is_io(&error, ErrorKind::TimedOut) {
        return Failure::Timeout(sent.timeout);
    }
    let fault = fault(&error, sent);
    let reason = match fault {
        Fault::ConnectTimeout => format!("no connection within {:?}", sent.connect_timeout),
        Fault::Closed => {
            "the server closed it, on a connection kept open since an earlier request".into()
        }
        Fault::Incomplete if !sent.answered => "the server closed it without an answer".into(),
        Fault::Incomplete => "the server closed it before the end of its answer".into(),
        Fault::Tls => find(&error).map_or_else(
            || "the server closed the connection before TLS was agreed on".into(),
            tls_reason,
        ),
        _ => root_cause(&error),
    };
    if connecting {
        Failure::Connect { fault, reason }
    } else {
        Failure::Transport { fault, reason }
    }
}

/// Looks from the outside in: the first that says something counts.
fn fault(error: &reqwest::Error, sent: Sent) -> Fault {
    if error.is_dns() {
        return Fault::Dns;
    }
    if find::<rustls::Error>(error).is_some() {
        return Fault::Tls;
    }
    if error.is_connect() && error.is_timeout() {
        return Fault::ConnectTimeout;
    }
    let broken = |kind: ErrorKind| match kind {
        ErrorKind::ConnectionRefused => Some(Fault::Refused),
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable | ErrorKind::NetworkDown => {
            Some(Fault::Unreachable)
        }
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => {
            Some(Fault::Reset)
        }
        ErrorKind::UnexpectedEof => Some(Fault::Incomplete),
        _ => None,
    };
    let hyper = find::<hyper::Error>(error);
    let fault = match (
        find::<io::Error>(error).and_then(|io| broken(io.kind())),
        hyper,
    ) {
        (Some(fault), _) => fault,
        (None, Some(hyper)) if hyper.is_incomplete_message() => Fault::Incomplete,
        (None, Some(hyper)) if hyper.is_closed() || hyper.is_canceled() => Fault::Incomplete,
        (None, Some(hyper)) if hyper.is_parse() => Fault::Protocol,
        (None, Some(_)) if !error.is_connect() => Fault::Protocol,
        _ => Fault::Other,
    };
    if error.is_connect() && fault == Fault::Incomplete {
        // Before there is a connection, only TLS reads anything.
        return Fault::Tls;
    }
    let gone = matches!(fault, Fault::Reset | Fault::Incomplete);
    if gone && !sent.fresh && !sent.answered && !error.is_connect() {
        return Fault::Closed;
    }
    fault
}

/// Why there is no TLS, and what to do about the usual reasons.
fn tls_reason(error: &rustls::Error) -> String {
    match error {
        rustls::Error::InvalidCertificate(_) if only_unvouched(error) => {
            "nobody who is trusted vouches for the server's certificate; `tls: {ca: …}` of the target names who does, or the certificate itself".into()
        }
        rustls::Error::InvalidMessage(_) => "the server does not speak TLS there".into(),
        error => error.to_string(),
    }
}

/// What this machine lacks, if that is the reason.
fn own_shortage(error: &reqwest::Error) -> Option<OwnShortage> {
    let io = find::<io::Error>(error);
    if let Some(shortage) = io.and_then(of_io) {
        return Some(shortage);
    }
    // The resolver needs descriptors too, and hides that it got none.
    let probe = || of_io(&std::fs::File::open("/dev/null").err()?);
    error.is_dns().then(probe).flatten()
}

fn of_io(error: &io::Error) -> Option<OwnShortage> {
    let number = rustix::io::Errno::from_io_error(error)?;
    match number {
        rustix::io::Errno::MFILE | rustix::io::Errno::NFILE => Some(OwnShortage::Descriptors),
        rustix::io::Errno::ADDRNOTAVAIL => Some(OwnShortage::Ports),
        _ => None,
    }
}

fn is_io(error: &reqwest::Error, kind: ErrorKind) -> bool {
    find::<io::Error>(error).is_some_and(|io| io.kind() == kind)
}

/// The innermost cause of this type. What an I/O error wraps is a cause too,
/// which its `source` skips.
fn find<'e, E: Error + 'static>(error: &'e (dyn Error + 'static)) -> Option<&'e E> {
    let mut found = None;
    let mut cause = Some(error);
    while let Some(error) = cause {
        found = error.downcast_ref::<E>().or(found);
        let wrapped = error.downcast_ref::<io::Error>();
        cause = match wrapped.and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    found
}

/// The innermost reason, which is the one that says something.
fn root_cause(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::{OwnShortage, find, of_io};

    #[test]
    fn what_this_machine_lacks_is_told_from_what_the_target_does() {
        use rustix::io::Errno;
        for (number, expected) in [
            (Errno::MFILE, Some(OwnShortage::Descriptors)),
            (Errno::NFILE, Some(OwnShortage::Descriptors)),
            (Errno::ADDRNOTAVAIL, Some(OwnShortage::Ports)),
            (Errno::CONNREFUSED, None),
            (Errno::CONNRESET, None),
        ] {
            assert_eq!(of_io(&number.into()), expected, "{number}");
        }
    }

    #[test]
    fn a_cause_is_found_inside_an_input_output_error() {
        let inner = io::Error::from(io::ErrorKind::ConnectionReset);
        let outer = io::Error::other(io::Error::other(inner));
        let found = find::<io::Error>(&outer).map(io::Error::kind);
        assert_eq!(found, Some(io::ErrorKind::ConnectionReset));
        let tls = io::Error::other(rustls::Error::DecryptError);
        assert!(find::<rustls::Error>(&tls).is_some());
    }
}
