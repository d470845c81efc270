//! The vault as a whole: what its users rely on.

mod faults;
mod several;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};
use tempfile::TempDir;

use super::credentials::tests::{shown, test_keys};
use super::keys::Cost;
use super::{Ids, KeySource, SavedCredentials, Vault, VaultError, disk};
use crate::crypto::CryptoBackend;

/// Argon2id at a price that tests can pay.
const CHEAP: Cost = Cost {
    memory: 64,
    passes: 1,
    lanes: 1,
};

/// A folder with a vault in it.
struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("private").join("a.vault")
    }

    /// Opens it as a process would that knows nothing of the others.
    fn open(&self) -> Vault {
        let key = KeySource::key_file(disk::beside(&self.path(), ".key"));
        Vault::open(self.path(), key).unwrap()
    }

    fn open_with(&self, passphrase: &str) -> Result<Vault, VaultError> {
        let key = KeySource::passphrase(&SecretString::from(passphrase));
        Vault::open_at_cost(self.path(), key, CHEAP)
    }

    fn files(&self) -> Vec<PathBuf> {
        let folder = fs::read_dir(self.folder.path().join("private")).unwrap();
        let mut files: Vec<_> = folder.map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files
    }
}

pub(super) fn credentials(login: &str) -> SavedCredentials {
    SavedCredentials {
        login: login.to_owned(),
        token: SecretString::from(format!("token-of-{login}")),
        user_id: "user".into(),
        group_id: Some("group".into()),
        data_owner_id: None,
        key_pairs: test_keys()[..1].to_vec(),
        token_expires_at: Some(1_700_000_000_000),
        saved_at: 1_600_000_000_000,
        target: None,
        ids: Ids::new(),
    }
}

fn login(vault: &Vault, name: &str) -> Option<String> {
    vault
        .get(name, CryptoBackend::default())
        .unwrap()
        .map(|saved| saved.login)
}

#[test]
fn what_one_process_saves_another_reads() {
    let place = Place::new();
    place
        .open()
        .put("ada", credentials("ada@example.org"))
        .unwrap();
    let saved = place
        .open()
        .get("ada", CryptoBackend::default())
        .unwrap()
        .unwrap();
    assert_eq!(shown(&saved), shown(&credentials("ada@example.org")));
    let (read, expected) = (
        saved.key_pairs[0].to_pkcs8_hex(),
        test_keys()[0].to_pkcs8_hex(),
    );
    assert_eq!(
        read.unwrap().expose_secret(),
        expected.unwrap().expose_secret()
    );
    assert!(
        place
            .open()
            .get("bob", CryptoBackend::default())
            .unwrap()
            .is_none()
    );
}

#[test]
fn who_comes_back_has_the_key_pair_of_the_last_time_until_another_is_saved() {
    let place = Place::new();
    let vault = place.open();
    let saved = || vault.get("ada", CryptoBackend::default()).unwrap().unwrap();
    vault.put("ada", credentials("ada@example.org")).unwrap();
    let (first, again) = (saved(), saved());
    assert!(first.key_pairs[0].is(&again.key_pairs[0]));
    // By another process, which knows nothing of this one.
    let other = SavedCredentials {
        key_pairs: test_keys()[1..2].to_vec(),
        ..credentials("ada@example.org")
    };
    let expected = shown(&other);
    place.open().put("ada", other).unwrap();
    assert_eq!(shown(&saved()), expected);
}

#[test]
fn a_passphrase_works_in_place_of_a_key_file() {
    let place = Place::new();
    let vault = place.open_with("open sesame").unwrap();
    vault.put("ada", credentials("ada@example.org")).unwrap();
    let again = place.open_with("open sesame").unwrap();
    assert_eq!(login(&again, "ada").as_deref(), Some("ada@example.org"));
    assert_eq!(
        place.files(),
        [place.path(), disk::beside(&place.path(), ".lock")]
    );
}

#[test]
fn every_file_is_for_its_owner_only() {
    let place = Place::new();
    place
        .open()
        .put("ada", credentials("ada@example.org"))
        .unwrap();
    let files = place.files();
    let endings = [".key", ".lock"].map(|ending| disk::beside(&place.path(), ending));
    assert_eq!(files, [&[place.path()], &endings[..]].concat());
    for file in files {
        let mode = fs::metadata(&file).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", file.display());
    }
    let folder = fs::metadata(place.folder.path().join("private")).unwrap();
    assert_eq!(folder.permissions().mode() & 0o777, 0o700);
}

#[test]
fn saving_under_a_name_again_replaces_and_keeps_the_others() {
    let place = Place::new();
    let vault = place.open();
    for (name, login) in [
        ("ada", "first"),
        ("bob", "bob"),
        ("ada", "second"),
        ("cy", "cy"),
    ] {
        vault.put(name, credentials(login)).unwrap();
    }
    for vault in [vault, place.open()] {
        assert_eq!(vault.names().unwrap(), ["ada", "bob", "cy"]);
        let logins = ["ada", "bob", "cy"].map(|name| login(&vault, name).unwrap());
        assert_eq!(logins, ["second", "bob", "cy"]);
    }
}

#[test]
fn a_link_to_a_vault_stays_a_link() {
    let place = Place::new();
    drop(place.open());
    let link = place.folder.path().join("link.vault");
    std::os::unix::fs::symlink(place.path(), &link).unwrap();
    let key = KeySource::key_file(disk::beside(&place.path(), ".key"));
    Vault::open(link.clone(), key)
        .unwrap()
        .put("ada", credentials("ada"))
        .unwrap();
    assert!(link.is_symlink());
    assert_eq!(place.open().names().unwrap(), ["ada"]);
}

#[test]
fn the_file_shows_no_name_no_login_no_token_and_no_key() {
    let place = Place::new();
    let vault = place.open();
    vault
        .put("name-of-ada", credentials("ada@example.org"))
        .unwrap();
    let file = fs::read(place.path()).unwrap();
    let contains = |needle: &[u8]| file.windows(needle.len()).any(|window| window == needle);
    assert!(contains(b"rehearse vault"), "the search itself works");
    for text in ["name-of-ada", "ada@example", "token-of", "user", "group"] {
        assert!(!contains(text.as_bytes()), "{text}");
    }
    // Sixteen bytes from anywhere in the key, as they are and in hexadecimal.
    let key = test_keys()[0].to_pkcs8_der().unwrap();
    for part in key.chunks_exact(16) {
        assert!(!contains(part));
        assert!(!contains(hex::encode(part).as_bytes()));
    }
}

#[test]
fn equal_credentials_are_not_equal_in_the_file() {
    let place = Place::new();
    place.open().put("ada", credentials("ada")).unwrap();
    let first = fs::read(place.path()).unwrap();
    place.open().put("ada", credentials("ada")).unwrap();
    let second = fs::read(place.path()).unwrap();
    assert_eq!(first.len(), second.len());
    // The header says the same; all after it is sealed anew.
    let same = first[104..]
        .iter()
        .zip(&second[104..])
        .filter(|(a, b)| a == b);
    assert!(same.count() < first.len() / 32);
}

#[test]
fn a_record_that_stays_is_not_encrypted_again() {
    let place = Place::new();
    let vault = place.open();
    vault.put("ada", credentials("ada")).unwrap();
    let first = fs::read(place.path()).unwrap();
    vault.put("bob", credentials("bob")).unwrap();
    let second = fs::read(place.path()).unwrap();
    // A record of one key pair is longer than 1200 bytes.
    assert_eq!(first[104..1304], second[104..1304]);
}

#[test]
fn the_default_path_is_ignored_by_git() {
    let path = super::default_path();
    assert_eq!(path, Path::new(".rehearse/credentials.vault"));
    let ignored = include_str!("../../../.gitignore");
    let names = [path.clone(), disk::draft_path(&path)]
        .into_iter()
        .chain([".key", ".lock"].map(|ending| disk::beside(&path, ending)));
    for name in names {
        let name = name.display().to_string();
        let covered = ignored.lines().filter_map(|line| line.strip_prefix('*'));
        assert!(
            covered.into_iter().any(|ending| name.ends_with(ending)),
            "{name}"
        );
    }
}
