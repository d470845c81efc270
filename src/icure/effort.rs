//! Client-side cryptography, measured where it happens.
//!
//! The duration of an operation is the time the processor worked on it. Waiting
//! for a free processor is a measurement of its own: here a thousand users
//! share one machine, at home each has a phone.

use std::time::Instant;

use crate::crypto::{self, AesKey, CryptoError, KeyBits, KeyPair, OaepHash, Plain, PublicKey};
use crate::metrics::{Meter, Metric, TagKey};

/// Does cryptography and records how long each operation took.
#[derive(Clone, Copy)]
pub struct Effort<'a> {
    meter: &'a Meter,
}

impl<'a> Effort<'a> {
    /// Records into `meter`, by operation.
    pub fn new(meter: &'a Meter) -> Self {
        Self { meter }
    }

    fn record(self, operation: &str, took: std::time::Duration) {
        self.meter.duration(
            Metric::CryptoDuration,
            &[(TagKey::Operation, operation)],
            took,
        );
    }

    /// Does work off the async threads.
    async fn offload<T: Send + 'static>(
        self,
        operation: &str,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> T {
        let asked = Instant::now();
        let (result, took) = crypto::offload(work).await;
        self.record(operation, took);
        let waited = asked.elapsed().saturating_sub(took);
        self.meter.duration(Metric::CryptoWait, &[], waited);
        result
    }

    /// Generates an RSA-2048 key pair.
    ///
    /// # Errors
    /// When the random source fails.
    pub async fn generate_key_pair(self) -> Result<KeyPair, CryptoError> {
        let generate = || KeyPair::generate(KeyBits::B2048);
        let pair = self.offload("RSA-2048 generate", generate).await;
        self.meter.count(Metric::KeysGenerated, &[], 1);
        pair
    }

    /// RSA-OAEP with a public key.
    ///
    /// # Errors
    /// When `plain` is too long for the key.
    pub async fn wrap(
        self,
        key: &PublicKey,
        hash: OaepHash,
        plain: &AesKey,
    ) -> Result<Vec<u8>, CryptoError> {
        let (key, plain) = (key.clone(), plain.clone());
        let seal = move || key.encrypt_oaep(hash, plain.as_bytes());
        self.offload("RSA-OAEP encrypt", seal).await
    }

    /// RSA-OAEP with a private key.
    ///
    /// # Errors
    /// When it was not encrypted for this key.
    pub async fn unwrap(
        self,
        pair: &KeyPair,
        hash: OaepHash,
        sealed: Vec<u8>,
    ) -> Result<AesKey, CryptoError> {
        let pair = pair.clone();
        let open = move || {
            let bytes = pair.decrypt_oaep(hash, &sealed)?;
            AesKey::from_bytes(&bytes)
        };
        self.offload("RSA-OAEP decrypt", open).await
    }

    /// AES-CBC. Short enough to run where it is called.
    ///
    /// # Errors
    /// When the backend fails, which depends on neither key nor text.
    pub fn encrypt(self, key: &AesKey, plain: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let start = Instant::now();
        let sealed = key.encrypt_cbc(plain);
        self.record("AES-CBC encrypt", start.elapsed());
        sealed
    }

    /// AES-CBC. Short enough to run where it is called.
    ///
    /// # Errors
    /// When the key or the text is wrong.
    pub fn decrypt(self, key: &AesKey, sealed: &[u8]) -> Result<Plain, CryptoError> {
        let start = Instant::now();
        let opened = key.decrypt_cbc(sealed);
        self.record("AES-CBC decrypt", start.elapsed());
        opened
    }
}
