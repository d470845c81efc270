//! A key pool that is read: keys by number, each decrypted when it is asked
//! for.

use std::io::ErrorKind;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use super::test_keys::{self, TestKeys};
use crate::crypto::{CryptoBackend, KeyBits, KeyPair};
use crate::vault::{KeySource, Place, SealedFile, Snapshot, VaultError};
use crate::{ceilings, files};

/// An open pool. It stays as it was when it was opened, whoever extends the
/// file.
pub struct KeyPool {
    place: Place,
    keys: Keys,
}

enum Keys {
    Sealed {
        snapshot: Arc<Snapshot>,
        /// Names of the records, by the number of the key.
        names: Vec<Arc<str>>,
    },
    Test(TestKeys),
}

/// The name of the record of a key. Names sort by length of the keys, then in
/// the order in which they were made.
pub(super) fn name_of(bits: KeyBits, number: usize) -> String {
    format!("{}/{number:09}", bits.bits())
}

/// The length of the key behind a record's name.
pub(super) fn bits_in(name: &str) -> Option<KeyBits> {
    let (bits, _) = name.split_once('/')?;
    KeyBits::from_bits(bits.parse().ok()?)
}

impl KeyPool {
    /// Opens the pool at `path`. `key` is not looked at for one of test keys.
    ///
    /// # Errors
    /// When it is not there, the key is not the one of the pool, or the file
    /// is damaged.
    pub fn open(path: &Path, key: KeySource) -> Result<Self, VaultError> {
        let place = Place::key_pool(path);
        let keys = if let Some(keys) = read_test_keys(&place)? {
            Keys::Test(keys)
        } else {
            let snapshot = SealedFile::open_existing(place.clone(), key)?.snapshot()?;
            let names = snapshot.names().cloned().collect();
            Keys::Sealed { snapshot, names }
        };
        Ok(Self { place, keys })
    }

    /// What it is, and where.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// How many keys it holds.
    pub fn len(&self) -> usize {
        match &self.keys {
            Keys::Sealed { names, .. } => names.len(),
            Keys::Test(keys) => keys.keys.len(),
        }
    }

    /// True when it holds none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Length of its keys; `None` when it holds none.
    pub fn bits(&self) -> Option<KeyBits> {
        match &self.keys {
            Keys::Sealed { names, .. } => bits_in(names.first()?),
            Keys::Test(keys) => keys.bits,
        }
    }

    /// True for a pool of test keys, which is not encrypted.
    pub fn is_for_tests(&self) -> bool {
        matches!(self.keys, Keys::Test(_))
    }

    /// The key with this number, from 0. Nothing else is decrypted.
    ///
    /// # Errors
    /// When the file cannot be read or was damaged.
    pub fn get(&self, number: usize, backend: CryptoBackend) -> Result<KeyPair, VaultError> {
        match &self.keys {
            Keys::Sealed { snapshot, names } => {
                let name = names.get(number).map_or("", |name| &**name);
                let damaged = || snapshot.damaged_record(name);
                let record = snapshot.open(name)?.ok_or_else(damaged)?;
                KeyPair::from_pkcs8_der(backend, &record).map_err(|_| damaged())
            }
            Keys::Test(keys) => keys.get(number, &self.place, backend),
        }
    }

    /// Reads every byte of the pool: are all keys whole? Their numbers are not
    /// checked, which takes long.
    ///
    /// # Errors
    /// At the first record that was damaged.
    pub fn check(&self) -> Result<(), VaultError> {
        if let Keys::Sealed { snapshot, names } = &self.keys {
            for name in names {
                snapshot.open(name)?;
            }
        }
        Ok(())
    }
}

/// The test keys of a file that holds some; `None` when it is sealed, or not
/// there.
pub(super) fn read_test_keys(place: &Place) -> Result<Option<TestKeys>, VaultError> {
    let failed = || VaultError::io("read the key pool", &place.path);
    let file = match files::open(&place.path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(failed())?,
    };
    let mut beginning = [0; test_keys::MAGIC.len()];
    match file.read_exact_at(&mut beginning, 0) {
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
        read => read.map_err(failed())?,
    }
    if beginning != test_keys::MAGIC.as_bytes() {
        return Ok(None);
    }
    let bytes = files::read_opened(file, ceilings::TEST_KEYS).map_err(failed())?;
    TestKeys::parse(&bytes, place).map(Some)
}

#[cfg(test)]
mod tests {
    use super::{KeyBits, bits_in, name_of};

    #[test]
    fn names_sort_in_the_order_of_numbers_and_tell_the_length() {
        let names = [0, 1, 9, 10, 99_999, 100_000].map(|number| name_of(KeyBits::B3072, number));
        assert!(names.is_sorted(), "{names:?}");
        assert_eq!(bits_in(&names[3]), Some(KeyBits::B3072));
        assert_eq!(bits_in("1024/000000000"), None);
        assert_eq!(KeyBits::from_bits(4096), Some(KeyBits::B4096));
    }
}
