//! Passphrases in the keyring of the operating system: on Linux, the kernel's.
//!
//! The kernel keeps them in memory, for this user alone, and never on a disk.
//! Unlike the Secret Service it needs no session bus and nobody who unlocks it:
//! it is there on a CI machine too.

use secrecy::SecretSlice;

use super::VaultError;

/// What stands before a name in the kernel's list of keys, and what
/// `keyctl padd user rehearse:NAME` must say.
const PREFIX: &str = "rehearse:";

/// The passphrase under a name.
///
/// # Errors
/// When there is none, or the system has no keyring for us.
pub(super) fn read(name: &str) -> Result<SecretSlice<u8>, VaultError> {
    platform::read(&description(name)?)
        .map_err(refused(name))?
        .ok_or_else(|| VaultError::NotInKeyring {
            name: name.to_owned(),
        })
}

/// Keeps a passphrase under a name; what was there is replaced.
///
/// # Errors
/// When the system has no keyring for us, or it is full.
pub fn remember(name: &str, passphrase: &[u8]) -> Result<(), VaultError> {
    platform::write(&description(name)?, passphrase).map_err(refused(name))
}

/// Removes the passphrase under a name.
///
/// # Errors
/// When there is none, or the system has no keyring for us.
pub fn forget(name: &str) -> Result<(), VaultError> {
    let found = platform::remove(&description(name)?).map_err(refused(name))?;
    if found {
        return Ok(());
    }
    Err(VaultError::NotInKeyring {
        name: name.to_owned(),
    })
}

fn description(name: &str) -> Result<String, VaultError> {
    let good = |c: char| c.is_ascii_alphanumeric() || "-_.@".contains(c);
    if name.is_empty() || name.len() > 64 || !name.chars().all(good) {
        return Err(VaultError::KeyringName {
            name: name.to_owned(),
        });
    }
    Ok(format!("{PREFIX}{name}"))
}

fn refused(name: &str) -> impl FnOnce(String) -> VaultError {
    move |reason| VaultError::Keyring {
        name: name.to_owned(),
        reason,
    }
}

#[cfg(target_os = "linux")]
mod platform {
    use linux_keyutils::{Key, KeyError, KeyRing, KeyRingIdentifier};
    use secrecy::SecretSlice;
    use zeroize::Zeroizing;

    /// The largest key of type `user` (`add_key(2)`).
    const LARGEST: usize = 32_767;

    pub(super) fn read(description: &str) -> Result<Option<SecretSlice<u8>>, String> {
        let Some(key) = find(description)? else {
            return Ok(None);
        };
        let mut buffer = Zeroizing::new(vec![0; LARGEST]);
        let length = key.read(&mut *buffer).map_err(|error| error.to_string())?;
        let secret = buffer.get(..length).unwrap_or_default();
        Ok(Some(secret.to_vec().into()))
    }

    pub(super) fn write(description: &str, passphrase: &[u8]) -> Result<(), String> {
        // One of this name in the other ring would be found in its place.
        remove(description)?;
        let ring = rings()?.into_iter().next();
        let ring = ring.ok_or("there is no keyring of this user")?;
        let added = ring.add_key(description, passphrase);
        added.map(drop).map_err(|error| error.to_string())
    }

    pub(super) fn remove(description: &str) -> Result<bool, String> {
        let mut found = false;
        while let Some(key) = find(description)? {
            key.invalidate().map_err(|error| error.to_string())?;
            found = true;
        }
        Ok(found)
    }

    fn find(description: &str) -> Result<Option<Key>, String> {
        for ring in rings()? {
            match ring.search(description) {
                Ok(key) => return Ok(Some(key)),
                Err(error) if is_absent(error) => {}
                Err(error) => return Err(error.to_string()),
            }
        }
        Ok(None)
    }

    /// The persistent keyring outlives the user's last session, by three days
    /// unless the administrator says otherwise, and each use begins that time
    /// anew (`persistent-keyring(7)`). Not every kernel has it; the user's own is
    /// always there, while a process of the user is.
    fn rings() -> Result<Vec<KeyRing>, String> {
        let user = KeyRing::from_special_id(KeyRingIdentifier::User, true);
        let user = user.map_err(|error| error.to_string())?;
        let persistent = KeyRing::get_persistent(KeyRingIdentifier::Process).ok();
        Ok(persistent.into_iter().chain([user]).collect())
    }

    fn is_absent(error: KeyError) -> bool {
        matches!(
            error,
            KeyError::KeyDoesNotExist | KeyError::KeyExpired | KeyError::KeyRevoked
        )
    }
}

#[cfg(not(target_os = "linux"))]
mod platform {
    use secrecy::SecretSlice;

    const NONE: &str = "only Linux has one that rehearse can use";

    pub(super) fn read(_: &str) -> Result<Option<SecretSlice<u8>>, String> {
        Err(NONE.to_owned())
    }

    pub(super) fn write(_: &str, _: &[u8]) -> Result<(), String> {
        Err(NONE.to_owned())
    }

    pub(super) fn remove(_: &str) -> Result<bool, String> {
        Err(NONE.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::description;

    #[test]
    fn a_name_is_a_word_so_that_it_can_be_typed_and_listed() {
        assert_eq!(description("nightly-1").unwrap(), "rehearse:nightly-1");
        for wrong in ["", "a b", "a:b", "é", "a\0", &"x".repeat(65)] {
            let message = description(wrong).unwrap_err().to_string();
            assert!(message.contains("letters, digits"), "{message}");
        }
    }
}
