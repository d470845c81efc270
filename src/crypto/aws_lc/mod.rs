//! The algorithms, from AWS-LC by `aws-lc-rs`: C and assembly that descend from
//! those of OpenSSL and `BoringSSL`. Nothing outside this folder names that
//! crate's types.
//!
//! AWS-LC looks at the processor when the program starts: AES-NI, VAES with
//! AVX-512, SHA extensions, and AVX-512 IFMA for RSA. It wipes keys and the
//! memory that it gives back.

mod aes;
mod rsa;

use std::sync::Arc;

use aws_lc_rs::{digest, hmac};

use self::aes::Cipher;
use super::error::CryptoError;
use super::provider::{Aes, KeyBits, KeyBytes, Mac, PrivateRsa, Provider, PublicRsa};

pub(super) struct AwsLc;

impl Provider for AwsLc {
    fn aes(&self, key: KeyBytes) -> Arc<dyn Aes> {
        Arc::new(Cipher::new(key))
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
        array(digest::digest(&digest::SHA256, data).as_ref())
    }

    fn hmac_sha256(&self, key: &[u8]) -> Result<Box<dyn Mac>, CryptoError> {
        Ok(Box::new(HmacSha256(hmac::Key::new(hmac::HMAC_SHA256, key))))
    }
}

struct HmacSha256(hmac::Key);

impl Mac for HmacSha256 {
    fn tag(&self, message: &[u8]) -> [u8; 32] {
        array(hmac::sign(&self.0, message).as_ref())
    }
}

/// The 32 bytes that SHA-256 gives.
fn array(bytes: &[u8]) -> [u8; 32] {
    let mut array = [0; 32];
    for (to, from) in array.iter_mut().zip(bytes) {
        *to = *from;
    }
    array
}
