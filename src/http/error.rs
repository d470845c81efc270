//! Why a request failed.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use reqwest::{Method, StatusCode};

use super::{Fault, Said, Statuses};
use crate::metrics::OwnShortage;
use crate::numbers::size;

/// The kind of an answer with more bytes than it may have.
const TOO_LONG: &str = "answer too long";

/// A client that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// With these certificates.
    #[error("TLS: {0}")]
    Tls(#[from] rustls::Error),
    /// A file with certificates or a key.
    #[error("TLS: {0}")]
    Pem(#[from] rustls::pki_types::pem::Error),
}

/// A request that did not give a usable answer of an expected status.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{method} {endpoint}: {failure}")]
pub struct RequestError {
    /// Method of the request.
    pub method: Method,
    /// Template of its path.
    pub endpoint: Arc<str>,
    /// What went wrong.
    pub failure: Failure,
}

impl RequestError {
    /// Status of the answer, when there was one.
    pub fn status(&self) -> Option<StatusCode> {
        match self.failure {
            Failure::Status { status, .. } => Some(status),
            _ => None,
        }
    }

    /// A short word for counting: `refused`, `timeout`, `http 403`, …
    pub fn kind(&self) -> String {
        self.failure.kind().into_owned()
    }
}

/// The ways in which a request fails.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Failure {
    /// No connection.
    #[error("cannot connect to {to}: {reason}")]
    Connect {
        /// Host and port.
        to: String,
        /// Why not.
        fault: Fault,
        /// The same in words.
        reason: String,
    },
    /// This machine lacks something: the target has not been asked.
    #[error("this machine has no {} left", .0.what())]
    Own(OwnShortage),
    /// No answer in time.
    #[error("no answer within {0:?}")]
    Timeout(Duration),
    /// An answer of another status than expected.
    #[error("expected {expected}, got {status}{said}")]
    Status {
        /// Status of the answer.
        status: StatusCode,
        /// Statuses that would have been good.
        expected: Statuses,
        /// What the server said.
        said: Said,
        /// For how many seconds the server wants to be left alone.
        retry_after: Option<u32>,
    },
    /// The connection broke.
    #[error("connection broke: {reason}")]
    Transport {
        /// Why.
        fault: Fault,
        /// The same in words.
        reason: String,
    },
    /// An answer with more than so many bytes.
    #[error("the answer is longer than `max_body`, {}", size(*.0))]
    TooLong(u64),
    /// An answer that is something else than JSON.
    #[error("expected JSON, got {0}")]
    NotJson(String),
    /// An answer that we cannot read.
    #[error("unexpected answer at {0}")]
    Decode(String),
    /// A request that we cannot write.
    #[error("cannot write the request: {0}")]
    Encode(String),
}

impl Failure {
    /// A short word for counting: `refused`, `timeout`, `http 403`, …
    pub(super) fn kind(&self) -> Cow<'static, str> {
        match self {
            Self::Connect { fault, .. } => fault.word().unwrap_or("connect").into(),
            Self::Timeout(_) => "timeout".into(),
            Self::Status { status, .. } => format!("http {}", status.as_u16()).into(),
            Self::Transport { fault, .. } => fault.word().unwrap_or("transport").into(),
            Self::Own(shortage) => shortage.kind().into(),
            Self::NotJson(_) | Self::Decode(_) => "unexpected answer".into(),
            Self::TooLong(_) => TOO_LONG.into(),
            Self::Encode(_) => "encode".into(),
        }
    }

    /// What is wrong with the connection, if it is that.
    pub fn fault(&self) -> Option<Fault> {
        match self {
            Self::Connect { fault, .. } | Self::Transport { fault, .. } => Some(*fault),
            _ => None,
        }
    }
}
