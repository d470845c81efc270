//! What the simulator keeps: accounts, digests of tokens, documents.
//!
//! Everything is in memory, in tables of keys and bytes. With a data folder
//! every change also goes to the [`Journal`], and [`Store::write`] returns
//! only when the change is on disk. The two forms share all the logic but
//! that.

mod journal;
mod tables;

use std::path::Path;

use journal::Journal;
use parking_lot::RwLock;

pub(super) use tables::{Table, Tables, Transaction};

use super::{Failure, SimulatorError};

/// The tables, and the journal that keeps them if there is one.
pub(super) struct Store {
    tables: RwLock<Tables>,
    journal: Option<Journal>,
}

impl Store {
    /// A store that is gone with the process.
    pub(super) fn in_memory() -> Self {
        Self {
            tables: RwLock::default(),
            journal: None,
        }
    }

    /// The store of a folder, which is made when it is not there. Blocks.
    ///
    /// # Errors
    /// When the folder or its file cannot be used.
    pub(super) fn open(folder: &Path) -> Result<Self, SimulatorError> {
        let (journal, tables) = Journal::open(folder)?;
        Ok(Self {
            tables: RwLock::new(tables),
            journal: Some(journal),
        })
    }

    /// Looks at the tables. Keep it short: writers wait.
    pub(super) fn read<T>(&self, look: impl FnOnce(&Tables) -> T) -> T {
        look(&self.tables.read())
    }

    /// Changes the tables: all of it or, when `change` refuses, nothing.
    ///
    /// # Errors
    /// What `change` refuses with; 500 when the change cannot be kept.
    pub(super) async fn write<T>(
        &self,
        change: impl FnOnce(&mut Transaction<'_>) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let (outcome, kept) = self.apply(change)?;
        if let Some(kept) = kept {
            kept.wait().await?;
        }
        Ok(outcome)
    }

    /// Applies a change and queues it for the journal under one lock, so that
    /// the order on disk is the order in memory.
    fn apply<T>(
        &self,
        change: impl FnOnce(&mut Transaction<'_>) -> Result<T, Failure>,
    ) -> Result<(T, Option<journal::Receipt>), Failure> {
        let mut tables = self.tables.write();
        if let Some(journal) = &self.journal {
            journal.check()?;
        }
        let mut transaction = Transaction::new(&mut tables);
        match change(&mut transaction) {
            Ok(outcome) => {
                let changes = transaction.into_changes();
                let receipt = match &self.journal {
                    Some(journal) if !changes.is_empty() => Some(journal.append(changes)?),
                    _ => None,
                };
                Ok((outcome, receipt))
            }
            Err(refusal) => {
                transaction.undo();
                Err(refusal)
            }
        }
    }

    /// Writes what is queued and lets the folder go. Writes are refused from
    /// now on when there is a journal. Blocks.
    pub(super) fn close(&self) {
        if let Some(journal) = &self.journal {
            journal.close();
        }
    }

    /// Asks for the same without waiting.
    pub(super) fn begin_close(&self) {
        if let Some(journal) = &self.journal {
            journal.begin_close();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Failure, Store, Table};

    #[tokio::test]
    async fn a_refused_change_leaves_nothing_behind() {
        let store = Store::in_memory();
        let put = |key: &'static str, value: &'static str| {
            store.write(move |tx| {
                tx.put(Table::Users, key, value);
                Ok(())
            })
        };
        put("a", "1").await.unwrap();
        put("b", "1").await.unwrap();
        let refused = store.write(|tx| {
            tx.put(Table::Users, "a", "2");
            tx.put(Table::Users, "a", "3");
            tx.put(Table::Users, "c", "1");
            tx.remove(Table::Users, "b");
            Err::<(), _>(Failure::conflict("no"))
        });
        assert!(refused.await.is_err());
        store.read(|tables| {
            assert_eq!(tables.get(Table::Users, "a").unwrap(), "1");
            assert_eq!(tables.get(Table::Users, "b").unwrap(), "1");
            assert!(tables.get(Table::Users, "c").is_none());
        });
    }

    #[tokio::test]
    async fn what_was_written_is_there_again() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let write = store.write(|tx| {
            tx.put(Table::Users, "kept", "1");
            tx.put(Table::Users, "gone", "1");
            tx.put(Table::Contacts, "kept", "2");
            Ok(())
        });
        write.await.unwrap();
        let write = store.write(|tx| {
            tx.remove(Table::Users, "gone");
            Ok(())
        });
        write.await.unwrap();
        store.close();
        let store = Store::open(folder.path()).unwrap();
        store.read(|tables| {
            assert_eq!(tables.get(Table::Users, "kept").unwrap(), "1");
            assert_eq!(tables.get(Table::Contacts, "kept").unwrap(), "2");
            assert!(tables.get(Table::Users, "gone").is_none());
        });
    }

    #[tokio::test]
    async fn a_closed_store_takes_no_more_changes() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        store.close();
        let write = store.write(|tx| {
            tx.put(Table::Users, "late", "1");
            Ok(())
        });
        assert!(write.await.is_err());
        assert!(store.read(|tables| tables.get(Table::Users, "late").is_none()));
    }
}
