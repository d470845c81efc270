//! Sets of mails by number or UID: `1,3:5,7:*`.

use super::cursor::{Cursor, Malformed, Parsed};

/// A set as it is written; `None` is `*`, the last mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MailSet(Vec<(Option<u32>, Option<u32>)>);

/// A set of numbers: sorted ranges that do not touch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ranges(Vec<(u32, u32)>);

impl MailSet {
    pub(super) fn read(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let mut ranges = Vec::new();
        loop {
            let first = bound(cursor)?;
            let last = if cursor.take(b':') {
                bound(cursor)?
            } else {
                first
            };
            ranges.push((first, last));
            if !cursor.take(b',') {
                return Ok(Self(ranges));
            }
        }
    }

    /// The numbers when the last mail has this one; none when there is none.
    pub(super) fn resolve(&self, last: Option<u32>) -> Ranges {
        let Some(last) = last else {
            return Ranges(Vec::new());
        };
        let mut ranges: Vec<(u32, u32)> = self
            .0
            .iter()
            .map(|(a, b)| {
                let (a, b) = (a.unwrap_or(last), b.unwrap_or(last));
                (a.min(b), a.max(b))
            })
            .collect();
        ranges.sort_unstable();
        let mut merged: Vec<(u32, u32)> = Vec::new();
        for (first, end) in ranges {
            match merged.last_mut() {
                Some(before) if first <= before.1.saturating_add(1) => before.1 = before.1.max(end),
                _ => merged.push((first, end)),
            }
        }
        Ranges(merged)
    }
}

impl Ranges {
    pub(super) fn contains(&self, number: u32) -> bool {
        let after = self.0.partition_point(|(first, _)| *first <= number);
        let before = after.checked_sub(1).and_then(|index| self.0.get(index));
        before.is_some_and(|(_, end)| number <= *end)
    }

    /// The greatest number.
    pub(super) fn last(&self) -> Option<u32> {
        self.0.last().map(|(_, end)| *end)
    }
}

fn bound(cursor: &mut Cursor<'_>) -> Parsed<Option<u32>> {
    if cursor.take(b'*') {
        return Ok(None);
    }
    match cursor.number() {
        Ok(0) | Err(_) => Err(Malformed("expected a set such as `1,3:5,7:*`")),
        Ok(number) => Ok(Some(number)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Cursor, MailSet, Ranges};

    fn set(text: &str) -> Option<MailSet> {
        let mut cursor = Cursor::new(text.as_bytes());
        let set = MailSet::read(&mut cursor).ok()?;
        cursor.end().ok().map(|()| set)
    }

    #[test]
    fn ranges_are_sorted_and_joined() {
        let ranges = |text, last| set(text).unwrap().resolve(last);
        assert_eq!(
            ranges("5,1:2,3,9:7", Some(20)),
            Ranges(vec![(1, 3), (5, 5), (7, 9)])
        );
        assert_eq!(ranges("7:*", Some(3)), Ranges(vec![(3, 7)]));
        assert_eq!(ranges("*", Some(3)), Ranges(vec![(3, 3)]));
        assert_eq!(ranges("1:*,1:*,1:*", Some(3)), Ranges(vec![(1, 3)]));
        assert_eq!(ranges("1:*", None), Ranges(vec![]));
    }

    #[test]
    fn malformed_sets_are_refused() {
        for text in [
            "",
            "0",
            "1:",
            ":1",
            "1,",
            ",1",
            "a",
            "1:0",
            "4294967296",
            "1-2",
            "-1",
        ] {
            assert_eq!(set(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_number_is_in_it_when_it_is_in_a_range(
            pairs in prop::collection::vec((1_u32..30, 1_u32..30), 1..6),
            number in 1_u32..32,
        ) {
            let text: Vec<String> = pairs.iter().map(|(a, b)| format!("{a}:{b}")).collect();
            let ranges = set(&text.join(",")).unwrap().resolve(Some(30));
            let expected = pairs.iter().any(|(a, b)| (*a.min(b)..=*a.max(b)).contains(&number));
            prop_assert_eq!(ranges.contains(number), expected);
        }
    }
}
