//! For each operation the library that is faster at it, by the table of
//! `rehearse crypto` in docs/crypto.md: keys are searched by `rustcrypto`, which
//! has the faster HMAC too; all else is done by `aws-lc`.

use std::sync::Arc;

use super::aws_lc::AwsLc;
use super::error::CryptoError;
use super::provider::{Aes, KeyBits, KeyBytes, Mac, PrivateRsa, Provider, PublicRsa};
use super::rustcrypto::RustCrypto;

pub(super) struct Auto;

impl Provider for Auto {
    fn aes(&self, key: KeyBytes) -> Arc<dyn Aes> {
        AwsLc.aes(key)
    }

    /// Handing the key over costs a hundredth of the search.
    fn generate_rsa(&self, bits: KeyBits) -> Result<Box<dyn PrivateRsa>, CryptoError> {
        AwsLc.private_rsa(&RustCrypto.generate_rsa(bits)?.to_pkcs8()?)
    }

    /// Short keys, which AWS-LC does not take, stay with `RustCrypto`.
    fn private_rsa(&self, pkcs8: &[u8]) -> Result<Box<dyn PrivateRsa>, CryptoError> {
        AwsLc
            .private_rsa(pkcs8)
            .or_else(|_| RustCrypto.private_rsa(pkcs8))
    }

    fn public_rsa(&self, spki: &[u8]) -> Result<Box<dyn PublicRsa>, CryptoError> {
        AwsLc
            .public_rsa(spki)
            .or_else(|_| RustCrypto.public_rsa(spki))
    }

    fn sha256(&self, data: &[u8]) -> [u8; 32] {
        AwsLc.sha256(data)
    }

    fn hmac_sha256(&self, key: &[u8]) -> Result<Box<dyn Mac>, CryptoError> {
        RustCrypto.hmac_sha256(key)
    }
}
