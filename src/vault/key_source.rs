//! Where the secret behind a vault comes from.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rand::Rng;
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use zeroize::Zeroizing;

use super::VaultError;
use super::disk;
use super::keys::{Cost, Method};

/// Environment variable with the passphrase.
const PASSPHRASE: &str = "REHEARSE_PASSPHRASE";
/// Length of the key in a key file, in bytes.
const KEY_LENGTH: usize = 32;

/// A passphrase, or the path of a key file.
#[derive(Debug)]
pub struct KeySource(Kind);

/// Bytes rather than a string: an environment variable may hold any.
#[derive(Debug)]
enum Kind {
    Passphrase(SecretSlice<u8>),
    KeyFile(PathBuf),
}

impl KeySource {
    /// The passphrase in `REHEARSE_PASSPHRASE` when there is one, else the key
    /// file beside `vault`, which is made when the vault is.
    pub fn from_environment(vault: &Path) -> Self {
        Self::choose(std::env::var_os(PASSPHRASE), vault)
    }

    fn choose(passphrase: Option<OsString>, vault: &Path) -> Self {
        match passphrase.map(OsString::into_vec) {
            Some(bytes) if !bytes.is_empty() => Self(Kind::Passphrase(bytes.into())),
            _ => Self::key_file(disk::beside(vault, ".key")),
        }
    }

    /// This passphrase.
    pub fn passphrase(passphrase: &SecretString) -> Self {
        let bytes = passphrase.expose_secret().as_bytes().to_vec();
        Self(Kind::Passphrase(bytes.into()))
    }

    /// The key in this file, which is made when the vault is.
    pub fn key_file(path: PathBuf) -> Self {
        Self(Kind::KeyFile(path))
    }

    /// How a new vault gets its keys from this source.
    pub(super) fn method(&self, cost: Cost) -> Method {
        match self.0 {
            Kind::Passphrase(_) => Method::Passphrase(cost),
            Kind::KeyFile(_) => Method::KeyFile,
        }
    }

    /// Makes the key file, if the source is one and it is not there.
    pub(super) fn prepare(&self) -> Result<(), VaultError> {
        match &self.0 {
            Kind::KeyFile(path) if !path.exists() => {
                make_key_file(path).map_err(VaultError::io("make the key file", path))
            }
            _ => Ok(()),
        }
    }

    /// The secret for the vault at `vault`, whose header wants `method`.
    pub(super) fn secret(
        &self,
        vault: &Path,
        method: Method,
    ) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let path = vault.to_owned();
        match (&self.0, method) {
            (Kind::Passphrase(secret), Method::Passphrase(_)) => {
                Ok(Zeroizing::new(secret.expose_secret().to_vec()))
            }
            (Kind::KeyFile(key_file), Method::KeyFile) => read_key_file(vault, key_file),
            (Kind::KeyFile(_), Method::Passphrase(_)) => {
                Err(VaultError::PassphraseExpected { path })
            }
            (Kind::Passphrase(_), Method::KeyFile) => Err(VaultError::KeyFileExpected { path }),
        }
    }

    /// The error for a secret that does not open the vault at `vault`.
    pub(super) fn refused(&self, vault: &Path) -> VaultError {
        let path = vault.to_owned();
        match &self.0 {
            Kind::Passphrase(_) => VaultError::WrongPassphrase { path },
            Kind::KeyFile(key_file) => VaultError::WrongKeyFile {
                path,
                key_file: key_file.clone(),
            },
        }
    }
}

/// Writes a new key beside its final name and links it there: nobody sees half
/// a key, and a key that somebody else made meanwhile is not replaced.
fn make_key_file(path: &Path) -> io::Result<()> {
    disk::create_folder(path)?;
    let mut key = Zeroizing::new([0; KEY_LENGTH]);
    rand::rng().fill_bytes(&mut *key);
    let text = Zeroizing::new(hex::encode(*key) + "\n");
    // Made with mode 0600.
    let mut draft = tempfile::Builder::new()
        .prefix(".new.")
        .suffix(".vault.key")
        .tempfile_in(disk::folder(path))?;
    draft.write_all(text.as_bytes())?;
    draft.as_file().sync_all()?;
    match draft.persist_noclobber(path) {
        Err(failed) if failed.error.kind() != ErrorKind::AlreadyExists => Err(failed.error),
        _ => disk::sync_folder(path),
    }
}

fn read_key_file(vault: &Path, key_file: &Path) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let failed = || VaultError::io("read the key file", key_file);
    let mut file = match File::open(key_file) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(VaultError::KeyFileMissing {
                path: vault.to_owned(),
                key_file: key_file.to_owned(),
            });
        }
        opened => opened.map_err(failed())?,
    };
    let mode = file.metadata().map_err(failed())?.permissions().mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(VaultError::KeyFileExposed {
            key_file: key_file.to_owned(),
            mode,
        });
    }
    // One byte more than a key and a line end: enough to see that it is longer.
    let mut text = Zeroizing::new([0; 2 * KEY_LENGTH + 3]);
    let length = read_up_to(&mut file, &mut *text).map_err(failed())?;
    let mut key = Zeroizing::new(vec![0; KEY_LENGTH]);
    hex::decode_to_slice(text[..length].trim_ascii_end(), &mut key).map_err(|_| {
        VaultError::KeyFileMalformed {
            key_file: key_file.to_owned(),
        }
    })?;
    Ok(key)
}

/// Fills `buffer` as far as the file goes.
fn read_up_to(file: &mut File, buffer: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < buffer.len() {
        match file.read(&mut buffer[length..]) {
            Ok(0) => break,
            Ok(more) => length += more,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    use super::{KeySource, Kind, read_key_file};
    use crate::vault::VaultError;

    #[test]
    fn a_passphrase_that_is_set_and_not_empty_is_used() {
        let vault = Path::new("some/a.vault");
        let chosen =
            |passphrase: Option<&str>| KeySource::choose(passphrase.map(Into::into), vault);
        assert!(matches!(chosen(Some("secret")).0, Kind::Passphrase(_)));
        for unset in [None, Some("")] {
            let Kind::KeyFile(path) = chosen(unset).0 else {
                panic!("a passphrase out of nothing");
            };
            assert_eq!(path, Path::new("some/a.vault.key"));
        }
    }

    #[test]
    fn debug_does_not_show_the_passphrase() {
        let source = KeySource::choose(Some("open sesame".into()), Path::new("a.vault"));
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
        let key = read_key_file(Path::new("a.vault"), &path).unwrap();
        assert_eq!(key.len(), 32);
        source.prepare().unwrap();
        super::make_key_file(&path).unwrap();
        assert_eq!(read_key_file(Path::new("a.vault"), &path).unwrap(), key);
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn a_key_file_that_others_can_access_is_refused_with_the_remedy() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("a.vault.key");
        KeySource::key_file(path.clone()).prepare().unwrap();
        for mode in [0o640, 0o604, 0o620, 0o666] {
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            let refused = read_key_file(Path::new("a.vault"), &path).unwrap_err();
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
            let refused = read_key_file(Path::new("a.vault"), &path).unwrap_err();
            assert!(matches!(refused, VaultError::KeyFileMalformed { .. }));
            assert!(!refused.to_string().contains(&good[2..32]));
        }
        fs::write(&path, good.trim_end()).unwrap();
        read_key_file(Path::new("a.vault"), &path).unwrap();
    }
}
