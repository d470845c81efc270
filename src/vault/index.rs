//! Which credentials a vault holds, and where in the file.

use std::collections::BTreeMap;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::bytes::{Reader, put_bytes, put_u64};
use super::header;
use crate::crypto::AesKey;

/// Length of the end of a sealed record that the index repeats, in bytes.
const TAG_LENGTH: usize = 16;

/// Where a sealed record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extent {
    /// Offset in the file.
    pub at: u64,
    /// In bytes, with nonce and tag.
    pub length: u64,
    /// The end of the sealed record: its GCM tag. It pins the record: an older
    /// one of the same name, put back by somebody, has another.
    pub tag: [u8; TAG_LENGTH],
}

impl Extent {
    /// The place at `at` of this sealed record.
    pub(super) fn of(sealed: &[u8], at: u64) -> Option<Self> {
        Some(Self {
            at,
            length: sealed.len() as u64,
            tag: *sealed.last_chunk()?,
        })
    }

    /// The offset after the record.
    pub(super) fn end(&self) -> Option<u64> {
        self.at.checked_add(self.length)
    }
}

/// Extents by the names of credentials.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Index(pub(super) BTreeMap<Arc<str>, Extent>);

impl Index {
    /// The plain text of the index. It holds names, which are not shown.
    pub(super) fn encode(&self) -> Zeroizing<Vec<u8>> {
        let each = |name: &Arc<str>| name.len() + 3 * size_of::<u64>() + TAG_LENGTH;
        let length: usize = self.0.keys().map(each).sum();
        let mut plain = Zeroizing::new(Vec::with_capacity(size_of::<u64>() + length));
        put_u64(&mut plain, self.0.len() as u64);
        for (name, extent) in &self.0 {
            put_bytes(&mut plain, name.as_bytes());
            put_u64(&mut plain, extent.at);
            put_u64(&mut plain, extent.length);
            plain.extend_from_slice(&extent.tag);
        }
        plain
    }

    /// Reads what [`Index::encode`] made; `None` when it is something else or
    /// a record is not between the header and `records_end`.
    pub(super) fn decode(plain: &[u8], records_end: u64) -> Option<Self> {
        let mut reader = Reader::new(plain);
        let mut index = BTreeMap::new();
        for _ in 0..reader.u64()? {
            let name = Arc::from(reader.text()?);
            let extent = Extent {
                at: reader.u64()?,
                length: reader.u64()?,
                tag: reader.array()?,
            };
            let inside = extent.at >= header::LENGTH as u64
                && extent.length >= AesKey::GCM_OVERHEAD as u64
                && extent.end()? <= records_end;
            if !inside || index.insert(name, extent).is_some() {
                return None;
            }
        }
        reader.end()?;
        Some(Self(index))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Extent, Index};

    prop_compose! {
        fn any_index()(entries in prop::collection::btree_map(
            any::<String>(),
            (104..1000_u64, 28..1000_u64, any::<[u8; 16]>()),
            0..8,
        )) -> Index {
            let extent = |(at, length, tag)| Extent { at, length, tag };
            Index(entries.into_iter().map(|(name, entry)| (name.into(), extent(entry))).collect())
        }
    }

    proptest! {
        #[test]
        fn an_index_gives_back_what_went_in(index in any_index()) {
            prop_assert_eq!(Index::decode(&index.encode(), 2000), Some(index));
        }

        #[test]
        fn any_bytes_at_all_are_read_or_refused(bytes: Vec<u8>, end: u64) {
            let _ = Index::decode(&bytes, end);
        }
    }

    #[test]
    fn a_record_outside_of_the_records_is_refused() {
        let decoded = |at, length, end| {
            let extent = Extent {
                at,
                length,
                tag: [0; 16],
            };
            Index::decode(&Index([("a".into(), extent)].into()).encode(), end)
        };
        assert!(decoded(104, 28, 132).is_some());
        assert!(decoded(103, 28, 132).is_none());
        assert!(decoded(104, 27, 132).is_none());
        assert!(decoded(104, 28, 131).is_none());
        assert!(decoded(u64::MAX, 28, u64::MAX).is_none());
    }
}
