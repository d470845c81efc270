//! AES-CBC with PKCS#7 padding, and AES-GCM with a 96-bit nonce.

use std::sync::OnceLock;

use aws_lc_rs::aead::{self, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::cipher::{
    self, DecryptionContext, EncryptionContext, PaddedBlockDecryptingKey, PaddedBlockEncryptingKey,
    StreamingDecryptingKey, UnboundCipherKey,
};
use aws_lc_rs::iv::FixedLength;

use super::super::error::CryptoError;
use super::super::provider::{Aes, Iv, KeyBytes, NONCE_LENGTH, TAG_LENGTH};

/// From this length on, CBC decryption goes from buffer to buffer. That expands
/// the key each time, which takes about as long as copying so many bytes does;
/// the other way works in place, and so on a copy. docs/performance.md.
const LONG: usize = 8192;

/// A key and its expansions, each made when it is first used.
pub(super) struct Cipher {
    key: KeyBytes,
    block: &'static cipher::Algorithm,
    aead: &'static aead::Algorithm,
    encrypt: OnceLock<Option<PaddedBlockEncryptingKey>>,
    decrypt: OnceLock<Option<PaddedBlockDecryptingKey>>,
    gcm: OnceLock<Option<LessSafeKey>>,
}

impl Cipher {
    pub(super) fn new(key: KeyBytes) -> Self {
        let (block, aead) = match &key {
            KeyBytes::Bits128(_) => (&cipher::AES_128, &aead::AES_128_GCM),
            KeyBytes::Bits256(_) => (&cipher::AES_256, &aead::AES_256_GCM),
        };
        Self {
            key,
            block,
            aead,
            encrypt: OnceLock::new(),
            decrypt: OnceLock::new(),
            gcm: OnceLock::new(),
        }
    }

    fn gcm(&self) -> Option<&LessSafeKey> {
        let expand = || UnboundKey::new(self.aead, self.key.as_slice()).ok();
        let key = self.gcm.get_or_init(|| expand().map(LessSafeKey::new));
        key.as_ref()
    }

    fn unbound(&self) -> Option<UnboundCipherKey> {
        UnboundCipherKey::new(self.block, self.key.as_slice()).ok()
    }

    fn decrypt_long(
        &self,
        context: DecryptionContext,
        text: &[u8],
        out: &mut [u8],
    ) -> Option<usize> {
        let mut key = StreamingDecryptingKey::cbc_pkcs7(self.unbound()?, context).ok()?;
        // All but the last block, which may be padding.
        let written = key.less_safe_update(text, out).ok()?.written().len();
        let last = key.finish(out.get_mut(written..)?).ok()?;
        Some(written + last.written().len())
    }
}

impl Aes for Cipher {
    fn key(&self) -> &[u8] {
        self.key.as_slice()
    }

    fn encrypt_cbc(&self, iv: &Iv, plain: &[u8], out: &mut [u8]) -> Result<(), CryptoError> {
        const FAILED: CryptoError = CryptoError::Failed("AES-CBC");
        let expand = || PaddedBlockEncryptingKey::cbc_pkcs7(self.unbound()?).ok();
        let key = self.encrypt.get_or_init(expand).as_ref().ok_or(FAILED)?;
        // This interface encrypts in place only, so the text is copied first.
        let length = plain.len();
        out.get_mut(..length).ok_or(FAILED)?.copy_from_slice(plain);
        let context = EncryptionContext::Iv128(FixedLength::from(*iv));
        let done = key.less_safe_encrypt(&mut Growing { room: out, length }, context);
        done.map(drop).map_err(|_| FAILED)
    }

    fn decrypt_cbc(&self, iv: &Iv, text: &[u8], out: &mut [u8]) -> Option<usize> {
        let context = DecryptionContext::Iv128(FixedLength::from(*iv));
        if text.len() >= LONG {
            return self.decrypt_long(context, text, out);
        }
        let expand = || PaddedBlockDecryptingKey::cbc_pkcs7(self.unbound()?).ok();
        let key = self.decrypt.get_or_init(expand).as_ref()?;
        out.copy_from_slice(text);
        let plain = key.decrypt(out, context).ok()?;
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
        let key = self.gcm().ok_or(FAILED)?;
        let (text, tag) = out.split_last_chunk_mut::<TAG_LENGTH>().ok_or(FAILED)?;
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let sealed =
            key.seal_out_of_place_scatter(nonce, Aad::from(associated), plain, text, &[], tag);
        sealed.map_err(|_| FAILED)
    }

    fn open_gcm(
        &self,
        nonce: &[u8; NONCE_LENGTH],
        associated: &[u8],
        text: &[u8],
        tag: &[u8; TAG_LENGTH],
        out: &mut [u8],
    ) -> Option<()> {
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let key = self.gcm()?;
        let opened = key.open_separate_gather(nonce, Aad::from(associated), text, tag, out);
        opened.ok()
    }
}

/// The part of a slice that is in use, to whose end padding can be added.
struct Growing<'a> {
    room: &'a mut [u8],
    length: usize,
}

impl AsMut<[u8]> for Growing<'_> {
    fn as_mut(&mut self) -> &mut [u8] {
        &mut self.room[..self.length]
    }
}

impl<'a> Extend<&'a u8> for Growing<'_> {
    fn extend<T: IntoIterator<Item = &'a u8>>(&mut self, bytes: T) {
        for (to, from) in self.room[self.length..].iter_mut().zip(bytes) {
            *to = *from;
            self.length += 1;
        }
    }
}
