//! RSA key pairs.

use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::rustcrypto::rsa::Private;
use super::{CryptoError, OaepHash, PublicKey};

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
}

/// An RSA private key with its public key. Cheap to clone: clones share one
/// key, which is wiped when the last of them is dropped.
#[derive(Clone)]
pub struct KeyPair {
    private: Arc<Private>,
    public: PublicKey,
}

impl KeyPair {
    /// Searches a new key. Takes tenths of a second and up: run it by
    /// [`offload`](super::offload).
    ///
    /// # Errors
    /// When the machine gives no random numbers.
    pub fn generate(bits: KeyBits) -> Result<Self, CryptoError> {
        Self::of(Private::generate(bits.bits())?)
    }

    fn of(private: Private) -> Result<Self, CryptoError> {
        Ok(Self {
            public: PublicKey::of(private.public())?,
            private: Arc::new(private),
        })
    }

    /// Reads PKCS#8 DER.
    ///
    /// # Errors
    /// When it is not an RSA key, or its numbers do not fit each other.
    pub fn from_pkcs8_der(der: &[u8]) -> Result<Self, CryptoError> {
        Self::of(Private::from_pkcs8(der)?)
    }

    /// Reads PKCS#8 DER in hexadecimal, the form in which clients keep private
    /// keys.
    ///
    /// # Errors
    /// When it is not hexadecimal, not an RSA key, or its numbers do not fit
    /// each other.
    pub fn from_pkcs8_hex(text: &SecretString) -> Result<Self, CryptoError> {
        let der =
            hex::decode(text.expose_secret()).map_err(|_| CryptoError::NotHex("a private key"))?;
        Self::from_pkcs8_der(&Zeroizing::new(der))
    }

    /// The private key as PKCS#8 DER.
    ///
    /// # Errors
    /// Never, for a key of two primes, which all keys here are.
    pub fn to_pkcs8_der(&self) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        self.private.to_pkcs8()
    }

    /// The private key as PKCS#8 DER in lower-case hexadecimal.
    ///
    /// # Errors
    /// Never, for a key of two primes, which all keys here are.
    pub fn to_pkcs8_hex(&self) -> Result<SecretString, CryptoError> {
        Ok(SecretString::from(hex::encode(self.to_pkcs8_der()?)))
    }

    /// The public key.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// RSA-OAEP with an empty label.
    ///
    /// # Errors
    /// When it was not encrypted for this key with this hash. The error does
    /// not say more.
    pub fn decrypt_oaep(
        &self,
        hash: OaepHash,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        self.private.decrypt_oaep(hash, sealed)
    }
}

/// Shows which key it is, by its public half.
impl std::fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeyPair({})", self.public.fingerprint())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use secrecy::{ExposeSecret, SecretString};

    use super::{KeyBits, KeyPair};
    use crate::crypto::known::{self, bytes};
    use crate::crypto::{CryptoError, OaepHash};

    fn pair(number: usize) -> KeyPair {
        let hex = known::rsa().keys[number].pkcs8.clone();
        KeyPair::from_pkcs8_hex(&SecretString::from(hex)).unwrap()
    }

    #[test]
    fn what_openssl_sealed_is_opened() {
        let known = known::rsa();
        for case in &known.oaep {
            let (hash, other) = match case.hash.as_str() {
                "sha1" => (OaepHash::Sha1, OaepHash::Sha256),
                "sha256" => (OaepHash::Sha256, OaepHash::Sha1),
                hash => panic!("no such hash: {hash}"),
            };
            let (key, sealed) = (pair(case.key), bytes(&case.sealed));
            let opened = key.decrypt_oaep(hash, &sealed).unwrap();
            assert_eq!(*opened, bytes(&case.plain));
            let refused = key.decrypt_oaep(other, &sealed).unwrap_err();
            assert_eq!(refused, CryptoError::Decryption);
        }
        assert_eq!(known.oaep.len(), 6);
    }

    #[test]
    fn the_keys_that_openssl_made_come_out_as_they_went_in() {
        for (number, key) in known::rsa().keys.iter().enumerate() {
            let pair = pair(number);
            assert_eq!(pair.to_pkcs8_hex().unwrap().expose_secret(), key.pkcs8);
            assert_eq!(pair.public().spki_hex(), key.spki);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(8))]

        #[test]
        fn what_is_sealed_for_a_key_is_opened_by_it(plain in prop::collection::vec(any::<u8>(), 0..=190)) {
            let pair = pair(0);
            for hash in [OaepHash::Sha1, OaepHash::Sha256] {
                let sealed = pair.public().encrypt_oaep(hash, &plain).unwrap();
                prop_assert_eq!(&*pair.decrypt_oaep(hash, &sealed).unwrap(), &plain);
            }
        }
    }

    #[test]
    fn a_wrong_key_and_a_changed_text_fail_alike() {
        let pair = pair(0);
        let sealed = pair
            .public()
            .encrypt_oaep(OaepHash::Sha256, b"key")
            .unwrap();
        let mut changed = sealed.clone();
        changed[100] ^= 1;
        let failures = [
            super::tests::pair(1).decrypt_oaep(OaepHash::Sha256, &sealed),
            pair.decrypt_oaep(OaepHash::Sha256, &changed),
            pair.decrypt_oaep(OaepHash::Sha256, &sealed[1..]),
            pair.decrypt_oaep(OaepHash::Sha256, &[0xff; 256]),
            pair.decrypt_oaep(OaepHash::Sha256, b""),
        ];
        for failure in failures {
            assert_eq!(failure, Err(CryptoError::Decryption));
        }
    }

    #[test]
    fn a_new_key_is_as_long_as_asked_and_survives_its_encoding() {
        let pair = KeyPair::generate(KeyBits::B2048).unwrap();
        let sealed = pair.public().encrypt_oaep(OaepHash::Sha1, b"key").unwrap();
        assert_eq!(sealed.len() * 8, KeyBits::B2048.bits());
        let copy = KeyPair::from_pkcs8_hex(&pair.to_pkcs8_hex().unwrap()).unwrap();
        assert_eq!(copy.public(), pair.public());
        assert_eq!(*copy.decrypt_oaep(OaepHash::Sha1, &sealed).unwrap(), b"key");
    }

    #[test]
    fn what_is_not_a_private_key_is_refused_without_repeating_it() {
        let known = known::rsa();
        // A digit of the private exponent: a key whose numbers do not fit.
        let mut inconsistent = known.keys[0].pkcs8.clone();
        let digit = if &inconsistent[800..801] == "0" {
            "1"
        } else {
            "0"
        };
        inconsistent.replace_range(800..801, digit);
        for wrong in [
            "",
            &known.keys[0].spki,
            &known.keys[0].pkcs8[2..],
            &inconsistent,
        ] {
            let refused = KeyPair::from_pkcs8_hex(&SecretString::from(wrong)).unwrap_err();
            assert_eq!(refused, CryptoError::PrivateKey);
        }
        let refused = KeyPair::from_pkcs8_hex(&SecretString::from("deadbeeg")).unwrap_err();
        assert_eq!(refused.to_string(), "a private key is not hexadecimal");
    }

    #[test]
    fn debug_shows_the_fingerprint_and_nothing_else() {
        let pair = pair(0);
        let shown = format!("{pair:?}");
        assert_eq!(shown, format!("KeyPair({})", pair.public().fingerprint()));
    }
}
