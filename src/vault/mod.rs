//! The vault: saved credentials, encrypted at rest, in one file that several
//! processes may use at once. `docs/vault.md` has the format and what it does
//! and does not protect from.
//!
//! From the outside in: [`Vault`] gathers what is put and has it written once
//! for many; a `snapshot` is one state of the file; `rewrite` makes the
//! next state out of it; `header`, `index` and `credentials` are the
//! parts of the file; `keys` and `key_source` the keys; `disk` the file
//! system. Unix only: it relies on file modes, inodes and atomic renames.

mod bytes;
mod credentials;
mod disk;
mod error;
mod header;
mod index;
mod key_source;
mod keys;
mod rewrite;
mod snapshot;
mod store;

use std::path::PathBuf;

pub use credentials::SavedCredentials;
pub use error::VaultError;
pub use key_source::KeySource;
pub use store::Vault;

/// Where the vault is unless somebody says otherwise, relative to the current
/// folder.
pub fn default_path() -> PathBuf {
    [".rehearse", "credentials.vault"].iter().collect()
}

#[cfg(test)]
mod tests;
