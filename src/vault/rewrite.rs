//! From one state of a sealed file to the next.
//!
//! Everything secret is done in [`Draft::new`], in memory; what remains is
//! copying. Records that stay are copied as they are, sealed, most of the time
//! by the kernel; only new ones and the index are encrypted.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::Arc;

use zeroize::Zeroizing;

use super::VaultError;
use super::disk;
use super::header::{self, Header};
use super::index::{Extent, Index};
use super::keys::{Derivation, Keys};
use super::place::{Content, Place};
use super::snapshot::{Snapshot, associated};
use crate::crypto::{AesKey, CryptoError};

/// Plain records by name.
pub(crate) type Records = BTreeMap<String, Zeroizing<Vec<u8>>>;

/// Writes a file without records. The lock is held by the caller.
pub(super) fn create(
    place: &Place,
    derivation: Derivation,
    keys: Arc<Keys>,
) -> Result<Snapshot, VaultError> {
    let nothing = (&Index::default(), &Records::new());
    let draft = Draft::new(place.content, &derivation, &keys, nothing.0, nothing.1);
    let draft = draft.map_err(VaultError::crypto(place))?;
    draft.write(place, None, derivation, keys)
}

/// Writes `base` with `records` added or replaced. The lock is held by the
/// caller.
pub(super) fn merge(base: &Snapshot, records: &Records) -> Result<Snapshot, VaultError> {
    let place = &base.place;
    let draft = Draft::new(
        place.content,
        &base.derivation,
        &base.keys,
        &base.index,
        records,
    );
    let draft = draft.map_err(VaultError::crypto(place))?;
    draft.write(place, Some(&base.file), base.derivation, base.keys.clone())
}

/// Writes all records of `base` under other keys. The lock is held by the
/// caller. One record at a time is in memory unsealed.
pub(super) fn reseal(
    base: &Snapshot,
    derivation: Derivation,
    keys: Arc<Keys>,
) -> Result<Snapshot, VaultError> {
    let place = &base.place;
    let mut draft = Draft::empty();
    for name in base.names() {
        let record = base.open(name)?.ok_or_else(|| base.damaged_record(name))?;
        draft
            .add(&derivation, &keys, name, &record)
            .map_err(VaultError::crypto(place))?;
    }
    let draft = draft.finish(place.content, &derivation, &keys);
    let draft = draft.map_err(VaultError::crypto(place))?;
    draft.write(place, None, derivation, keys)
}

/// A sealed file before it is written.
struct Draft {
    /// Encoded; empty until [`Draft::finish`].
    header: Vec<u8>,
    /// Stretches of the old file that come after the header: offset, length.
    kept: Vec<(u64, u64)>,
    /// Where they end in the new file.
    kept_end: u64,
    /// Sealed records that come after those.
    added: Vec<u8>,
    sealed_index: Vec<u8>,
    index: Index,
}

impl Draft {
    fn new(
        content: Content,
        derivation: &Derivation,
        keys: &Keys,
        old: &Index,
        records: &Records,
    ) -> Result<Self, CryptoError> {
        let (kept, index, kept_end) = keep(old, records);
        let mut draft = Self {
            kept,
            kept_end,
            index,
            ..Self::empty()
        };
        for (name, record) in records {
            draft.add(derivation, keys, name, record)?;
        }
        draft.finish(content, derivation, keys)
    }

    fn empty() -> Self {
        Self {
            header: Vec::new(),
            kept: Vec::new(),
            kept_end: header::LENGTH as u64,
            added: Vec::new(),
            sealed_index: Vec::new(),
            index: Index::default(),
        }
    }

    /// Seals a record behind those that are there.
    fn add(
        &mut self,
        derivation: &Derivation,
        keys: &Keys,
        name: &str,
        record: &[u8],
    ) -> Result<(), CryptoError> {
        let associated = associated(derivation, name);
        let sealed = keys.records.seal_gcm(&associated, record)?;
        let extent =
            Extent::of(&sealed, self.records_end()).ok_or(CryptoError::Failed("AES-GCM"))?;
        self.index.0.insert(Arc::from(name), extent);
        self.added.extend_from_slice(&sealed);
        Ok(())
    }

    fn records_end(&self) -> u64 {
        self.kept_end + self.added.len() as u64
    }

    /// Makes header and index for the records that are there.
    fn finish(
        mut self,
        content: Content,
        derivation: &Derivation,
        keys: &Keys,
    ) -> Result<Self, CryptoError> {
        let plain = self.index.encode();
        let header = Header {
            derivation: *derivation,
            index_at: self.records_end(),
            index_length: (plain.len() + AesKey::GCM_OVERHEAD) as u64,
            check: keys.check,
        };
        self.header = header.encode(content).to_vec();
        self.sealed_index = keys.index.seal_gcm(&self.header, &plain)?;
        Ok(self)
    }

    fn write(
        self,
        place: &Place,
        old: Option<&File>,
        derivation: Derivation,
        keys: Arc<Keys>,
    ) -> Result<Snapshot, VaultError> {
        let written = disk::replace(&place.path, |mut file| {
            file.write_all(&self.header)?;
            if let Some(old) = old {
                copy(old, &self.kept, file)?;
            }
            file.write_all(&self.added)?;
            file.write_all(&self.sealed_index)
        });
        written
            .and_then(|file| Snapshot::written(place.clone(), file, derivation, keys, self.index))
            .map_err(VaultError::file("write", place))
    }
}

/// What stays of the old file: the stretches to copy, the index of where their
/// records come to lie behind a header, and the offset after them.
fn keep(old: &Index, records: &Records) -> (Vec<(u64, u64)>, Index, u64) {
    let mut staying: Vec<_> = old
        .0
        .iter()
        .filter(|(name, _)| !records.contains_key(&***name))
        .collect();
    staying.sort_unstable_by_key(|(_, extent)| extent.at);
    let mut stretches: Vec<(u64, u64)> = Vec::new();
    let mut index = Index::default();
    let mut end = header::LENGTH as u64;
    for (name, extent) in staying {
        match stretches.last_mut() {
            Some((at, length)) if *at + *length == extent.at => *length += extent.length,
            _ => stretches.push((extent.at, extent.length)),
        }
        index.0.insert(name.clone(), Extent { at: end, ..*extent });
        end += extent.length;
    }
    (stretches, index, end)
}

/// Appends stretches of `old` to `new`.
fn copy(mut old: &File, stretches: &[(u64, u64)], mut new: &File) -> io::Result<()> {
    for &(at, length) in stretches {
        old.seek(SeekFrom::Start(at))?;
        let copied = io::copy(&mut old.take(length), &mut new)?;
        if copied != length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Extent, Index, Records, keep};

    fn extent(at: u64, length: u64) -> Extent {
        Extent {
            at,
            length,
            tag: [0; 16],
        }
    }

    #[test]
    fn records_that_lie_side_by_side_are_copied_as_one() {
        let old = Index(
            [
                ("d".into(), extent(104, 100)),
                ("c".into(), extent(204, 50)),
                ("b".into(), extent(254, 30)),
                ("a".into(), extent(284, 40)),
            ]
            .into(),
        );
        let (all, same, end) = keep(&old, &Records::new());
        assert_eq!((all, end), (vec![(104, 220)], 324));
        assert_eq!(same, old);

        let replaced = [("c".to_owned(), vec![].into())].into();
        let (stretches, index, end) = keep(&old, &replaced);
        assert_eq!((stretches, end), (vec![(104, 100), (254, 70)], 274));
        let moved = [("d", 104, 100), ("b", 204, 30), ("a", 234, 40)];
        let moved = moved.map(|(name, at, length)| (name.into(), extent(at, length)));
        assert_eq!(index, Index(moved.into()));
    }
}
