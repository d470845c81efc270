//! The vault itself: a sealed file whose records are saved credentials.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::credentials::Summary;
use super::key_source::KeySource;
#[cfg(test)]
use super::keys::Cost;
use super::parsed_keys::ParsedKeys;
use super::place::Place;
use super::rewrite::Records;
use super::sealed::SealedFile;
use super::{SavedCredentials, VaultError};
use crate::crypto::CryptoBackend;

/// An open vault. Clones share it, with the key pairs that were read of it;
/// other processes, and other values opened on the same path, share the file.
///
/// All methods block on the disk: call them from a thread that may wait.
#[derive(Clone)]
pub struct Vault(SealedFile, Arc<ParsedKeys>);

impl Vault {
    /// Opens the vault at `path`. One that is not there is made, with its
    /// folder and, if `key` is one, its key file, all for the owner only.
    ///
    /// # Errors
    /// When the key is not the one of the vault, or the file cannot be used.
    pub fn open(path: PathBuf, key: KeySource) -> Result<Self, VaultError> {
        SealedFile::open(Place::vault(path), key).map(Self::of)
    }

    /// Opens a vault that is there.
    ///
    /// # Errors
    /// [`VaultError::Missing`] when it is not, else as [`Vault::open`].
    pub fn open_existing(path: PathBuf, key: KeySource) -> Result<Self, VaultError> {
        SealedFile::open_existing(Place::vault(path), key).map(Self::of)
    }

    /// As [`Vault::open`], with the price of a passphrase for a vault that is
    /// not there.
    #[cfg(test)]
    pub(super) fn open_at_cost(
        path: PathBuf,
        key: KeySource,
        cost: Cost,
    ) -> Result<Self, VaultError> {
        SealedFile::open_at_cost(Place::vault(path), key, cost).map(Self::of)
    }

    fn of(file: SealedFile) -> Self {
        Self(file, Arc::default())
    }

    /// The path of the file.
    pub fn path(&self) -> &Path {
        self.0.place().path()
    }

    /// The credentials saved under `name`, also by another process, with keys
    /// of this backend. A key pair is parsed and checked once.
    ///
    /// # Errors
    /// When the file cannot be read or was damaged.
    pub fn get(
        &self,
        name: &str,
        backend: CryptoBackend,
    ) -> Result<Option<SavedCredentials>, VaultError> {
        let snapshot = self.0.snapshot()?;
        let Some(record) = snapshot.open(name)? else {
            return Ok(None);
        };
        let key_pair = |der: &[u8]| self.1.read(backend, der);
        let saved = SavedCredentials::from_record(&record, key_pair);
        let saved = saved.ok_or_else(|| snapshot.damaged_record(name))?;
        Ok(Some(saved))
    }

    /// What is saved under `name`, without its secrets.
    ///
    /// # Errors
    /// When the file cannot be read or was damaged.
    pub fn summary(&self, name: &str) -> Result<Option<Summary>, VaultError> {
        let snapshot = self.0.snapshot()?;
        let Some(record) = snapshot.open(name)? else {
            return Ok(None);
        };
        let summary = Summary::from_record(&record);
        summary
            .map(Some)
            .ok_or_else(|| snapshot.damaged_record(name))
    }

    /// The names under which credentials are saved, sorted.
    ///
    /// # Errors
    /// When the file cannot be read or was damaged.
    pub fn names(&self) -> Result<Vec<String>, VaultError> {
        let snapshot = self.0.snapshot()?;
        Ok(snapshot.names().map(ToString::to_string).collect())
    }

    /// What is saved under each name, without its secrets. A damaged record
    /// does not keep others from being listed.
    ///
    /// # Errors
    /// When the file cannot be read or was damaged.
    #[expect(
        clippy::type_complexity,
        reason = "a name and what became of reading it"
    )]
    pub fn list(&self) -> Result<Vec<(String, Result<Summary, VaultError>)>, VaultError> {
        let snapshot = self.0.snapshot()?;
        let summary = |name: &str| {
            let damaged = || snapshot.damaged_record(name);
            let record = snapshot.open(name)?.ok_or_else(damaged)?;
            Summary::from_record(&record).ok_or_else(damaged)
        };
        let names = snapshot.names();
        Ok(names
            .map(|name| (name.to_string(), summary(name)))
            .collect())
    }

    /// Saves credentials under `name`, in place of what was there. They are on
    /// the disk when this returns.
    ///
    /// Whoever comes while somebody else is writing is written together with
    /// all others who came meanwhile. Of two who save under one name at once,
    /// the later one stays.
    ///
    /// # Errors
    /// When the file cannot be read or written. What was saved before stays.
    pub fn put(&self, name: &str, credentials: SavedCredentials) -> Result<(), VaultError> {
        let record = credentials.into_record();
        let record = record.map_err(VaultError::crypto(self.0.place()))?;
        self.0.put(name, record)
    }

    /// Saves all of these or none. A name that is taken is replaced only when
    /// `replace` says so.
    ///
    /// # Errors
    /// [`VaultError::Taken`] with all names that are, else as [`Vault::put`].
    pub fn import(
        &self,
        credentials: Vec<(String, SavedCredentials)>,
        replace: bool,
    ) -> Result<(), VaultError> {
        let place = self.0.place();
        let mut records = Records::new();
        for (name, saved) in credentials {
            let record = saved.into_record().map_err(VaultError::crypto(place))?;
            records.insert(name, record);
        }
        self.0.update(|there| {
            let taken = records.keys().filter(|name| there.has(name));
            let names: Vec<String> = taken.cloned().collect();
            if replace || names.is_empty() {
                Ok(records)
            } else {
                let file = place.clone();
                Err(VaultError::Taken { file, names })
            }
        })
    }
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Vault({})", self.path().display())
    }
}
