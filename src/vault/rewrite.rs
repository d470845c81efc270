//! From one state of the vault to the next.
//!
//! Everything secret is done in [`Draft::new`], in memory; what remains is
//! copying. Records that stay are copied as they are, sealed, most of the time
//! by the kernel; only new ones and the index are encrypted.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::VaultError;
use super::disk;
use super::header::{self, Header};
use super::index::{Extent, Index};
use super::keys::{Derivation, Keys};
use super::snapshot::{Snapshot, associated};
use crate::crypto::{AesKey, CryptoError};

/// Plain records by name, as [`super::SavedCredentials`] makes them.
pub(super) type Records = BTreeMap<String, Zeroizing<Vec<u8>>>;

/// Writes a vault without records. The lock is held by the caller.
pub(super) fn create(
    path: &Path,
    derivation: Derivation,
    keys: Arc<Keys>,
) -> Result<Snapshot, VaultError> {
    let draft = Draft::new(&derivation, &keys, &Index::default(), &Records::new());
    let draft = draft.map_err(VaultError::crypto(path))?;
    draft.write(path, None, derivation, keys)
}

/// Writes `base` with `records` added or replaced. The lock is held by the
/// caller.
pub(super) fn merge(
    path: &Path,
    base: &Snapshot,
    records: &Records,
) -> Result<Snapshot, VaultError> {
    let draft = Draft::new(&base.derivation, &base.keys, &base.index, records);
    let draft = draft.map_err(VaultError::crypto(path))?;
    draft.write(path, Some(&base.file), base.derivation, base.keys.clone())
}

/// A vault's file before it is written.
struct Draft {
    header: Header,
    /// Stretches of the old file that come after the header: offset, length.
    kept: Vec<(u64, u64)>,
    /// Sealed records that come after those.
    added: Vec<u8>,
    sealed_index: Vec<u8>,
    index: Index,
}

impl Draft {
    fn new(
        derivation: &Derivation,
        keys: &Keys,
        old: &Index,
        records: &Records,
    ) -> Result<Self, CryptoError> {
        let (kept, mut index, kept_end) = keep(old, records);
        let mut added = Vec::new();
        for (name, record) in records {
            let sealed = keys
                .records
                .seal_gcm(&associated(derivation, name), record)?;
            let extent = Extent::of(&sealed, kept_end + added.len() as u64)
                .ok_or(CryptoError::Failed("AES-GCM"))?;
            index.0.insert(Arc::from(name.as_str()), extent);
            added.extend_from_slice(&sealed);
        }
        let plain = index.encode();
        let header = Header {
            derivation: *derivation,
            index_at: kept_end + added.len() as u64,
            index_length: (plain.len() + AesKey::GCM_OVERHEAD) as u64,
            check: keys.check,
        };
        let sealed_index = keys.index.seal_gcm(&header.encode(), &plain)?;
        Ok(Self {
            header,
            kept,
            added,
            sealed_index,
            index,
        })
    }

    fn write(
        self,
        path: &Path,
        old: Option<&File>,
        derivation: Derivation,
        keys: Arc<Keys>,
    ) -> Result<Snapshot, VaultError> {
        let written = disk::replace(path, |mut file| {
            file.write_all(&self.header.encode())?;
            if let Some(old) = old {
                copy(old, &self.kept, file)?;
            }
            file.write_all(&self.added)?;
            file.write_all(&self.sealed_index)
        });
        written
            .and_then(|file| Snapshot::written(file, derivation, keys, self.index))
            .map_err(VaultError::io("write the vault", path))
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
