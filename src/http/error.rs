//! Why a request failed.

use std::sync::Arc;
use std::time::Duration;

use reqwest::{Method, StatusCode};

use super::Statuses;

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

    /// True when nothing answered at all.
    pub fn is_unreachable(&self) -> bool {
        matches!(self.failure, Failure::Connect(_))
    }

    /// A short word for counting: `connect`, `timeout`, `http 403`, …
    pub fn kind(&self) -> String {
        match &self.failure {
            Failure::Connect(_) => "connect".into(),
            Failure::Timeout(_) => "timeout".into(),
            Failure::Status { status, .. } => format!("http {}", status.as_u16()),
            Failure::Transport(_) => "transport".into(),
            Failure::Decode(_) => "unexpected answer".into(),
            Failure::Encode(_) => "encode".into(),
        }
    }
}

/// The ways in which a request fails.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Failure {
    /// No connection: refused, unknown host, or TLS failed.
    #[error("cannot connect: {0}")]
    Connect(String),
    /// No answer in time.
    #[error("no answer within {0:?}")]
    Timeout(Duration),
    /// An answer of another status than expected.
    #[error("expected {expected}, got {status}{}{message}", if message.is_empty() { "" } else { ": " })]
    Status {
        /// Status of the answer.
        status: StatusCode,
        /// Statuses that would have been good.
        expected: Statuses,
        /// What the server said, without secrets, shortened.
        message: String,
    },
    /// The connection broke.
    #[error("connection broke: {0}")]
    Transport(String),
    /// An answer that we cannot read.
    #[error("unexpected answer at {0}")]
    Decode(String),
    /// A request that we cannot write.
    #[error("cannot write the request: {0}")]
    Encode(String),
}
