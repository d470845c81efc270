//! RSA key pairs.

use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::backend::CryptoBackend;
use super::error::CryptoError;
use super::provider::{KeyBits, OaepHash, PrivateRsa};
use super::public_key::PublicKey;

/// An RSA private key with its public key. Cheap to clone: clones share one
/// key, which is wiped when the last of them is dropped.
#[derive(Clone)]
pub struct KeyPair {
    private: Arc<dyn PrivateRsa>,
    public: PublicKey,
}

impl KeyPair {
    /// Searches a new key. Takes tenths of a second and up: run it by
    /// [`ClientCrypto::offload`](super::ClientCrypto::offload).
    ///
    /// # Errors
    /// When the machine gives no random numbers.
    pub fn generate(backend: CryptoBackend, bits: KeyBits) -> Result<Self, CryptoError> {
        Self::of(backend, backend.provider().generate_rsa(bits)?)
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
        Self::from_pkcs8_der(backend, &self.to_pkcs8_der()?)
    }

    /// Reads PKCS#8 DER.
    ///
    /// # Errors
    /// When it is not an RSA key, its numbers do not fit each other, or it is
    /// shorter than the backend takes.
    pub fn from_pkcs8_der(backend: CryptoBackend, der: &[u8]) -> Result<Self, CryptoError> {
        Self::of(backend, backend.provider().private_rsa(der)?)
    }

    /// Reads PKCS#8 DER in hexadecimal, the form in which clients keep private
    /// keys.
    ///
    /// # Errors
    /// When it is not hexadecimal, else as [`KeyPair::from_pkcs8_der`].
    pub fn from_pkcs8_hex(
        backend: CryptoBackend,
        text: &SecretString,
    ) -> Result<Self, CryptoError> {
        let der =
            hex::decode(text.expose_secret()).map_err(|_| CryptoError::NotHex("a private key"))?;
        Self::from_pkcs8_der(backend, &Zeroizing::new(der))
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

    /// True when both are clones of one.
    #[cfg(test)]
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.private, &other.private)
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
