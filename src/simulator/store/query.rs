//! Finding rows by their terms.

use std::borrow::Cow;

use super::index::{Field, Index};

/// Which rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::simulator) enum Query {
    /// Those that are not deleted.
    All,
    /// Those with these ids.
    Ids(Vec<String>),
    /// Those with a term.
    Term(Field, String),
    /// Those with a term that begins so.
    Beginning(Field, String),
    /// Those whose date is not before the first and not after the second.
    Dated(Option<i64>, Option<i64>),
    /// Those that hold a part of these.
    Holding(Box<Query>),
    /// Those that one of them finds.
    Any(Vec<Query>),
    /// Those that each of them finds.
    Every(Vec<Query>),
    /// Those that the first finds and the second does not.
    Without(Box<Query>, Box<Query>),
}

/// Rows in which something can be found.
pub(super) trait Searched {
    fn index(&self) -> &Index;
    /// Those that are not deleted, in order.
    fn all(&self) -> Vec<u32>;
    /// Those of an id.
    fn of_id(&self, id: &str) -> Vec<u32>;
    fn date(&self, row: u32) -> Option<i64>;
    /// Those that hold a part that the query finds.
    fn holding(&self, query: &Query) -> Vec<u32>;
}

/// The rows that a query finds, in order.
pub(super) fn find<'a>(rows: &'a impl Searched, query: &Query) -> Cow<'a, [u32]> {
    match query {
        Query::All => rows.all().into(),
        Query::Ids(ids) => united(ids.iter().map(|id| rows.of_id(id).into())),
        Query::Term(field, text) => rows.index().get(*field, text).into(),
        Query::Beginning(field, prefix) => {
            united(rows.index().beginning(*field, prefix).map(Cow::from))
        }
        Query::Dated(from, to) => rows.index().between(*from, *to).into(),
        Query::Holding(parts) => rows.holding(parts).into(),
        Query::Any(queries) => united(queries.iter().map(|query| find(rows, query))),
        Query::Every(queries) => every(rows, queries),
        Query::Without(all, some) => {
            let some = find(rows, some);
            let mut found = find(rows, all).into_owned();
            found.retain(|row| some.binary_search(row).is_err());
            found.into()
        }
    }
}

/// Rows so few that the date of each is looked at.
const FEW: usize = 256;

/// Of few rows the dates are looked at one by one. Terms and dates are of what
/// is not deleted, so that [`Query::All`] adds nothing to them.
fn every<'a>(rows: &'a impl Searched, queries: &[Query]) -> Cow<'a, [u32]> {
    let (dates, others): (Vec<&Query>, Vec<&Query>) = queries
        .iter()
        .partition(|query| matches!(query, Query::Dated(..)));
    let narrow = others.iter().filter(|query| !matches!(query, Query::All));
    let mut lists: Vec<_> = narrow.map(|query| find(rows, query)).collect();
    lists.sort_by_key(|list| list.len());
    let is_narrow = lists.first().is_some_and(|list| list.len() <= FEW);
    if !is_narrow {
        lists.extend(dates.iter().map(|query| find(rows, query)));
        lists.sort_by_key(|list| list.len());
    }
    let mut lists = lists.into_iter();
    let mut found = lists.next().unwrap_or_else(|| rows.all().into());
    for list in lists {
        if let Cow::Owned(found) = &mut found {
            keep(found, &list);
        } else {
            let mut owned = found.into_owned();
            keep(&mut owned, &list);
            found = owned.into();
        }
    }
    for date in dates.into_iter().filter(|_| is_narrow) {
        if let Query::Dated(from, to) = date {
            found
                .to_mut()
                .retain(|row| is_between(rows.date(*row), *from, *to));
        }
    }
    found
}

/// Keeps what is in a list that is not shorter.
fn keep(found: &mut Vec<u32>, list: &[u32]) {
    let mut rest = list;
    found.retain(|row| {
        // In steps that double, so that few rows among many are found fast.
        let mut step = 1;
        while rest.get(step).is_some_and(|other| other < row) {
            step *= 2;
        }
        let end = rest.len().min(step + 1);
        let place = rest[..end].partition_point(|other| other < row);
        rest = &rest[place..];
        rest.first() == Some(row)
    });
}

fn is_between(date: Option<i64>, from: Option<i64>, to: Option<i64>) -> bool {
    date.is_some_and(|date| from.is_none_or(|from| from <= date) && to.is_none_or(|to| date <= to))
}

fn united<'a>(lists: impl Iterator<Item = Cow<'a, [u32]>>) -> Cow<'a, [u32]> {
    let mut lists = lists.filter(|list| !list.is_empty());
    let Some(first) = lists.next() else {
        return Cow::default();
    };
    let Some(second) = lists.next() else {
        return first;
    };
    let mut found = first.into_owned();
    found.extend_from_slice(&second);
    for list in lists {
        found.extend_from_slice(&list);
    }
    found.sort_unstable();
    found.dedup();
    found.into()
}

#[cfg(test)]
mod tests {
    use proptest::collection::btree_set;
    use proptest::prelude::{prop_assert_eq, proptest};

    use super::keep;

    proptest! {
        #[test]
        fn what_is_in_both_is_kept(few in btree_set(0_u32..200, 0..30), many in btree_set(0_u32..200, 0..150)) {
            let mut found: Vec<u32> = few.iter().copied().collect();
            let list: Vec<u32> = many.iter().copied().collect();
            keep(&mut found, &list);
            let both: Vec<u32> = few.intersection(&many).copied().collect();
            prop_assert_eq!(found, both);
        }
    }
}
