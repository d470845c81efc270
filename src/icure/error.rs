//! What can go wrong between us and the platform.

use reqwest::StatusCode;

use crate::crypto::CryptoError;
use crate::http::{Failure, RequestError};
use crate::keys::KeysError;
use crate::metrics::OwnShortage;
use crate::numbers::size;

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
    /// A token that the platform refuses has expired.
    #[error(
        "the token of `{login}` expired at {}, and the platform refuses it: get another one with `login`",
        moment(*expired_at)
    )]
    TokenExpired {
        /// Login that was used.
        login: String,
        /// Milliseconds since 1970.
        expired_at: i64,
    },
    /// The platform takes the credentials for those of somebody else.
    #[error(
        "the credentials of `{login}` belong to another user: they were saved for user `{saved}`, \
         the platform says `{found}`; a token was mixed up, so save or import them again"
    )]
    AnotherUser {
        /// Login that was used.
        login: String,
        /// Id of the account that was saved.
        saved: String,
        /// Id of the account that the platform names.
        found: String,
    },
    /// No key pair for a new user.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// A document does not hold what it must.
    #[error("{document}: expected {expected}")]
    Document {
        /// Which document.
        document: String,
        /// What it must hold.
        expected: &'static str,
    },
    /// What is asked for was deleted.
    #[error("the data sample `{id}` was deleted at {}", moment(*deleted_at))]
    Deleted {
        /// Id of the data sample.
        id: String,
        /// Milliseconds since 1970.
        deleted_at: i64,
    },
    /// A batch has more than it may hold.
    #[error("what the data samples of the batch say, encrypted, is longer than {}", size(*most))]
    TooLarge {
        /// Bytes that it may have.
        most: u64,
    },
    /// A data sample has no such attachment.
    #[error("the data sample `{sample}` names no such attachment")]
    NoAttachment {
        /// Id of the data sample.
        sample: String,
    },
    /// Cryptography on our side failed.
    #[error("{doing}: {fault}")]
    Crypto {
        /// What was being done.
        doing: String,
        /// Why it failed.
        fault: CryptoFault,
    },
    /// A public key is not one of the data owner's.
    #[error(
        "`{owner}` has not published a public key with the fingerprint `{fingerprint}`: access is given \
         to nobody else's"
    )]
    ForeignKey {
        /// Data owner whose key it should be.
        owner: String,
        /// Fingerprint of the key.
        fingerprint: String,
    },
    /// Access cannot be given back.
    #[error(
        "there is nothing that access could be given back to: `{owner}` and `{own}` share no \
         exchange key that the key pairs at hand open"
    )]
    NothingShared {
        /// Who should get access.
        owner: String,
        /// Who should give it.
        own: String,
    },
    /// A patient shares no secret id with us, by which what belongs to it is found.
    #[error(
        "`{patient}` shares no secret id with `{own}` that the key pairs at hand open, so nothing of it can be \
         made or found"
    )]
    NoSecretId {
        /// The patient.
        patient: String,
        /// Who asks.
        own: String,
    },
    /// Somebody cannot be invited once more.
    #[error("the patient `{patient}` has an account already")]
    HasAccount {
        /// The patient.
        patient: String,
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
    /// It is sealed for key pairs that are not here.
    #[error(
        "none of the key pairs at hand opens it; missing is the private key of `{}`, \
         lost or on another device, so have access given back",
        missing.join("`, `")
    )]
    MissingKey {
        /// Fingerprints of their public keys.
        missing: Vec<String>,
    },
    /// It opened to something else than expected.
    #[error("the decrypted text is not {0}")]
    Malformed(&'static str),
}

impl IcureError {
    /// What this machine lacked, if that is the reason.
    pub fn own_shortage(&self) -> Option<OwnShortage> {
        match self {
            Self::Request(error) => match error.failure {
                Failure::Own(shortage) => Some(shortage),
                _ => None,
            },
            _ => None,
        }
    }

    /// Status of the answer, if that is the reason.
    pub fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Request(error) | Self::CredentialsRefused { reason: error, .. } => error.status(),
            _ => None,
        }
    }

    /// A short word for counting.
    pub fn kind(&self) -> String {
        match self {
            Self::Request(error) => error.kind(),
            Self::CredentialsRefused { .. } => "credentials refused".into(),
            Self::TokenExpired { .. } => "token expired".into(),
            Self::AnotherUser { .. } => "another user".into(),
            Self::Keys(_) => "key pool".into(),
            Self::Document { .. } => "unexpected answer".into(),
            Self::Deleted { .. } => "deleted".into(),
            Self::TooLarge { .. } => "too large".into(),
            Self::NoAttachment { .. } => "no attachment".into(),
            Self::Crypto {
                fault: CryptoFault::MissingKey { .. },
                ..
            } => "missing key".into(),
            Self::Crypto { .. } => "crypto".into(),
            Self::ForeignKey { .. } => "foreign key".into(),
            Self::NothingShared { .. } | Self::NoSecretId { .. } => "nothing shared".into(),
            Self::HasAccount { .. } => "has account".into(),
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

/// A time for people; one that no calendar has stays a number.
fn moment(milliseconds: i64) -> String {
    match jiff::Timestamp::from_millisecond(milliseconds) {
        Ok(time) => time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
        Err(_) => format!("{milliseconds} ms since 1970"),
    }
}
