//! Public keys: what may be shown, sent and compared.

use std::sync::Arc;

use super::CryptoError;
use super::rustcrypto::rsa::Public;

/// Hash of RSA-OAEP, for the label and for MGF1 alike. The clients used SHA-1
/// up to their version 7; keys made by later ones use SHA-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OaepHash {
    /// SHA-1, which leaves 214 bytes for the text under a 2048-bit key.
    Sha1,
    /// SHA-256, which leaves 190 bytes for the text under a 2048-bit key.
    Sha256,
}

/// An RSA public key. Cheap to clone; equal when the SPKI is.
#[derive(Clone)]
pub struct PublicKey(Arc<Inner>);

struct Inner {
    key: Public,
    spki_hex: String,
    fingerprint: Fingerprint,
}

impl PublicKey {
    /// Reads SPKI DER in hexadecimal, the form in which public keys travel.
    ///
    /// # Errors
    /// When it is not hexadecimal, or not an RSA key that we can use.
    pub fn from_spki_hex(text: &str) -> Result<Self, CryptoError> {
        let der = hex::decode(text).map_err(|_| CryptoError::NotHex("a public key"))?;
        Ok(Self::new(Public::from_spki(&der)?, &der))
    }

    pub(super) fn of(key: Public) -> Result<Self, CryptoError> {
        let der = key.to_spki()?;
        Ok(Self::new(key, &der))
    }

    fn new(key: Public, spki: &[u8]) -> Self {
        let spki_hex = hex::encode(spki);
        // Hexadecimal digits are ASCII: every index is a boundary.
        let start = spki_hex.len().saturating_sub(Fingerprint::DIGITS);
        let fingerprint = Fingerprint(spki_hex[start..].to_owned());
        Self(Arc::new(Inner {
            key,
            spki_hex,
            fingerprint,
        }))
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

#[cfg(test)]
mod tests {
    use super::{OaepHash, PublicKey};
    use crate::crypto::{CryptoError, known};

    fn public() -> PublicKey {
        PublicKey::from_spki_hex(&known::rsa().keys[0].spki).unwrap()
    }

    #[test]
    fn a_fingerprint_is_the_end_of_the_spki() {
        let key = public();
        assert_eq!(key.fingerprint().as_str().len(), 32);
        assert!(key.spki_hex().ends_with(key.fingerprint().as_str()));
        assert!(key.fingerprint().as_str().ends_with("0203010001"));
    }

    #[test]
    fn the_case_of_the_digits_does_not_matter() {
        let upper = public().spki_hex().to_uppercase();
        assert_eq!(PublicKey::from_spki_hex(&upper).unwrap(), public());
    }

    #[test]
    fn what_is_not_an_spki_is_refused() {
        let known = known::rsa();
        let spki = &known.keys[0].spki;
        let longer = format!("{spki}00");
        for wrong in ["", "30", &spki[2..], &longer, &known.keys[0].pkcs8] {
            let refused = PublicKey::from_spki_hex(wrong).unwrap_err();
            assert_eq!(refused, CryptoError::PublicKey, "{wrong}");
        }
        let refused = PublicKey::from_spki_hex("public").unwrap_err();
        assert_eq!(refused, CryptoError::NotHex("a public key"));
    }

    #[test]
    fn a_text_that_does_not_fit_is_refused_with_the_limit() {
        for (hash, most) in [(OaepHash::Sha1, 214), (OaepHash::Sha256, 190)] {
            assert!(public().encrypt_oaep(hash, &vec![0; most]).is_ok());
            let refused = public().encrypt_oaep(hash, &vec![0; most + 1]).unwrap_err();
            let length = most + 1;
            assert_eq!(refused, CryptoError::TooLong { length, most });
        }
    }
}
