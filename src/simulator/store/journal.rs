//! The data file: one redb database, written by one thread.
//!
//! The thread takes every change that waits, writes them in one transaction,
//! and confirms each once the disk has them. A transaction of redb is there as
//! a whole or not at all, so a process that is killed leaves a file that opens.

use std::fs::{File, OpenOptions};
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use parking_lot::Mutex;
use redb::backends::FileBackend;
use redb::{Database, DatabaseError, ReadableDatabase, ReadableTable, StorageError};
use strum::VariantArray;
use tokio::sync::{mpsc, oneshot};

use super::format::{FORMAT, FORMAT_KEY, FORMAT_TABLE, from_bytes, rows, to_bytes};
use super::migration;
use super::table::Table;
use super::tables::{Change, Tables};
use crate::files;
use crate::simulator::{Failure, SimulatorError};

/// Name of the file in the data folder.
const FILE: &str = "simulator.redb";

/// Most entries in one commit: what comes later must not hold up the first.
const BATCH: usize = 4096;

/// Changes that belong together, and who waits for them.
struct Entry {
    changes: Vec<Change>,
    kept: oneshot::Sender<()>,
}

/// The way to the thread that writes.
pub(super) struct Journal {
    queue: Mutex<Option<mpsc::UnboundedSender<Entry>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    broken: Arc<AtomicBool>,
}

/// Comes back when a change is on disk.
pub(super) struct Receipt(oneshot::Receiver<()>);

impl Receipt {
    /// # Errors
    /// 500 when the change could not be written.
    pub(super) async fn wait(self) -> Result<(), Failure> {
        self.0.await.map_err(|_| unwritable())
    }
}

fn unwritable() -> Failure {
    Failure::internal("the data folder cannot be written any more; restart the simulator")
}

impl Journal {
    /// Opens or makes the file of a folder and reads it; `now` is the time,
    /// milliseconds since 1970.
    pub(super) fn open(folder: &Path, now: i64) -> Result<(Self, Tables), SimulatorError> {
        let unusable = |reason: &dyn std::fmt::Display| SimulatorError::Folder {
            path: folder.to_owned(),
            reason: reason.to_string(),
        };
        std::fs::create_dir_all(folder).map_err(|error| unusable(&error))?;
        let file = folder.join(FILE);
        let handle = open_file(&file).map_err(|error| unusable(&error))?;
        let database = open_database(handle).map_err(|error| {
            let damaged = |reason| SimulatorError::Damaged {
                path: file.clone(),
                reason,
            };
            match error {
                DatabaseError::DatabaseAlreadyOpen => SimulatorError::InUse {
                    path: folder.to_owned(),
                },
                DatabaseError::Storage(StorageError::Corrupted(reason)) => damaged(reason),
                DatabaseError::Storage(StorageError::Io(error))
                    if error.kind() == ErrorKind::InvalidData =>
                {
                    damaged(error.to_string())
                }
                other => unusable(&other),
            }
        })?;
        check_format(&database, &file, now, &unusable)?;
        let tables = load(&database).map_err(|error| SimulatorError::Damaged {
            path: file,
            reason: error.to_string(),
        })?;
        let (queue, entries) = mpsc::unbounded_channel();
        let broken = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&broken);
        let thread = std::thread::Builder::new()
            .name("simulator-journal".to_owned())
            .spawn(move || write_all(&database, entries, &flag))
            .map_err(|error| unusable(&error))?;
        let journal = Self {
            queue: Mutex::new(Some(queue)),
            thread: Mutex::new(Some(thread)),
            broken,
        };
        Ok((journal, tables))
    }

    /// Whether changes can be kept.
    ///
    /// # Errors
    /// 500 after a failed write, 503 after [`Journal::begin_close`].
    pub(super) fn check(&self) -> Result<(), Failure> {
        if self.broken.load(Ordering::Relaxed) {
            return Err(unwritable());
        }
        let queue = self.queue.lock();
        queue.as_ref().map(|_| ()).ok_or_else(closing)
    }

    /// Queues changes.
    pub(super) fn append(&self, changes: Vec<Change>) -> Result<Receipt, Failure> {
        let (kept, receipt) = oneshot::channel();
        let queue = self.queue.lock();
        let queue = queue.as_ref().ok_or_else(closing)?;
        queue
            .send(Entry { changes, kept })
            .map_err(|_| unwritable())?;
        Ok(Receipt(receipt))
    }

    /// The thread ends when it has written what is queued.
    pub(super) fn begin_close(&self) {
        let mut queue = self.queue.lock();
        *queue = None;
    }

    /// Waits for that end; the file is free afterwards.
    pub(super) fn close(&self) {
        self.begin_close();
        let thread = self.thread.lock().take();
        if let Some(thread) = thread {
            // It does not panic, and if it did there would be nothing to add.
            let _ = thread.join();
        }
    }
}

fn closing() -> Failure {
    Failure::new(
        axum::http::StatusCode::SERVICE_UNAVAILABLE,
        "the simulator is shutting down",
    )
}

/// Opens or makes the file. It holds the key that signs JWTs, so only its
/// owner may read it.
fn open_file(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    files::through_no_link(&mut options).open(path)
}

fn open_database(file: File) -> Result<Database, DatabaseError> {
    Database::builder().create_with_backend(FileBackend::new(file)?)
}

/// Body of the thread. After a failed commit nothing is taken any more: memory
/// is then ahead of the disk.
fn write_all(
    database: &Database,
    mut entries: mpsc::UnboundedReceiver<Entry>,
    broken: &AtomicBool,
) {
    while let Some(first) = entries.blocking_recv() {
        let mut batch = vec![first];
        while batch.len() < BATCH
            && let Ok(next) = entries.try_recv()
        {
            batch.push(next);
        }
        if broken.load(Ordering::Relaxed) || commit(database, &batch).is_err() {
            broken.store(true, Ordering::Relaxed);
            continue;
        }
        for entry in batch {
            // Whoever asked may have gone.
            let _ = entry.kept.send(());
        }
    }
}

fn commit(database: &Database, batch: &[Entry]) -> Result<(), redb::Error> {
    let transaction = database.begin_write()?;
    for change in batch.iter().flat_map(|entry| &entry.changes) {
        let mut table = transaction.open_table(rows(change.table))?;
        match &change.entry {
            Some(row) => table.insert(change.key.as_str(), to_bytes(row).as_slice())?,
            None => table.remove(change.key.as_str())?,
        };
    }
    transaction.commit()?;
    Ok(())
}

/// Writes the format into a new file, brings an old one up to date, and refuses
/// a file of another format.
fn check_format(
    database: &Database,
    file: &Path,
    now: i64,
    unusable: &dyn Fn(&dyn std::fmt::Display) -> SimulatorError,
) -> Result<(), SimulatorError> {
    match stamp(database).map_err(|error| unusable(&error))? {
        FORMAT => Ok(()),
        migration::FIRST => {
            migration::from_first(database, now).map_err(|error| SimulatorError::Damaged {
                path: file.to_owned(),
                reason: error.to_string(),
            })
        }
        found => Err(SimulatorError::Version {
            path: file.to_owned(),
            found,
            known: FORMAT,
        }),
    }
}

/// The format of the file; ours when it had none.
fn stamp(database: &Database) -> Result<u64, redb::Error> {
    let transaction = database.begin_write()?;
    let found = {
        let mut table = transaction.open_table(FORMAT_TABLE)?;
        let found = table.get(FORMAT_KEY)?.map(|value| value.value());
        if found.is_none() {
            table.insert(FORMAT_KEY, FORMAT)?;
        }
        found
    };
    if found.is_some() {
        transaction.abort()?;
    } else {
        transaction.commit()?;
    }
    Ok(found.unwrap_or(FORMAT))
}

/// Reads all tables, each in the order in which its rows were made.
fn load(database: &Database) -> Result<Tables, redb::Error> {
    let mut tables = Tables::default();
    let transaction = database.begin_read()?;
    for table in Table::VARIANTS.iter().copied() {
        let stored = match transaction.open_table(rows(table)) {
            Ok(stored) => stored,
            Err(redb::TableError::TableDoesNotExist(_)) => continue,
            Err(error) => return Err(error.into()),
        };
        let mut changes = Vec::new();
        for row in stored.iter()? {
            let (key, value) = row?;
            let row = from_bytes(value.value())
                .ok_or_else(|| redb::Error::Corrupted("a row is too short".to_owned()))?;
            changes.push((row.sequence, key.value().to_owned(), row));
        }
        changes.sort_unstable_by_key(|(sequence, ..)| *sequence);
        for (sequence, key, row) in changes {
            tables.sequence = tables.sequence.max(sequence);
            let entry = Some(row);
            tables.set(&Change { table, key, entry });
        }
    }
    Ok(tables)
}

#[cfg(test)]
mod tests {
    use redb::Database;

    use super::{FILE, FORMAT, FORMAT_KEY, FORMAT_TABLE, Journal};
    use crate::simulator::SimulatorError;

    #[test]
    fn a_folder_has_one_simulator() {
        let folder = tempfile::tempdir().unwrap();
        let _open = Journal::open(folder.path(), 0).unwrap();
        let error = Journal::open(folder.path(), 0).err().unwrap();
        assert!(matches!(error, SimulatorError::InUse { .. }), "{error}");
        assert!(error.to_string().contains("--data"), "{error}");
    }

    #[test]
    fn a_file_of_a_newer_version_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::create(folder.path().join(FILE)).unwrap();
        let transaction = database.begin_write().unwrap();
        transaction
            .open_table(FORMAT_TABLE)
            .unwrap()
            .insert(FORMAT_KEY, FORMAT + 1)
            .unwrap();
        transaction.commit().unwrap();
        drop(database);
        let error = Journal::open(folder.path(), 0).err().unwrap();
        assert!(
            error.to_string().contains("written by a newer version"),
            "{error}"
        );
    }

    #[test]
    fn a_file_that_is_no_database_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE), vec![7_u8; 8192]).unwrap();
        let error = Journal::open(folder.path(), 0).err().unwrap();
        assert!(matches!(error, SimulatorError::Damaged { .. }), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_can_read_the_file() {
        use std::os::unix::fs::PermissionsExt;

        let folder = tempfile::tempdir().unwrap();
        let _open = Journal::open(folder.path(), 0).unwrap();
        let metadata = std::fs::metadata(folder.path().join(FILE)).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o077, 0);
    }

    #[test]
    fn a_file_that_leads_elsewhere_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let elsewhere = folder.path().join("elsewhere");
        std::os::unix::fs::symlink(&elsewhere, folder.path().join(FILE)).unwrap();
        let error = Journal::open(folder.path(), 0).err().unwrap();
        assert!(matches!(error, SimulatorError::Folder { .. }), "{error}");
        assert!(!elsewhere.exists());
    }

    #[test]
    fn a_folder_that_is_a_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, "").unwrap();
        let error = Journal::open(&path, 0).err().unwrap();
        assert!(matches!(error, SimulatorError::Folder { .. }), "{error}");
    }
}
