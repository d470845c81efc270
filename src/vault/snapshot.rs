//! One state of the vault's file.
//!
//! A vault is never changed in place, only replaced. A snapshot holds its file
//! open, so what the index says stays true for it whatever becomes of the name.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use super::disk::Stamp;
use super::header::{self, Header};
use super::index::{Extent, Index};
use super::keys::{Derivation, Keys};
use super::{SavedCredentials, VaultError};

/// A vault as it was when it was read or written.
pub(super) struct Snapshot {
    pub(super) file: File,
    pub(super) derivation: Derivation,
    pub(super) keys: Arc<Keys>,
    pub(super) index: Index,
    stamp: Stamp,
}

impl Snapshot {
    /// What has just been written to `file`.
    pub(super) fn written(
        file: File,
        derivation: Derivation,
        keys: Arc<Keys>,
        index: Index,
    ) -> io::Result<Self> {
        Ok(Self {
            stamp: Stamp::of(&file.metadata()?),
            file,
            derivation,
            keys,
            index,
        })
    }

    /// Reads header and index of the vault at `path`, with the keys that
    /// `keys` gives for the header; `None` when there is no such file.
    pub(super) fn read(
        path: &Path,
        keys: impl FnOnce(&Header) -> Result<Arc<Keys>, VaultError>,
    ) -> Result<Option<Self>, VaultError> {
        let failed = || VaultError::io("read the vault", path);
        let file = match File::open(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            opened => opened.map_err(failed())?,
        };
        let metadata = file.metadata().map_err(failed())?;
        let length = metadata.len();
        let beginning = length.min(header::LENGTH as u64);
        let beginning = read_at(&file, 0, beginning).map_err(failed())?;
        let header = Header::parse(&beginning, path)?;
        if header.index_at.checked_add(header.index_length) != Some(length) {
            return Err(VaultError::damaged(
                path,
                "it is longer or shorter than its header says",
            ));
        }
        let keys = keys(&header)?;
        let sealed = read_at(&file, header.index_at, header.index_length).map_err(failed())?;
        let plain = keys.index.open_gcm(&beginning, &sealed);
        let plain = plain.map_err(|_| VaultError::damaged(path, "its index does not decrypt"))?;
        let index = Index::decode(&plain, header.index_at)
            .ok_or_else(|| VaultError::damaged(path, "its index has another form"))?;
        Ok(Some(Self {
            file,
            derivation: header.derivation,
            keys,
            index,
            stamp: Stamp::of(&metadata),
        }))
    }

    /// True when `path` still is this file. One that was removed is as good:
    /// what it held comes back with the next write.
    pub(super) fn is_current(&self, path: &Path) -> Result<bool, VaultError> {
        match fs::metadata(path) {
            Ok(found) => Ok(Stamp::of(&found) == self.stamp),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(true),
            Err(error) => Err(VaultError::io("look at the vault", path)(error)),
        }
    }

    /// The credentials under `name`; nothing else is decrypted.
    pub(super) fn get(
        &self,
        path: &Path,
        name: &str,
    ) -> Result<Option<SavedCredentials>, VaultError> {
        let Some(extent) = self.index.0.get(name) else {
            return Ok(None);
        };
        let sealed = read_at(&self.file, extent.at, extent.length)
            .map_err(VaultError::io("read the vault", path))?;
        let damaged = || VaultError::damaged(path, format!("the record `{name}` does not decrypt"));
        if Extent::of(&sealed, extent.at) != Some(*extent) {
            return Err(damaged());
        }
        let associated = associated(&self.derivation, name);
        let record = self.keys.records.open_gcm(&associated, &sealed);
        let record = record.map_err(|_| damaged())?;
        let saved = SavedCredentials::from_record(&record);
        saved.map(Some).ok_or_else(damaged)
    }
}

/// What a record is bound to: its vault and its name.
pub(super) fn associated(derivation: &Derivation, name: &str) -> Vec<u8> {
    [&derivation.salt, name.as_bytes()].concat()
}

/// Reads without moving the position of the file, which many threads share.
fn read_at(file: &File, at: u64, length: u64) -> io::Result<Vec<u8>> {
    let length = usize::try_from(length).map_err(io::Error::other)?;
    let mut bytes = vec![0; length];
    file.read_exact_at(&mut bytes, at)?;
    Ok(bytes)
}
