//! Where the secret behind vault and key pool comes from, as a flag.

use std::path::{Path, PathBuf};

use clap::Args;

use super::{Exit, complain};
use crate::vault::{Given, KeySource, PassphraseFile, VaultError};

/// Shared by all commands that open a vault or a key pool.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Vault and key pool")]
pub(super) struct SecretArguments {
    /// File or pipe with the passphrase of vault and key pool; by default `REHEARSE_PASSPHRASE`, or
    /// the key file beside them
    #[arg(long, value_name = "FILE", global = true)]
    passphrase_file: Option<PathBuf>,
    /// Name of the passphrase in the system's keyring, where `rehearse vault remember` puts it; or
    /// `REHEARSE_KEYRING`
    #[arg(
        long,
        value_name = "NAME",
        conflicts_with = "passphrase_file",
        global = true
    )]
    keyring: Option<String>,
}

impl SecretArguments {
    /// The secret of the vault or key pool at `path`.
    pub(super) fn source(&self, path: &Path) -> Result<KeySource, VaultError> {
        KeySource::choose(&self.given(), path)
    }

    /// Where the passphrase is, as far as it was said.
    pub(super) fn given(&self) -> Given {
        match (&self.passphrase_file, &self.keyring) {
            (Some(path), _) => Given::PassphraseFile(PassphraseFile::new(path.clone())),
            (None, Some(name)) => Given::Keyring(name.clone()),
            (None, None) => Given::Nothing,
        }
    }
}

/// Says what is wrong with a vault or a key pool, and ends accordingly.
pub(super) fn refuse(error: &impl std::fmt::Display, is_user_error: bool) -> Exit {
    complain(&error.to_string());
    if is_user_error {
        Exit::Wrong
    } else {
        Exit::Unreachable
    }
}
