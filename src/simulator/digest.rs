//! Secrets that are compared and never kept.

use sha2::{Digest as _, Sha256};

/// SHA-256 of a secret. Enough for tokens, which are random; codes are short,
/// so their digests stay in memory and are salted.
#[derive(Clone, Copy)]
pub(super) struct Digest([u8; 32]);

impl Digest {
    pub(super) fn of(secret: &str) -> Self {
        Self(Sha256::digest(secret.as_bytes()).into())
    }

    /// Digest of a secret with a salt, which is what makes two digests of the
    /// same code different.
    pub(super) fn salted(salt: &[u8], secret: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update(salt);
        hash.update(secret.as_bytes());
        Self(hash.finalize().into())
    }

    /// As 64 hexadecimal digits.
    pub(super) fn to_hex(self) -> String {
        hex::encode(self.0)
    }
}

impl PartialEq for Digest {
    /// Takes the same time wherever the two differ.
    fn eq(&self, other: &Self) -> bool {
        let differences = self.0.iter().zip(&other.0);
        differences.fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
    }
}

#[cfg(test)]
mod tests {
    use super::Digest;

    #[test]
    fn digests_are_equal_only_for_the_same_secret_and_salt() {
        assert!(Digest::of("a") == Digest::of("a"));
        assert!(Digest::of("a") != Digest::of("b"));
        assert!(Digest::salted(b"1", "a") == Digest::salted(b"1", "a"));
        assert!(Digest::salted(b"1", "a") != Digest::salted(b"2", "a"));
    }

    #[test]
    fn the_digest_is_sha_256() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(Digest::of("").to_hex(), empty);
    }
}
