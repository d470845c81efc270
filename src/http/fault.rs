//! What is wrong with a connection: typed, out of what the layers below say.
//!
//! To tell a further kind: one variant of [`Fault`], whose name is its word.

use std::error::Error;
use std::io::{self, ErrorKind};
use std::time::Duration;

use strum::{IntoStaticStr, VariantArray};
use url::Url;

use super::Failure;
use super::connection::{Broken, DialError};
use super::trust::only_unvouched;
use crate::metrics::OwnShortage;

/// Why there is no connection, or why it broke.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "lowercase")]
pub enum Fault {
    /// The name of the host was not found.
    Dns,
    /// Nobody listens there.
    Refused,
    /// There is no way to the host.
    Unreachable,
    /// No connection in time, TLS included.
    #[strum(serialize = "connect timeout")]
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
    /// All of them.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The kind of the error; that of an unknown one depends on whether there
    /// was a connection.
    pub fn word(self) -> Option<&'static str> {
        (self != Self::Other).then(|| self.into())
    }
}

/// Why there was no connection to the host of `url` within `timeout`.
pub(super) fn unconnected(url: &Url, error: &DialError, timeout: Duration) -> Failure {
    let (fault, reason) = match error {
        DialError::Dns(io) => {
            // The resolver needs descriptors too, and hides that it got none.
            #[expect(clippy::disallowed_methods, reason = "nothing is read of it")]
            let probe = || of_io(&std::fs::File::open("/dev/null").err()?);
            if let Some(shortage) = of_io(io).or_else(probe) {
                return Failure::Own(shortage);
            }
            (Fault::Dns, root_cause(io))
        }
        DialError::Tcp(io) => match of_io(io) {
            Some(shortage) => return Failure::Own(shortage),
            None if io.kind() == ErrorKind::TimedOut => (Fault::ConnectTimeout, root_cause(io)),
            None => (of_kind(io).unwrap_or(Fault::Other), root_cause(io)),
        },
        DialError::TimedOut => (
            Fault::ConnectTimeout,
            format!("no connection within {timeout:?}"),
        ),
        DialError::Tls(io) => {
            let reason = find::<rustls::Error>(io).map_or_else(
                || "the server closed the connection before TLS was agreed on".into(),
                tls_reason,
            );
            (Fault::Tls, reason)
        }
        DialError::Broken(broken) => told(broken, false),
    };
    let host = url.host_str().unwrap_or_default();
    let to = match url.port_or_known_default() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    };
    Failure::Connect { to, fault, reason }
}

/// Why a connection broke: one that was `reused`, and on which the head of the
/// answer had come.
pub(super) fn broken(broken: &Broken, reused: bool, answered: bool) -> Failure {
    if let Broken::Io(io) = broken
        && let Some(shortage) = of_io(io)
    {
        return Failure::Own(shortage);
    }
    if let Broken::TooLong(most) = broken {
        return Failure::TooLong(*most);
    }
    let (mut fault, mut reason) = told(broken, answered);
    if matches!(fault, Fault::Reset | Fault::Incomplete) && reused && !answered {
        fault = Fault::Closed;
        reason = "the server closed it, on a connection kept open since an earlier request".into();
    }
    Failure::Transport { fault, reason }
}

fn told(broken: &Broken, answered: bool) -> (Fault, String) {
    match broken {
        Broken::Io(io) if find::<rustls::Error>(io).is_some() => (Fault::Tls, root_cause(io)),
        Broken::Io(io) => match of_kind(io) {
            Some(Fault::Incomplete) => told(&Broken::Ended, answered),
            fault => (fault.unwrap_or(Fault::Other), root_cause(io)),
        },
        Broken::Ended if answered => (
            Fault::Incomplete,
            "the server closed it before the end of its answer".into(),
        ),
        Broken::Ended => (
            Fault::Incomplete,
            "the server closed it without an answer".into(),
        ),
        Broken::Protocol(what) => (Fault::Protocol, what.to_string()),
        Broken::TooLong(most) => (Fault::Protocol, Failure::TooLong(*most).to_string()),
        Broken::Http2(error) => (Fault::Protocol, error.to_string()),
    }
}

fn of_kind(error: &io::Error) -> Option<Fault> {
    match error.kind() {
        ErrorKind::ConnectionRefused => Some(Fault::Refused),
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable | ErrorKind::NetworkDown => {
            Some(Fault::Unreachable)
        }
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => {
            Some(Fault::Reset)
        }
        ErrorKind::UnexpectedEof => Some(Fault::Incomplete),
        _ => None,
    }
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

fn of_io(error: &io::Error) -> Option<OwnShortage> {
    let number = rustix::io::Errno::from_io_error(error)?;
    match number {
        rustix::io::Errno::MFILE | rustix::io::Errno::NFILE => Some(OwnShortage::Descriptors),
        rustix::io::Errno::ADDRNOTAVAIL => Some(OwnShortage::Ports),
        _ => None,
    }
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
