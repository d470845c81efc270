//! Whose code does the cryptography: a value, handed to whoever makes a key.
//! To add one: a folder with a [`Provider`], a variant of [`CryptoBackend`].

use serde::{Deserialize, Serialize};

use super::error::CryptoError;
use super::provider::{Mac, Provider};
use super::{aws_lc, rustcrypto};

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

    pub(super) fn provider(self) -> &'static dyn Provider {
        match self {
            Self::RustCrypto => &rustcrypto::RustCrypto,
            Self::AwsLc => &aws_lc::AwsLc,
        }
    }

    /// SHA-256.
    pub fn sha256(self, data: &[u8]) -> [u8; 32] {
        self.provider().sha256(data)
    }

    /// A key for HMAC-SHA-256.
    ///
    /// # Errors
    /// Never, for a key that fits in memory.
    pub fn hmac_sha256(self, key: &[u8]) -> Result<HmacKey, CryptoError> {
        self.provider().hmac_sha256(key).map(HmacKey)
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
