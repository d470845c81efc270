//! Public keys: what may be shown, sent and compared.

use std::sync::Arc;

use super::backend::CryptoBackend;
use super::error::CryptoError;
use super::provider::{OaepHash, PublicRsa};

/// An RSA public key. Cheap to clone; equal when the SPKI is.
#[derive(Clone)]
pub struct PublicKey(Arc<Inner>);

struct Inner {
    key: Box<dyn PublicRsa>,
    spki_hex: String,
    fingerprint: Fingerprint,
}

impl PublicKey {
    /// Reads SPKI DER in hexadecimal, the form in which public keys travel.
    ///
    /// # Errors
    /// When it is not hexadecimal, or not an RSA key that we can use.
    pub fn from_spki_hex(backend: CryptoBackend, text: &str) -> Result<Self, CryptoError> {
        let der = hex::decode(text).map_err(|_| CryptoError::NotHex("a public key"))?;
        Self::from_spki_der(backend, &der)
    }

    pub(super) fn from_spki_der(backend: CryptoBackend, der: &[u8]) -> Result<Self, CryptoError> {
        let key = backend.provider().public_rsa(der)?;
        let spki_hex = hex::encode(der);
        // Hexadecimal digits are ASCII: every index is a boundary.
        let start = spki_hex.len().saturating_sub(Fingerprint::DIGITS);
        let fingerprint = Fingerprint(spki_hex[start..].to_owned());
        Ok(Self(Arc::new(Inner {
            key,
            spki_hex,
            fingerprint,
        })))
    }

    /// SPKI DER in lower-case hexadecimal.
    pub fn spki_hex(&self) -> &str {
        &self.0.spki_hex
    }

    /// The short name of this key in documents.
    pub fn fingerprint(&self) -> &Fingerprint {
        &self.0.fingerprint
    }

    /// RSA-OAEP with an empty label.
    ///
    /// # Errors
    /// When `plain` is too long for the key, or there are no random numbers.
    pub fn encrypt_oaep(&self, hash: OaepHash, plain: &[u8]) -> Result<Vec<u8>, CryptoError> {
        self.0.key.encrypt_oaep(hash, plain)
    }

    /// True when [`KeyPair::sign_pss`](super::KeyPair::sign_pss) of this key's
    /// pair made the signature of this message.
    pub fn verify_pss(&self, message: &[u8], signature: &[u8]) -> bool {
        self.0.key.verify_pss(message, signature)
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.0.spki_hex == other.0.spki_hex
    }
}

impl Eq for PublicKey {}

impl std::fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PublicKey({})", self.fingerprint())
    }
}

/// The last 32 hexadecimal digits of an SPKI, by which documents name a key.
///
/// They end in the public exponent (`0203010001`), so 22 digits, 88 bits, tell
/// keys apart: enough against chance.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint(String);

impl Fingerprint {
    const DIGITS: usize = 32;

    /// The digits, in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
