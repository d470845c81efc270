//! Pools of test keys: a plain text file that says in words what it is.
//!
//! Everybody may have these keys, so encrypting them would only pretend
//! something. A digest shows what was changed or cut off; it proves nothing.

use std::io::Write;

use secrecy::SecretString;
use sha2::{Digest, Sha256};

use super::KeysError;
use crate::crypto::{CryptoBackend, KeyBits, KeyPair};
use crate::vault::{Place, VaultError, replace};

/// How every such file begins.
pub(super) const MAGIC: &str = "rehearse test keys, format ";
/// The format that is written, and the newest one that is read.
const FORMAT: u16 = 1;
/// What follows the first line.
const WARNING: &str = "\
TEST KEYS: these private keys are not encrypted, and everybody may have them.
Never use them for a real account, nor for data that matters.
";

/// The keys of such a file, as they are written.
#[derive(Clone, Debug, Default)]
pub(super) struct TestKeys {
    /// Length of each; `None` when there is none.
    pub(super) bits: Option<KeyBits>,
    /// PKCS#8 in hexadecimal. Not secret: the file says so.
    pub(super) keys: Vec<String>,
}

impl TestKeys {
    /// Reads a file that begins with [`MAGIC`].
    pub(super) fn parse(bytes: &[u8], file: &Place) -> Result<Self, VaultError> {
        let damaged = |what: &str| VaultError::damaged(file, what);
        let text =
            std::str::from_utf8(bytes).map_err(|_| damaged("there is something else than text"))?;
        let head = text
            .strip_prefix(MAGIC)
            .and_then(|rest| rest.split_once('\n'));
        let (format, rest) = head.ok_or_else(|| damaged("its first line is cut off"))?;
        let found = format
            .parse()
            .map_err(|_| damaged("its first line was changed"))?;
        if found == 0 {
            return Err(damaged("its first line was changed"));
        }
        if found > FORMAT {
            return Err(VaultError::Newer {
                file: file.clone(),
                found,
                known: FORMAT,
            });
        }
        let changed = || damaged("its head was changed");
        let rest = rest.strip_prefix(WARNING).ok_or_else(changed)?;
        let rest = rest.strip_prefix("sha256: ").ok_or_else(changed)?;
        let (digest, rest) = rest.split_once('\n').ok_or_else(changed)?;
        if hex::encode(Sha256::digest(rest)) != digest {
            return Err(damaged("what it holds does not fit its digest"));
        }
        let rest = rest.strip_prefix("bits: ").ok_or_else(changed)?;
        let (bits, body) = rest.split_once('\n').ok_or_else(changed)?;
        let keys: Vec<String> = body.lines().map(str::to_owned).collect();
        let bits = bits.parse().ok().and_then(KeyBits::from_bits);
        if bits.is_none() && !keys.is_empty() {
            return Err(changed());
        }
        Ok(Self { bits, keys })
    }

    fn render(&self) -> String {
        let bits = self.bits.map_or(0, KeyBits::bits);
        let mut body = format!("bits: {bits}\n");
        for key in &self.keys {
            body.push_str(key);
            body.push('\n');
        }
        let digest = hex::encode(Sha256::digest(&body));
        format!("{MAGIC}{FORMAT}\n{WARNING}sha256: {digest}\n{body}")
    }

    /// Replaces the file.
    pub(super) fn write(&self, file: &Place) -> Result<(), VaultError> {
        let text = self.render();
        replace(&file.path, |mut file| file.write_all(text.as_bytes()))
            .map(drop)
            .map_err(VaultError::io("write the key pool", &file.path))
    }

    /// Adds keys behind those that are there.
    pub(super) fn add(&mut self, bits: KeyBits, pairs: &[KeyPair]) -> Result<(), KeysError> {
        use secrecy::ExposeSecret;
        for pair in pairs {
            self.bits = Some(bits);
            self.keys
                .push(pair.to_pkcs8_hex()?.expose_secret().to_owned());
        }
        Ok(())
    }

    pub(super) fn get(
        &self,
        number: usize,
        file: &Place,
        backend: CryptoBackend,
    ) -> Result<KeyPair, VaultError> {
        let pair = self.keys.get(number).and_then(|hex| {
            let hex = SecretString::from(hex.as_str());
            KeyPair::from_pkcs8_hex(backend, &hex).ok()
        });
        pair.ok_or_else(|| VaultError::damaged(file, format!("key {} is none", number + 1)))
    }
}

#[cfg(test)]
mod tests {
    use secrecy::SecretString;

    use super::{CryptoBackend, KeyBits, KeyPair, Place, TestKeys};
    use crate::crypto::known;
    use crate::vault::VaultError;

    const BACKEND: CryptoBackend = CryptoBackend::RustCrypto;

    fn pairs() -> Vec<KeyPair> {
        let keys = known::rsa().keys.into_iter();
        let pair =
            |key: known::RsaKey| KeyPair::from_pkcs8_hex(BACKEND, &SecretString::from(key.pkcs8));
        keys.map(|key| pair(key).unwrap()).collect()
    }

    fn parse(text: &[u8]) -> Result<TestKeys, VaultError> {
        TestKeys::parse(text, &Place::key_pool("a.pool"))
    }

    fn two_keys() -> TestKeys {
        let mut keys = TestKeys::default();
        keys.add(KeyBits::B2048, &pairs()[..2]).unwrap();
        keys
    }

    #[test]
    fn the_file_says_in_words_that_these_are_test_keys() {
        let text = two_keys().render();
        assert!(
            text.starts_with("rehearse test keys, format 1\nTEST KEYS: "),
            "{text}"
        );
        assert!(text.contains("not encrypted"), "{text}");
    }

    #[test]
    fn keys_come_out_as_they_went_in() {
        let keys = parse(two_keys().render().as_bytes()).unwrap();
        assert_eq!(keys.bits, Some(KeyBits::B2048));
        let file = Place::key_pool("a.pool");
        for (number, pair) in pairs()[..2].iter().enumerate() {
            assert_eq!(
                keys.get(number, &file, BACKEND).unwrap().public(),
                pair.public()
            );
        }
        assert!(keys.get(2, &file, BACKEND).is_err());
        let none = parse(TestKeys::default().render().as_bytes()).unwrap();
        assert_eq!((none.bits, none.keys.len()), (None, 0));
    }

    #[test]
    fn whatever_is_cut_off_or_changed_is_noticed() {
        let whole = two_keys().render().into_bytes();
        for length in super::MAGIC.len()..whole.len() {
            let error = parse(&whole[..length]).unwrap_err();
            assert!(matches!(error, VaultError::Damaged { .. }), "{length}");
        }
        for at in super::MAGIC.len()..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            let Err(error) = parse(&bytes) else {
                panic!("byte {at} can be changed");
            };
            let fits = matches!(error, VaultError::Damaged { .. } | VaultError::Newer { .. });
            assert!(fits, "{at}: {error}");
        }
    }

    #[test]
    fn a_later_format_asks_for_a_newer_program() {
        let text = two_keys().render().replacen("format 1", "format 7", 1);
        let error = parse(text.as_bytes()).unwrap_err();
        assert!(
            matches!(error, VaultError::Newer { found: 7, .. }),
            "{error}"
        );
    }
}
