use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use secrecy::ExposeSecret;

use super::{KeySource, Kind, Place, read_key_file};
use crate::vault::VaultError;

fn vault() -> Place {
    Place::vault("a.vault")
}

#[test]
fn a_passphrase_that_is_set_and_not_empty_is_used() {
    let chosen = |passphrase: Option<&str>| KeySource::of_variable(passphrase.map(Into::into));
    let passphrase = chosen(Some("secret")).unwrap();
    assert!(matches!(passphrase.0, Kind::Passphrase(..)));
    for unset in [None, Some("")] {
        assert!(chosen(unset).is_none(), "a passphrase out of nothing");
    }
    let Kind::KeyFile(path) = KeySource::beside(Path::new("some/a.vault")).0 else {
        panic!("a passphrase out of nothing");
    };
    assert_eq!(path, Path::new("some/a.vault.key"));
}

#[test]
fn debug_does_not_show_the_passphrase() {
    let source = KeySource::of_variable(Some("open sesame".into())).unwrap();
    let shown = format!("{source:?}");
    assert!(
        !shown.contains("sesame") && !shown.contains("111, 112"),
        "{shown}"
    );
}

#[test]
fn a_key_file_is_made_once_with_32_bytes_for_the_owner_only() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("new").join("a.vault.key");
    let source = KeySource::key_file(path.clone());
    source.prepare().unwrap();
    let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    let key = read_key_file(&vault(), &path).unwrap();
    assert_eq!(key.len(), 32);
    source.prepare().unwrap();
    super::make_key_file(&path).unwrap();
    assert_eq!(read_key_file(&vault(), &path).unwrap(), key);
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
}

#[test]
fn a_key_file_that_others_can_access_is_refused_with_the_remedy() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("a.vault.key");
    KeySource::key_file(path.clone()).prepare().unwrap();
    for mode in [0o640, 0o604, 0o620, 0o666] {
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        let refused = read_key_file(&vault(), &path).unwrap_err();
        let message = refused.to_string();
        let remedy = format!("run `chmod 600 {}`", path.display());
        assert!(message.ends_with(&remedy), "{message}");
    }
}

#[test]
fn a_key_file_with_anything_else_in_it_is_refused_without_repeating_it() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("a.vault.key");
    KeySource::key_file(path.clone()).prepare().unwrap();
    let good = fs::read_to_string(&path).unwrap();
    let longer = format!("{good}00");
    for wrong in [
        "",
        "abcd",
        &good[2..],
        &longer,
        &good.replace(&good[..1], "x"),
    ] {
        fs::write(&path, wrong).unwrap();
        let refused = read_key_file(&vault(), &path).unwrap_err();
        assert!(matches!(refused, VaultError::KeyFileMalformed { .. }));
        assert!(!refused.to_string().contains(&good[2..32]));
    }
    fs::write(&path, good.trim_end()).unwrap();
    read_key_file(&vault(), &path).unwrap();
}

fn passphrase_of(text: &[u8], mode: u32) -> Result<Vec<u8>, VaultError> {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("passphrase");
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
    let Kind::Passphrase(secret, _) = KeySource::passphrase_file(&path)?.0 else {
        panic!("not a passphrase");
    };
    Ok(secret.expose_secret().to_vec())
}

#[test]
fn a_passphrase_file_gives_all_but_the_line_end() {
    for (text, passphrase) in [
        (&b"open sesame"[..], &b"open sesame"[..]),
        (b"open sesame\n", b"open sesame"),
        (b" open sesame \r\n", b" open sesame "),
        (b"two\nlines\n\n", b"two\nlines\n"),
    ] {
        assert_eq!(passphrase_of(text, 0o600).unwrap(), passphrase);
    }
}

#[test]
fn a_passphrase_file_that_others_can_access_or_that_holds_none_is_refused() {
    let message = passphrase_of(b"sesame", 0o640).unwrap_err().to_string();
    assert!(message.contains("(mode 0640): run `chmod 600"), "{message}");
    for (text, what) in [
        (&b""[..], "is empty"),
        (b"\n", "is empty"),
        (&[b'x'; 5000], "holds more than a passphrase"),
    ] {
        let message = passphrase_of(text, 0o600).unwrap_err().to_string();
        assert!(message.contains(what), "{message}");
    }
}
