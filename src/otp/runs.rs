//! Runs of digits in a text that stand alone.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;
use zeroize::Zeroizing;

/// Addresses of mails and pages.
static ADDRESSES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let address = r#"(?i)(?:[a-z][a-z0-9+.-]*://|www\.|mailto:|tel:)[^\s<>"']+"#;
    let mail = r#"[^\s<>"'@]+@[^\s<>"'@]+"#;
    let bare = r#"[a-z0-9-]+(?:\.[a-z0-9-]+)+/[^\s<>"']*"#;
    Regex::new(&format!("{address}|{mail}|{bare}")).ok()
});

/// Runs of so many digits that are part of nothing else, in the order of the text.
pub(super) fn runs(text: &str, length: usize) -> Vec<Range<usize>> {
    let addresses: Vec<_> = match &*ADDRESSES {
        Some(addresses) => addresses
            .find_iter(text)
            .map(|found| found.range())
            .collect(),
        None => Vec::new(),
    };
    let mut runs = all(text, length);
    runs.sort_by_key(|run| run.start);
    runs.retain(|run| {
        !is_within(&addresses, run.start)
            && !is_within(&addresses, run.end - 1)
            && stands_alone(text, run)
    });
    runs
}

/// Whether one of these places, in the order of the text, has this one in it.
pub(super) fn is_within(places: &[Range<usize>], at: usize) -> bool {
    let next = places.partition_point(|place| place.end <= at);
    places.get(next).is_some_and(|place| place.start <= at)
}

/// The digits of a text.
pub(super) fn digits(text: &str) -> Zeroizing<String> {
    Zeroizing::new(text.chars().filter(char::is_ascii_digit).collect())
}

/// Runs of so many digits: together, in groups of one size, or one by one.
fn all(text: &str, length: usize) -> Vec<Range<usize>> {
    let mut groups: Vec<Range<usize>> = Vec::new();
    for (at, c) in text.char_indices().filter(|(_, c)| c.is_ascii_digit()) {
        match groups.last_mut() {
            Some(group) if group.end == at => group.end += c.len_utf8(),
            _ => groups.push(at..at + 1),
        }
    }
    let mut found: Vec<_> = groups
        .iter()
        .filter(|it| it.len() == length)
        .cloned()
        .collect();
    let mut rest = &groups[..];
    while let [first, ..] = rest {
        let size = first.len();
        let joined = rest.windows(2).take_while(|pair| {
            pair[1].len() == size && joins(&text[pair[0].end..pair[1].start], size)
        });
        let count = joined.count() + 1;
        if count > 1 && size * count == length {
            found.push(first.start..rest[count - 1].end);
        }
        rest = &rest[count..];
    }
    found
}

/// Whether what is between two groups joins them. Digits one by one may have
/// cells or lines of their own.
fn joins(between: &str, size: usize) -> bool {
    match size {
        1 => {
            between.len() <= 40
                && between
                    .chars()
                    .all(|c| c.is_whitespace() || c == '-' || c == '|')
        }
        _ => matches!(between, " " | "-" | " - "),
    }
}

/// Whether nothing beside it makes it a part of something else.
fn stands_alone(text: &str, run: &Range<usize>) -> bool {
    let mut before = text[..run.start].chars().rev();
    let mut after = text[run.end..].chars();
    let (before, further) = (before.next(), before.next());
    let (after, beyond) = (after.next(), after.next());
    let is_word =
        |c: Option<char>| c.is_some_and(|c| c == '_' || c.is_alphanumeric() && !is_unspaced(c));
    let is_digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    let parts_number = |c: Option<char>| matches!(c, Some('.' | ',' | ':' | '/' | '-' | '\''));
    let is_money = |c: Option<char>| {
        matches!(
            c,
            Some('€' | '$' | '£' | '¥' | '₹' | '₺' | '₽' | '%' | '‰' | '°')
        )
    };
    !(is_word(before)
        || is_word(after)
        || matches!(before, Some('@' | '+' | '\\' | '&'))
        || matches!(after, Some('@'))
        || is_money(before)
        || is_money(after)
        || before == Some('/') && is_word(further)
        || after == Some('/') && is_word(beyond)
        || parts_number(before) && is_digit(further)
        || parts_number(after) && is_digit(beyond))
}

/// Letters of scripts that put nothing between words.
fn is_unspaced(c: char) -> bool {
    matches!(u32::from(c), 0x0e00..=0x0eff | 0x1000..=0x109f | 0x1780..=0x17ff | 0x3000..=0x9fff | 0xac00..=0xd7af | 0xf900..=0xfaff | 0xff00..=0xffef)
}
