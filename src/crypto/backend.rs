//! What a backend does, and which one is used.
//!
//! A backend works on bytes: the names of its crate's types stay in its own
//! folder. To add one: a folder with a [`Backend`], a variant of
//! [`CryptoBackend`].

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{CryptoError, KeyBits, OaepHash, aws_lc, rustcrypto};

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
/// Length of the nonce before a GCM text, in bytes.
pub(super) const NONCE_LENGTH: usize = 12;
/// Length of the tag after a GCM text, in bytes.
pub(super) const TAG_LENGTH: usize = 16;
/// Length of a block, in bytes.
pub(super) const BLOCK_LENGTH: usize = 16;

/// The algorithms. Calls go through a table of functions, which costs a
/// nanosecond or two where the cheapest operation takes fifty.
pub(super) trait Backend: Sync {
    /// A cipher of this key.
    fn aes(&self, key: KeyBytes) -> Arc<dyn Aes>;
    /// Searches an RSA key with the exponent 65537.
    fn generate_rsa(&self, bits: KeyBits) -> Result<Box<dyn PrivateRsa>, CryptoError>;
    /// Reads an RSA key from PKCS#8 DER.
    fn private_rsa(&self, pkcs8: &[u8]) -> Result<Box<dyn PrivateRsa>, CryptoError>;
    /// Reads an RSA key from SPKI DER.
    fn public_rsa(&self, spki: &[u8]) -> Result<Box<dyn PublicRsa>, CryptoError>;
    /// SHA-256.
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
    fn encrypt_cbc(
        &self,
        iv: &[u8; IV_LENGTH],
        plain: &[u8],
        out: &mut [u8],
    ) -> Result<(), CryptoError>;
    /// Gives the length of the plain text. `out` is as long as `text`.
    fn decrypt_cbc(&self, iv: &[u8; IV_LENGTH], text: &[u8], out: &mut [u8]) -> Option<usize>;
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

/// An RSA public key.
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

/// Whose code does the cryptography.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CryptoBackend {
    /// The `RustCrypto` crates: Rust throughout.
    #[default]
    #[serde(rename = "rustcrypto")]
    RustCrypto,
    /// `aws-lc-rs`: C and assembly.
    AwsLc,
}

/// The one that keys are made with where no other is named.
static SELECTED: AtomicU8 = AtomicU8::new(CryptoBackend::RustCrypto as u8);

impl CryptoBackend {
    /// All of them, the default first.
    pub const ALL: [Self; 2] = [Self::RustCrypto, Self::AwsLc];

    /// The word for it in files and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::RustCrypto => "rustcrypto",
            Self::AwsLc => "aws-lc",
        }
    }

    /// Keys are made with this backend from now on, in the whole process. Those
    /// that are there keep theirs; any two work together.
    pub fn select(self) {
        SELECTED.store(self as u8, Ordering::Relaxed);
    }

    /// The backend that keys are made with.
    pub fn selected() -> Self {
        let selected = SELECTED.load(Ordering::Relaxed);
        let found = Self::ALL
            .into_iter()
            .find(|&backend| backend as u8 == selected);
        found.unwrap_or_default()
    }

    pub(super) fn backend(self) -> &'static dyn Backend {
        match self {
            Self::RustCrypto => &rustcrypto::RustCrypto,
            Self::AwsLc => &aws_lc::AwsLc,
        }
    }

    /// SHA-256.
    pub fn sha256(self, data: &[u8]) -> [u8; 32] {
        self.backend().sha256(data)
    }

    /// A key for HMAC-SHA-256.
    ///
    /// # Errors
    /// Never, for a key that fits in memory.
    pub fn hmac_sha256(self, key: &[u8]) -> Result<HmacKey, CryptoError> {
        self.backend().hmac_sha256(key).map(HmacKey)
    }
}

impl std::fmt::Display for CryptoBackend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

impl std::str::FromStr for CryptoBackend {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|backend| backend.name() == text);
        found.ok_or_else(|| format!("expected `rustcrypto` or `aws-lc`, found `{text}`"))
    }
}

/// A key for HMAC-SHA-256.
pub struct HmacKey(Box<dyn Mac>);

impl HmacKey {
    /// The tag of a message.
    pub fn tag(&self, message: &[u8]) -> [u8; 32] {
        self.0.tag(message)
    }
}

impl std::fmt::Debug for HmacKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HmacKey")
    }
}

#[cfg(test)]
mod tests {
    use super::CryptoBackend;

    #[test]
    fn a_backend_is_known_by_the_word_for_it() {
        for backend in CryptoBackend::ALL {
            assert_eq!(backend.name().parse(), Ok(backend));
            let json = serde_json::to_value(backend).unwrap();
            assert_eq!(json, backend.name());
        }
        let refused = "openssl".parse::<CryptoBackend>().unwrap_err();
        assert_eq!(
            refused,
            "expected `rustcrypto` or `aws-lc`, found `openssl`"
        );
    }

    #[test]
    fn sha_256_and_hmac_are_those_of_the_standards() {
        for backend in CryptoBackend::ALL {
            // FIPS 180-4, the example of one block.
            assert_eq!(
                hex::encode(backend.sha256(b"abc")),
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
            );
            // RFC 4231, test case 2.
            let key = backend.hmac_sha256(b"Jefe").unwrap();
            let tag = key.tag(b"what do ya want for nothing?");
            assert_eq!(
                hex::encode(tag),
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
            );
            // Keys longer than a block are hashed first: test case 6.
            let key = backend.hmac_sha256(&[0xaa; 131]).unwrap();
            let tag = key.tag(b"Test Using Larger Than Block-Size Key - Hash Key First");
            assert_eq!(
                hex::encode(tag),
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
            );
        }
    }
}
