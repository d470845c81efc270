//! Data samples: what is in contacts and is found on its own.

use std::collections::HashSet;

use super::facts::Part;
use super::index::{Field, Index};
use super::slots::Slots;

/// A data sample in one contact.
pub(in crate::simulator) struct PartRow {
    pub(in crate::simulator) id: Box<str>,
    /// Row of the contact.
    pub(in crate::simulator) parent: u32,
    /// Place among the services of the contact.
    pub(in crate::simulator) place: u32,
    pub(super) date: Option<i64>,
    modified: Option<i64>,
}

/// All of a table.
#[derive(Default)]
pub(in crate::simulator) struct Parts {
    pub(super) rows: Slots<PartRow>,
    pub(super) index: Index,
    /// Those whose id other rows have too.
    shared: HashSet<u32>,
}

impl Parts {
    /// Adds those of a row; gives the number of the first.
    pub(super) fn add(&mut self, parent: u32, parts: &[Part]) -> u32 {
        let mut first = None;
        for (place, part) in (0..).zip(parts) {
            let number = self.rows.number();
            first.get_or_insert(number);
            let row = PartRow {
                id: part.id.as_str().into(),
                parent,
                place,
                date: part.date,
                modified: part.modified,
            };
            self.rows.put(number, row);
            self.index.add(number, &part.terms);
            self.index.add_date(number, part.date);
            let same = self.index.get(Field::Part, &part.id);
            if same.len() > 1 {
                self.shared.extend(same);
            }
        }
        first.unwrap_or_default()
    }

    /// Removes those of a row again.
    pub(super) fn remove(&mut self, first: u32, parts: &[Part]) {
        for (row, part) in (first..).zip(parts) {
            self.index.remove(row, &part.terms);
            self.index.remove_date(row, part.date);
            self.rows.take(row);
            self.shared.remove(&row);
            if let [last] = self.index.get(Field::Part, &part.id) {
                self.shared.remove(last);
            }
        }
    }

    /// A data sample.
    pub(in crate::simulator) fn row(&self, row: u32) -> Option<&PartRow> {
        self.rows.get(row)
    }

    /// Leaves of those that were found one for each id.
    pub(in crate::simulator) fn retain_one_of_each(&self, found: &mut Vec<u32>) {
        let all = found.clone();
        found.retain(|row| {
            let is_last = |row: u32| {
                let id = self.rows.get(row).map(|part| &part.id);
                let same = id.map(|id| self.index.get(Field::Part, id));
                let mut later = same.into_iter().flatten().filter(|other| **other > row);
                !later.any(|other| all.binary_search(other).is_ok())
            };
            !self.shared.contains(row) || is_last(*row)
        });
    }

    /// Of the data samples of one id, which may stand in several contacts, the
    /// newest: the one that was changed last, as it says itself, and of two
    /// that say the same the one that came last. Only those count that `may`
    /// holds for.
    pub(in crate::simulator) fn newest(
        &self,
        id: &str,
        may: impl Fn(&PartRow) -> bool,
    ) -> Option<&PartRow> {
        let rows = self.index.get(Field::Part, id).iter();
        let rows = rows.filter_map(|row| Some((*row, self.rows.get(*row)?)));
        rows.filter(|(_, part)| may(part))
            .max_by_key(|(row, part)| (part.modified, *row))
            .map(|(_, part)| part)
    }
}
