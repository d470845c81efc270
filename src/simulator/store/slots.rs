//! Rows by number, in the order in which they came.

use std::collections::BTreeMap;

/// Numbers grow and are not used again.
pub(super) struct Slots<T> {
    next: u32,
    rows: BTreeMap<u32, T>,
}

impl<T> Default for Slots<T> {
    fn default() -> Self {
        Self {
            next: 0,
            rows: BTreeMap::new(),
        }
    }
}

impl<T> Slots<T> {
    /// A number that no row has had.
    pub(super) fn number(&mut self) -> u32 {
        let number = self.next;
        self.next = self.next.saturating_add(1);
        number
    }

    pub(super) fn put(&mut self, number: u32, row: T) {
        self.rows.insert(number, row);
    }

    pub(super) fn get(&self, number: u32) -> Option<&T> {
        self.rows.get(&number)
    }

    pub(super) fn take(&mut self, number: u32) -> Option<T> {
        self.rows.remove(&number)
    }

    /// All rows with their numbers.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        self.rows.iter().map(|(number, row)| (*number, row))
    }
}
