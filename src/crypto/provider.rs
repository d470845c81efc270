//! What a backend does, on bytes: the names of its crate's types stay in its
//! own folder.

use std::sync::Arc;

use zeroize::Zeroizing;

use super::error::CryptoError;

/// Length of the modulus of a new key. The exponent is always 65537.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyBits {
    /// 2048 bits: what the platform's clients make.
    B2048,
    /// 3072 bits.
    B3072,
    /// 4096 bits.
    B4096,
}

impl KeyBits {
    /// The length in bits.
    pub fn bits(self) -> usize {
        match self {
            Self::B2048 => 2048,
            Self::B3072 => 3072,
            Self::B4096 => 4096,
        }
    }

    /// The length of so many bits, if keys can have it.
    pub fn from_bits(bits: usize) -> Option<Self> {
        let all = [Self::B2048, Self::B3072, Self::B4096];
        all.into_iter().find(|length| length.bits() == bits)
    }
}

/// Hash of RSA-OAEP, for the label and for MGF1 alike. The clients used SHA-1
/// up to their version 7; keys made by later ones use SHA-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OaepHash {
    /// SHA-1, which leaves 214 bytes for the text under a 2048-bit key.
    Sha1,
    /// SHA-256, which leaves 190 bytes for the text under a 2048-bit key.
    Sha256,
}

/// The bytes of an AES key, on the heap: moving them leaves no copy behind.
pub(super) enum KeyBytes {
    Bits128(Box<Zeroizing<[u8; 16]>>),
    Bits256(Box<Zeroizing<[u8; 32]>>),
}

impl KeyBytes {
    /// Copied in place: an array passed by value would stay on the stack.
    pub(super) fn copy(bytes: &[u8]) -> Option<Self> {
        let mut key = match bytes.len() {
            16 => Self::Bits128(Box::default()),
            32 => Self::Bits256(Box::default()),
            _ => return None,
        };
        key.as_mut_slice().copy_from_slice(bytes);
        Some(key)
    }

    pub(super) fn as_slice(&self) -> &[u8] {
        match self {
            Self::Bits128(key) => key.as_slice(),
            Self::Bits256(key) => key.as_slice(),
        }
    }

    pub(super) fn as_mut_slice(&mut self) -> &mut [u8] {
        match self {
            Self::Bits128(key) => key.as_mut_slice(),
            Self::Bits256(key) => key.as_mut_slice(),
        }
    }
}

/// Length of the initialisation vector before a CBC text, in bytes.
pub(super) const IV_LENGTH: usize = 16;
/// An initialisation vector.
pub(super) type Iv = [u8; IV_LENGTH];
/// Length of the nonce before a GCM text, in bytes.
pub(super) const NONCE_LENGTH: usize = 12;
/// Length of the tag after a GCM text, in bytes.
pub(super) const TAG_LENGTH: usize = 16;
pub(super) const BLOCK_LENGTH: usize = 16;

/// The algorithms. Calls go through a table of functions, which costs a
/// nanosecond or two where the cheapest operation takes fifty.
pub(super) trait Provider: Sync {
    /// A cipher of this key.
    fn aes(&self, key: KeyBytes) -> Arc<dyn Aes>;
    /// Searches an RSA key with the exponent 65537.
    fn generate_rsa(&self, bits: KeyBits) -> Result<Box<dyn PrivateRsa>, CryptoError>;
    /// Reads an RSA key from PKCS#8 DER.
    fn private_rsa(&self, pkcs8: &[u8]) -> Result<Box<dyn PrivateRsa>, CryptoError>;
    /// Reads an RSA key from SPKI DER.
    fn public_rsa(&self, spki: &[u8]) -> Result<Box<dyn PublicRsa>, CryptoError>;
    fn sha256(&self, data: &[u8]) -> [u8; 32];
    /// HMAC-SHA-256 under this key.
    fn hmac_sha256(&self, key: &[u8]) -> Result<Box<dyn Mac>, CryptoError>;
}

/// AES under one key, which is expanded at the first use of a mode and no more.
/// Results go where the caller wants them; slices have the exact length.
pub(super) trait Aes: Send + Sync {
    /// The key itself.
    fn key(&self) -> &[u8];
    /// CBC with PKCS#7 padding. `out` is `plain` and 1 to 16 bytes long.
    fn encrypt_cbc(&self, iv: &Iv, plain: &[u8], out: &mut [u8]) -> Result<(), CryptoError>;
    /// Gives the length of the plain text. `out` is as long as `text`.
    fn decrypt_cbc(&self, iv: &Iv, text: &[u8], out: &mut [u8]) -> Option<usize>;
    /// GCM. `out` is `plain` and [`TAG_LENGTH`] bytes long.
    fn seal_gcm(
        &self,
        nonce: &[u8; NONCE_LENGTH],
        associated: &[u8],
        plain: &[u8],
        out: &mut [u8],
    ) -> Result<(), CryptoError>;
    /// `out` is `text` without `tag`. When `None`, what is in `out` is no
    /// plain text.
    fn open_gcm(
        &self,
        nonce: &[u8; NONCE_LENGTH],
        associated: &[u8],
        text: &[u8],
        tag: &[u8; TAG_LENGTH],
        out: &mut [u8],
    ) -> Option<()>;
}

/// An RSA private key. Operations use the Chinese remainder theorem and are
/// blinded.
pub(super) trait PrivateRsa: Send + Sync {
    /// OAEP with an empty label. Every failure looks the same: which one it was
    /// would tell an attacker about the padding.
    fn decrypt_oaep(
        &self,
        hash: OaepHash,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, CryptoError>;
    /// PSS with SHA-256 and a salt of 32 bytes.
    fn sign_pss(&self, message: &[u8]) -> Result<Vec<u8>, CryptoError>;
    /// PKCS#8 DER.
    fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, CryptoError>;
    /// The public key as SPKI DER.
    fn to_spki(&self) -> Result<Vec<u8>, CryptoError>;
}

pub(super) trait PublicRsa: Send + Sync {
    /// OAEP with an empty label.
    fn encrypt_oaep(&self, hash: OaepHash, plain: &[u8]) -> Result<Vec<u8>, CryptoError>;
    /// PSS with SHA-256 and a salt of 32 bytes.
    fn verify_pss(&self, message: &[u8], signature: &[u8]) -> bool;
}

/// A key that authenticates messages.
pub(super) trait Mac: Send + Sync {
    /// The tag of a message.
    fn tag(&self, message: &[u8]) -> [u8; 32];
}
