//! Everything in a vault under another key.
//!
//! The vault is replaced as a whole, as by any write. With a key file there are
//! two files to replace, and no file system replaces two at once: the new key
//! is on the disk beside its place (`.key.new`) before the vault is under it,
//! and whoever opens the vault in between looks there too.

use std::path::Path;
use std::sync::Arc;

use super::key_source::KeySource;
use super::keys::Cost;
use super::place::Place;
use super::sealed::{followed, fresh_keys, lock, read, settle};
use super::{VaultError, rewrite};

/// What a vault is put under.
#[derive(Debug)]
pub enum NewKey {
    /// A passphrase, from wherever it is read.
    Passphrase(KeySource),
    /// A key file that is made for it, in the usual place beside the vault.
    KeyFile,
}

/// Encrypts everything in the vault at `path` anew. The key file that opened it
/// until now, if there was one, is kept as `.key.old`: older copies of the
/// vault need it. Gives the number of credentials.
///
/// # Errors
/// When the vault is not there, does not open, or cannot be written. It is
/// then as it was.
pub fn rotate(path: &Path, old: &KeySource, new: NewKey) -> Result<usize, VaultError> {
    let place = followed(Place::vault(path));
    let missing = || VaultError::Missing {
        file: place.clone(),
    };
    // No lock file beside a vault that is not there.
    if !place.path.exists() {
        return Err(missing());
    }
    let _lock = lock(&place)?;
    let base = read(&place, old, None)?.ok_or_else(missing)?;
    settle(&place, old)?;
    let usual = KeySource::beside(path);
    let key_file = if old.is_key_file() { old } else { &usual };
    let key = match new {
        NewKey::Passphrase(key) => key,
        NewKey::KeyFile => key_file.make_successor()?,
    };
    let (derivation, keys) = fresh_keys(&place, &key, Cost::RECOMMENDED)?;
    let written = rewrite::reseal(&base, derivation, Arc::new(keys));
    match (written, key.is_key_file()) {
        (Ok(new), true) => {
            key_file.promote()?;
            Ok(new.len())
        }
        (Ok(new), false) => {
            if old.is_key_file() {
                old.retire()?;
            }
            Ok(new.len())
        }
        (Err(error), true) => {
            // The first error says more than that of tidying up.
            let _ = key_file.discard_successor();
            Err(error)
        }
        (Err(error), false) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use secrecy::SecretString;

    use super::super::store::Vault;
    use super::super::tests::credentials;
    use super::{KeySource, NewKey, VaultError, rotate};
    use crate::crypto::CryptoBackend;

    struct Place {
        folder: tempfile::TempDir,
    }

    impl Place {
        /// A vault with three names under a key file.
        fn new() -> Self {
            let place = Self {
                folder: tempfile::tempdir().unwrap(),
            };
            let vault = place.open(KeySource::beside(&place.path())).unwrap();
            for name in ["ada", "bob", "cy"] {
                vault.put(name, credentials(name)).unwrap();
            }
            place
        }

        fn path(&self) -> PathBuf {
            self.folder.path().join("a.vault")
        }

        fn key(&self, ending: &str) -> PathBuf {
            self.folder.path().join(format!("a.vault.key{ending}"))
        }

        fn open(&self, key: KeySource) -> Result<Vault, VaultError> {
            Vault::open(self.path(), key)
        }

        #[track_caller]
        fn assert_whole(&self, key: KeySource) {
            let vault = self.open(key).unwrap();
            for name in ["ada", "bob", "cy"] {
                assert_eq!(
                    vault
                        .get(name, CryptoBackend::default())
                        .unwrap()
                        .unwrap()
                        .login,
                    name
                );
            }
            assert_eq!(vault.names().unwrap().len(), 3);
        }
    }

    fn passphrase(text: &str) -> KeySource {
        KeySource::passphrase(&SecretString::from(text))
    }

    #[test]
    fn from_a_key_file_to_another_and_the_old_one_opens_only_old_copies() {
        let place = Place::new();
        let key_file = || KeySource::beside(&place.path());
        let (old_vault, old_key) = (
            fs::read(place.path()).unwrap(),
            fs::read(place.key("")).unwrap(),
        );
        assert_eq!(
            rotate(&place.path(), &key_file(), NewKey::KeyFile).unwrap(),
            3
        );
        place.assert_whole(key_file());
        assert_ne!(fs::read(place.key("")).unwrap(), old_key);
        assert_eq!(fs::read(place.key(".old")).unwrap(), old_key);
        assert!(!place.key(".new").exists());
        let old = place.open(KeySource::key_file(place.key(".old")));
        assert!(matches!(old, Err(VaultError::WrongKeyFile { .. })));
        fs::write(place.path(), old_vault).unwrap();
        place.assert_whole(KeySource::key_file(place.key(".old")));
    }

    #[test]
    fn from_a_key_file_to_a_passphrase_to_another_and_back() {
        let place = Place::new();
        let key_file = || KeySource::beside(&place.path());
        let under = |text| NewKey::Passphrase(passphrase(text));
        rotate(&place.path(), &key_file(), under("open sesame")).unwrap();
        place.assert_whole(passphrase("open sesame"));
        assert!(!place.key("").exists() && place.key(".old").exists());
        rotate(
            &place.path(),
            &passphrase("open sesame"),
            under("open barley"),
        )
        .unwrap();
        place.assert_whole(passphrase("open barley"));
        let old = place.open(passphrase("open sesame"));
        assert!(matches!(old, Err(VaultError::WrongPassphrase { .. })));
        rotate(&place.path(), &passphrase("open barley"), NewKey::KeyFile).unwrap();
        place.assert_whole(key_file());
    }

    #[test]
    fn who_has_the_vault_open_goes_on_under_a_new_key_file() {
        let place = Place::new();
        let key_file = || KeySource::beside(&place.path());
        let open = place.open(key_file()).unwrap();
        rotate(&place.path(), &key_file(), NewKey::KeyFile).unwrap();
        assert_eq!(
            open.get("ada", CryptoBackend::default())
                .unwrap()
                .unwrap()
                .login,
            "ada"
        );
        open.put("dee", credentials("dee")).unwrap();
        let names = place.open(key_file()).unwrap().names().unwrap();
        assert_eq!(names, ["ada", "bob", "cy", "dee"]);
        let under = NewKey::Passphrase(passphrase("open sesame"));
        rotate(&place.path(), &key_file(), under).unwrap();
        let refused = open.put("eve", credentials("eve")).unwrap_err();
        assert!(matches!(refused, VaultError::PassphraseExpected { .. }));
        let vault = place.open(passphrase("open sesame")).unwrap();
        assert_eq!(vault.names().unwrap(), names);
    }

    #[test]
    fn a_wrong_key_changes_nothing() {
        let place = Place::new();
        let before = fs::read(place.path()).unwrap();
        rotate(&place.path(), &passphrase("wrong"), NewKey::KeyFile).unwrap_err();
        assert_eq!(fs::read(place.path()).unwrap(), before);
        place.assert_whole(KeySource::beside(&place.path()));
        assert!(!place.key(".new").exists());
    }

    #[test]
    fn a_crash_at_any_moment_leaves_a_vault_that_opens() {
        let place = Place::new();
        let key_file = || KeySource::beside(&place.path());
        let (old_vault, old_key) = (
            fs::read(place.path()).unwrap(),
            fs::read(place.key("")).unwrap(),
        );
        rotate(&place.path(), &key_file(), NewKey::KeyFile).unwrap();
        let (new_vault, new_key) = (
            fs::read(place.path()).unwrap(),
            fs::read(place.key("")).unwrap(),
        );
        let moments = [
            // The new key is there, the vault is not under it yet.
            (&old_vault, Some(&old_key)),
            // The vault is under it.
            (&new_vault, Some(&old_key)),
            // The old key is out of the way.
            (&new_vault, None),
        ];
        for (number, (vault, key)) in moments.into_iter().enumerate() {
            fs::write(place.path(), vault).unwrap();
            fs::rename(place.key(""), place.key(".new")).unwrap();
            fs::write(place.key(".new"), &new_key).unwrap();
            if let Some(key) = key {
                fs::copy(place.key(".new"), place.key("")).unwrap();
                fs::write(place.key(""), key).unwrap();
            }
            place.assert_whole(key_file());
            assert!(!place.key(".new").exists(), "moment {number}");
            // And again, with what has been put in its place.
            place.assert_whole(key_file());
        }
    }
}
