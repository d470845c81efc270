//! RSA: key generation, OAEP with an empty label, PSS, SPKI and PKCS#8.
//!
//! Private operations use the Chinese remainder theorem and are blinded. Keys
//! have 2048 bits at least: AWS-LC takes no shorter ones.

use std::sync::OnceLock;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{
    KeySize, OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepAlgorithm, OaepPrivateDecryptingKey,
    OaepPublicEncryptingKey, PrivateDecryptingKey, PublicEncryptingKey,
};
use aws_lc_rs::signature::{ParsedPublicKey, RSA_PSS_2048_8192_SHA256, RSA_PSS_SHA256, RsaKeyPair};
use zeroize::Zeroizing;

use super::super::error::CryptoError;
use super::super::provider::{KeyBits, OaepHash, PrivateRsa, PublicRsa};

/// A public key. Few keys verify a signature, so that form is made when needed.
pub(super) struct Public {
    spki: Vec<u8>,
    seals: OaepPublicEncryptingKey,
    verifies: OnceLock<Option<ParsedPublicKey>>,
}

/// A private key. Few keys sign, so that form is made when needed.
pub(super) struct Private {
    key: PrivateDecryptingKey,
    opens: OaepPrivateDecryptingKey,
    signs: OnceLock<Option<RsaKeyPair>>,
}

fn oaep(hash: OaepHash) -> &'static OaepAlgorithm {
    match hash {
        OaepHash::Sha1 => &OAEP_SHA1_MGF1SHA1,
        OaepHash::Sha256 => &OAEP_SHA256_MGF1SHA256,
    }
}

/// True when this is a DER sequence and nothing after it. AWS-LC does not mind
/// what comes after a key; others would not read that.
fn is_one_sequence(der: &[u8]) -> bool {
    const SEQUENCE: u8 = 0x30;
    // Keys are longer than 127 bytes: their length is a number of bytes of its
    // own, which come after it.
    let [SEQUENCE, form, rest @ ..] = der else {
        return false;
    };
    let bytes = usize::from(form & 0x7f);
    let Some((length, content)) = rest.split_at_checked(bytes) else {
        return false;
    };
    let length = length.iter().try_fold(0_usize, |length, byte| {
        length.checked_mul(256)?.checked_add(usize::from(*byte))
    });
    form & 0x80 != 0 && length == Some(content.len())
}

impl Public {
    pub(super) fn from_spki(der: &[u8]) -> Result<Self, CryptoError> {
        if !is_one_sequence(der) {
            return Err(CryptoError::PublicKey);
        }
        let key = PublicEncryptingKey::from_der(der).map_err(|_| CryptoError::PublicKey)?;
        let seals = OaepPublicEncryptingKey::new(key).map_err(|_| CryptoError::PublicKey)?;
        Ok(Self {
            spki: der.to_vec(),
            seals,
            verifies: OnceLock::new(),
        })
    }
}

impl PublicRsa for Public {
    fn encrypt_oaep(&self, hash: OaepHash, plain: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let most = self.seals.max_plaintext_size(oaep(hash));
        if plain.len() > most {
            let length = plain.len();
            return Err(CryptoError::TooLong { length, most });
        }
        let mut sealed = vec![0; self.seals.ciphertext_size()];
        let length = self
            .seals
            .encrypt(oaep(hash), plain, &mut sealed, None)
            .map_err(|_| CryptoError::Failed("RSA-OAEP encryption"))?
            .len();
        sealed.truncate(length);
        Ok(sealed)
    }

    fn verify_pss(&self, message: &[u8], signature: &[u8]) -> bool {
        let parse = || ParsedPublicKey::new(&RSA_PSS_2048_8192_SHA256, &self.spki).ok();
        let key = self.verifies.get_or_init(parse);
        key.as_ref()
            .is_some_and(|key| key.verify_sig(message, signature).is_ok())
    }
}

impl Private {
    fn of(key: PrivateDecryptingKey) -> Result<Self, CryptoError> {
        let opens = OaepPrivateDecryptingKey::new(key.clone());
        Ok(Self {
            key,
            opens: opens.map_err(|_| CryptoError::PrivateKey)?,
            signs: OnceLock::new(),
        })
    }

    pub(super) fn generate(bits: KeyBits) -> Result<Self, CryptoError> {
        let size = match bits {
            KeyBits::B2048 => KeySize::Rsa2048,
            KeyBits::B3072 => KeySize::Rsa3072,
            KeyBits::B4096 => KeySize::Rsa4096,
        };
        let key = PrivateDecryptingKey::generate(size);
        Self::of(key.map_err(|_| CryptoError::Failed("generating an RSA key"))?)
    }

    pub(super) fn from_pkcs8(der: &[u8]) -> Result<Self, CryptoError> {
        if !is_one_sequence(der) {
            return Err(CryptoError::PrivateKey);
        }
        let key = PrivateDecryptingKey::from_pkcs8(der);
        Self::of(key.map_err(|_| CryptoError::PrivateKey)?)
    }
}

impl PrivateRsa for Private {
    fn decrypt_oaep(
        &self,
        hash: OaepHash,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        let mut plain = Zeroizing::new(vec![0; self.opens.min_output_size()]);
        let length = self
            .opens
            .decrypt(oaep(hash), sealed, &mut plain, None)
            .map_err(|_| CryptoError::Decryption)?
            .len();
        plain.truncate(length);
        Ok(plain)
    }

    fn sign_pss(&self, message: &[u8]) -> Result<Vec<u8>, CryptoError> {
        const FAILED: CryptoError = CryptoError::Failed("RSA-PSS signing");
        let parse = || RsaKeyPair::from_pkcs8(&self.to_pkcs8().ok()?).ok();
        let key = self.signs.get_or_init(parse).as_ref().ok_or(FAILED)?;
        let mut signature = vec![0; key.public_modulus_len()];
        let signed = key.sign(
            &RSA_PSS_SHA256,
            &SystemRandom::new(),
            message,
            &mut signature,
        );
        signed.map(|()| signature).map_err(|_| FAILED)
    }

    fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        let der = self.key.as_der().map_err(|_| CryptoError::PrivateKey)?;
        Ok(Zeroizing::new(der.as_ref().to_vec()))
    }

    fn to_spki(&self) -> Result<Vec<u8>, CryptoError> {
        let der = self.key.public_key().as_der();
        der.map(|der| der.as_ref().to_vec())
            .map_err(|_| CryptoError::PublicKey)
    }
}
