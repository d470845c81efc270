//! What can go wrong with a sealed file: a vault or a key pool.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::place::Place;
use crate::crypto::CryptoError;

/// A vault or a key pool that cannot be opened, read or written. Each message
/// names the file and says how to correct it; none holds a secret.
///
/// Cloned for each of those whose credentials were to be written together.
#[derive(Clone, Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the message says what each field is")]
pub enum VaultError {
    /// Nothing is there, and nothing was to be made.
    #[error("there is no {file}: {}", file.content.origin())]
    Missing { file: Place },
    /// Some other file.
    #[error("`{}` is not a {noun}: give another path for the {noun}, or move that file away", file.path.display(), noun = file.content.noun())]
    Foreign { file: Place },
    /// Written by a later version of this program.
    #[error("the {file} has format {found}, and this rehearse knows formats up to {known}: use a newer rehearse, or another {}", file.content.noun())]
    Newer {
        file: Place,
        found: u16,
        /// Newest format known here.
        known: u16,
    },
    /// Changed or cut off by something other than this program.
    #[error("the {file} is damaged: {what}; restore it from a copy, or {}", file.content.replacement())]
    Damaged {
        file: Place,
        /// What does not fit.
        what: String,
    },
    /// The passphrase is not the one of this file.
    #[error("the passphrase in {origin} does not open the {file}: give the one it was made with")]
    WrongPassphrase {
        file: Place,
        /// Where the passphrase came from.
        origin: String,
    },
    /// The key file is not the one of this file.
    #[error("the key file `{}` does not open the {file}: bring back the one it was made with", key_file.display())]
    WrongKeyFile { file: Place, key_file: PathBuf },
    /// A key file is at hand, a passphrase is wanted.
    #[error(
        "the {file} is under a passphrase: set REHEARSE_PASSPHRASE, or give `--passphrase-file` \
         or `--keyring`"
    )]
    PassphraseExpected { file: Place },
    /// A passphrase is at hand, a key file is wanted.
    #[error("the {file} is under a key file, not a passphrase: {remedy}, or use another {}", file.content.noun())]
    KeyFileExpected {
        file: Place,
        /// How to give no passphrase.
        remedy: &'static str,
    },
    /// The file is there, its key file is not.
    #[error("the key file `{}` of the {file} is missing: bring it back, or {}", key_file.display(), file.content.replacement())]
    KeyFileMissing { file: Place, key_file: PathBuf },
    /// Others can read or write a file with a secret.
    #[error("others can access the {what} `{}` (mode {mode:04o}): run `chmod 600 {}`", path.display(), path.display())]
    Exposed {
        /// `key file` or `passphrase file`.
        what: &'static str,
        path: PathBuf,
        mode: u32,
    },
    /// The key file holds something else.
    #[error("the key file `{}` does not hold 64 hexadecimal digits: bring back the original", key_file.display())]
    KeyFileMalformed { key_file: PathBuf },
    /// There is no passphrase in the passphrase file, or far too much.
    #[error("the passphrase file `{}` {what}: write the passphrase into it, and nothing else", path.display())]
    PassphraseFile {
        path: PathBuf,
        /// What is wrong with it.
        what: &'static str,
    },
    /// What was to be a passphrase is none.
    #[error(
        "the passphrase on standard input {what}: write the passphrase into it, and nothing else"
    )]
    PassphraseInput {
        /// What is wrong with it.
        what: String,
    },
    /// The keyring holds nothing under a name.
    #[error(
        "the keyring holds no passphrase named `{name}`, or no longer does: put it there with \
         `rehearse vault remember {name}`"
    )]
    NotInKeyring { name: String },
    /// The system has no keyring for us.
    #[error(
        "cannot use the keyring for `{name}`: {reason}; a container may not have one: use \
         REHEARSE_PASSPHRASE or `--passphrase-file` there"
    )]
    Keyring {
        name: String,
        /// What the system said.
        reason: String,
    },
    /// What was given cannot name a passphrase in the keyring.
    #[error(
        "`{name}` cannot name a passphrase in the keyring: up to 64 letters, digits, `-`, `_`, \
         `.` and `@`"
    )]
    KeyringName { name: String },
    /// The vault holds nothing under a name.
    #[error(
        "the {file} holds no credentials named `{name}`: `rehearse vault list` shows the names"
    )]
    NotFound { file: Place, name: String },
    /// Names that would be overwritten.
    #[error(
        "the {file} has {} already: nothing was imported; `--force` replaces what is there",
        quoted(names)
    )]
    Taken { file: Place, names: Vec<String> },
    /// There is no room for what was to be written.
    #[error("cannot {doing} `{}`: {reason}; what it held before is still there: make room, then do it again", path.display())]
    Full {
        /// What was being done.
        doing: String,
        /// To which file or folder.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// The file system refuses.
    #[error("cannot {doing} `{}`: {reason}", path.display())]
    Io {
        /// What was being done.
        doing: String,
        /// To which file or folder.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// Cryptography failed for a reason other than a wrong key.
    #[error("the {file}: {reason}")]
    Crypto {
        file: Place,
        /// What failed.
        reason: CryptoError,
    },
    /// The thread that was writing panicked.
    #[error("writing the {file} was broken off by a fault in rehearse: please report it")]
    BrokenOff { file: Place },
}

impl VaultError {
    /// True when the command line or a scenario must change: it names a file
    /// that is not there.
    pub fn is_user_error(&self) -> bool {
        matches!(
            self,
            Self::Missing { .. }
                | Self::NotFound { .. }
                | Self::Taken { .. }
                | Self::NotInKeyring { .. }
                | Self::KeyringName { .. }
                | Self::PassphraseInput { .. }
        )
    }

    /// For `map_err` after an operation of the file system.
    pub(crate) fn io(doing: impl Into<String>, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let (doing, path) = (doing.into(), path.to_owned());
        move |error| {
            let reason = error.to_string();
            match error.kind() {
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
                    Self::Full {
                        doing,
                        path,
                        reason,
                    }
                }
                _ => Self::Io {
                    doing,
                    path,
                    reason,
                },
            }
        }
    }

    /// For `map_err` after an operation on the sealed file itself, such as
    /// `write`.
    pub(super) fn file(doing: &str, file: &Place) -> impl FnOnce(io::Error) -> Self {
        Self::io(format!("{doing} the {}", file.content.noun()), &file.path)
    }

    /// For `map_err` after cryptography.
    pub(super) fn crypto(file: &Place) -> impl FnOnce(CryptoError) -> Self {
        let file = file.clone();
        move |reason| Self::Crypto { file, reason }
    }

    pub(crate) fn damaged(file: &Place, what: impl Into<String>) -> Self {
        Self::Damaged {
            file: file.clone(),
            what: what.into(),
        }
    }
}

/// The first few names, for a message.
fn quoted(names: &[String]) -> String {
    const SHOWN: usize = 5;
    let shown: Vec<_> = names
        .iter()
        .take(SHOWN)
        .map(|name| format!("`{name}`"))
        .collect();
    let more = names.len().saturating_sub(SHOWN);
    match more {
        0 => shown.join(", "),
        _ => format!("{} and {more} more", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::path::Path;

    use super::{Place, VaultError};

    #[test]
    fn a_full_disk_says_that_nothing_is_lost() {
        for kind in [
            io::ErrorKind::StorageFull,
            io::ErrorKind::QuotaExceeded,
            io::ErrorKind::FileTooLarge,
        ] {
            let error = VaultError::file("write", &Place::vault("a.vault"))(kind.into());
            let message = error.to_string();
            assert!(
                message.starts_with("cannot write the vault `a.vault`: ")
                    && message.contains("what it held before is still there"),
                "{message}"
            );
        }
        let other = VaultError::io("read", Path::new("x"))(io::ErrorKind::NotADirectory.into());
        assert!(matches!(other, VaultError::Io { .. }), "{other}");
    }

    #[test]
    fn many_names_are_counted() {
        let names = (1..=7).map(|number| format!("user-{number}")).collect();
        let file = Place::vault("a.vault");
        let message = VaultError::Taken { file, names }.to_string();
        assert!(message.contains("`user-5` and 2 more already"), "{message}");
    }
}
