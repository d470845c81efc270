//! The vault: saved credentials, encrypted at rest, in one file that several
//! processes may use at once. `docs/vault.md` has the format and what it does
//! and does not protect from.
//!
//! From the outside in: [`Vault`] turns credentials into records and back;
//! `portable` into JSON. What is below it knows records only, and serves key
//! pools too: `sealed` gathers what is put and has it written once for many; a
//! `snapshot` is one state of the file; `rewrite` makes the next state out of
//! it, and `rotate` one under another key; `header` and `index` are the parts
//! of the file; `keys` and `key_source` the keys; `place` names the file in
//! messages; `disk` is the file system. Unix only: it relies on file modes, inodes and atomic renames.

mod bytes;
mod credentials;
mod disk;
mod error;
mod header;
mod index;
mod key_source;
mod keyring;
mod keys;
mod origin;
mod parsed_keys;
mod passphrase;
mod place;
mod portable;
mod rewrite;
mod rotate;
mod sealed;
mod snapshot;
mod store;

use std::io::Write;
use std::path::{Path, PathBuf};

pub use credentials::{SavedCredentials, Summary};
pub use error::VaultError;
pub use key_source::{Given, KeySource, PassphraseFile};
pub use keyring::{forget, remember};
pub use origin::{Ids, SavedTarget};
pub use passphrase::{in_file as passphrase_in, in_stream as passphrase_from};
pub use place::{Content, Place};
pub use portable::{ImportError, export, import};
pub use rotate::{NewKey, rotate};
pub use store::Vault;

pub(crate) use disk::replace;
pub(crate) use rewrite::Records;
pub(crate) use sealed::SealedFile;
pub(crate) use snapshot::Snapshot;

/// Replaces a file with one that only its owner can read.
///
/// # Errors
/// When it cannot be written; what it held before stays.
pub fn write_private(path: &Path, content: &[u8]) -> Result<(), VaultError> {
    replace(path, |mut file| file.write_all(content))
        .map(drop)
        .map_err(VaultError::io("write", path))
}

/// Where the vault is unless somebody says otherwise, relative to the current
/// folder.
pub fn default_path() -> PathBuf {
    [".rehearse", "credentials.vault"].iter().collect()
}

#[cfg(test)]
mod tests;
