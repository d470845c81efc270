//! AES-CBC with PKCS#7 padding, and AES-GCM with a 96-bit nonce.

use std::sync::OnceLock;

use ::aes::cipher::block_padding::Pkcs7;
use ::aes::cipher::consts::{U12, U16};
use ::aes::cipher::{
    BlockCipherDecrypt, BlockCipherEncrypt, BlockModeDecrypt, BlockModeEncrypt, BlockSizeUser,
    InnerIvInit, KeyInit,
};
use aes_gcm::AesGcm;
use aes_gcm::aead::AeadInOut;
use aes_gcm::aead::inout::InOutBuf;
use cbc::{Decryptor, Encryptor};

use super::super::error::CryptoError;
use super::super::provider::{Aes, Iv, KeyBytes, NONCE_LENGTH, TAG_LENGTH};

/// AES in one direction, expanded from a key of its length.
pub(super) trait Expanded: KeyInit + BlockSizeUser<BlockSize = U16> + Send + Sync {}

impl<T: KeyInit + BlockSizeUser<BlockSize = U16> + Send + Sync> Expanded for T {}

/// A key and its expansions, each made when it is first used: most keys of a
/// session encrypt once or twice in one mode and are gone.
pub(super) struct Cipher<E, D> {
    key: KeyBytes,
    encrypt: OnceLock<Option<E>>,
    decrypt: OnceLock<Option<D>>,
    gcm: OnceLock<Option<AesGcm<E, U12>>>,
}

impl<E: Expanded + BlockCipherEncrypt, D: Expanded + BlockCipherDecrypt> Cipher<E, D> {
    /// `key` has the length that `E` and `D` take.
    pub(super) fn new(key: KeyBytes) -> Self {
        Self {
            key,
            encrypt: OnceLock::new(),
            decrypt: OnceLock::new(),
            gcm: OnceLock::new(),
        }
    }

    fn gcm(&self) -> Option<&AesGcm<E, U12>> {
        let expand = || {
            E::new_from_slice(self.key.as_slice())
                .ok()
                .map(AesGcm::from)
        };
        self.gcm.get_or_init(expand).as_ref()
    }
}

impl<E: Expanded + BlockCipherEncrypt, D: Expanded + BlockCipherDecrypt> Aes for Cipher<E, D> {
    fn key(&self) -> &[u8] {
        self.key.as_slice()
    }

    fn encrypt_cbc(&self, iv: &Iv, plain: &[u8], out: &mut [u8]) -> Result<(), CryptoError> {
        const FAILED: CryptoError = CryptoError::Failed("AES-CBC");
        let expand = || E::new_from_slice(self.key.as_slice()).ok();
        let cipher = self.encrypt.get_or_init(expand).as_ref().ok_or(FAILED)?;
        let mode = Encryptor::inner_iv_init(cipher, iv.into());
        let done = mode.encrypt_padded_b2b::<Pkcs7>(plain, out);
        done.map(drop).map_err(|_| FAILED)
    }

    fn decrypt_cbc(&self, iv: &Iv, text: &[u8], out: &mut [u8]) -> Option<usize> {
        let expand = || D::new_from_slice(self.key.as_slice()).ok();
        let cipher = self.decrypt.get_or_init(expand).as_ref()?;
        let mode = Decryptor::inner_iv_init(cipher, iv.into());
        let plain = mode.decrypt_padded_b2b::<Pkcs7>(text, out).ok()?;
        Some(plain.len())
    }

    fn seal_gcm(
        &self,
        nonce: &[u8; NONCE_LENGTH],
        associated: &[u8],
        plain: &[u8],
        out: &mut [u8],
    ) -> Result<(), CryptoError> {
        const FAILED: CryptoError = CryptoError::Failed("AES-GCM");
        let cipher = self.gcm().ok_or(FAILED)?;
        let (text, tag) = out.split_last_chunk_mut::<TAG_LENGTH>().ok_or(FAILED)?;
        let buffer = InOutBuf::new(plain, text).map_err(|_| FAILED)?;
        let sealed = cipher.encrypt_inout_detached(nonce.into(), associated, buffer);
        tag.copy_from_slice(&sealed.map_err(|_| FAILED)?);
        Ok(())
    }

    fn open_gcm(
        &self,
        nonce: &[u8; NONCE_LENGTH],
        associated: &[u8],
        text: &[u8],
        tag: &[u8; TAG_LENGTH],
        out: &mut [u8],
    ) -> Option<()> {
        let buffer = InOutBuf::new(text, out).ok()?;
        let cipher = self.gcm()?;
        let opened = cipher.decrypt_inout_detached(nonce.into(), associated, buffer, tag.into());
        opened.ok()
    }
}
