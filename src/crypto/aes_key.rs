//! AES keys, and what is encrypted with them.

use std::sync::Arc;

use rand::Rng;
use zeroize::Zeroizing;

use super::backend::CryptoBackend;
use super::error::CryptoError;
use super::plain::Plain;
use super::provider::{Aes, BLOCK_LENGTH, IV_LENGTH, KeyBytes, NONCE_LENGTH, TAG_LENGTH};

/// An AES key of 128 or 256 bits. The platform's clients make both lengths, so
/// both are read; the keys made here have 256 bits.
///
/// Cheap to clone: clones share one key and its expansion, which are wiped when
/// the last of them is dropped.
#[derive(Clone)]
pub struct AesKey(Arc<dyn Aes>);

impl AesKey {
    /// Bytes that sealing with GCM adds: the nonce before, the tag after.
    pub const GCM_OVERHEAD: usize = NONCE_LENGTH + TAG_LENGTH;

    /// A fresh key of 256 bits.
    pub fn generate(backend: CryptoBackend) -> Self {
        let mut key = KeyBytes::Bits256(Box::default());
        rand::rng().fill_bytes(key.as_mut_slice());
        Self(backend.provider().aes(key))
    }

    /// A key from its 16 or 32 bytes.
    ///
    /// # Errors
    /// When there are more or fewer.
    pub fn from_bytes(backend: CryptoBackend, bytes: &[u8]) -> Result<Self, CryptoError> {
        let key = KeyBytes::copy(bytes).ok_or(CryptoError::AesKeyLength(bytes.len()))?;
        Ok(Self(backend.provider().aes(key)))
    }

    /// A key from its bytes in hexadecimal.
    ///
    /// # Errors
    /// When it is not hexadecimal, or too long or short.
    pub fn from_hex(backend: CryptoBackend, text: &str) -> Result<Self, CryptoError> {
        let bytes = hex::decode(text).map_err(|_| CryptoError::NotHex("an AES key"))?;
        Self::from_bytes(backend, &Zeroizing::new(bytes))
    }

    /// The key itself.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.key()
    }

    /// The key itself, in lower-case hexadecimal.
    pub fn to_hex(&self) -> Zeroizing<String> {
        Zeroizing::new(hex::encode(self.as_bytes()))
    }

    /// AES-CBC with PKCS#7 padding. A fresh random initialisation vector of 16
    /// bytes comes first: the platform's format of record.
    ///
    /// # Errors
    /// When the backend fails, which depends on neither key nor text.
    pub fn encrypt_cbc(&self, plain: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let mut sealed = Vec::new();
        self.encrypt_cbc_into(plain, &mut sealed)?;
        Ok(sealed)
    }

    /// [`AesKey::encrypt_cbc`] that overwrites `sealed`, and reuses its memory.
    ///
    /// # Errors
    /// As [`AesKey::encrypt_cbc`].
    pub fn encrypt_cbc_into(&self, plain: &[u8], sealed: &mut Vec<u8>) -> Result<(), CryptoError> {
        let padded = (plain.len() / BLOCK_LENGTH + 1) * BLOCK_LENGTH;
        // Not cleared before: of a buffer that is long enough, nothing is
        // written twice.
        sealed.resize(IV_LENGTH + padded, 0);
        let (iv, text) = sealed
            .split_first_chunk_mut::<IV_LENGTH>()
            .ok_or(CryptoError::Failed("AES-CBC"))?;
        rand::rng().fill_bytes(iv);
        self.0.encrypt_cbc(iv, plain, text)
    }

    /// Opens what [`AesKey::encrypt_cbc`] made. CBC has no tag: a wrong key is
    /// noticed by the padding only, and goes unnoticed once in 256 times.
    ///
    /// # Errors
    /// When the padding shows that key or text are wrong.
    pub fn decrypt_cbc(&self, sealed: &[u8]) -> Result<Plain, CryptoError> {
        let mut plain = Plain::new();
        self.decrypt_cbc_into(sealed, &mut plain)?;
        Ok(plain)
    }

    /// [`AesKey::decrypt_cbc`] that overwrites `plain`, and reuses its memory.
    ///
    /// # Errors
    /// As [`AesKey::decrypt_cbc`].
    pub fn decrypt_cbc_into(&self, sealed: &[u8], plain: &mut Plain) -> Result<(), CryptoError> {
        let (iv, text) = sealed
            .split_first_chunk::<IV_LENGTH>()
            .ok_or(CryptoError::Decryption)?;
        if text.is_empty() || !text.len().is_multiple_of(BLOCK_LENGTH) {
            return Err(CryptoError::Decryption);
        }
        let length = self.0.decrypt_cbc(iv, text, plain.room(text.len()));
        plain.keep(length.ok_or(CryptoError::Decryption)?);
        Ok(())
    }

    /// AES-GCM: a fresh random nonce of 12 bytes, the text, the tag of 16
    /// bytes. `associated` is authenticated but not part of the result. Nonces
    /// are random, so one key should seal fewer than 2³² texts (NIST SP
    /// 800-38D, 8.3).
    ///
    /// # Errors
    /// When `plain` is longer than GCM allows, 64 GiB.
    pub fn seal_gcm(&self, associated: &[u8], plain: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let mut sealed = Vec::new();
        self.seal_gcm_into(associated, plain, &mut sealed)?;
        Ok(sealed)
    }

    /// [`AesKey::seal_gcm`] that overwrites `sealed`, and reuses its memory.
    ///
    /// # Errors
    /// As [`AesKey::seal_gcm`].
    pub fn seal_gcm_into(
        &self,
        associated: &[u8],
        plain: &[u8],
        sealed: &mut Vec<u8>,
    ) -> Result<(), CryptoError> {
        sealed.resize(Self::GCM_OVERHEAD + plain.len(), 0);
        let (nonce, text) = sealed
            .split_first_chunk_mut::<NONCE_LENGTH>()
            .ok_or(CryptoError::Failed("AES-GCM"))?;
        rand::rng().fill_bytes(nonce);
        self.0.seal_gcm(nonce, associated, plain, text)
    }

    /// Opens what [`AesKey::seal_gcm`] made with the same `associated`.
    ///
    /// # Errors
    /// When key, text or `associated` is not the one of the sealing.
    pub fn open_gcm(&self, associated: &[u8], sealed: &[u8]) -> Result<Plain, CryptoError> {
        let mut plain = Plain::new();
        self.open_gcm_into(associated, sealed, &mut plain)?;
        Ok(plain)
    }

    /// [`AesKey::open_gcm`] that overwrites `plain`, and reuses its memory.
    ///
    /// # Errors
    /// As [`AesKey::open_gcm`].
    pub fn open_gcm_into(
        &self,
        associated: &[u8],
        sealed: &[u8],
        plain: &mut Plain,
    ) -> Result<(), CryptoError> {
        let (nonce, rest) = sealed
            .split_first_chunk::<NONCE_LENGTH>()
            .ok_or(CryptoError::Decryption)?;
        let (text, tag) = rest
            .split_last_chunk::<TAG_LENGTH>()
            .ok_or(CryptoError::Decryption)?;
        let room = plain.room(text.len());
        let opened = self.0.open_gcm(nonce, associated, text, tag, room);
        opened.ok_or(CryptoError::Decryption)?;
        plain.keep(text.len());
        Ok(())
    }
}

impl std::fmt::Debug for AesKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AesKey({} bits)", self.as_bytes().len() * 8)
    }
}
