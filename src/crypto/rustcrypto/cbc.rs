//! AES-CBC with PKCS#7 padding.

use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use aes::{Aes128, Aes256};
use cbc::{Decryptor, Encryptor};

/// Encrypts under a 128-bit key.
pub fn encrypt_128(key: &[u8; 16], iv: &[u8; 16], plain: &[u8]) -> Vec<u8> {
    Encryptor::<Aes128>::new(key.into(), iv.into()).encrypt_padded_vec::<Pkcs7>(plain)
}

/// Encrypts under a 256-bit key.
pub fn encrypt_256(key: &[u8; 32], iv: &[u8; 16], plain: &[u8]) -> Vec<u8> {
    Encryptor::<Aes256>::new(key.into(), iv.into()).encrypt_padded_vec::<Pkcs7>(plain)
}

/// Decrypts under a 128-bit key; `None` when length or padding is wrong.
pub fn decrypt_128(key: &[u8; 16], iv: &[u8; 16], text: &[u8]) -> Option<Vec<u8>> {
    let cipher = Decryptor::<Aes128>::new(key.into(), iv.into());
    cipher.decrypt_padded_vec::<Pkcs7>(text).ok()
}

/// Decrypts under a 256-bit key; `None` when length or padding is wrong.
pub fn decrypt_256(key: &[u8; 32], iv: &[u8; 16], text: &[u8]) -> Option<Vec<u8>> {
    let cipher = Decryptor::<Aes256>::new(key.into(), iv.into());
    cipher.decrypt_padded_vec::<Pkcs7>(text).ok()
}

#[cfg(test)]
mod tests {
    use super::{decrypt_128, decrypt_256, encrypt_128, encrypt_256};
    use crate::crypto::known::{self, bytes};

    #[test]
    fn the_examples_of_nist_sp_800_38a_hold() {
        let mut lengths = Vec::new();
        for case in &known::cbc().cases {
            let iv: &[u8; 16] = &bytes(&case.iv).try_into().unwrap();
            let (key, plain) = (bytes(&case.key), bytes(&case.plain));
            let expected = bytes(&format!("{}{}", case.sealed, case.padding_block));
            let (sealed, opened) = if let Ok(key) = key.as_slice().try_into() {
                (
                    encrypt_128(key, iv, &plain),
                    decrypt_128(key, iv, &expected),
                )
            } else {
                let key = key.as_slice().try_into().unwrap();
                (
                    encrypt_256(key, iv, &plain),
                    decrypt_256(key, iv, &expected),
                )
            };
            assert_eq!(sealed, expected, "{}", case.name);
            assert_eq!(opened, Some(plain), "{}", case.name);
            lengths.push(key.len());
        }
        assert_eq!(lengths, [16, 32]);
    }
}
