//! One state of a sealed file.
//!
//! A sealed file is never changed in place, only replaced. A snapshot holds its file
//! open, so what the index says stays true for it whatever becomes of the name.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use super::VaultError;
use super::disk::Stamp;
use super::header::{self, Header};
use super::index::{Extent, Index};
use super::keys::{Derivation, Keys};
use super::place::Place;
use crate::crypto::Plain;
use crate::numbers::size;
use crate::{ceilings, files};

/// A sealed file as it was when it was read or written.
pub(crate) struct Snapshot {
    /// What it is.
    pub(super) place: Place,
    pub(super) file: File,
    pub(super) derivation: Derivation,
    pub(super) keys: Arc<Keys>,
    pub(super) index: Index,
    stamp: Stamp,
}

impl Snapshot {
    /// What has just been written to `file`.
    pub(super) fn written(
        place: Place,
        file: File,
        derivation: Derivation,
        keys: Arc<Keys>,
        index: Index,
    ) -> io::Result<Self> {
        Ok(Self {
            stamp: Stamp::of(&file.metadata()?),
            place,
            file,
            derivation,
            keys,
            index,
        })
    }

    /// Reads header and index of `place`, with the keys that
    /// `keys` gives for the header; `None` when there is no such file.
    pub(super) fn read(
        place: &Place,
        keys: impl FnOnce(&Header) -> Result<Arc<Keys>, VaultError>,
    ) -> Result<Option<Self>, VaultError> {
        let failed = || VaultError::file("read", place);
        let file = match files::open(&place.path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            opened => opened.map_err(failed())?,
        };
        let metadata = file.metadata().map_err(failed())?;
        let length = metadata.len();
        let beginning = length.min(header::LENGTH as u64);
        let beginning = read_at(&file, 0, beginning).map_err(failed())?;
        let header = Header::parse(&beginning, place)?;
        if header.index_at.checked_add(header.index_length) != Some(length) {
            return Err(VaultError::damaged(
                place,
                "it is longer or shorter than its header says",
            ));
        }
        if header.index_length > ceilings::INDEX {
            let long = format!("its index has more than {}", size(ceilings::INDEX));
            return Err(VaultError::damaged(place, long));
        }
        let keys = keys(&header)?;
        let sealed = read_at(&file, header.index_at, header.index_length).map_err(failed())?;
        let plain = keys.index.open_gcm(&beginning, &sealed);
        let plain = plain.map_err(|_| VaultError::damaged(place, "its index does not decrypt"))?;
        let index = Index::decode(&plain, header.index_at)
            .ok_or_else(|| VaultError::damaged(place, "its index has another form"))?;
        Ok(Some(Self {
            place: place.clone(),
            file,
            derivation: header.derivation,
            keys,
            index,
            stamp: Stamp::of(&metadata),
        }))
    }

    /// True when `path` still is this file. One that was removed is as good:
    /// what it held comes back with the next write.
    pub(super) fn is_current(&self) -> Result<bool, VaultError> {
        match fs::metadata(&self.place.path) {
            Ok(found) => Ok(Stamp::of(&found) == self.stamp),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(true),
            Err(error) => Err(VaultError::file("look at", &self.place)(error)),
        }
    }

    /// The names of all records, in order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &Arc<str>> {
        self.index.0.keys()
    }

    /// True when there is a record of this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.index.0.contains_key(name)
    }

    pub(crate) fn len(&self) -> usize {
        self.index.0.len()
    }

    /// The plain record under `name`; nothing else is decrypted.
    pub(crate) fn open(&self, name: &str) -> Result<Option<Plain>, VaultError> {
        let Some(extent) = self.index.0.get(name) else {
            return Ok(None);
        };
        let sealed = read_at(&self.file, extent.at, extent.length)
            .map_err(VaultError::file("read", &self.place))?;
        if Extent::of(&sealed, extent.at) != Some(*extent) {
            return Err(self.damaged_record(name));
        }
        let associated = associated(&self.derivation, name);
        let record = self.keys.records.open_gcm(&associated, &sealed);
        record.map(Some).map_err(|_| self.damaged_record(name))
    }

    /// The error for a record that does not hold what it should.
    pub(crate) fn damaged_record(&self, name: &str) -> VaultError {
        VaultError::damaged(&self.place, format!("the record `{name}` does not decrypt"))
    }
}

/// What a record is bound to: its file and its name.
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

#[cfg(test)]
mod tests {
    use super::{Derivation, Header, Place, Snapshot, ceilings, fs, header};
    use crate::vault::keys::Method;
    use crate::vault::place::Content;

    #[test]
    fn an_index_has_a_ceiling() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.vault");
        let header = Header {
            derivation: Derivation {
                method: Method::KeyFile,
                salt: [7; 16],
            },
            index_at: header::LENGTH as u64,
            index_length: ceilings::INDEX + 1,
            check: [9; 16],
        };
        fs::write(&path, header.encode(Content::Credentials)).unwrap();
        let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
        file.set_len(header.index_at + header.index_length).unwrap();
        let read = Snapshot::read(&Place::vault(&path), |_| unreachable!());
        let error = read.err().unwrap().to_string();
        assert!(error.contains("its index has more than 256 MiB"), "{error}");
    }
}
