//! What can go wrong between us and the platform.

use crate::crypto::CryptoError;
use crate::http::RequestError;

/// An operation of the platform's client that did not work.
#[derive(Debug, thiserror::Error)]
pub enum IcureError {
    /// A request failed.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// A login and password were refused, by JWT and by Basic.
    #[error("the platform refuses the credentials of `{login}`: {reason}")]
    CredentialsRefused {
        /// Login that was used.
        login: String,
        /// The last refusal.
        reason: RequestError,
    },
    /// A document does not hold what it must.
    #[error("{document}: expected {expected}")]
    Document {
        /// Which document.
        document: String,
        /// What it must hold.
        expected: &'static str,
    },
    /// Cryptography on our side failed.
    #[error("{doing}: {fault}")]
    Crypto {
        /// What was being done.
        doing: String,
        /// Why it failed.
        fault: CryptoFault,
    },
    /// The target lacks what this operation needs.
    #[error("the target has no `{setting}`, which {purpose} needs")]
    Setting {
        /// Key of the target file.
        setting: &'static str,
        /// What needs it.
        purpose: &'static str,
    },
}

/// Why cryptography on our side failed.
#[derive(Debug, thiserror::Error)]
pub enum CryptoFault {
    /// The operation itself.
    #[error(transparent)]
    Operation(#[from] CryptoError),
    /// No key that we hold opens it.
    #[error("none of the keys at hand opens it")]
    NoKey,
    /// It opened to something else than expected.
    #[error("the decrypted text is not {0}")]
    Malformed(&'static str),
}

impl IcureError {
    /// A short word for counting.
    pub fn kind(&self) -> String {
        match self {
            Self::Request(error) => error.kind(),
            Self::CredentialsRefused { .. } => "credentials refused".into(),
            Self::Document { .. } => "unexpected answer".into(),
            Self::Crypto { .. } => "crypto".into(),
            Self::Setting { .. } => "target".into(),
        }
    }

    pub(super) fn crypto(doing: impl Into<String>, fault: impl Into<CryptoFault>) -> Self {
        Self::Crypto {
            doing: doing.into(),
            fault: fault.into(),
        }
    }
}
