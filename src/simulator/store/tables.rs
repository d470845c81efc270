//! Keys and bytes, in memory.

use std::collections::HashMap;

use axum::body::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use strum::{IntoStaticStr, VariantArray};

use crate::simulator::Failure;

/// The tables. Their names are those in the data file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub(in crate::simulator) enum Table {
    /// What the simulator is: identity, key of the JWTs, sequence.
    Meta,
    /// User id → account.
    Users,
    /// Login → user id.
    Logins,
    /// Digest of a long-lived token → whose it is and until when.
    Tokens,
    /// User id and key of a token → digest of the token.
    TokenKeys,
    /// Id → patient.
    Patients,
    /// Id → practitioner.
    Practitioners,
    /// Id → contact.
    Contacts,
    /// Id of a service → id of the contact that holds it.
    Services,
    /// Id → maintenance task.
    MaintenanceTasks,
    /// Session that was logged out → when its JWTs end by themselves.
    EndedSessions,
    /// Id → exchange data.
    ExchangeData,
    /// Id of a data owner → ids of the exchange data that it is a side of.
    ExchangeDataOf,
    /// Key of a secure delegation → which exchange data it was made with.
    ExchangeDataMaps,
}

impl Table {
    pub(super) fn name(self) -> &'static str {
        self.into()
    }
}

/// One key of one table, with its value; no value means that there is none.
#[derive(Clone)]
pub(super) struct Change {
    pub(super) table: Table,
    pub(super) key: String,
    pub(super) value: Option<Bytes>,
}

/// What the simulator keeps, in memory; rows are JSON.
#[derive(Default)]
pub(in crate::simulator) struct Tables {
    rows: [HashMap<String, Bytes>; Table::VARIANTS.len()],
}

impl Tables {
    /// The bytes at a key.
    pub(in crate::simulator) fn get(&self, table: Table, key: &str) -> Option<&Bytes> {
        self.rows[table as usize].get(key)
    }

    /// All rows of a table, in no order.
    pub(in crate::simulator) fn rows(&self, table: Table) -> impl Iterator<Item = &Bytes> {
        self.rows[table as usize].values()
    }

    pub(in crate::simulator) fn text(&self, table: Table, key: &str) -> Option<&str> {
        std::str::from_utf8(self.get(table, key)?).ok()
    }

    /// The rows of a table in which a text stands somewhere: all that hold it
    /// as a value or as a key, and perhaps some more.
    pub(in crate::simulator) fn containing<'a>(
        &'a self,
        table: Table,
        text: &'a str,
    ) -> impl Iterator<Item = &'a Bytes> {
        let rows = self.rows[table as usize].values();
        rows.filter(move |row| std::str::from_utf8(row).is_ok_and(|row| row.contains(text)))
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

    pub(super) fn set(&mut self, change: Change) -> Option<Bytes> {
        let rows = &mut self.rows[change.table as usize];
        match change.value {
            Some(value) => rows.insert(change.key, value),
            None => rows.remove(&change.key),
        }
    }
}

/// A change under way; it sees what it has changed.
pub(in crate::simulator) struct Transaction<'a> {
    tables: &'a mut Tables,
    changes: Vec<Change>,
    /// What was there before each change.
    before: Vec<Option<Bytes>>,
}

impl<'a> Transaction<'a> {
    pub(super) fn new(tables: &'a mut Tables) -> Self {
        Self {
            tables,
            changes: Vec::new(),
            before: Vec::new(),
        }
    }

    pub(in crate::simulator) fn put(
        &mut self,
        table: Table,
        key: impl Into<String>,
        value: impl Into<Bytes>,
    ) {
        self.set(table, key.into(), Some(value.into()));
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
        let rows = self.tables.rows[table as usize].iter();
        let gone = rows.filter(|(_, value)| !keep(value));
        let gone: Vec<String> = gone.map(|(key, _)| key.clone()).collect();
        for key in gone {
            self.remove(table, key);
        }
    }

    fn set(&mut self, table: Table, key: String, value: Option<Bytes>) {
        let change = Change { table, key, value };
        self.before.push(self.tables.set(change.clone()));
        self.changes.push(change);
    }

    pub(super) fn into_changes(self) -> Vec<Change> {
        self.changes
    }

    pub(super) fn undo(self) {
        for (change, before) in self.changes.into_iter().zip(self.before).rev() {
            self.tables.set(Change {
                value: before,
                ..change
            });
        }
    }
}

impl std::ops::Deref for Transaction<'_> {
    type Target = Tables;

    fn deref(&self) -> &Tables {
        self.tables
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{Table, VariantArray};

    #[test]
    fn every_table_has_its_place_and_its_name() {
        for (place, table) in Table::VARIANTS.iter().enumerate() {
            assert_eq!(*table as usize, place, "{table:?}");
        }
        let names: HashSet<_> = Table::VARIANTS.iter().map(|table| table.name()).collect();
        assert_eq!(names.len(), Table::VARIANTS.len());
    }
}
