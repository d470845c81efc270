//! RSA key pairs.

use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::backend::PrivateRsa;
use super::{CryptoBackend, CryptoError, OaepHash, PublicKey};

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
    private: Arc<dyn PrivateRsa>,
    public: PublicKey,
}

impl KeyPair {
    /// Searches a new key. Takes tenths of a second and up: run it by
    /// [`offload`](super::offload).
    ///
    /// # Errors
    /// When the machine gives no random numbers.
    pub fn generate(bits: KeyBits) -> Result<Self, CryptoError> {
        Self::generate_with(CryptoBackend::selected(), bits)
    }

    /// Searches a new key with this backend.
    ///
    /// # Errors
    /// When the machine gives no random numbers.
    pub fn generate_with(backend: CryptoBackend, bits: KeyBits) -> Result<Self, CryptoError> {
        Self::of(backend, backend.backend().generate_rsa(bits)?)
    }

    fn of(backend: CryptoBackend, private: Box<dyn PrivateRsa>) -> Result<Self, CryptoError> {
        Ok(Self {
            public: PublicKey::from_spki_der(backend, &private.to_spki()?)?,
            private: Arc::from(private),
        })
    }

    /// The same key in the hands of this backend.
    ///
    /// # Errors
    /// When the key is shorter than the backend takes.
    pub fn with_backend(&self, backend: CryptoBackend) -> Result<Self, CryptoError> {
        Self::from_pkcs8_der_with(backend, &self.to_pkcs8_der()?)
    }

    /// Reads PKCS#8 DER.
    ///
    /// # Errors
    /// When it is not an RSA key, or its numbers do not fit each other.
    pub fn from_pkcs8_der(der: &[u8]) -> Result<Self, CryptoError> {
        Self::from_pkcs8_der_with(CryptoBackend::selected(), der)
    }

    /// Reads PKCS#8 DER for this backend.
    ///
    /// # Errors
    /// As [`KeyPair::from_pkcs8_der`], and when the key is shorter than the
    /// backend takes.
    pub fn from_pkcs8_der_with(backend: CryptoBackend, der: &[u8]) -> Result<Self, CryptoError> {
        Self::of(backend, backend.backend().private_rsa(der)?)
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

    /// RSA-PSS with SHA-256 and a salt of 32 bytes.
    ///
    /// # Errors
    /// When the machine gives no random numbers.
    pub fn sign_pss(&self, message: &[u8]) -> Result<Vec<u8>, CryptoError> {
        self.private.sign_pss(message)
    }
}

/// Shows which key it is, by its public half.
impl std::fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeyPair({})", self.public.fingerprint())
    }
}
