//! RSA: key generation, OAEP with an empty label, PSS, SPKI and PKCS#8.
//!
//! Private operations use the Chinese remainder theorem and are blinded with
//! fresh random numbers. `rsa` wipes a private key when it is dropped.

use rsa::pkcs8::{DecodePrivateKey, DecodePublicKey, Document, EncodePrivateKey, EncodePublicKey};
use rsa::traits::PublicKeyParts;
use sha1::Sha1;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::super::error::CryptoError;
use super::super::provider::{KeyBits, OaepHash, PrivateRsa, PublicRsa};

pub(super) struct Public(rsa::PublicKey);

/// A private key, with the values of the remainder theorem.
pub(super) struct Private(rsa::PrivateKey);

impl Public {
    pub(super) fn from_spki(der: &[u8]) -> Result<Self, CryptoError> {
        let key = rsa::PublicKey::from_public_key_der(der);
        key.map(Self).map_err(|_| CryptoError::PublicKey)
    }

    /// Longest text that fits, in bytes (RFC 8017, 7.1.1).
    fn longest(&self, hash: OaepHash) -> usize {
        let digest = match hash {
            OaepHash::Sha1 => Sha1::output_size(),
            OaepHash::Sha256 => Sha256::output_size(),
        };
        self.0.size().saturating_sub(2 * digest + 2)
    }
}

impl PublicRsa for Public {
    fn encrypt_oaep(&self, hash: OaepHash, plain: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let mut rng = rand::rng();
        let sealed = match hash {
            OaepHash::Sha1 => self.0.oaep_encrypt_with_rng::<Sha1, _>(&mut rng, plain),
            OaepHash::Sha256 => self.0.oaep_encrypt_with_rng::<Sha256, _>(&mut rng, plain),
        };
        sealed.map_err(|error| match error {
            rsa::Error::MessageTooLong => CryptoError::TooLong {
                length: plain.len(),
                most: self.longest(hash),
            },
            _ => CryptoError::Failed("RSA-OAEP encryption"),
        })
    }

    fn verify_pss(&self, message: &[u8], signature: &[u8]) -> bool {
        self.0.pss_verify::<Sha256>(message, signature).is_ok()
    }
}

impl Private {
    pub(super) fn generate(bits: KeyBits) -> Result<Self, CryptoError> {
        let key = rsa::PrivateKey::new(&mut rand::rng(), bits.bits());
        key.map(Self)
            .map_err(|_| CryptoError::Failed("generating an RSA key"))
    }

    pub(super) fn from_pkcs8(der: &[u8]) -> Result<Self, CryptoError> {
        let key = rsa::PrivateKey::from_pkcs8_der(der);
        key.map(Self).map_err(|_| CryptoError::PrivateKey)
    }
}

impl PrivateRsa for Private {
    fn decrypt_oaep(
        &self,
        hash: OaepHash,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        let mut rng = rand::rng();
        let plain = match hash {
            OaepHash::Sha1 => self.0.oaep_decrypt_with_rng::<Sha1, _>(&mut rng, sealed),
            OaepHash::Sha256 => self.0.oaep_decrypt_with_rng::<Sha256, _>(&mut rng, sealed),
        };
        plain
            .map(Zeroizing::new)
            .map_err(|_| CryptoError::Decryption)
    }

    fn sign_pss(&self, message: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let signature = self
            .0
            .pss_sign_with_rng::<Sha256, _>(&mut rand::rng(), message);
        signature.map_err(|_| CryptoError::Failed("RSA-PSS signing"))
    }

    fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        let der = self.0.to_pkcs8_der();
        der.map(|der| der.to_bytes())
            .map_err(|_| CryptoError::PrivateKey)
    }

    fn to_spki(&self) -> Result<Vec<u8>, CryptoError> {
        let der = self.0.as_public_key().to_public_key_der();
        der.map(Document::into_vec)
            .map_err(|_| CryptoError::PublicKey)
    }
}
