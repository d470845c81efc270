//! The first bytes of a sealed file: what it is, how its keys are made, where its
//! index is.
//!
//! All of it is associated data of the sealed index, which makes it authentic.
//! Before there is a key to check that with, a digest tells a header that was
//! damaged from one that wants another key.

use sha2::{Digest, Sha256};

use super::VaultError;
use super::bytes::Reader;
use super::keys::{Cost, Derivation, Method};
use super::place::{Content, Place};

/// Length of a header, in bytes.
pub(super) const LENGTH: usize = 104;
/// Where the digest of what is before it begins.
const DIGEST_AT: usize = 88;

const PASSPHRASE: u8 = 1;
const KEY_FILE: u8 = 2;

/// The header, the same in all formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub derivation: Derivation,
    /// Where the sealed index begins, which is where the records end.
    pub index_at: u64,
    /// Length of the sealed index, which ends the file.
    pub index_length: u64,
    /// [`Keys::check`](super::keys::Keys::check) of the right keys.
    pub check: [u8; 16],
}

impl Header {
    pub(super) fn encode(&self, content: Content) -> [u8; LENGTH] {
        let (method, cost) = match self.derivation.method {
            Method::Passphrase(cost) => (PASSPHRASE, [cost.memory, cost.passes, cost.lanes]),
            Method::KeyFile => (KEY_FILE, [0; 3]),
        };
        let mut header = [0; LENGTH];
        let mut at = 0;
        let mut put = |bytes: &[u8]| {
            header[at..at + bytes.len()].copy_from_slice(bytes);
            at += bytes.len();
        };
        put(&content.magic());
        put(&content.format().to_le_bytes());
        put(&[method, 0]);
        for number in cost {
            put(&number.to_le_bytes());
        }
        put(&self.derivation.salt);
        // Room for what a later version of this format may need.
        put(&[0; 8]);
        put(&self.index_at.to_le_bytes());
        put(&self.index_length.to_le_bytes());
        put(&self.check);
        let digest = digest(&header);
        header[DIGEST_AT..].copy_from_slice(&digest);
        header
    }

    /// Reads the beginning of a file, of at most [`LENGTH`] bytes.
    ///
    /// # Errors
    /// When it is something else, is newer than this program, or was damaged.
    pub(super) fn parse(bytes: &[u8], file: &Place) -> Result<Self, VaultError> {
        let mut reader = Reader::new(bytes);
        if reader.array() != Some(file.content.magic()) {
            let file = file.clone();
            return Err(VaultError::Foreign { file });
        }
        let damaged = || VaultError::damaged(file, "its header does not fit its digest");
        let found = reader.array().map(u16::from_le_bytes);
        let found = found.ok_or_else(damaged)?;
        let known = file.content.format();
        if found > known {
            let file = file.clone();
            return Err(VaultError::Newer { file, found, known });
        }
        if bytes.get(DIGEST_AT..) != Some(digest(bytes).as_slice()) {
            return Err(damaged());
        }
        Self::fields(reader).ok_or_else(|| {
            VaultError::damaged(file, "its header holds values that no rehearse writes")
        })
    }

    /// What comes after the format.
    fn fields(mut reader: Reader<'_>) -> Option<Self> {
        let [method, _] = reader.array()?;
        let cost = Cost {
            memory: reader.u32()?,
            passes: reader.u32()?,
            lanes: reader.u32()?,
        };
        let method = match method {
            PASSPHRASE if cost.is_bearable() => Method::Passphrase(cost),
            KEY_FILE => Method::KeyFile,
            _ => return None,
        };
        let salt = reader.array()?;
        let _reserved: [u8; 8] = reader.array()?;
        Some(Self {
            derivation: Derivation { method, salt },
            index_at: reader.u64()?,
            index_length: reader.u64()?,
            check: reader.array()?,
        })
    }
}

/// SHA-256 of everything before the digest, cut to the room there is.
fn digest(header: &[u8]) -> [u8; LENGTH - DIGEST_AT] {
    let whole = Sha256::digest(&header[..DIGEST_AT.min(header.len())]);
    let mut digest = [0; LENGTH - DIGEST_AT];
    digest.copy_from_slice(&whole[..LENGTH - DIGEST_AT]);
    digest
}

#[cfg(test)]
mod tests {
    use super::{Content, Cost, Derivation, Header, LENGTH, Method, Place, VaultError};

    fn header(method: Method) -> Header {
        Header {
            derivation: Derivation {
                method,
                salt: [7; 16],
            },
            index_at: 1234,
            index_length: 567,
            check: [9; 16],
        }
    }

    fn parse(bytes: &[u8]) -> Result<Header, VaultError> {
        Header::parse(bytes, &Place::vault("a.vault"))
    }

    #[test]
    fn a_header_gives_back_what_went_in() {
        for method in [Method::KeyFile, Method::Passphrase(Cost::RECOMMENDED)] {
            let header = header(method);
            assert_eq!(parse(&header.encode(Content::Credentials)).unwrap(), header);
        }
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        let good = header(Method::KeyFile).encode(Content::Credentials);
        for bit in 0..LENGTH * 8 {
            let mut bytes = good;
            bytes[bit / 8] ^= 1 << (bit % 8);
            let error = parse(&bytes).unwrap_err();
            let fits = match bit / 8 {
                0..16 => matches!(error, VaultError::Foreign { .. }),
                16..18 => matches!(error, VaultError::Newer { .. } | VaultError::Damaged { .. }),
                _ => matches!(error, VaultError::Damaged { .. }),
            };
            assert!(fits, "bit {bit}: {error}");
        }
    }

    #[test]
    fn every_shorter_file_is_noticed() {
        let good = header(Method::KeyFile).encode(Content::Credentials);
        for length in 0..LENGTH {
            let error = parse(&good[..length]).unwrap_err();
            let fits = match length {
                0..16 => matches!(error, VaultError::Foreign { .. }),
                _ => matches!(error, VaultError::Damaged { .. }),
            };
            assert!(fits, "{length} bytes: {error}");
        }
    }

    #[test]
    fn a_later_format_is_told_from_a_damaged_one() {
        let mut bytes = header(Method::KeyFile).encode(Content::Credentials);
        let later = Content::Credentials.format() + 1;
        bytes[16..18].copy_from_slice(&later.to_le_bytes());
        let message = parse(&bytes).unwrap_err().to_string();
        assert_eq!(
            message,
            "the vault `a.vault` has format 3, and this rehearse knows formats up to 2: \
             use a newer rehearse, or another vault"
        );
    }

    #[test]
    fn a_file_cannot_make_us_spend_all_memory() {
        let greedy = Cost {
            memory: u32::MAX,
            ..Cost::RECOMMENDED
        };
        let error =
            parse(&header(Method::Passphrase(greedy)).encode(Content::Credentials)).unwrap_err();
        assert!(matches!(error, VaultError::Damaged { .. }), "{error}");
    }
}
