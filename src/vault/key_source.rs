//! Where the secret behind a sealed file comes from.

use std::ffi::OsString;
use std::fs;
use std::io::{self, ErrorKind, Write};
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use rand::Rng;
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use zeroize::Zeroizing;

use super::VaultError;
use super::disk;
use super::keyring;
use super::keys::{Cost, Method};
use super::passphrase::{self, read_up_to, refuse_exposed};
use super::place::Place;
use crate::files;

/// Environment variable with the passphrase.
const PASSPHRASE: &str = "REHEARSE_PASSPHRASE";
/// Environment variable with the name of a passphrase in the keyring.
const KEYRING: &str = "REHEARSE_KEYRING";
/// Length of the key in a key file, in bytes.
const KEY_LENGTH: usize = 32;

/// A passphrase, or the path of a key file.
#[derive(Debug)]
pub struct KeySource(Kind);

/// Where the command line says that the passphrase is.
#[derive(Clone, Debug, Default)]
pub enum Given {
    /// Nowhere.
    #[default]
    Nothing,
    /// In a file that holds nothing else.
    PassphraseFile(PassphraseFile),
    /// In the system's keyring, under this name.
    Keyring(String),
}

/// A file with a passphrase. It is read once, for vault and key pool: a pipe says
/// nothing twice.
#[derive(Clone, Debug)]
pub struct PassphraseFile {
    path: PathBuf,
    read: Arc<OnceLock<KeySource>>,
}

impl PassphraseFile {
    /// The file at this path, which is not opened yet.
    pub fn new(path: PathBuf) -> Self {
        Self {
            path,
            read: Arc::default(),
        }
    }

    fn source(&self) -> Result<KeySource, VaultError> {
        if let Some(source) = self.read.get() {
            return Ok(source.again());
        }
        let source = KeySource::passphrase_file(&self.path)?;
        Ok(self.read.get_or_init(|| source).again())
    }
}

/// Bytes rather than a string: an environment variable may hold any.
#[derive(Debug)]
enum Kind {
    Passphrase(SecretSlice<u8>, Origin),
    KeyFile(PathBuf),
}

/// Where a passphrase came from, for messages.
#[derive(Clone, Debug)]
enum Origin {
    Environment,
    File(PathBuf),
    Keyring(String),
    Program,
}

impl Origin {
    fn named(&self) -> String {
        match self {
            Self::Environment => PASSPHRASE.to_owned(),
            Self::File(path) => format!("`{}`", path.display()),
            Self::Keyring(name) => format!("the keyring, under `{name}`,"),
            Self::Program => "this program".to_owned(),
        }
    }
}

impl KeySource {
    /// The passphrase in `REHEARSE_PASSPHRASE` when there is one, else the one
    /// in the keyring that `REHEARSE_KEYRING` names, else the key file beside
    /// `file`, which is made when the file is.
    ///
    /// # Errors
    /// When there is no such passphrase in the keyring.
    pub fn from_environment(file: &Path) -> Result<Self, VaultError> {
        if let Some(passphrase) = Self::in_variable(PASSPHRASE) {
            return Ok(passphrase);
        }
        match std::env::var_os(KEYRING).filter(|name| !name.is_empty()) {
            Some(name) => Self::keyring(&name.to_string_lossy()),
            None => Ok(Self::beside(file)),
        }
    }

    /// What the command line says when it says something, else what the
    /// environment says of `file`.
    ///
    /// # Errors
    /// When a passphrase that was named cannot be had.
    pub fn choose(given: &Given, file: &Path) -> Result<Self, VaultError> {
        match given {
            Given::PassphraseFile(file) => file.source(),
            Given::Keyring(name) => Self::keyring(name),
            Given::Nothing => Self::from_environment(file),
        }
    }

    /// The passphrase under this name in the system's keyring.
    ///
    /// # Errors
    /// When there is none, or no keyring.
    pub fn keyring(name: &str) -> Result<Self, VaultError> {
        let passphrase = keyring::read(name)?;
        let origin = Origin::Keyring(name.to_owned());
        Ok(Self(Kind::Passphrase(passphrase, origin)))
    }

    /// The passphrase in this variable of the environment, if it is not empty.
    pub fn in_variable(name: &str) -> Option<Self> {
        Self::of_variable(std::env::var_os(name))
    }

    fn of_variable(value: Option<OsString>) -> Option<Self> {
        let bytes = value.map(OsString::into_vec)?;
        if bytes.is_empty() {
            return None;
        }
        Some(Self(Kind::Passphrase(bytes.into(), Origin::Environment)))
    }

    /// The passphrase in this file, without the line end after it.
    ///
    /// # Errors
    /// When it cannot be read, others can access it, or it holds none.
    pub fn passphrase_file(path: &Path) -> Result<Self, VaultError> {
        let secret = passphrase::in_file(path)?;
        let origin = Origin::File(path.to_owned());
        Ok(Self(Kind::Passphrase(secret, origin)))
    }

    /// The key file in the usual place beside a sealed file.
    pub fn beside(file: &Path) -> Self {
        Self::key_file(disk::beside(file, ".key"))
    }

    /// A passphrase that the program has already.
    pub fn passphrase(passphrase: &SecretString) -> Self {
        let bytes = passphrase.expose_secret().as_bytes().to_vec();
        Self(Kind::Passphrase(bytes.into(), Origin::Program))
    }

    /// The key in this file, which is made when the sealed file is.
    pub fn key_file(path: PathBuf) -> Self {
        Self(Kind::KeyFile(path))
    }

    /// The same secret once more.
    pub(crate) fn again(&self) -> Self {
        Self(match &self.0 {
            Kind::Passphrase(secret, origin) => {
                Kind::Passphrase(secret.expose_secret().to_vec().into(), origin.clone())
            }
            Kind::KeyFile(path) => Kind::KeyFile(path.clone()),
        })
    }

    /// True for a key file.
    pub fn is_key_file(&self) -> bool {
        matches!(self.0, Kind::KeyFile(_))
    }

    /// How a new file gets its keys from this source.
    pub(super) fn method(&self, cost: Cost) -> Method {
        match self.0 {
            Kind::Passphrase(..) => Method::Passphrase(cost),
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

    /// The secret for `file`, whose header wants `method`.
    pub(super) fn secret(
        &self,
        file: &Place,
        method: Method,
    ) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        match (&self.0, method) {
            (Kind::Passphrase(secret, _), Method::Passphrase(_)) => {
                Ok(Zeroizing::new(secret.expose_secret().to_vec()))
            }
            (Kind::KeyFile(key_file), Method::KeyFile) => read_key_file(file, key_file),
            (Kind::KeyFile(_), Method::Passphrase(_)) => {
                let file = file.clone();
                Err(VaultError::PassphraseExpected { file })
            }
            (Kind::Passphrase(_, origin), Method::KeyFile) => Err(VaultError::KeyFileExpected {
                file: file.clone(),
                remedy: match origin {
                    Origin::File(_) => "leave out `--passphrase-file`",
                    Origin::Keyring(_) => "leave out `--keyring`, or unset REHEARSE_KEYRING",
                    Origin::Environment | Origin::Program => "unset REHEARSE_PASSPHRASE",
                },
            }),
        }
    }

    /// The error for a secret that does not open `file`.
    pub(super) fn refused(&self, file: &Place) -> VaultError {
        let file = file.clone();
        match &self.0 {
            Kind::Passphrase(_, origin) => VaultError::WrongPassphrase {
                file,
                origin: origin.named(),
            },
            Kind::KeyFile(key_file) => VaultError::WrongKeyFile {
                file,
                key_file: key_file.clone(),
            },
        }
    }

    /// The key file that a rotation is about to put in the place of this one,
    /// if there is such a file.
    pub(super) fn successor(&self) -> Option<Self> {
        let path = self.successor_path()?;
        path.exists().then(|| Self::key_file(path))
    }

    /// Makes that file anew.
    pub(super) fn make_successor(&self) -> Result<Self, VaultError> {
        self.discard_successor()?;
        let path = self.successor_path().unwrap_or_default();
        make_key_file(&path).map_err(VaultError::io("make the key file", &path))?;
        Ok(Self::key_file(path))
    }

    /// Removes it.
    pub(super) fn discard_successor(&self) -> Result<(), VaultError> {
        let Some(path) = self.successor_path() else {
            return Ok(());
        };
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(VaultError::io("remove the key file", &path)(error))
            }
            _ => Ok(()),
        }
    }

    /// Puts it in its place. What was there is kept beside it.
    pub(super) fn promote(&self) -> Result<(), VaultError> {
        self.retire()?;
        let (Some(new), Kind::KeyFile(path)) = (self.successor_path(), &self.0) else {
            return Ok(());
        };
        fs::rename(&new, path)
            .and_then(|()| disk::sync_folder(path))
            .map_err(VaultError::io("put in its place the key file", path))
    }

    /// Moves the key file aside: only older copies of the sealed file need it.
    pub(super) fn retire(&self) -> Result<(), VaultError> {
        let Kind::KeyFile(path) = &self.0 else {
            return Ok(());
        };
        match fs::rename(path, disk::beside(path, ".old")) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(VaultError::io("move aside the key file", path)(error))
            }
            _ => Ok(()),
        }
    }

    fn successor_path(&self) -> Option<PathBuf> {
        match &self.0 {
            Kind::KeyFile(path) => Some(disk::beside(path, ".new")),
            Kind::Passphrase(..) => None,
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

fn read_key_file(sealed: &Place, key_file: &Path) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let failed = || VaultError::io("read the key file", key_file);
    let mut file = match files::open(key_file) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(VaultError::KeyFileMissing {
                file: sealed.clone(),
                key_file: key_file.to_owned(),
            });
        }
        opened => opened.map_err(failed())?,
    };
    refuse_exposed("key file", key_file, &file)?;
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

#[cfg(test)]
mod tests;
