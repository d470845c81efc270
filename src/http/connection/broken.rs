//! Why there is no connection, or why one broke, before it is put in words.

use std::borrow::Cow;
use std::io;

use crate::ceilings::INTERIM;

/// Why there is no connection.
#[derive(Debug)]
pub(in crate::http) enum DialError {
    /// The name of the host was not found.
    Dns(io::Error),
    /// No address of the host took the connection.
    Tcp(io::Error),
    /// It was not there in time, TLS included.
    TimedOut,
    /// TLS could not be agreed on.
    Tls(io::Error),
    /// The first frames of HTTP/2 were not taken.
    Broken(Broken),
}

/// Why a connection broke.
#[derive(Debug)]
pub(in crate::http) enum Broken {
    /// Reading or writing failed.
    Io(io::Error),
    /// It ended before the answer was there, or whole.
    Ended,
    /// What came is not HTTP, or breaks its rules.
    Protocol(Cow<'static, str>),
    /// The answer has more than so many bytes.
    TooLong(u64),
    /// The other side of HTTP/2 gave it up, or the stream.
    Http2(h2::Error),
}

impl Broken {
    pub(super) fn protocol(what: impl Into<Cow<'static, str>>) -> Self {
        Self::Protocol(what.into())
    }

    /// More interim answers (1xx) than come before an answer.
    pub(super) fn too_many_interim() -> Self {
        Self::protocol(format!("more than {INTERIM} interim answers"))
    }

    /// Whether it was closed or broken off, rather than used wrongly.
    pub(super) fn is_gone(&self) -> bool {
        matches!(self, Self::Io(_) | Self::Ended)
    }

    /// Whether the server says that it has not begun to work on the request: a
    /// stream that it refused, or one above the last that it took before it
    /// went away (RFC 9113, 6.8 and 8.7).
    pub(super) fn was_not_taken(&self) -> bool {
        let Self::Http2(error) = self else {
            return false;
        };
        let reason = error.reason();
        let refused = error.is_reset() && reason == Some(h2::Reason::REFUSED_STREAM);
        let gone = error.is_go_away() && reason == Some(h2::Reason::NO_ERROR);
        error.is_remote() && (refused || gone)
    }
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// An error of input or output that HTTP/2 wraps is one of input or output.
impl From<h2::Error> for Broken {
    fn from(error: h2::Error) -> Self {
        if error.is_io() {
            return error.into_io().map_or(Self::Ended, Self::Io);
        }
        Self::Http2(error)
    }
}
