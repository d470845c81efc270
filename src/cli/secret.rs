//! Where the secret behind vault and key pool comes from, as a flag.

use std::path::{Path, PathBuf};

use clap::Args;

use super::{Exit, complain};
use crate::vault::{KeySource, VaultError};

/// Shared by all commands that open a vault or a key pool.
#[derive(Debug, Args)]
pub(super) struct SecretArguments {
    /// File with the passphrase of vault and key pool; otherwise it is in `REHEARSE_PASSPHRASE`, or
    /// there is a key file beside them
    #[arg(long, value_name = "FILE", global = true)]
    pub(super) passphrase_file: Option<PathBuf>,
}

impl SecretArguments {
    /// The secret of the vault or key pool at `path`.
    pub(super) fn source(&self, path: &Path) -> Result<KeySource, VaultError> {
        KeySource::choose(self.passphrase_file.as_deref(), path)
    }
}

/// Says what is wrong with a vault or a key pool, and ends accordingly.
pub(super) fn refuse(error: &impl std::fmt::Display, is_the_users: bool) -> Exit {
    complain(&error.to_string());
    if is_the_users {
        Exit::Wrong
    } else {
        Exit::Unreachable
    }
}
