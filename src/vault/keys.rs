//! From a passphrase or a key file to the keys of a vault.
//!
//! One master key for each vault, by Argon2id from a passphrase or by
//! HMAC-SHA-256 from a key file, both with the vault's salt; out of it, by
//! HMAC-SHA-256 with a label each, the key of the records, that of the index,
//! and a value that tells a wrong key from a damaged file.

use argon2::{Algorithm, Argon2, Params, Version};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::crypto::{AesKey, CryptoBackend, CryptoError};

/// What seals the file, whatever the keys within are used with.
const BACKEND: CryptoBackend = CryptoBackend::RustCrypto;

/// How hard Argon2id makes guessing a passphrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cost {
    /// Memory, in KiB.
    pub memory: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Parts of the memory that could be filled at once.
    pub lanes: u32,
}

impl Cost {
    /// What OWASP's Password Storage Cheat Sheet asks for at least: 19 MiB, two
    /// passes, one lane.
    pub(super) const RECOMMENDED: Self = Self {
        memory: 19 * 1024,
        passes: 2,
        lanes: 1,
    };

    /// True when this can be asked of a machine. A file says what it costs to
    /// try a passphrase, before anybody knows whether to trust the file.
    pub(super) fn is_bearable(self) -> bool {
        self.memory <= 1024 * 1024 && self.passes <= 64 && self.lanes <= 16
    }
}

/// Where the master key of a vault comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    /// Argon2id of a passphrase.
    Passphrase(Cost),
    /// HMAC-SHA-256 under the key in a key file, which needs no stretching.
    KeyFile,
}

/// What a file's header says about its keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Derivation {
    pub method: Method,
    pub salt: [u8; 16],
}

/// The keys of one vault.
pub(super) struct Keys {
    /// Seals records.
    pub records: AesKey,
    /// Seals the index.
    pub index: AesKey,
    /// In the header: another key has another one.
    pub check: [u8; 16],
}

impl Keys {
    /// Derives the keys from a passphrase or the bytes of a key file.
    ///
    /// # Errors
    /// When Argon2 does not take the cost or the passphrase.
    pub(super) fn derive(derivation: &Derivation, secret: &[u8]) -> Result<Self, CryptoError> {
        let mut master = Zeroizing::new([0; 32]);
        match derivation.method {
            Method::Passphrase(cost) => stretch(cost, &derivation.salt, secret, &mut master)?,
            Method::KeyFile => {
                *master = *hmac(secret, &[b"rehearse vault 1 master", &derivation.salt])?;
            }
        }
        let check = hmac(&*master, &[b"rehearse vault 1 check"])?;
        let (check, _) = check.split_at(16);
        Ok(Self {
            records: AesKey::from_bytes(
                BACKEND,
                &*hmac(&*master, &[b"rehearse vault 1 records"])?,
            )?,
            index: AesKey::from_bytes(BACKEND, &*hmac(&*master, &[b"rehearse vault 1 index"])?)?,
            check: check.try_into().map_err(|_| FAILED)?,
        })
    }
}

const FAILED: CryptoError = CryptoError::Failed("deriving a key");

fn stretch(
    cost: Cost,
    salt: &[u8],
    passphrase: &[u8],
    key: &mut [u8; 32],
) -> Result<(), CryptoError> {
    let params = Params::new(cost.memory, cost.passes, cost.lanes, Some(key.len()));
    let argon = Argon2::new(
        Algorithm::Argon2id,
        Version::V0x13,
        params.map_err(|_| FAILED)?,
    );
    argon
        .hash_password_into(passphrase, salt, key)
        .map_err(|_| FAILED)
}

fn hmac(key: &[u8], parts: &[&[u8]]) -> Result<Zeroizing<[u8; 32]>, CryptoError> {
    let mut mac = <Hmac<Sha256>>::new_from_slice(key).map_err(|_| FAILED)?;
    for part in parts {
        mac.update(part);
    }
    Ok(Zeroizing::new(mac.finalize().into_bytes().into()))
}

#[cfg(test)]
mod tests {
    use super::{Cost, Derivation, Keys, Method, hmac, stretch};

    const CHEAP: Cost = Cost {
        memory: 64,
        passes: 1,
        lanes: 1,
    };

    #[test]
    fn hmac_is_that_of_rfc_4231() {
        let tag = hmac(b"Jefe", &[b"what do ya want ", b"for nothing?"]).unwrap();
        assert_eq!(
            hex::encode(*tag),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn stretching_is_argon2id_version_19() {
        // `echo -n password | argon2 somesalt -id -t 2 -k 256 -p 1`, of the
        // test suite of the reference implementation.
        let cost = Cost {
            memory: 256,
            passes: 2,
            lanes: 1,
        };
        let mut key = [0; 32];
        stretch(cost, b"somesalt", b"password", &mut key).unwrap();
        assert_eq!(
            hex::encode(key),
            "9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe"
        );
    }

    #[test]
    fn keys_depend_on_secret_salt_and_method_and_on_nothing_else() {
        let salted = |method, salt| Derivation {
            method,
            salt: [salt; 16],
        };
        let dearer = Cost { passes: 2, ..CHEAP };
        let cases = [
            (salted(Method::KeyFile, 0), "secret"),
            (salted(Method::KeyFile, 1), "secret"),
            (salted(Method::KeyFile, 0), "Secret"),
            (salted(Method::Passphrase(CHEAP), 0), "secret"),
            (salted(Method::Passphrase(dearer), 0), "secret"),
        ];
        let mut seen = std::collections::HashSet::new();
        for (derivation, secret) in &cases {
            let derive = || Keys::derive(derivation, secret.as_bytes()).unwrap();
            let (keys, again) = (derive(), derive());
            assert_eq!(keys.check, again.check);
            assert_eq!(keys.records.as_bytes(), again.records.as_bytes());
            assert_eq!(keys.index.as_bytes(), again.index.as_bytes());
            seen.insert(keys.check.to_vec());
            seen.insert(keys.records.as_bytes().to_vec());
            seen.insert(keys.index.as_bytes().to_vec());
        }
        assert_eq!(seen.len(), 3 * cases.len());
    }
}
