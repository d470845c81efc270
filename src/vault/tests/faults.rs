//! Wrong keys, wrong files, damage and crashes.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;

use super::{Place, credentials};
use crate::crypto::CryptoBackend;
use crate::vault::{KeySource, Vault, VaultError, disk};

#[test]
fn what_a_crash_leaves_behind_is_harmless() {
    let place = Place::new();
    place.open().put("ada", credentials("ada")).unwrap();
    fs::write(disk::draft_path(&place.path()), "half of a vault").unwrap();
    let vault = place.open();
    vault.put("bob", credentials("bob")).unwrap();
    assert_eq!(place.open().names().unwrap(), ["ada", "bob"]);
    assert!(!disk::draft_path(&place.path()).exists());
}

#[test]
fn a_wrong_passphrase_is_told_from_a_damaged_vault() {
    let place = Place::new();
    place.open_with("open sesame").unwrap();
    let message = place.open_with("open barley").err().unwrap().to_string();
    let path = place.path();
    let expected = format!(
        "the passphrase in this program does not open the vault `{}`: \
         give the one it was made with",
        path.display()
    );
    assert_eq!(message, expected);
}

#[test]
fn the_other_kind_of_key_is_refused_with_the_remedy() {
    let place = Place::new();
    place.open_with("open sesame").unwrap();
    let key = || KeySource::key_file(disk::beside(&place.path(), ".key"));
    let refused = Vault::open(place.path(), key()).err().unwrap();
    assert!(refused.to_string().ends_with(
        "is under a passphrase: set REHEARSE_PASSPHRASE, or give `--passphrase-file` or `--keyring`"
    ));
    assert!(
        !disk::beside(&place.path(), ".key").exists(),
        "a key file for nothing"
    );

    let place = Place::new();
    place.open();
    let refused = place.open_with("open sesame").err().unwrap();
    assert!(
        refused.to_string().contains("unset REHEARSE_PASSPHRASE"),
        "{refused}"
    );
}

#[test]
fn another_key_file_and_none_at_all_are_told_apart() {
    let place = Place::new();
    place.open();
    let key_file = disk::beside(&place.path(), ".key");
    let open = || {
        Vault::open(place.path(), KeySource::key_file(key_file.clone()))
            .err()
            .unwrap()
    };
    fs::write(&key_file, "ab".repeat(32)).unwrap();
    assert!(matches!(open(), VaultError::WrongKeyFile { .. }));
    fs::remove_file(&key_file).unwrap();
    assert!(matches!(open(), VaultError::KeyFileMissing { .. }));
    assert!(!key_file.exists(), "a new key does not open an old vault");
}

#[test]
fn a_file_that_is_not_a_vault_is_left_alone() {
    let place = Place::new();
    disk::create_folder(&place.path()).unwrap();
    for content in [
        "",
        "{}",
        "a text that is rather longer than the header of a vault "
            .repeat(9)
            .as_str(),
    ] {
        fs::write(place.path(), content).unwrap();
        let refused = place.open_with("open sesame").err().unwrap();
        assert!(matches!(refused, VaultError::Foreign { .. }), "{refused}");
        assert!(
            refused
                .to_string()
                .contains(&place.path().display().to_string())
        );
        assert_eq!(fs::read_to_string(place.path()).unwrap(), content);
    }
}

/// Opens a vault whose file holds `bytes` and reads what is in it.
fn read_all(place: &Place, bytes: &[u8]) -> Result<usize, VaultError> {
    fs::write(place.path(), bytes).unwrap();
    let key = KeySource::key_file(disk::beside(&place.path(), ".key"));
    let vault = Vault::open(place.path(), key)?;
    let names = vault.names()?;
    for name in &names {
        vault.get(name, CryptoBackend::default())?;
    }
    Ok(names.len())
}

#[test]
fn a_vault_that_is_cut_off_anywhere_is_damaged() {
    let place = Place::new();
    place.open().put("ada", credentials("ada")).unwrap();
    let whole = fs::read(place.path()).unwrap();
    assert_eq!(read_all(&place, &whole).unwrap(), 1);
    for length in (16..whole.len()).step_by(41) {
        let error = read_all(&place, &whole[..length]).unwrap_err();
        assert!(
            matches!(error, VaultError::Damaged { .. }),
            "{length}: {error}"
        );
    }
    let longer = [&whole[..], b"\n"].concat();
    let error = read_all(&place, &longer).unwrap_err();
    assert!(matches!(error, VaultError::Damaged { .. }), "{error}");
}

#[test]
fn a_vault_with_a_bit_flipped_anywhere_is_damaged() {
    let place = Place::new();
    place.open().put("ada", credentials("ada")).unwrap();
    let whole = fs::read(place.path()).unwrap();
    for at in (18..whole.len()).step_by(13) {
        let mut bytes = whole.clone();
        bytes[at] ^= 1 << (at % 8);
        let error = read_all(&place, &bytes).unwrap_err();
        assert!(matches!(error, VaultError::Damaged { .. }), "{at}: {error}");
        assert!(
            error.to_string().contains("restore it from a copy"),
            "{error}"
        );
    }
}

#[test]
fn a_record_put_back_from_an_older_vault_is_noticed() {
    let place = Place::new();
    let vault = place.open();
    vault.put("ada", credentials("ada")).unwrap();
    let old = fs::read(place.path()).unwrap();
    vault.put("ada", credentials("ada")).unwrap();
    let mut new = fs::read(place.path()).unwrap();
    // The whole record and no more: what is after it is the index.
    let index_at = u64::from_le_bytes(new[56..64].try_into().unwrap());
    let record = 104..usize::try_from(index_at).unwrap();
    new[record.clone()].copy_from_slice(&old[record]);
    let error = read_all(&place, &new).unwrap_err();
    assert!(error.to_string().contains("record `ada`"), "{error}");
}

#[test]
fn a_later_format_asks_for_a_newer_program() {
    let place = Place::new();
    place.open();
    let file = File::options().write(true).open(place.path()).unwrap();
    file.write_all_at(&7_u16.to_le_bytes(), 16).unwrap();
    let error = place.open_with("open sesame").err().unwrap();
    assert!(
        matches!(error, VaultError::Newer { found: 7, .. }),
        "{error}"
    );
}
