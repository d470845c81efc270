//! AES keys, and what is encrypted with them.

use rand::Rng;
use zeroize::Zeroizing;

use super::CryptoError;
use super::rustcrypto::{cbc, gcm};

/// Length of the initialisation vector before a CBC text, in bytes.
const IV_LENGTH: usize = 16;
/// Length of the nonce before a GCM text, in bytes.
const NONCE_LENGTH: usize = 12;
/// Length of the tag after a GCM text, in bytes.
const TAG_LENGTH: usize = 16;

/// An AES key of 128 or 256 bits. The platform's clients make both lengths, so
/// both are read; the keys made here have 256 bits. Wiped when dropped.
#[derive(Clone)]
pub struct AesKey(Material);

/// Boxed, so that moving a key leaves no copy behind.
#[derive(Clone)]
enum Material {
    Bits128(Box<Zeroizing<[u8; 16]>>),
    Bits256(Box<Zeroizing<[u8; 32]>>),
}

impl AesKey {
    /// Bytes that sealing with GCM adds: the nonce before, the tag after.
    pub const GCM_OVERHEAD: usize = NONCE_LENGTH + TAG_LENGTH;

    /// A fresh key of 256 bits.
    pub fn generate() -> Self {
        let mut key = Box::new(Zeroizing::new([0; 32]));
        rand::rng().fill_bytes(key.as_mut_slice());
        Self(Material::Bits256(key))
    }

    /// A key from its 16 or 32 bytes.
    ///
    /// # Errors
    /// When there are more or fewer.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CryptoError> {
        // Copied in place: an array passed by value would stay on the stack.
        Ok(Self(match bytes.len() {
            16 => {
                let mut key = Box::new(Zeroizing::new([0; 16]));
                key.copy_from_slice(bytes);
                Material::Bits128(key)
            }
            32 => {
                let mut key = Box::new(Zeroizing::new([0; 32]));
                key.copy_from_slice(bytes);
                Material::Bits256(key)
            }
            length => return Err(CryptoError::AesKeyLength(length)),
        }))
    }

    /// A key from its bytes in hexadecimal.
    ///
    /// # Errors
    /// When it is not hexadecimal, or too long or short.
    pub fn from_hex(text: &str) -> Result<Self, CryptoError> {
        let bytes = hex::decode(text).map_err(|_| CryptoError::NotHex("an AES key"))?;
        Self::from_bytes(&Zeroizing::new(bytes))
    }

    /// The key itself.
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Material::Bits128(key) => key.as_slice(),
            Material::Bits256(key) => key.as_slice(),
        }
    }

    /// The key itself, in lower-case hexadecimal.
    pub fn to_hex(&self) -> Zeroizing<String> {
        Zeroizing::new(hex::encode(self.as_bytes()))
    }

    /// AES-CBC with PKCS#7 padding. A fresh random initialisation vector of 16
    /// bytes comes first: the platform's format of record.
    pub fn encrypt_cbc(&self, plain: &[u8]) -> Vec<u8> {
        let mut iv = [0; IV_LENGTH];
        rand::rng().fill_bytes(&mut iv);
        let mut sealed = Vec::with_capacity(IV_LENGTH + plain.len() + IV_LENGTH);
        sealed.extend_from_slice(&iv);
        sealed.extend(match &self.0 {
            Material::Bits128(key) => cbc::encrypt_128(key, &iv, plain),
            Material::Bits256(key) => cbc::encrypt_256(key, &iv, plain),
        });
        sealed
    }

    /// Opens what [`AesKey::encrypt_cbc`] made. CBC has no tag: a wrong key is
    /// noticed by the padding only, and goes unnoticed once in 256 times.
    ///
    /// # Errors
    /// When the padding shows that key or text are wrong.
    pub fn decrypt_cbc(&self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        let (iv, text) = sealed
            .split_first_chunk::<IV_LENGTH>()
            .ok_or(CryptoError::Decryption)?;
        let plain = match &self.0 {
            Material::Bits128(key) => cbc::decrypt_128(key, iv, text),
            Material::Bits256(key) => cbc::decrypt_256(key, iv, text),
        };
        plain.map(Zeroizing::new).ok_or(CryptoError::Decryption)
    }

    /// AES-GCM: a fresh random nonce of 12 bytes, the text, the tag of 16
    /// bytes. `associated` is authenticated but not part of the result. Nonces
    /// are random, so one key should seal fewer than 2³² texts (NIST SP
    /// 800-38D, 8.3).
    ///
    /// # Errors
    /// When `plain` is longer than GCM allows, 64 GiB.
    pub fn seal_gcm(&self, associated: &[u8], plain: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let mut nonce = [0; NONCE_LENGTH];
        rand::rng().fill_bytes(&mut nonce);
        let text = match &self.0 {
            Material::Bits128(key) => gcm::seal_128(key, &nonce, associated, plain),
            Material::Bits256(key) => gcm::seal_256(key, &nonce, associated, plain),
        };
        let text = text.ok_or(CryptoError::Failed("AES-GCM"))?;
        let mut sealed = Vec::with_capacity(NONCE_LENGTH + text.len());
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&text);
        Ok(sealed)
    }

    /// Opens what [`AesKey::seal_gcm`] made with the same `associated`.
    ///
    /// # Errors
    /// When key, text or `associated` is not the one of the sealing.
    pub fn open_gcm(
        &self,
        associated: &[u8],
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        let (nonce, text) = sealed
            .split_first_chunk::<NONCE_LENGTH>()
            .ok_or(CryptoError::Decryption)?;
        let plain = match &self.0 {
            Material::Bits128(key) => gcm::open_128(key, nonce, associated, text),
            Material::Bits256(key) => gcm::open_256(key, nonce, associated, text),
        };
        plain.map(Zeroizing::new).ok_or(CryptoError::Decryption)
    }
}

impl std::fmt::Debug for AesKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AesKey({} bits)", self.as_bytes().len() * 8)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{AesKey, CryptoError};

    fn keys() -> impl Strategy<Value = AesKey> {
        let short = any::<[u8; 16]>().prop_map(|key| AesKey::from_bytes(&key).unwrap());
        let long = any::<[u8; 32]>().prop_map(|key| AesKey::from_bytes(&key).unwrap());
        prop_oneof![short, long]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn what_cbc_seals_it_opens(key in keys(), plain: Vec<u8>) {
            let sealed = key.encrypt_cbc(&plain);
            prop_assert_eq!(sealed.len(), 16 + (plain.len() / 16 + 1) * 16);
            prop_assert_eq!(&*key.decrypt_cbc(&sealed).unwrap(), &plain);
        }

        #[test]
        fn what_gcm_seals_it_opens(key in keys(), plain: Vec<u8>, associated: Vec<u8>) {
            let sealed = key.seal_gcm(&associated, &plain).unwrap();
            prop_assert_eq!(sealed.len(), plain.len() + AesKey::GCM_OVERHEAD);
            prop_assert_eq!(&*key.open_gcm(&associated, &sealed).unwrap(), &plain);
        }

        #[test]
        fn gcm_notices_every_flipped_bit(key in keys(), plain: Vec<u8>, at: prop::sample::Index, bit in 0..8_u32) {
            let mut sealed = key.seal_gcm(b"", &plain).unwrap();
            let at = at.index(sealed.len());
            sealed[at] ^= 1_u8 << bit;
            prop_assert_eq!(key.open_gcm(b"", &sealed), Err(CryptoError::Decryption));
        }

        #[test]
        fn any_bytes_at_all_are_decrypted_or_refused(key in keys(), sealed: Vec<u8>) {
            let _ = key.decrypt_cbc(&sealed);
            prop_assert!(key.open_gcm(b"", &sealed).is_err());
        }
    }

    #[test]
    fn no_two_texts_are_alike() {
        let key = AesKey::generate();
        assert_ne!(key.encrypt_cbc(b"same"), key.encrypt_cbc(b"same"));
        assert_ne!(
            key.seal_gcm(b"", b"same").unwrap(),
            key.seal_gcm(b"", b"same").unwrap()
        );
        assert_ne!(key.as_bytes(), AesKey::generate().as_bytes());
    }

    #[test]
    fn a_text_that_is_no_whole_number_of_blocks_is_refused() {
        let key = AesKey::generate();
        let sealed = key.encrypt_cbc(b"a text of more than one block");
        for length in [0, 15, 16, 17, sealed.len() - 1] {
            let cut = key.decrypt_cbc(&sealed[..length]);
            assert_eq!(cut, Err(CryptoError::Decryption), "{length}");
        }
    }

    #[test]
    fn another_key_does_not_open() {
        let sealed = AesKey::generate().encrypt_cbc(b"plain");
        // One wrong key in 256 finds valid padding by chance; eight do not.
        let opened = (0..8).filter_map(|_| AesKey::generate().decrypt_cbc(&sealed).ok());
        assert!(opened.count() < 8);
        let sealed = AesKey::generate().seal_gcm(b"", b"plain").unwrap();
        assert!(AesKey::generate().open_gcm(b"", &sealed).is_err());
    }

    #[test]
    fn gcm_notices_other_associated_data() {
        let key = AesKey::generate();
        let sealed = key.seal_gcm(b"name", b"plain").unwrap();
        assert_eq!(key.open_gcm(b"eman", &sealed), Err(CryptoError::Decryption));
    }

    #[test]
    fn hexadecimal_goes_both_ways_and_errors_do_not_repeat_it() {
        let text = "2b7e151628aed2a6abf7158809cf4f3c";
        assert_eq!(AesKey::from_hex(text).unwrap().to_hex().as_str(), text);
        let short = AesKey::from_hex("2b7e15").unwrap_err();
        assert_eq!(
            short.to_string(),
            "an AES key has 16 or 32 bytes, this one has 3"
        );
        let odd = AesKey::from_hex("2b7e1z").unwrap_err();
        assert_eq!(odd.to_string(), "an AES key is not hexadecimal");
    }

    #[test]
    fn debug_shows_the_length_and_nothing_else() {
        let key = AesKey::from_bytes(&[0xab; 32]).unwrap();
        assert_eq!(format!("{key:?}"), "AesKey(256 bits)");
    }
}
