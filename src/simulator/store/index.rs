//! Which rows hold which term.

use std::collections::BTreeMap;
use std::ops::Bound;

use strum::VariantArray;

/// What a term says of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray)]
pub(in crate::simulator) enum Field {
    /// Id of a part: of a data sample in a contact.
    Part,
    /// Data owner who may read it, or key of a delegation that opens it.
    Reader,
    /// Secret id of the patient that it belongs to.
    SecretKey,
    /// Label: `type|code`, and `type|` alone.
    Tag,
    /// The same of codes.
    Code,
    /// `system|value`
    Identifier,
    /// Id of a health element.
    HealthElement,
    /// Kind of a task, a document or a code.
    Kind,
    /// Data owner of an account, side of exchange data, user of a token, who
    /// answers for a device.
    Owner,
    /// Whoever exchange keys of a data owner are for.
    Delegate,
    /// Login, e-mail address or phone number of an account.
    Address,
    /// Word of a name, small letters.
    Name,
    /// Id of what it is a part or version of.
    Parent,
    /// Id that others gave it.
    ExternalId,
}

/// A term of a row.
pub(super) type Term = (Field, String);

/// Rows by term: numbers in order, which is the order of creation. Terms are
/// sorted, so that those that begin alike stand together.
#[derive(Default)]
pub(super) struct Index {
    by_field: [BTreeMap<Box<str>, Vec<u32>>; Field::VARIANTS.len()],
    by_date: BTreeMap<i64, Vec<u32>>,
}

impl Index {
    /// The rows of a term.
    pub(super) fn get(&self, field: Field, text: &str) -> &[u32] {
        self.by_field[field as usize]
            .get(text)
            .map_or(&[], Vec::as_slice)
    }

    /// The rows of each term that begins so.
    pub(super) fn beginning(&self, field: Field, prefix: &str) -> impl Iterator<Item = &[u32]> {
        let from = (Bound::Included(prefix), Bound::Unbounded);
        let terms = self.by_field[field as usize].range::<str, _>(from);
        terms
            .take_while(move |(text, _)| text.starts_with(prefix))
            .map(|(_, rows)| rows.as_slice())
    }

    /// The rows of each date that is not before the first and not after the
    /// second.
    pub(super) fn between(&self, from: Option<i64>, to: Option<i64>) -> Vec<u32> {
        let (from, to) = (from.unwrap_or(i64::MIN), to.unwrap_or(i64::MAX));
        if from > to {
            return Vec::new();
        }
        let dates = self.by_date.range(from..=to).map(|(_, rows)| rows);
        let mut rows: Vec<u32> = dates.flatten().copied().collect();
        rows.sort_unstable();
        rows
    }

    pub(super) fn add_date(&mut self, row: u32, date: Option<i64>) {
        if let Some(date) = date {
            put(self.by_date.entry(date).or_default(), row);
        }
    }

    pub(super) fn remove_date(&mut self, row: u32, date: Option<i64>) {
        if let Some(date) = date
            && let Some(rows) = self.by_date.get_mut(&date)
        {
            take(rows, row);
            if rows.is_empty() {
                self.by_date.remove(&date);
            }
        }
    }

    pub(super) fn add(&mut self, row: u32, terms: &[Term]) {
        for (field, text) in terms {
            let by_text = &mut self.by_field[*field as usize];
            match by_text.get_mut(text.as_str()) {
                Some(rows) => put(rows, row),
                None => {
                    by_text.insert(text.as_str().into(), vec![row]);
                }
            }
        }
    }

    pub(super) fn remove(&mut self, row: u32, terms: &[Term]) {
        for (field, text) in terms {
            let by_text = &mut self.by_field[*field as usize];
            if let Some(rows) = by_text.get_mut(text.as_str()) {
                take(rows, row);
                if rows.is_empty() {
                    by_text.remove(text.as_str());
                }
            }
        }
    }
}

/// Adds a row to a list in order, nearly always behind the others.
fn put(rows: &mut Vec<u32>, row: u32) {
    if rows.last().is_none_or(|last| *last < row) {
        rows.push(row);
    } else if let Err(place) = rows.binary_search(&row) {
        rows.insert(place, row);
    }
}

fn take(rows: &mut Vec<u32>, row: u32) {
    if let Ok(place) = rows.binary_search(&row) {
        rows.remove(place);
    }
}

#[cfg(test)]
mod tests {
    use super::{Field, Index};

    #[test]
    fn rows_stand_in_order_and_once() {
        let mut index = Index::default();
        let terms = [(Field::Tag, "a|b".to_owned())];
        for row in [5, 2, 9, 2, 5] {
            index.add(row, &terms);
        }
        assert_eq!(index.get(Field::Tag, "a|b"), [2, 5, 9]);
        assert_eq!(index.beginning(Field::Tag, "a|").count(), 1);
        assert!(index.get(Field::Code, "a|b").is_empty());
        for (row, text) in [(1, "a"), (3, "a|c"), (4, "a}"), (6, "b|")] {
            index.add(row, &[(Field::Tag, text.to_owned())]);
            index.add(row, &[(Field::Code, text.to_owned())]);
        }
        let begun = index.beginning(Field::Tag, "a|").flatten();
        assert_eq!(begun.copied().collect::<Vec<_>>(), [2, 5, 9, 3]);
        for (row, text) in [(1, "a"), (3, "a|c"), (4, "a}"), (6, "b|")] {
            index.remove(row, &[(Field::Tag, text.to_owned())]);
        }
        for row in [5, 9, 2, 7] {
            index.remove(row, &terms);
        }
        assert_eq!(index.beginning(Field::Tag, "").count(), 0, "no term stays");
    }
}
