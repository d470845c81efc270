//! What is measured.

use crate::crypto::{KeyBits, OaepHash};
use crate::numbers;

/// An operation whose cost is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// AES with a key of 256 bits, on a text of so many bytes.
    Aes(Mode, Direction, usize),
    /// RSA with a key of this length.
    Rsa(KeyBits, Rsa),
    /// SHA-256 of so many bytes.
    Sha256(usize),
    /// HMAC-SHA-256 of so many bytes under a key of 32.
    Hmac(usize),
}

/// Mode of AES.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// With PKCS#7 padding: what data is encrypted with.
    Cbc,
    /// With a nonce of 12 bytes, and no associated data: what the vault is
    /// encrypted with.
    Gcm,
}

/// Which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From plain to sealed.
    Encrypt,
    /// From sealed to plain.
    Decrypt,
}

/// What is done with an RSA key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rsa {
    /// A new one is searched.
    Generate,
    /// An AES key of 32 bytes is sealed.
    Encrypt(OaepHash),
    /// And opened.
    Decrypt(OaepHash),
    /// A message of 32 bytes is signed, with PSS and SHA-256.
    Sign,
    /// And the signature is checked.
    Verify,
}

/// How an operation is timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// In batches, after a while in which nothing is recorded.
    Batches,
    /// One by one, from the first on: they take long.
    Single,
}

/// The lengths of texts, in bytes.
const PAYLOADS: [usize; 4] = [64, 1024, 16 * 1024, 1024 * 1024];

impl Operation {
    /// Every operation, in the order of the table.
    pub fn all() -> Vec<Self> {
        let mut all = Vec::new();
        for mode in [Mode::Cbc, Mode::Gcm] {
            for direction in [Direction::Encrypt, Direction::Decrypt] {
                all.extend(PAYLOADS.map(|payload| Self::Aes(mode, direction, payload)));
            }
        }
        all.extend(PAYLOADS.map(Self::Sha256));
        all.extend(PAYLOADS.map(Self::Hmac));
        for bits in [KeyBits::B2048, KeyBits::B3072, KeyBits::B4096] {
            let rsa = |what| Self::Rsa(bits, what);
            all.push(rsa(Rsa::Generate));
            for hash in [OaepHash::Sha1, OaepHash::Sha256] {
                all.extend([rsa(Rsa::Encrypt(hash)), rsa(Rsa::Decrypt(hash))]);
            }
            all.extend([rsa(Rsa::Sign), rsa(Rsa::Verify)]);
        }
        all
    }

    /// The algorithm, such as `AES-256-GCM` or `RSA-2048`.
    pub fn algorithm(self) -> String {
        match self {
            Self::Aes(Mode::Cbc, ..) => "AES-256-CBC".into(),
            Self::Aes(Mode::Gcm, ..) => "AES-256-GCM".into(),
            Self::Rsa(bits, _) => format!("RSA-{}", bits.bits()),
            Self::Sha256(_) => "SHA-256".into(),
            Self::Hmac(_) => "HMAC-SHA-256".into(),
        }
    }

    /// What is done, such as `encrypt` or `OAEP-SHA1 decrypt`.
    pub fn action(self) -> &'static str {
        match self {
            Self::Aes(_, Direction::Encrypt, _) => "encrypt",
            Self::Aes(_, Direction::Decrypt, _) => "decrypt",
            Self::Rsa(_, Rsa::Generate) => "generate",
            Self::Rsa(_, Rsa::Encrypt(OaepHash::Sha1)) => "OAEP-SHA1 encrypt",
            Self::Rsa(_, Rsa::Encrypt(OaepHash::Sha256)) => "OAEP-SHA256 encrypt",
            Self::Rsa(_, Rsa::Decrypt(OaepHash::Sha1)) => "OAEP-SHA1 decrypt",
            Self::Rsa(_, Rsa::Decrypt(OaepHash::Sha256)) => "OAEP-SHA256 decrypt",
            Self::Rsa(_, Rsa::Sign) => "PSS sign",
            Self::Rsa(_, Rsa::Verify) => "PSS verify",
            Self::Sha256(_) => "digest",
            Self::Hmac(_) => "tag",
        }
    }

    /// Bytes of text, where their number matters.
    pub fn payload(self) -> Option<usize> {
        match self {
            Self::Aes(_, _, payload) | Self::Sha256(payload) | Self::Hmac(payload) => Some(payload),
            Self::Rsa(..) => None,
        }
    }

    /// Action and payload: `encrypt 16 KiB`.
    pub fn short_name(self) -> String {
        match self.payload() {
            Some(payload) => format!("{} {}", self.action(), size(payload)),
            None => self.action().to_owned(),
        }
    }

    /// Everything: `AES-256-GCM encrypt 16 KiB`.
    pub fn name(self) -> String {
        format!("{} {}", self.algorithm(), self.short_name())
    }

    /// The length of the RSA key that must be there before.
    pub(super) fn key(self) -> Option<KeyBits> {
        match self {
            Self::Rsa(_, Rsa::Generate) => None,
            Self::Rsa(bits, _) => Some(bits),
            _ => None,
        }
    }

    /// How it is timed.
    pub(super) fn pace(self) -> Pace {
        match self {
            Self::Rsa(_, Rsa::Generate) => Pace::Single,
            _ => Pace::Batches,
        }
    }

    /// True when the name has `pattern` in it. Neither case nor spaces matter;
    /// `*` stands for anything.
    pub fn matches(self, pattern: &str) -> bool {
        let plain = |text: &str| -> String {
            let letters = text.chars().filter(|c| !c.is_whitespace());
            letters.flat_map(char::to_lowercase).collect()
        };
        let (name, pattern) = (plain(&self.name()), plain(pattern));
        let mut rest = name.as_str();
        pattern.split('*').all(|part| match rest.find(part) {
            Some(at) => {
                rest = &rest[at + part.len()..];
                true
            }
            None => false,
        })
    }
}

/// `64 B`, `16 KiB`, `1 MiB`: the payloads have no fractions.
fn size(bytes: usize) -> String {
    numbers::bytes(bytes as u64)
        .replace(".00", "")
        .replace(".0", "")
}

#[cfg(test)]
mod tests {
    use super::Operation;

    fn matching(pattern: &str) -> Vec<String> {
        let all = Operation::all().into_iter();
        all.filter(|operation| operation.matches(pattern))
            .map(Operation::name)
            .collect()
    }

    #[test]
    fn names_are_those_that_people_use_and_no_two_are_alike() {
        let mut names = matching("");
        assert_eq!(names.len(), 45);
        for name in [
            "AES-256-CBC encrypt 64 B",
            "AES-256-GCM decrypt 1 MiB",
            "SHA-256 digest 16 KiB",
            "HMAC-SHA-256 tag 1 KiB",
            "RSA-2048 generate",
            "RSA-3072 OAEP-SHA1 decrypt",
            "RSA-4096 PSS verify",
        ] {
            assert!(names.iter().any(|known| known == name), "{name}");
        }
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 45);
    }

    #[test]
    fn a_pattern_is_a_part_of_the_name_with_stars_for_anything() {
        assert_eq!(
            matching("aes*encrypt 16kib"),
            ["AES-256-CBC encrypt 16 KiB", "AES-256-GCM encrypt 16 KiB"]
        );
        assert_eq!(matching("RSA-2048 pss").len(), 2);
        assert_eq!(matching("generate").len(), 3);
        assert_eq!(matching("decrypt*aes"), [""; 0]);
    }
}
