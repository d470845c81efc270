//! What the simulator keeps: accounts, digests of tokens, documents.
//!
//! Everything is in memory: a table is a [`Shelf`](shelf::Shelf), rows by key, and an index
//! of what their documents say. With a data folder every change also goes to
//! the [`Journal`], and [`Store::write`] returns only when the change is on
//! disk. The two forms share all the logic but that.

mod event;
mod facts;
mod format;
mod index;
mod journal;
mod migration;
mod parts;
mod query;
mod retain;
mod shelf;
mod slots;
mod table;
mod tables;

use std::path::Path;
use std::sync::Arc;

use journal::Journal;
use parking_lot::RwLock;
use tokio::sync::broadcast;

pub(super) use event::Event;
pub(super) use facts::comparable;
pub(super) use index::Field;
pub(super) use parts::PartRow;
pub(super) use query::Query;
pub use retain::Retain;
pub(super) use table::Table;
pub(super) use tables::{Tables, Transaction};

use super::{Failure, SimulatorError};
use crate::ceilings;
use crate::clock::Clock;

/// The tables, and the journal that keeps them if there is one.
pub(super) struct Store {
    tables: RwLock<Tables>,
    journal: Option<Journal>,
    clock: Clock,
    retain: Option<Retain>,
    events: broadcast::Sender<Arc<[Event]>>,
}

impl Store {
    /// A store that is gone with the process.
    pub(super) fn in_memory(clock: Clock, retain: Option<Retain>) -> Self {
        Self {
            tables: RwLock::default(),
            journal: None,
            clock,
            retain,
            events: broadcast::Sender::new(ceilings::EVENTS),
        }
    }

    /// One that lets nothing go.
    #[cfg(test)]
    pub(super) fn plain() -> Self {
        Self::in_memory(Clock::real(), None)
    }

    /// The store of a folder, which is made when it is not there. Blocks.
    ///
    /// # Errors
    /// When the folder or its file cannot be used.
    pub(super) fn open(
        folder: &Path,
        clock: Clock,
        retain: Option<Retain>,
    ) -> Result<Self, SimulatorError> {
        let (journal, tables) = Journal::open(folder, clock.unix_millis())?;
        Ok(Self {
            tables: RwLock::new(tables),
            journal: Some(journal),
            clock,
            retain,
            events: broadcast::Sender::new(ceilings::EVENTS),
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
        let (outcome, kept, events) = self.apply(change)?;
        if let Some(kept) = kept {
            kept.wait().await?;
        }
        if !events.is_empty() {
            // Whoever listened may have gone.
            let _ = self.events.send(events.into());
        }
        Ok(outcome)
    }

    /// What is written from now on, write by write.
    pub(super) fn events(&self) -> broadcast::Receiver<Arc<[Event]>> {
        self.events.subscribe()
    }

    /// Applies a change and queues it for the journal under one lock, so that
    /// the order on disk is the order in memory.
    fn apply<T>(
        &self,
        change: impl FnOnce(&mut Transaction<'_>) -> Result<T, Failure>,
    ) -> Result<(T, Option<journal::Receipt>, Vec<Event>), Failure> {
        let mut tables = self.tables.write();
        if let Some(journal) = &self.journal {
            journal.check()?;
        }
        let mut transaction = Transaction::new(&mut tables, self.clock.unix_millis());
        match change(&mut transaction) {
            Ok(outcome) => {
                if let Some(retain) = self.retain {
                    transaction.let_go(retain);
                }
                let events = if self.events.receiver_count() > 0 {
                    transaction.events()
                } else {
                    Vec::new()
                };
                let changes = transaction.into_changes();
                let receipt = match &self.journal {
                    Some(journal) if !changes.is_empty() => Some(journal.append(changes)?),
                    _ => None,
                };
                Ok((outcome, receipt, events))
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
    use std::path::Path;

    use super::{Failure, Store, Table};
    use crate::clock::Clock;

    fn open(folder: &Path) -> Store {
        Store::open(folder, Clock::real(), None).unwrap()
    }

    #[tokio::test]
    async fn a_refused_change_leaves_nothing_behind() {
        let store = Store::plain();
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
        let store = open(folder.path());
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
        let store = open(folder.path());
        store.read(|tables| {
            assert_eq!(tables.get(Table::Users, "kept").unwrap(), "1");
            assert_eq!(tables.get(Table::Contacts, "kept").unwrap(), "2");
            assert!(tables.get(Table::Users, "gone").is_none());
        });
    }

    #[tokio::test]
    async fn a_closed_store_takes_no_more_changes() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path());
        store.close();
        let write = store.write(|tx| {
            tx.put(Table::Users, "late", "1");
            Ok(())
        });
        assert!(write.await.is_err());
        assert!(store.read(|tables| tables.get(Table::Users, "late").is_none()));
    }
}
