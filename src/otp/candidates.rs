//! Runs of digits in a text that may be its code, and what speaks for each.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;
use zeroize::Zeroizing;

use super::words::{Hint, hints};

/// The first of ten digits, in scripts that have their own (Unicode, Nd).
const ZEROS: [u32; 19] = [
    0x0660, 0x06f0, 0x07c0, 0x0966, 0x09e6, 0x0a66, 0x0ae6, 0x0b66, 0x0be6, 0x0c66, 0x0ce6, 0x0d66,
    0x0e50, 0x0ed0, 0x0f20, 0x1040, 0x17e0, 0x1810, 0xff10,
];

/// Addresses of mails and pages.
static ADDRESSES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let address = r#"(?i)(?:[a-z][a-z0-9+.-]*://|www\.|mailto:|tel:)[^\s<>"']+"#;
    let mail = r#"[^\s<>"'@]+@[^\s<>"'@]+"#;
    let bare = r#"[a-z0-9-]+(?:\.[a-z0-9-]+)+/[^\s<>"']*"#;
    Regex::new(&format!("{address}|{mail}|{bare}")).ok()
});

/// What a run of digits may be.
pub(super) struct Candidate {
    /// Its digits.
    pub(super) code: Zeroizing<String>,
    /// Where it stands.
    pub(super) place: Range<usize>,
    /// What speaks for it, less what speaks against it.
    score: i32,
}

/// A run with less than this is something else.
const LEAST: i32 = -2;
/// Looked at in one text; whoever writes a code writes fewer numbers.
const MOST: usize = 200;
/// Bytes before and after a run in which something may be said of it.
const NEAR: usize = 400;
/// By so much one has to be better than the next.
const MARGIN: i32 = 2;

/// The text as people read it: one kind of digits, of spaces and of dashes, and
/// nothing that has no width.
pub(super) fn as_read(text: &str) -> Zeroizing<String> {
    let mut read = Zeroizing::new(String::with_capacity(text.len()));
    for c in text.chars() {
        let number = u32::from(c);
        let zero = ZEROS
            .iter()
            .find(|zero| (**zero..**zero + 10).contains(&number));
        match c {
            '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}' | '\u{34f}'
            // and what makes keys of digits
            | '\u{fe0f}' | '\u{20e3}' => {}
            '\u{2010}'..='\u{2013}' | '\u{2212}' => read.push('-'),
            '\n' | '\r' | '\t' => read.push(c),
            _ if c.is_whitespace() => read.push(' '),
            _ => match zero.and_then(|zero| char::from_digit(number - zero, 10)) {
                Some(digit) => read.push(digit),
                None => read.push(c),
            },
        }
    }
    read
}

/// The candidates for a code of so many digits, the best of each code, the best
/// code first. The text is [`as_read`].
pub(super) fn candidates(text: &str, length: usize) -> Vec<Candidate> {
    let addresses: Vec<_> = match &*ADDRESSES {
        Some(addresses) => addresses
            .find_iter(text)
            .map(|found| found.range())
            .collect(),
        None => Vec::new(),
    };
    let mut all: Vec<Candidate> = runs(text, length)
        .into_iter()
        .filter(|run| {
            addresses
                .iter()
                .all(|it| it.end <= run.start || run.end <= it.start)
        })
        .filter(|run| stands_alone(text, run))
        .take(MOST)
        .map(|place| Candidate {
            code: digits(&text[place.clone()]),
            score: score(text, &place),
            place,
        })
        .filter(|candidate| candidate.score >= LEAST)
        .collect();
    all.sort_by(|a, b| {
        b.score
            .cmp(&a.score)
            .then_with(|| a.place.start.cmp(&b.place.start))
    });
    let mut known: Vec<Zeroizing<String>> = Vec::new();
    all.retain(|candidate| {
        let is_new = !known.contains(&candidate.code);
        known.push(candidate.code.clone());
        is_new
    });
    all
}

/// Whether the first one is meant: it is the only one, or better than the next.
pub(super) fn is_clear(candidates: &[Candidate]) -> bool {
    match candidates {
        [first, second, ..] => first.score - second.score >= MARGIN,
        _ => true,
    }
}

/// The digits of a text.
pub(super) fn digits(text: &str) -> Zeroizing<String> {
    Zeroizing::new(text.chars().filter(char::is_ascii_digit).collect())
}

/// Runs of so many digits: together, in groups of one size, or one by one.
fn runs(text: &str, length: usize) -> Vec<Range<usize>> {
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

/// What is said near a run, for it or against it.
fn score(text: &str, run: &Range<usize>) -> i32 {
    let is_boundary = |at: &usize| text.is_char_boundary(*at);
    let from = (run.start.saturating_sub(NEAR)..run.start).find(is_boundary);
    let from = from.unwrap_or(run.start);
    let to = (run.end + NEAR..text.len()).find(is_boundary);
    let to = to.unwrap_or(text.len());
    let (text, run) = (&text[from..to], run.start - from..run.end - from);
    let hints = hints(text);
    let line_start = text[..run.start].rfind('\n').map_or(0, |at| at + 1);
    let line_end = text[run.end..]
        .find('\n')
        .map_or(text.len(), |at| run.end + at);
    let is_bare = |text: &str| !text.chars().any(char::is_alphanumeric);
    let mut score = 0;
    if is_bare(&text[line_start..run.start]) && is_bare(&text[run.end..line_end]) {
        score += 3;
    }
    // What somebody else wrote before.
    if text[line_start..].trim_start().starts_with('>') {
        score -= 5;
    }
    let before = hints.iter().filter(|(_, end, _)| *end <= run.start);
    let before = before.max_by_key(|(_, end, _)| *end).map(|(_, end, hint)| {
        let between = &text[*end..run.start];
        (between.chars().count(), *hint)
    });
    let after = hints.iter().filter(|(start, ..)| *start >= run.end);
    let after = after
        .min_by_key(|(start, ..)| *start)
        .map(|(start, _, hint)| {
            let between = &text[run.end..*start];
            (between.chars().count(), *hint)
        });
    let said_before = match before {
        Some((0..=15, Hint::Code)) => 5,
        Some((16..=40, Hint::Code)) => 4,
        Some((41..=160, Hint::Code)) => 2,
        Some((0..=20, Hint::Other)) => -4,
        _ => 0,
    };
    let said_after = match after {
        Some((0..=15, Hint::Code)) => 4,
        Some((16..=60, Hint::Code)) => 2,
        _ => 0,
    };
    // Not both: what is said after one may be said of the next.
    score += if said_before < 0 {
        said_before
    } else {
        said_before.max(said_after)
    };
    let (ahead, behind) = (text[..run.start].trim_end(), text[run.end..].trim_start());
    if ahead.ends_with('#') {
        score -= 3;
    }
    // A part of a longer number, with a space in it.
    if line_start < ahead.len() && ahead.ends_with(|c: char| c.is_ascii_digit())
        || run.end + text[run.end..].len() - behind.len() < line_end
            && behind.starts_with(|c: char| c.is_ascii_digit())
    {
        score -= 3;
    }
    let code = &text[run.clone()];
    if code.len() == 4 && (code.starts_with("19") || code.starts_with("20")) {
        score -= 3;
    }
    score
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{as_read, candidates, is_clear};

    fn code(text: &str, length: usize) -> Option<String> {
        let text = as_read(text);
        let found = candidates(&text, length);
        let first = found.first().filter(|_| is_clear(&found));
        first.map(|found| found.code.to_string())
    }

    #[test]
    fn a_code_is_found_as_people_write_it() {
        for text in [
            "Your code is 123 456.",
            "Your code is 123\u{a0}456",
            "code: 12-34-56",
            "code\n\n1\n\n2\n\n3\n\n4\n\n5\n\n6\n\nvalid 10 minutes",
            "1 2 3 4 5 6 is your code",
            "code １２３４５６",
            "رمز التحقق ١٢٣٤٥٦",
            "您的验证码是123456，请勿泄露",
            "인증번호는 [123456] 입니다",
            "code 12\u{200b}34\u{200b}56",
            "1\u{fe0f}\u{20e3}2\u{fe0f}\u{20e3}3\u{fe0f}\u{20e3}4\u{fe0f}\u{20e3}5\u{fe0f}\u{20e3}6\u{fe0f}\u{20e3}",
            "G-123456 is your verification code",
            "*123456*",
            "(123456)",
        ] {
            assert_eq!(code(text, 6).as_deref(), Some("123456"), "{text}");
        }
    }

    #[test]
    fn what_is_part_of_something_else_is_none() {
        for text in [
            "larry-123456@example.org",
            "https://a.example/123456?x",
            "a.example/123456",
            "user123456",
            "123456abc",
            "€123456",
            "123456 %25".replace(' ', "").as_str(),
            "1.123456",
            "123456,00",
            "+32 123456",
            "0470 123456",
            "tel:123456",
            "Order #123456",
            "Invoice 123456",
            "Phone: 123456",
            "10/123456",
            "call 0123456789",
        ] {
            assert_eq!(code(text, 6), None, "{text}");
        }
        for text in [
            "28/11/2026",
            "28.11.2026",
            "2026-11-28",
            "at 12:3456",
            "© 2026 Example",
        ] {
            assert_eq!(code(text, 4), None, "{text}");
        }
    }

    #[test]
    fn the_better_one_is_taken_and_none_of_equals() {
        for text in [
            "Order 654321 is confirmed. Your code is 123456.",
            "Your code:\n\n123456\n\nCall 654321 if it was not you.",
            "Reference 654321\nIhr Bestätigungscode lautet 123456",
            "123456\n\nThis mail was sent to customer 654321.",
            "Your code is 123456\n\n> Your code is 654321",
        ] {
            assert_eq!(code(text, 6).as_deref(), Some("123456"), "{text}");
        }
        for text in ["123456 or 654321", "code 123456, code 654321"] {
            assert_eq!(code(text, 6), None, "{text}");
        }
        assert_eq!(
            code("In 2026: your code is 4711", 4).as_deref(),
            Some("4711")
        );
        assert_eq!(code("Your code is 2026", 4).as_deref(), Some("2026"));
    }

    proptest! {
        #[test]
        fn nothing_makes_it_stumble(text in "\\PC{0,80}", length in 1_usize..9) {
            for candidate in candidates(&as_read(&text), length) {
                prop_assert_eq!(candidate.code.len(), length);
            }
        }
    }
}
