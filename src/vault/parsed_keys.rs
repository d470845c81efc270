//! Key pairs of records that were read before.

use std::collections::HashMap;

use parking_lot::Mutex;

use crate::crypto::{CryptoBackend, CryptoError, KeyPair};

/// No more are kept: a parsed key pair takes some kilobytes.
const MOST: usize = 4096;

/// Key pairs that were parsed and checked, by the SHA-256 of their PKCS#8 and
/// by backend: who logs in again shares the pair of the last time. They are
/// wiped with this value and the last session that has them.
#[derive(Default)]
pub(super) struct ParsedKeys(Mutex<HashMap<(CryptoBackend, [u8; 32]), KeyPair>>);

impl ParsedKeys {
    /// The key pair of this PKCS#8 DER. Of two who come at once with a new one,
    /// both parse it.
    pub(super) fn read(&self, backend: CryptoBackend, der: &[u8]) -> Result<KeyPair, CryptoError> {
        let name = (backend, backend.sha256(der));
        if let Some(pair) = self.0.lock().get(&name) {
            return Ok(pair.clone());
        }
        let pair = KeyPair::from_pkcs8_der(backend, der)?;
        let mut known = self.0.lock();
        if known.len() < MOST {
            known.insert(name, pair.clone());
        }
        Ok(pair)
    }
}

#[cfg(test)]
mod tests {
    use super::ParsedKeys;
    use crate::crypto::{CryptoBackend, CryptoError};
    use crate::vault::credentials::tests::test_keys;

    #[test]
    fn a_key_pair_is_parsed_once_for_each_backend() {
        let (known, key) = (ParsedKeys::default(), &test_keys()[0]);
        let der = key.to_pkcs8_der().unwrap();
        for backend in CryptoBackend::ALL {
            let first = known.read(backend, &der).unwrap();
            assert_eq!(first.public(), key.public());
            assert!(known.read(backend, &der).unwrap().is(&first));
            assert!(!first.is(key), "a key of another reader");
        }
        assert_eq!(known.0.lock().len(), CryptoBackend::ALL.len());
    }

    #[test]
    fn another_key_is_another_one_and_what_is_none_is_refused_each_time() {
        let known = ParsedKeys::default();
        let backend = CryptoBackend::default();
        for key in test_keys() {
            let der = key.to_pkcs8_der().unwrap();
            let read = known.read(backend, &der).unwrap();
            assert_eq!(read.public(), key.public());
            for _ in 0..2 {
                let refused = known.read(backend, &der[1..]).unwrap_err();
                assert_eq!(refused, CryptoError::PrivateKey);
            }
        }
        assert_eq!(known.0.lock().len(), test_keys().len());
    }
}
