//! What can go wrong with a vault.

use std::io;
use std::path::{Path, PathBuf};

use crate::crypto::CryptoError;

/// A vault that cannot be opened, read or written. Each message names the file
/// and says how to mend it; none holds a secret.
///
/// Cloned for each of those whose credentials were to be written together.
#[derive(Clone, Debug, thiserror::Error)]
pub enum VaultError {
    /// Some other file.
    #[error("`{}` is not a vault: give another path for the vault, or move that file away", path.display())]
    NotAVault {
        /// The file.
        path: PathBuf,
    },
    /// Written by a later version of this program.
    #[error("the vault `{}` has format {found}, and this rehearse knows formats up to {known}: use a newer rehearse, or another vault", path.display())]
    Newer {
        /// The vault.
        path: PathBuf,
        /// Format of the file.
        found: u16,
        /// Newest format known here.
        known: u16,
    },
    /// Changed or cut off by something other than this program.
    #[error("the vault `{}` is damaged: {what}; restore it from a copy, or remove it and register the users again", path.display())]
    Damaged {
        /// The vault.
        path: PathBuf,
        /// What does not fit.
        what: String,
    },
    /// The passphrase is not the one of this vault.
    #[error("the passphrase in REHEARSE_PASSPHRASE does not open the vault `{}`: give the one it was made with", path.display())]
    WrongPassphrase {
        /// The vault.
        path: PathBuf,
    },
    /// The key file is not the one of this vault.
    #[error("the key file `{}` does not open the vault `{}`: bring back the one it was made with", key_file.display(), path.display())]
    WrongKeyFile {
        /// The vault.
        path: PathBuf,
        /// The key file.
        key_file: PathBuf,
    },
    /// A key file is at hand, the vault wants a passphrase.
    #[error("the vault `{}` is under a passphrase: set REHEARSE_PASSPHRASE", path.display())]
    PassphraseExpected {
        /// The vault.
        path: PathBuf,
    },
    /// A passphrase is at hand, the vault wants a key file.
    #[error("the vault `{}` is under a key file, not a passphrase: unset REHEARSE_PASSPHRASE, or use another vault", path.display())]
    KeyFileExpected {
        /// The vault.
        path: PathBuf,
    },
    /// The vault is there, its key file is not.
    #[error("the key file `{}` of the vault `{}` is missing: bring it back, or remove the vault and register the users again", key_file.display(), path.display())]
    KeyFileMissing {
        /// The vault.
        path: PathBuf,
        /// The key file.
        key_file: PathBuf,
    },
    /// Others can read or write the key file.
    #[error("others can access the key file `{}` (mode {mode:04o}): run `chmod 600 {}`", key_file.display(), key_file.display())]
    KeyFileExposed {
        /// The key file.
        key_file: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// The key file holds something else.
    #[error("the key file `{}` does not hold 64 hexadecimal digits: bring back the original", key_file.display())]
    KeyFileMalformed {
        /// The key file.
        key_file: PathBuf,
    },
    /// The file system refuses.
    #[error("cannot {doing} `{}`: {reason}", path.display())]
    Io {
        /// What was being done.
        doing: &'static str,
        /// To which file or folder.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// Cryptography failed for a reason other than a wrong key.
    #[error("the vault `{}`: {reason}", path.display())]
    Crypto {
        /// The vault.
        path: PathBuf,
        /// What failed.
        reason: CryptoError,
    },
    /// The thread that was writing panicked.
    #[error("writing the vault `{}` was broken off by a fault in rehearse: please report it", path.display())]
    BrokenOff {
        /// The vault.
        path: PathBuf,
    },
}

impl VaultError {
    /// For `map_err` after an operation of the file system.
    pub(super) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |error| Self::Io {
            doing,
            path,
            reason: error.to_string(),
        }
    }

    /// For `map_err` after cryptography.
    pub(super) fn crypto(path: &Path) -> impl FnOnce(CryptoError) -> Self {
        let path = path.to_owned();
        move |reason| Self::Crypto { path, reason }
    }

    pub(super) fn damaged(path: &Path, what: impl Into<String>) -> Self {
        Self::Damaged {
            path: path.to_owned(),
            what: what.into(),
        }
    }
}
