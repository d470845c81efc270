//! What can go wrong with a key pool.

use crate::crypto::CryptoError;
use crate::vault::{Place, VaultError};

/// A key pool that cannot be made, read or extended, or that has no more keys.
#[derive(Clone, Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the message says what each field is")]
pub enum KeysError {
    /// The file.
    #[error(transparent)]
    File(#[from] VaultError),
    /// All keys are handed out and the scenario says `on_exhausted: fail`, or
    /// there is none to hand out again.
    #[error(
        "the {pool} is exhausted: its {size} key pairs are handed out; make more with `rehearse keys generate`, or say `on_exhausted: generate`"
    )]
    Exhausted {
        pool: Place,
        /// How many keys it holds.
        size: usize,
    },
    /// A pool holds keys of one length.
    #[error("the {pool} holds keys of {there} bits: give `--bits {there}`, or another file")]
    OtherLength {
        pool: Place,
        /// Length of its keys.
        there: usize,
    },
    /// Keys that are to be secret would go into a plain file.
    #[error(
        "the {pool} is a pool of test keys, which is not encrypted: give `--test-keys`, or another file"
    )]
    ForTests { pool: Place },
    /// Test keys would go into an encrypted file.
    #[error("the {pool} is encrypted: leave out `--test-keys`, or give another file")]
    NotForTests { pool: Place },
    /// The search for a key failed.
    #[error("generating a key pair: {0}")]
    Crypto(#[from] CryptoError),
}

impl KeysError {
    /// True when the command line or a scenario must change.
    pub fn is_user_error(&self) -> bool {
        match self {
            Self::File(error) => error.is_user_error(),
            Self::OtherLength { .. } | Self::ForTests { .. } | Self::NotForTests { .. } => true,
            Self::Exhausted { .. } | Self::Crypto(_) => false,
        }
    }
}
