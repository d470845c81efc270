//! Passphrases as they are read: from a file, or from whoever writes to us.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use secrecy::SecretSlice;
use zeroize::Zeroizing;

use super::VaultError;
use crate::ceilings::{PASSPHRASE, PASSPHRASE_PIPE};
use crate::files;

/// The passphrase in this file, without the line end after it. It is of the
/// command line, so it may be a pipe, as of `<(…)`.
///
/// # Errors
/// When it cannot be read, others can access it, or it holds none.
pub fn in_file(path: &Path) -> Result<SecretSlice<u8>, VaultError> {
    let failed = VaultError::io("read the passphrase file", path);
    let mut file = match files::open_or_pipe(path, PASSPHRASE_PIPE) {
        Ok(file) => file,
        Err(error) => return Err(failed(error)),
    };
    refuse_exposed("passphrase file", path, file.file())?;
    match read(&mut file) {
        Ok(Ok(passphrase)) => Ok(passphrase),
        Ok(Err(what)) => Err(VaultError::PassphraseFile {
            path: path.to_owned(),
            what,
        }),
        Err(error) => Err(failed(error)),
    }
}

/// The passphrase that `input` holds, without the line end after it.
///
/// # Errors
/// When it cannot be read, or is none.
pub fn in_stream(input: &mut impl Read) -> Result<SecretSlice<u8>, VaultError> {
    match read(input) {
        Ok(Ok(passphrase)) => Ok(passphrase),
        Ok(Err(what)) => Err(VaultError::PassphraseInput {
            what: what.to_owned(),
        }),
        Err(error) => Err(VaultError::PassphraseInput {
            what: format!("cannot be read ({error})"),
        }),
    }
}

/// The passphrase, or what is there in its place.
fn read(input: &mut impl Read) -> io::Result<Result<SecretSlice<u8>, &'static str>> {
    let mut text = Zeroizing::new(vec![0; PASSPHRASE + 3]);
    let length = read_up_to(input, &mut text)?;
    let text = text.get(..length).unwrap_or_default();
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    let text = text.strip_suffix(b"\r").unwrap_or(text);
    Ok(match text.len() {
        0 => Err("is empty"),
        1..=PASSPHRASE => Ok(text.to_vec().into()),
        _ => Err("holds more than a passphrase"),
    })
}

/// Refuses a file with a secret that group or others can read or write.
pub(super) fn refuse_exposed(
    what: &'static str,
    path: &Path,
    file: &File,
) -> Result<(), VaultError> {
    let metadata = file
        .metadata()
        .map_err(VaultError::io(format!("read the {what}"), path))?;
    let mode = metadata.permissions().mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(VaultError::Exposed {
            what,
            path: path.to_owned(),
            mode,
        });
    }
    Ok(())
}

/// Fills `buffer` as far as the file goes.
pub(super) fn read_up_to(file: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
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
