//! The algorithms, from the `RustCrypto` crates. Nothing outside this folder
//! names those crates' types.
//!
//! `aes` (0.9) picks its implementation when the program runs: on x86 AES-NI
//! and VAES, on aarch64 Linux and macOS those of `ARMv8`, else a
//! constant-time one in software; `polyval` and `sha2` do likewise. No compiler
//! flag is needed, and none should be given: a binary built for AES-NI crashes
//! where there is none.

mod aes;
mod rsa;

use std::sync::Arc;

use ::aes::{Aes128Dec, Aes128Enc, Aes256Dec, Aes256Enc};
use hmac::{Hmac, KeyInit, Mac as _};
use sha2::{Digest, Sha256};

use self::aes::Cipher;
use super::error::CryptoError;
use super::provider::{Aes, KeyBits, KeyBytes, Mac, PrivateRsa, Provider, PublicRsa};

pub(super) struct RustCrypto;

impl Provider for RustCrypto {
    fn aes(&self, key: KeyBytes) -> Arc<dyn Aes> {
        match &key {
            KeyBytes::Bits128(_) => Arc::new(Cipher::<Aes128Enc, Aes128Dec>::new(key)),
            KeyBytes::Bits256(_) => Arc::new(Cipher::<Aes256Enc, Aes256Dec>::new(key)),
        }
    }

    fn generate_rsa(&self, bits: KeyBits) -> Result<Box<dyn PrivateRsa>, CryptoError> {
        Ok(Box::new(rsa::Private::generate(bits)?))
    }

    fn private_rsa(&self, pkcs8: &[u8]) -> Result<Box<dyn PrivateRsa>, CryptoError> {
        Ok(Box::new(rsa::Private::from_pkcs8(pkcs8)?))
    }

    fn public_rsa(&self, spki: &[u8]) -> Result<Box<dyn PublicRsa>, CryptoError> {
        Ok(Box::new(rsa::Public::from_spki(spki)?))
    }

    fn sha256(&self, data: &[u8]) -> [u8; 32] {
        Sha256::digest(data).into()
    }

    fn hmac_sha256(&self, key: &[u8]) -> Result<Box<dyn Mac>, CryptoError> {
        let mac = <Hmac<Sha256>>::new_from_slice(key);
        let mac = mac.map_err(|_| CryptoError::Failed("HMAC-SHA-256"))?;
        Ok(Box::new(HmacSha256(mac)))
    }
}

/// Holds the states after the key, so that a message costs its own blocks and
/// two more.
struct HmacSha256(Hmac<Sha256>);

impl Mac for HmacSha256 {
    fn tag(&self, message: &[u8]) -> [u8; 32] {
        self.0
            .clone()
            .chain_update(message)
            .finalize()
            .into_bytes()
            .into()
    }
}
