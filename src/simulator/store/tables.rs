//! All that is kept, in memory, and changes of it.

use axum::body::Bytes;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize};
use strum::VariantArray;

use super::event::Event;
use super::shelf::{Before, Entry, Row, Shelf};
use super::table::Table;
use crate::simulator::Failure;
use crate::wire::EventType;

/// One key of one table, with its value; no value means that there is none.
#[derive(Clone)]
pub(super) struct Change {
    pub(super) table: Table,
    pub(super) key: String,
    pub(super) entry: Option<Entry>,
}

/// What the simulator keeps, in memory; rows are JSON, but for attachments.
pub(in crate::simulator) struct Tables {
    shelves: Vec<Shelf>,
    /// Rows that were ever made.
    pub(super) sequence: u64,
}

impl Default for Tables {
    fn default() -> Self {
        let shelves = Table::VARIANTS.iter().map(|table| Shelf::new(*table));
        Self {
            shelves: shelves.collect(),
            sequence: 0,
        }
    }
}

impl Tables {
    /// The rows of a table.
    pub(in crate::simulator) fn shelf(&self, table: Table) -> &Shelf {
        &self.shelves[table as usize]
    }

    /// The bytes at a key.
    pub(in crate::simulator) fn get(&self, table: Table, key: &str) -> Option<&Bytes> {
        self.shelf(table).get(key).map(|row| &row.value)
    }

    pub(in crate::simulator) fn text(&self, table: Table, key: &str) -> Option<&str> {
        std::str::from_utf8(self.get(table, key)?).ok()
    }

    /// The JSON at a key.
    ///
    /// # Errors
    /// 500 when it is not what this version writes.
    pub(in crate::simulator) fn json<T: DeserializeOwned>(
        &self,
        table: Table,
        key: &str,
    ) -> Result<Option<T>, Failure> {
        let Some(bytes) = self.get(table, key) else {
            return Ok(None);
        };
        serde_json::from_slice(bytes)
            .map(Some)
            .map_err(|_| Failure::internal(format!("a row of `{}` is damaged", table.name())))
    }

    pub(super) fn set(&mut self, change: &Change) -> Option<Before> {
        self.shelves[change.table as usize].set(&change.key, change.entry.clone())
    }
}

/// A change under way; it sees what it has changed.
pub(in crate::simulator) struct Transaction<'a> {
    tables: &'a mut Tables,
    now: i64,
    changes: Vec<Change>,
    /// What was there before each change.
    before: Vec<Option<Before>>,
}

impl<'a> Transaction<'a> {
    pub(super) fn new(tables: &'a mut Tables, now: i64) -> Self {
        Self {
            tables,
            now,
            changes: Vec::new(),
            before: Vec::new(),
        }
    }

    /// The time of the change, milliseconds since 1970.
    pub(in crate::simulator) fn now(&self) -> i64 {
        self.now
    }

    pub(in crate::simulator) fn put(
        &mut self,
        table: Table,
        key: impl Into<String>,
        value: impl Into<Bytes>,
    ) {
        let key = key.into();
        let there = self.tables.shelf(table).get(&key);
        let there = there.map(|row| (row.sequence, row.made));
        let (sequence, made) = there.unwrap_or_else(|| {
            self.tables.sequence += 1;
            (self.tables.sequence, self.now)
        });
        let value = value.into();
        let entry = Entry {
            value,
            sequence,
            made,
        };
        self.set(table, key, Some(entry));
    }

    /// Sets a key to JSON.
    ///
    /// # Errors
    /// 500 when the value has no JSON form.
    pub(in crate::simulator) fn put_json(
        &mut self,
        table: Table,
        key: impl Into<String>,
        value: &impl Serialize,
    ) -> Result<(), Failure> {
        let bytes = serde_json::to_vec(value)
            .map_err(|_| Failure::internal("a document has no JSON form"))?;
        self.put(table, key, bytes);
        Ok(())
    }

    pub(in crate::simulator) fn remove(&mut self, table: Table, key: impl Into<String>) {
        self.set(table, key.into(), None);
    }

    /// Removes the rows of a table that `keep` does not hold for.
    pub(in crate::simulator) fn retain(&mut self, table: Table, keep: impl Fn(&[u8]) -> bool) {
        let rows = self.tables.shelf(table).iter();
        let gone = rows.filter(|row| !keep(&row.value));
        let gone: Vec<String> = gone.map(|row: &Row| row.key.to_string()).collect();
        for key in gone {
            self.remove(table, key);
        }
    }

    fn set(&mut self, table: Table, key: String, entry: Option<Entry>) {
        let change = Change { table, key, entry };
        self.before.push(self.tables.set(&change));
        self.changes.push(change);
    }

    /// What was made, changed and deleted.
    pub(super) fn events(&self) -> Vec<Event> {
        let changes = self.changes.iter().zip(&self.before);
        let events = changes.filter_map(|(change, before)| {
            let before = before.as_ref().and_then(Before::row);
            let (kind, document) = match (&change.entry, before) {
                (Some(new), Some(_)) if is_deleted(&new.value) => (EventType::Delete, &new.value),
                (Some(new), Some(_)) => (EventType::Update, &new.value),
                (Some(new), None) => (EventType::Create, &new.value),
                (None, Some(old)) => (EventType::Delete, &old.value),
                (None, None) => return None,
            };
            Some(Event {
                table: change.table,
                key: change.key.clone(),
                kind,
                document: document.clone(),
            })
        });
        events.collect()
    }

    pub(super) fn into_changes(self) -> Vec<Change> {
        self.changes
    }

    pub(super) fn undo(self) {
        for (change, before) in self.changes.iter().zip(self.before).rev() {
            if let Some(before) = before {
                self.tables.shelves[change.table as usize].restore(before);
            }
        }
    }
}

/// What of a document says that it is deleted.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Deletion {
    deletion_date: Option<IgnoredAny>,
}

fn is_deleted(document: &[u8]) -> bool {
    let deletion: Deletion = serde_json::from_slice(document).unwrap_or_default();
    deletion.deletion_date.is_some()
}

impl std::ops::Deref for Transaction<'_> {
    type Target = Tables;

    fn deref(&self) -> &Tables {
        self.tables
    }
}
