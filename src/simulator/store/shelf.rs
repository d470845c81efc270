//! One table: rows by key, in order of creation, found by what they say.

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::Bytes;

use super::facts::{self, Facts};
use super::index::Index;
use super::parts::{PartRow, Parts};
use super::query::{self, Query, Searched};
use super::slots::Slots;
use super::table::Table;

/// One row.
#[derive(Clone)]
pub(in crate::simulator) struct Row {
    pub(in crate::simulator) key: Arc<str>,
    pub(in crate::simulator) value: Bytes,
    /// Which one it is of all that were ever made; the order on disk.
    pub(super) sequence: u64,
    /// When it was made, milliseconds since 1970.
    pub(super) made: i64,
    date: Option<i64>,
    deleted: bool,
    /// Its first part.
    part: u32,
}

/// What a row is made of, as it is written to disk.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) value: Bytes,
    pub(super) sequence: u64,
    pub(super) made: i64,
}

/// What was there before a change.
pub(super) struct Before {
    number: u32,
    row: Option<Row>,
}

impl Before {
    /// The row, if there was one.
    pub(super) fn row(&self) -> Option<&Row> {
        self.row.as_ref()
    }
}

/// The rows of a table.
pub(in crate::simulator) struct Shelf {
    table: Table,
    rows: Slots<Row>,
    numbers: HashMap<Arc<str>, u32>,
    index: Index,
    parts: Parts,
}

impl Shelf {
    pub(super) fn new(table: Table) -> Self {
        Self {
            table,
            rows: Slots::default(),
            numbers: HashMap::new(),
            index: Index::default(),
            parts: Parts::default(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.numbers.len()
    }

    /// The row of a key.
    pub(in crate::simulator) fn get(&self, key: &str) -> Option<&Row> {
        self.rows.get(*self.numbers.get(key)?)
    }

    /// A row that was found.
    pub(in crate::simulator) fn row(&self, number: u32) -> Option<&Row> {
        self.rows.get(number)
    }

    /// The number of a key, by which it stands among those that were found.
    pub(in crate::simulator) fn number(&self, key: &str) -> Option<u32> {
        self.numbers.get(key).copied()
    }

    /// All rows, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().map(|(_, row)| row)
    }

    /// The rows that a query finds, in order of creation.
    pub(in crate::simulator) fn find(&self, query: &Query) -> Vec<u32> {
        query::find(self, query).into_owned()
    }

    /// The parts that a query finds, in order of creation.
    pub(in crate::simulator) fn find_parts(&self, query: &Query) -> Vec<u32> {
        query::find(&self.parts, query).into_owned()
    }

    /// The parts of the rows.
    pub(in crate::simulator) fn parts(&self) -> &Parts {
        &self.parts
    }

    /// Sets a key, or removes it. What is there already keeps its place.
    pub(super) fn set(&mut self, key: &str, entry: Option<Entry>) -> Option<Before> {
        match (self.numbers.get(key).copied(), entry) {
            (None, None) => None,
            (Some(number), None) => {
                let row = self.take(number);
                Some(Before { number, row })
            }
            (Some(number), Some(entry)) => {
                let row = self.take(number);
                let (sequence, made) = row
                    .as_ref()
                    .map_or((entry.sequence, entry.made), |row| (row.sequence, row.made));
                let key = row
                    .as_ref()
                    .map_or_else(|| key.into(), |row| Arc::clone(&row.key));
                self.put(
                    number,
                    key,
                    Entry {
                        sequence,
                        made,
                        ..entry
                    },
                );
                Some(Before { number, row })
            }
            (None, Some(entry)) => {
                let number = self.rows.number();
                self.put(number, key.into(), entry);
                Some(Before { number, row: None })
            }
        }
    }

    /// Undoes a change.
    pub(super) fn restore(&mut self, before: Before) {
        self.take(before.number);
        if let Some(Row {
            key,
            value,
            sequence,
            made,
            ..
        }) = before.row
        {
            self.put(
                before.number,
                key,
                Entry {
                    value,
                    sequence,
                    made,
                },
            );
        }
    }

    fn put(&mut self, number: u32, key: Arc<str>, entry: Entry) {
        let Facts {
            terms,
            date,
            deleted,
            parts,
        } = facts::read(self.table, &key, &entry.value);
        self.index.add(number, &terms);
        self.index.add_date(number, date);
        let row = Row {
            key: Arc::clone(&key),
            value: entry.value,
            sequence: entry.sequence,
            made: entry.made,
            date,
            deleted,
            part: self.parts.add(number, &parts),
        };
        self.numbers.insert(key, number);
        self.rows.put(number, row);
    }

    fn take(&mut self, number: u32) -> Option<Row> {
        let row = self.rows.take(number)?;
        self.numbers.remove(&row.key);
        let facts = facts::read(self.table, &row.key, &row.value);
        self.index.remove(number, &facts.terms);
        self.index.remove_date(number, facts.date);
        self.parts.remove(row.part, &facts.parts);
        Some(row)
    }
}

impl Searched for Shelf {
    fn index(&self) -> &Index {
        &self.index
    }

    fn all(&self) -> Vec<u32> {
        let rows = self.rows.iter().filter(|(_, row)| !row.deleted);
        rows.map(|(number, _)| number).collect()
    }

    fn of_id(&self, id: &str) -> Vec<u32> {
        let number = self.numbers.get(id).copied();
        let row = number.filter(|number| self.row(*number).is_some_and(|row| !row.deleted));
        row.into_iter().collect()
    }

    fn date(&self, row: u32) -> Option<i64> {
        self.row(row)?.date
    }

    fn holding(&self, query: &Query) -> Vec<u32> {
        let parts = query::find(&self.parts, query);
        let rows = parts.iter().filter_map(|part| self.parts.row(*part));
        let mut rows: Vec<u32> = rows.map(|part: &PartRow| part.parent).collect();
        rows.sort_unstable();
        rows.dedup();
        rows
    }
}

impl Searched for Parts {
    fn index(&self) -> &Index {
        &self.index
    }

    fn all(&self) -> Vec<u32> {
        self.rows.iter().map(|(number, _)| number).collect()
    }

    fn of_id(&self, id: &str) -> Vec<u32> {
        self.index.get(super::index::Field::Part, id).to_vec()
    }

    fn date(&self, row: u32) -> Option<i64> {
        self.row(row)?.date
    }

    fn holding(&self, _: &Query) -> Vec<u32> {
        Vec::new()
    }
}
