//! A file of sealed records: who reads, who writes, and who waits for whom.

use std::fs;
use std::sync::{Arc, OnceLock};

use parking_lot::{Condvar, Mutex};
use rand::Rng;
use zeroize::Zeroizing;

use super::header::Header;
use super::key_source::KeySource;
use super::keys::{Cost, Derivation, Keys};
use super::place::Place;
use super::rewrite::{self, Records};
use super::snapshot::Snapshot;
use super::{VaultError, disk};

/// An open file of sealed records. Clones share it; other processes, and other
/// values opened on the same path, share the file.
///
/// All methods block on the disk: call them from a thread that may wait.
#[derive(Clone)]
pub(crate) struct SealedFile(Arc<Shared>);

struct Shared {
    place: Place,
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

/// Records that are written together.
#[derive(Default)]
struct Batch {
    records: Records,
    /// Set once, for all who wait.
    outcome: Arc<OnceLock<Result<(), VaultError>>>,
}

impl SealedFile {
    /// Opens the file at `place`. One that is not there is made, with its
    /// folder and, if `key` is one, its key file, all for the owner only.
    ///
    /// # Errors
    /// When the key is not the one of the file, or it cannot be used.
    pub(crate) fn open(place: Place, key: KeySource) -> Result<Self, VaultError> {
        Self::open_at_cost(place, key, Cost::RECOMMENDED)
    }

    /// The same, with the price of a passphrase for a file that is not there.
    pub(super) fn open_at_cost(
        place: Place,
        key: KeySource,
        cost: Cost,
    ) -> Result<Self, VaultError> {
        let place = followed(place);
        let snapshot = match read_settled(&place, &key)? {
            Some(snapshot) => snapshot,
            None => create(&place, &key, cost)?,
        };
        Ok(Self::of(place, key, snapshot))
    }

    /// Opens a file that is there.
    ///
    /// # Errors
    /// [`VaultError::Missing`] when it is not, else as [`SealedFile::open`].
    pub(crate) fn open_existing(place: Place, key: KeySource) -> Result<Self, VaultError> {
        let place = followed(place);
        match read_settled(&place, &key)? {
            Some(snapshot) => Ok(Self::of(place, key, snapshot)),
            None => Err(VaultError::Missing { file: place }),
        }
    }

    fn of(place: Place, key: KeySource, snapshot: Snapshot) -> Self {
        Self(Arc::new(Shared {
            place,
            key,
            state: Mutex::new(State {
                snapshot: Arc::new(snapshot),
                gathering: Batch::default(),
                writing: false,
            }),
            written: Condvar::new(),
            reading: Mutex::default(),
        }))
    }

    /// What it is, and where.
    pub(crate) fn place(&self) -> &Place {
        &self.0.place
    }

    /// The file as it is now, whoever wrote it. What it gives to read stays
    /// what it is.
    ///
    /// # Errors
    /// When the file cannot be read or was damaged.
    pub(crate) fn snapshot(&self) -> Result<Arc<Snapshot>, VaultError> {
        self.0.current()
    }

    /// Writes a record under `name`, in place of what was there. It is on the
    /// disk when this returns.
    ///
    /// Whoever comes while somebody else is writing is written together with
    /// all others who came meanwhile. Of two who write under one name at once,
    /// the later one stays.
    ///
    /// # Errors
    /// When the file cannot be read or written. What was there before stays.
    pub(crate) fn put(&self, name: &str, record: Zeroizing<Vec<u8>>) -> Result<(), VaultError> {
        let shared = &self.0;
        let mut state = shared.state.lock();
        state.gathering.records.insert(name.to_owned(), record);
        let outcome = state.gathering.outcome.clone();
        loop {
            if let Some(outcome) = outcome.get() {
                return outcome.clone();
            }
            if state.writing {
                shared.written.wait(&mut state);
                continue;
            }
            // Nobody writes and we have no outcome: we are in what is gathered.
            state.writing = true;
            let batch = std::mem::take(&mut state.gathering);
            drop(state);
            Turn { shared, batch }.take();
            state = shared.state.lock();
        }
    }

    /// Writes the records that `make` makes of the file as it is, all of them
    /// or none. Nobody else writes meanwhile.
    ///
    /// # Errors
    /// Those of `make`, and when the file cannot be read or written.
    pub(crate) fn update(
        &self,
        make: impl FnOnce(&Snapshot) -> Result<Records, VaultError>,
    ) -> Result<(), VaultError> {
        self.0.merge(make)
    }
}

impl Shared {
    /// The file as it is now; read again only when it has changed.
    fn current(&self) -> Result<Arc<Snapshot>, VaultError> {
        let known = self.state.lock().snapshot.clone();
        if known.is_current()? {
            return Ok(known);
        }
        let _alone = self.reading.lock();
        let known = self.state.lock().snapshot.clone();
        if known.is_current()? {
            return Ok(known);
        }
        let Some(snapshot) = read(&self.place, &self.key, Some(&known))? else {
            return Ok(known);
        };
        let snapshot = Arc::new(snapshot);
        self.state.lock().snapshot = snapshot.clone();
        Ok(snapshot)
    }

    /// Reads what others wrote, adds records, and replaces the file, all under
    /// the lock between processes.
    fn merge(
        &self,
        make: impl FnOnce(&Snapshot) -> Result<Records, VaultError>,
    ) -> Result<(), VaultError> {
        let _lock = lock(&self.place)?;
        let base = self.current()?;
        let records = make(&base)?;
        let snapshot = rewrite::merge(&base, &records)?;
        self.state.lock().snapshot = Arc::new(snapshot);
        Ok(())
    }
}

/// The right to write, given back whatever happens.
struct Turn<'a> {
    shared: &'a Shared,
    batch: Batch,
}

impl Turn<'_> {
    fn take(mut self) {
        let records = std::mem::take(&mut self.batch.records);
        let outcome = self.shared.merge(|_| Ok(records));
        // Nobody else sets it.
        let _ = self.batch.outcome.set(outcome);
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.batch.outcome.get_or_init(|| {
            let file = self.shared.place.clone();
            Err(VaultError::BrokenOff { file })
        });
        self.shared.state.lock().writing = false;
        self.shared.written.notify_all();
    }
}

/// What a link points at is replaced, not the link.
pub(super) fn followed(place: Place) -> Place {
    match fs::canonicalize(&place.path) {
        Ok(target) if place.path.is_symlink() => Place {
            path: target,
            ..place
        },
        _ => place,
    }
}

/// Waits for the lock between processes, and holds it until it is dropped.
pub(super) fn lock(place: &Place) -> Result<fs::File, VaultError> {
    disk::lock(&place.path).map_err(VaultError::file("lock", place))
}

/// Makes a file, unless somebody else has just made it.
fn create(place: &Place, key: &KeySource, cost: Cost) -> Result<Snapshot, VaultError> {
    disk::create_folder(&place.path).map_err(VaultError::file("make the folder of", place))?;
    let _lock = lock(place)?;
    if let Some(snapshot) = read(place, key, None)? {
        return Ok(snapshot);
    }
    key.prepare()?;
    let (derivation, keys) = fresh_keys(place, key, cost)?;
    rewrite::create(place, derivation, Arc::new(keys))
}

/// Keys from `key` with a salt that no other file has.
pub(super) fn fresh_keys(
    place: &Place,
    key: &KeySource,
    cost: Cost,
) -> Result<(Derivation, Keys), VaultError> {
    let mut derivation = Derivation {
        method: key.method(cost),
        salt: [0; 16],
    };
    rand::rng().fill_bytes(&mut derivation.salt);
    let secret = key.secret(place, derivation.method)?;
    let keys = Keys::derive(&derivation, &secret).map_err(VaultError::crypto(place))?;
    Ok((derivation, keys))
}

/// Reads the file, if it is there. The keys of `known` are used again when
/// they are those of the file, for a passphrase takes long to stretch.
pub(super) fn read(
    place: &Place,
    key: &KeySource,
    known: Option<&Snapshot>,
) -> Result<Option<Snapshot>, VaultError> {
    Snapshot::read(place, |header| {
        if let Some(known) = known
            && known.derivation == header.derivation
            && known.keys.check == header.check
        {
            return Ok(known.keys.clone());
        }
        let derive = |key: &KeySource| derive(place, key, header);
        // A rotation that was cut off may have left the key beside its place.
        derive(key).or_else(|error| match key.successor() {
            Some(successor) => derive(&successor).map_err(|_| error),
            None => Err(error),
        })
    })
}

/// The keys of a file with this header.
fn derive(place: &Place, key: &KeySource, header: &Header) -> Result<Arc<Keys>, VaultError> {
    let secret = key.secret(place, header.derivation.method)?;
    let keys = Keys::derive(&header.derivation, &secret).map_err(VaultError::crypto(place))?;
    if keys.check == header.check {
        Ok(Arc::new(keys))
    } else {
        Err(key.refused(place))
    }
}

/// Reads the file, if it is there, and puts a key file in its place that a rotation was about to put
/// there when it was cut off.
fn read_settled(place: &Place, key: &KeySource) -> Result<Option<Snapshot>, VaultError> {
    let snapshot = read(place, key, None)?;
    if snapshot.is_some() && key.successor().is_some() {
        let _lock = lock(place)?;
        settle(place, key)?;
    }
    Ok(snapshot)
}

/// Finishes or tidies up after a rotation that was cut off: the key beside its
/// place is either the file's, or of no use. The lock is held by the caller.
pub(super) fn settle(place: &Place, key: &KeySource) -> Result<(), VaultError> {
    let Some(successor) = key.successor() else {
        return Ok(());
    };
    match Snapshot::read(place, |header| derive(place, &successor, header)) {
        Ok(Some(_)) => key.promote(),
        _ => key.discard_successor(),
    }
}

#[cfg(test)]
mod tests {
    use std::thread;
    use std::time::{Duration, Instant};

    use super::{KeySource, Place, SealedFile, disk};

    #[test]
    fn all_who_come_during_a_write_are_written_together() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.vault");
        let key = KeySource::key_file(disk::beside(&path, ".key"));
        let file = SealedFile::open(Place::vault(&path), key).unwrap();
        // As another process would, so that the first write lasts.
        let lock = disk::lock(&path).unwrap();
        thread::scope(|scope| {
            for number in 0..20 {
                let file = file.clone();
                let record = vec![number].into();
                scope.spawn(move || file.put(&format!("user-{number}"), record).unwrap());
            }
            let gathered = || file.0.state.lock().gathering.records.len();
            let deadline = Instant::now() + Duration::from_secs(20);
            while gathered() < 19 && Instant::now() < deadline {
                thread::sleep(Duration::from_millis(1));
            }
            assert_eq!(gathered(), 19);
            let seen = file.snapshot().unwrap().len();
            assert_eq!(seen, 0, "seen before it is durable");
            drop(lock);
        });
        assert_eq!(file.snapshot().unwrap().len(), 20);
    }
}
