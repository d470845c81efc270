//! AES-GCM with a 96-bit nonce and a 128-bit tag at the end.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes128Gcm, Aes256Gcm};

/// Seals under a 128-bit key; `None` when `plain` is too long.
pub fn seal_128(key: &[u8; 16], nonce: &[u8; 12], aad: &[u8], msg: &[u8]) -> Option<Vec<u8>> {
    let cipher = Aes128Gcm::new(key.into());
    cipher.encrypt(nonce.into(), Payload { msg, aad }).ok()
}

/// Seals under a 256-bit key; `None` when `plain` is too long.
pub fn seal_256(key: &[u8; 32], nonce: &[u8; 12], aad: &[u8], msg: &[u8]) -> Option<Vec<u8>> {
    let cipher = Aes256Gcm::new(key.into());
    cipher.encrypt(nonce.into(), Payload { msg, aad }).ok()
}

/// Opens under a 128-bit key; `None` when anything was changed.
pub fn open_128(key: &[u8; 16], nonce: &[u8; 12], aad: &[u8], msg: &[u8]) -> Option<Vec<u8>> {
    let cipher = Aes128Gcm::new(key.into());
    cipher.decrypt(nonce.into(), Payload { msg, aad }).ok()
}

/// Opens under a 256-bit key; `None` when anything was changed.
pub fn open_256(key: &[u8; 32], nonce: &[u8; 12], aad: &[u8], msg: &[u8]) -> Option<Vec<u8>> {
    let cipher = Aes256Gcm::new(key.into());
    cipher.decrypt(nonce.into(), Payload { msg, aad }).ok()
}

#[cfg(test)]
mod tests {
    use super::{open_128, open_256, seal_128, seal_256};
    use crate::crypto::known::{self, bytes};

    #[test]
    fn the_test_cases_of_mcgrew_and_viega_hold() {
        let mut lengths = Vec::new();
        for case in &known::gcm().cases {
            let nonce: &[u8; 12] = &bytes(&case.nonce).try_into().unwrap();
            let (key, aad, plain) = (
                bytes(&case.key),
                bytes(&case.associated),
                bytes(&case.plain),
            );
            let expected = bytes(&format!("{}{}", case.sealed, case.tag));
            let (sealed, opened) = if let Ok(key) = key.as_slice().try_into() {
                (
                    seal_128(key, nonce, &aad, &plain),
                    open_128(key, nonce, &aad, &expected),
                )
            } else {
                let key = key.as_slice().try_into().unwrap();
                (
                    seal_256(key, nonce, &aad, &plain),
                    open_256(key, nonce, &aad, &expected),
                )
            };
            assert_eq!(sealed, Some(expected), "test case {}", case.test_case);
            assert_eq!(opened, Some(plain), "test case {}", case.test_case);
            lengths.push(key.len());
        }
        assert_eq!(lengths, [16, 16, 16, 16, 32, 32, 32, 32]);
    }
}
