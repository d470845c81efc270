//! Client-side cryptography, measured where it happens.
//!
//! The duration of an operation is the time the processor worked on it. Waiting
//! for a free processor is a measurement of its own: here a thousand users
//! share one machine, at home each has a phone.

use std::sync::Arc;

use bytes::Bytes;

use super::IcureError;
use crate::crypto::{
    AesKey, ClientCrypto, CryptoBackend, CryptoError, KeyBits, KeyPair, OaepHash, Plain, PublicKey,
};
use crate::keys::{KeyProvider, KeyTicket, KeysError};
use crate::metrics::{Counter, StepContext, TagKey, Trend};

/// Every operation, as metrics call it.
pub const OPERATIONS: &[&str] = &[
    "AES-CBC encrypt",
    "AES-CBC decrypt",
    "RSA-OAEP encrypt",
    "RSA-OAEP decrypt",
    "RSA-2048 generate",
    "RSA-3072 generate",
    "RSA-4096 generate",
    "read a key of the pool",
];

/// Does cryptography and records how long each operation took.
#[derive(Clone, Copy)]
pub struct MeteredCrypto<'a> {
    crypto: &'a ClientCrypto,
    cx: StepContext<'a>,
}

impl<'a> MeteredCrypto<'a> {
    /// Records into `cx`, by operation.
    pub fn new(crypto: &'a ClientCrypto, cx: StepContext<'a>) -> Self {
        Self { crypto, cx }
    }

    /// What keys are made with.
    pub(super) fn backend(self) -> CryptoBackend {
        self.crypto.backend()
    }

    fn record(self, operation: &str, took: std::time::Duration) {
        // A threshold over one that is not in the table would be refused.
        debug_assert!(OPERATIONS.contains(&operation), "{operation}");
        self.cx.record(
            Trend::CRYPTO_DURATION,
            &[(TagKey::Operation, operation)],
            took,
        );
    }

    /// Counts the bytes that an operation has taken in.
    fn count(self, operation: &str, bytes: usize) {
        self.cx.record(
            Counter::CRYPTO_BYTES,
            &[(TagKey::Operation, operation)],
            bytes as u64,
        );
    }

    /// Does work off the async threads.
    async fn offload<T: Send + 'static>(
        self,
        operation: &str,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> T {
        let asked = self.cx.clock.now();
        let (result, took) = self.crypto.offload(work).await;
        self.record(operation, took);
        let waited = self.cx.clock.since(asked).saturating_sub(took);
        self.cx.record(Trend::CRYPTO_WAIT, &[], waited);
        result
    }

    /// A key pair that nobody has had: from a pool, or generated, now or ahead.
    /// What becomes of an exhausted pool is the supply's to say.
    ///
    /// # Errors
    /// When there is none, the pool cannot be read, or the random source fails.
    pub async fn new_key_pair(self, supply: &Arc<KeyProvider>) -> Result<KeyPair, IcureError> {
        let (number, metric) = match supply.draw()? {
            KeyTicket::Generate(bits) => {
                let pair = match supply.ready() {
                    Some(pair) => {
                        self.cx.record(Counter::KEYS_AHEAD, &[], 1);
                        pair
                    }
                    None => self.generate_key_pair(bits).await?,
                };
                self.cx.record(Counter::KEYS_GENERATED, &[], 1);
                return Ok(pair);
            }
            KeyTicket::Pool(number) => (number, Counter::KEYS_FROM_POOL),
            KeyTicket::Again(number) => (number, Counter::KEYS_REUSED),
        };
        let (supply, backend) = (Arc::clone(supply), self.backend());
        let read = move || supply.read(number, backend);
        let pair = self.offload("read a key of the pool", read).await?;
        self.cx.record(metric, &[], 1);
        Ok(pair)
    }

    async fn generate_key_pair(self, bits: KeyBits) -> Result<KeyPair, KeysError> {
        let operation = match bits {
            KeyBits::B2048 => "RSA-2048 generate",
            KeyBits::B3072 => "RSA-3072 generate",
            KeyBits::B4096 => "RSA-4096 generate",
        };
        let backend = self.backend();
        let generate = move || KeyPair::generate(backend, bits);
        Ok(self.offload(operation, generate).await?)
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
        let (pair, backend) = (pair.clone(), self.backend());
        let open = move || {
            let bytes = pair.decrypt_oaep(hash, &sealed)?;
            AesKey::from_bytes(backend, &bytes)
        };
        self.offload("RSA-OAEP decrypt", open).await
    }

    /// AES-CBC. Short enough to run where it is called.
    ///
    /// # Errors
    /// When the backend fails, which depends on neither key nor text.
    pub fn encrypt(self, key: &AesKey, plain: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let start = self.cx.clock.now();
        let sealed = key.encrypt_cbc(plain);
        self.record("AES-CBC encrypt", self.cx.clock.since(start));
        self.count("AES-CBC encrypt", plain.len());
        sealed
    }

    /// AES-CBC. Short enough to run where it is called.
    ///
    /// # Errors
    /// When the key or the text is wrong.
    pub fn decrypt(self, key: &AesKey, sealed: &[u8]) -> Result<Plain, CryptoError> {
        let start = self.cx.clock.now();
        let opened = key.decrypt_cbc(sealed);
        self.record("AES-CBC decrypt", self.cx.clock.since(start));
        self.count("AES-CBC decrypt", sealed.len());
        opened
    }

    /// AES-CBC of as many bytes as an attachment has, off the async threads.
    ///
    /// # Errors
    /// When the backend fails, which depends on neither key nor text.
    pub async fn encrypt_all(self, key: &AesKey, plain: Bytes) -> Result<Vec<u8>, CryptoError> {
        let (key, length) = (key.clone(), plain.len());
        let encrypt = move || key.encrypt_cbc(&plain);
        let sealed = self.offload("AES-CBC encrypt", encrypt).await;
        self.count("AES-CBC encrypt", length);
        sealed
    }

    /// The way back.
    ///
    /// # Errors
    /// When the key or the text is wrong.
    pub async fn decrypt_all(self, key: &AesKey, sealed: Bytes) -> Result<Plain, CryptoError> {
        let (key, length) = (key.clone(), sealed.len());
        let decrypt = move || key.decrypt_cbc(&sealed);
        let opened = self.offload("AES-CBC decrypt", decrypt).await;
        self.count("AES-CBC decrypt", length);
        opened
    }
}
