//! The vault itself: who reads, who writes, and who waits for whom.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};

use rand::Rng;

use super::key_source::KeySource;
use super::keys::{Cost, Derivation, Keys};
use super::rewrite::{self, Records};
use super::snapshot::Snapshot;
use super::{SavedCredentials, VaultError, disk};

/// An open vault. Clones share it; other processes, and other values opened on
/// the same path, share the file.
///
/// All methods block on the disk: call them from a thread that may wait.
#[derive(Clone)]
pub struct Vault(Arc<Shared>);

struct Shared {
    path: PathBuf,
    key: KeySource,
    state: Mutex<State>,
    /// Told after each write.
    written: Condvar,
    /// Held while the file is read again, so that one thread does it for all.
    reading: Mutex<()>,
}

struct State {
    /// The newest state of the file that we know.
    snapshot: Arc<Snapshot>,
    /// What the next write will take along.
    gathering: Batch,
    /// Somebody is writing.
    writing: bool,
}

/// Credentials that are written together.
#[derive(Default)]
struct Batch {
    records: Records,
    /// Set once, for all who wait.
    outcome: Arc<OnceLock<Result<(), VaultError>>>,
}

impl Vault {
    /// Opens the vault at `path`. One that is not there is made, with its
    /// folder and, if `key` is one, its key file, all for the owner only.
    ///
    /// # Errors
    /// When the key is not the one of the vault, or the file cannot be used.
    pub fn open(path: PathBuf, key: KeySource) -> Result<Self, VaultError> {
        Self::open_at_cost(path, key, Cost::RECOMMENDED)
    }

    /// The same, with the price of a passphrase for a vault that is not there.
    pub(super) fn open_at_cost(
        path: PathBuf,
        key: KeySource,
        cost: Cost,
    ) -> Result<Self, VaultError> {
        // What a link points at is replaced, not the link.
        let path = match fs::canonicalize(&path) {
            Ok(target) if path.is_symlink() => target,
            _ => path,
        };
        let snapshot = match read(&path, &key, None)? {
            Some(snapshot) => snapshot,
            None => create(&path, &key, cost)?,
        };
        Ok(Self(Arc::new(Shared {
            path,
            key,
            state: Mutex::new(State {
                snapshot: Arc::new(snapshot),
                gathering: Batch::default(),
                writing: false,
            }),
            written: Condvar::new(),
            reading: Mutex::default(),
        })))
    }

    /// The path of the file.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// The credentials saved under `name`, also by another process.
    ///
    /// # Errors
    /// When the file cannot be read or was damaged.
    pub fn get(&self, name: &str) -> Result<Option<SavedCredentials>, VaultError> {
        let shared = &self.0;
        shared.current()?.get(&shared.path, name)
    }

    /// The names under which credentials are saved, sorted.
    ///
    /// # Errors
    /// When the file cannot be read or was damaged.
    pub fn names(&self) -> Result<Vec<String>, VaultError> {
        let snapshot = self.0.current()?;
        Ok(snapshot.index.0.keys().map(ToString::to_string).collect())
    }

    /// Saves credentials under `name`, in place of what was there. They are on
    /// the disk when this returns.
    ///
    /// Whoever comes while somebody else is writing is written together with
    /// all others who came meanwhile. Of two who save under one name at once,
    /// the later one stays.
    ///
    /// # Errors
    /// When the file cannot be read or written. What was saved before stays.
    pub fn put(&self, name: &str, credentials: SavedCredentials) -> Result<(), VaultError> {
        let shared = &self.0;
        let record = credentials.into_record();
        let record = record.map_err(VaultError::crypto(&shared.path))?;
        let mut state = shared.state();
        state.gathering.records.insert(name.to_owned(), record);
        let outcome = state.gathering.outcome.clone();
        loop {
            if let Some(outcome) = outcome.get() {
                return outcome.clone();
            }
            if state.writing {
                let woken = shared.written.wait(state);
                state = woken.unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            // Nobody writes and we have no outcome: we are in what is gathered.
            state.writing = true;
            let batch = std::mem::take(&mut state.gathering);
            drop(state);
            Turn { shared, batch }.take();
            state = shared.state();
        }
    }
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Vault({})", self.0.path.display())
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The file as it is now; read again only when it has changed.
    fn current(&self) -> Result<Arc<Snapshot>, VaultError> {
        let known = self.state().snapshot.clone();
        if known.is_current(&self.path)? {
            return Ok(known);
        }
        let _alone = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
        let known = self.state().snapshot.clone();
        if known.is_current(&self.path)? {
            return Ok(known);
        }
        let Some(snapshot) = read(&self.path, &self.key, Some(&known))? else {
            return Ok(known);
        };
        let snapshot = Arc::new(snapshot);
        self.state().snapshot = snapshot.clone();
        Ok(snapshot)
    }

    /// Reads what others wrote, adds `records`, and replaces the file, all
    /// under the lock between processes.
    fn merge(&self, records: &Records) -> Result<(), VaultError> {
        let failed = VaultError::io("lock the vault", &self.path);
        let _lock = disk::lock(&self.path).map_err(failed)?;
        let base = self.current()?;
        let snapshot = rewrite::merge(&self.path, &base, records)?;
        self.state().snapshot = Arc::new(snapshot);
        Ok(())
    }
}

/// The right to write, given back whatever happens.
struct Turn<'a> {
    shared: &'a Shared,
    batch: Batch,
}

impl Turn<'_> {
    fn take(self) {
        let outcome = self.shared.merge(&self.batch.records);
        // Nobody else sets it.
        let _ = self.batch.outcome.set(outcome);
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.batch.outcome.get_or_init(|| {
            let path = self.shared.path.clone();
            Err(VaultError::BrokenOff { path })
        });
        self.shared.state().writing = false;
        self.shared.written.notify_all();
    }
}

/// Makes a vault, unless somebody else has just made it.
fn create(path: &Path, key: &KeySource, cost: Cost) -> Result<Snapshot, VaultError> {
    disk::create_folder(path).map_err(VaultError::io("make the folder of the vault", path))?;
    let _lock = disk::lock(path).map_err(VaultError::io("lock the vault", path))?;
    if let Some(snapshot) = read(path, key, None)? {
        return Ok(snapshot);
    }
    key.prepare()?;
    let mut derivation = Derivation {
        method: key.method(cost),
        salt: [0; 16],
    };
    rand::rng().fill_bytes(&mut derivation.salt);
    let secret = key.secret(path, derivation.method)?;
    let keys = Keys::derive(&derivation, &secret).map_err(VaultError::crypto(path))?;
    rewrite::create(path, derivation, Arc::new(keys))
}

/// Reads the vault, if it is there. The keys of `known` are used again when
/// they are those of the file, for a passphrase takes long to stretch.
fn read(
    path: &Path,
    key: &KeySource,
    known: Option<&Snapshot>,
) -> Result<Option<Snapshot>, VaultError> {
    Snapshot::read(path, |header| {
        if let Some(known) = known
            && known.derivation == header.derivation
            && known.keys.check == header.check
        {
            return Ok(known.keys.clone());
        }
        let secret = key.secret(path, header.derivation.method)?;
        let keys = Keys::derive(&header.derivation, &secret).map_err(VaultError::crypto(path))?;
        if keys.check != header.check {
            return Err(key.refused(path));
        }
        Ok(Arc::new(keys))
    })
}

#[cfg(test)]
mod tests {
    use std::thread;
    use std::time::{Duration, Instant};

    use secrecy::SecretString;

    use super::{KeySource, SavedCredentials, Vault, disk};

    fn credentials() -> SavedCredentials {
        SavedCredentials {
            login: "ada@example.org".into(),
            token: SecretString::from("token"),
            user_id: "user".into(),
            group_id: None,
            data_owner_id: None,
            key_pairs: Vec::new(),
            token_expires_at: None,
            saved_at: 0,
        }
    }

    #[test]
    fn all_who_come_during_a_write_are_written_together() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("a.vault");
        let key = KeySource::key_file(disk::beside(&path, ".key"));
        let vault = Vault::open(path.clone(), key).unwrap();
        // As another process would, so that the first write lasts.
        let lock = disk::lock(&path).unwrap();
        thread::scope(|scope| {
            for number in 0..20 {
                let vault = vault.clone();
                scope.spawn(move || vault.put(&format!("user-{number}"), credentials()).unwrap());
            }
            let gathered = || vault.0.state().gathering.records.len();
            let deadline = Instant::now() + Duration::from_secs(20);
            while gathered() < 19 && Instant::now() < deadline {
                thread::sleep(Duration::from_millis(1));
            }
            assert_eq!(gathered(), 19);
            assert_eq!(vault.names().unwrap().len(), 0, "seen before it is durable");
            drop(lock);
        });
        assert_eq!(vault.names().unwrap().len(), 20);
    }
}
