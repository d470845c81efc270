//! Why there is no row.

use std::path::PathBuf;

use crate::vault::VaultError;

/// A row that cannot be had. Says nothing of what is in the rows: they may be
/// personal, or secret.
#[derive(Clone, Debug, thiserror::Error)]
pub enum FeederError {
    /// There is none at all.
    #[error("there are no rows: {hint}")]
    Empty {
        /// Where they should come from.
        hint: String,
    },
    /// Each row was handed out once.
    #[error(
        "all {count} rows were handed out, each once: play fewer iterations, add rows, or let \
         `order: sequential` begin again"
    )]
    UsedUp {
        /// How many there are.
        count: u64,
    },
    /// There are more users than rows.
    #[error(
        "user {vu} has no row of its own, since there are {count}: let there be fewer users, or \
         add rows"
    )]
    TooFew {
        /// Number of the user.
        vu: u64,
        /// How many rows there are.
        count: u64,
    },
    /// A file changed, or went away.
    #[error("cannot read row {row} of `{}`: {reason}; do not change the file during a run", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Number of the row, from 1.
        row: u64,
        /// Why not.
        reason: String,
    },
    /// The vault cannot be read.
    #[error("{0}")]
    Vault(String),
}

impl From<VaultError> for FeederError {
    fn from(error: VaultError) -> Self {
        Self::Vault(error.to_string())
    }
}
