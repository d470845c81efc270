//! Runs of digits in a text that may be its code, and what speaks for each.

use std::ops::Range;

use zeroize::Zeroizing;

use super::body::{Body, Mark};
use super::hints::{Hint, hints};
use super::older::{Origin, older};
use super::runs::{digits, is_within, runs};

/// What a run of digits may be.
pub(super) struct Candidate {
    /// Its digits.
    pub(super) code: Zeroizing<String>,
    /// Where it stands.
    pub(super) place: Range<usize>,
    /// What speaks for it, less what speaks against it.
    score: i32,
}

/// Letters of a message so short that its one number is its code, as an SMS is.
const SHORT: usize = 160;
/// A run with less than this is something else, in a short message.
const LEAST: i32 = -2;
/// In a longer one something has to speak for it.
const LEAST_AMONG_OTHERS: i32 = 3;
/// Looked at in one text; whoever writes a code writes fewer numbers.
const MOST: usize = 200;
/// Bytes before and after a run in which something may be said of it.
const NEAR: usize = 400;
/// Bytes between two runs of which the same is said.
const OR: usize = 8;
/// By so much one has to be better than the next.
const MARGIN: i32 = 2;

/// The candidates for a code of so many digits, the best of each code, the best
/// code first.
pub(super) fn candidates(text: &Body, length: usize) -> Vec<Candidate> {
    let runs = runs(text.as_str(), length);
    let older = older(text);
    let origin = |place: &Range<usize>| {
        let mut parts = older.iter();
        let part = parts.find(|(part, _)| part.contains(&place.start));
        part.map(|(_, origin)| *origin)
    };
    let mut all = scored(text, &runs[..runs.len().min(MOST)]);
    let least = if is_lone(text.as_str(), &runs, &all) {
        LEAST
    } else {
        LEAST_AMONG_OTHERS
    };
    all.retain(|it| it.score >= least && origin(&it.place) != Some(Origin::Answered));
    // What is handed on counts when nothing else does.
    if all
        .iter()
        .any(|it| it.score > 0 && origin(&it.place).is_none())
    {
        all.retain(|it| origin(&it.place).is_none());
    }
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

/// Whether a message has no other number of its kind, and is short or says it again.
fn is_lone(text: &str, runs: &[Range<usize>], candidates: &[Candidate]) -> bool {
    let digits = |at: usize| {
        let rest = &text.as_bytes()[at..];
        rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
    };
    let mut groups = text.char_indices().filter(|(at, c)| {
        c.is_ascii_digit() && !text[..*at].ends_with(|c: char| c.is_ascii_digit())
    });
    let is_again = || {
        let mut pairs = candidates.windows(2);
        candidates.len() > 1 && pairs.all(|pair| pair[0].code == pair[1].code)
    };
    (text.trim().chars().nth(SHORT).is_none() || is_again())
        && groups.all(|(at, _)| digits(at) < 4 || is_within(runs, at))
}

/// The runs that nothing calls by another name, each with what speaks for it.
fn scored(text: &Body, runs: &[Range<usize>]) -> Vec<Candidate> {
    let mut found = Vec::new();
    // What is said before a run is said of that one, and not of the next.
    let (mut said, mut end) = (0, 0);
    for (at, run) in runs.iter().enumerate() {
        let next = runs.get(at + 1).map_or(usize::MAX, |next| next.start);
        let around = Around::new(text.as_str(), run, next);
        let is_named = around.is_named(end);
        end = run.end;
        if is_named {
            continue;
        }
        let stands_out = text.is_marked(run, Mark::Emphasised);
        found.push(Candidate {
            code: digits(&text.as_str()[run.clone()]),
            score: around.score(said, stands_out),
            place: run.clone(),
        });
        let between = text.as_str().get(run.end..next).unwrap_or_default();
        // `code: 123456 or 654321` calls both so.
        if between.len() > OR || between.contains('\n') {
            said = run.end;
        }
    }
    found
}

/// A run and what is said near it.
struct Around<'t> {
    text: &'t str,
    /// Where it begins in the whole text.
    start: usize,
    /// Where the run is in it.
    run: Range<usize>,
    /// Where the line of the run begins and ends.
    line: Range<usize>,
    /// Where the next run begins.
    next: usize,
    hints: Vec<(usize, usize, Hint)>,
}

impl<'t> Around<'t> {
    fn new(text: &'t str, run: &Range<usize>, next: usize) -> Self {
        let is_boundary = |at: &usize| text.is_char_boundary(*at);
        let from = (run.start.saturating_sub(NEAR)..run.start).find(is_boundary);
        let from = from.unwrap_or(run.start);
        let to = (run.end + NEAR..text.len()).find(is_boundary);
        let to = to.unwrap_or(text.len());
        let (text, run) = (&text[from..to], run.start - from..run.end - from);
        let start = text[..run.start].rfind('\n').map_or(0, |at| at + 1);
        let end = text[run.end..].find('\n');
        let line = start..end.map_or(text.len(), |at| run.end + at);
        Self {
            text,
            start: from,
            run,
            line,
            next: next.saturating_sub(from),
            hints: hints(text),
        }
    }

    /// The last thing said before the run and not before `since`, and how many letters
    /// before it.
    fn before(&self, since: usize, is: impl Fn(Hint) -> bool) -> Option<(usize, &'t str, Hint)> {
        let since = since.saturating_sub(self.start);
        let before = self
            .hints
            .iter()
            .filter(|(start, end, hint)| *start >= since && *end <= self.run.start && is(*hint));
        let (_, end, hint) = before.max_by_key(|(_, end, _)| *end)?;
        let between = &self.text[*end..self.run.start];
        Some((between.chars().count(), between, *hint))
    }

    /// Whether it is called something else, as `Order no. 123456` is.
    fn is_named(&self, since: usize) -> bool {
        let is_label = |text: &str| !text.contains([',', ';', '!', '?', '，', '、', '。', '؟']);
        match self.before(since, |hint| hint != Hint::Old) {
            Some((0..=20, between, Hint::Other)) => {
                is_label(between) && !(between.contains([':', '：']) && self.is_code_for(since))
            }
            _ => false,
        }
    }

    /// `Verification code for your account: 123456`.
    fn is_code_for(&self, since: usize) -> bool {
        let Some((_, between, _)) = self.before(since, |hint| hint == Hint::Code) else {
            return false;
        };
        !between.contains(['\n', '.', ';', '|', '。'])
    }

    fn score(&self, since: usize, stands_out: bool) -> i32 {
        let Self {
            text, run, line, ..
        } = self;
        let is_bare = |text: &str| !text.chars().any(char::is_alphanumeric);
        let is_alone = is_bare(&text[line.start..run.start]) && is_bare(&text[run.end..line.end]);
        let said_before = match self.before(since, |hint| hint == Hint::Code) {
            Some((0..=15, ..)) => 5,
            Some((16..=40, ..)) => 4,
            Some((41..=160, ..)) => 2,
            _ => 0,
        };
        // Only on its line: what is below may be said of another.
        let after = self.hints.iter().filter(|(start, end, hint)| {
            *start >= run.end && *end <= line.end.min(self.next) && *hint != Hint::Old
        });
        let after = after.min_by_key(|(start, ..)| *start);
        let said_after = match after {
            Some((start, _, Hint::Code)) => match text[run.end..*start].chars().count() {
                0..=15 => 4,
                16..=60 => 3,
                _ => 0,
            },
            _ => 0,
        };
        let mut score = said_before.max(said_after);
        if is_alone {
            // In a table of numbers each has a line of its own.
            let is_said = self.hints.iter().any(|(.., hint)| *hint == Hint::Code);
            score += if is_said { 3 } else { 2 };
        }
        if stands_out {
            score += 2;
        }
        score - self.against()
    }

    /// What speaks against it.
    fn against(&self) -> i32 {
        let Self {
            text, run, line, ..
        } = self;
        let is_old = |(start, end, hint): &(usize, usize, Hint)| {
            *hint == Hint::Old && *start >= line.start && *end <= run.start
        };
        let (ahead, behind) = (text[..run.start].trim_end(), text[run.end..].trim_start());
        let is_digit = |c: char| c.is_ascii_digit();
        // A part of a longer number, with a space in it.
        let is_part = line.start < ahead.len() && ahead.ends_with(is_digit)
            || run.end + text[run.end..].len() - behind.len() < line.end
                && behind.starts_with(is_digit);
        let code = &text[run.clone()];
        let is_year = code.len() == 4 && (code.starts_with("19") || code.starts_with("20"));
        // `San José, CA 95131`
        let is_postcode = code.len() == 5
            && ahead
                .rsplit(|c: char| !c.is_alphanumeric())
                .next()
                .is_some_and(|word| {
                    word.len() == 2 && word.chars().all(|c| c.is_ascii_uppercase())
                });
        let reasons = [
            (self.hints.iter().any(is_old), 4),
            (ahead.ends_with('#'), 3),
            (is_part, 3),
            (is_year, 3),
            (is_postcode, 9),
        ];
        reasons
            .iter()
            .filter_map(|(speaks, points)| speaks.then_some(points))
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{candidates, is_clear};
    use crate::otp::body::Body;

    fn code(text: &str, length: usize) -> Option<String> {
        let found = candidates(&Body::from(text), length);
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

    #[test]
    fn in_a_mail_of_numbers_something_speaks_for_the_code() {
        let receipt =
            "Thank you\n\n24.11.2026, 21:40\nArticle 4711, 3 pieces\n482913\nLondon E1 8QS";
        assert_eq!(code(receipt, 6), None);
        let told = format!("{receipt}\n\nYour code is\n123456");
        assert_eq!(code(&told, 6).as_deref(), Some("123456"));
        for text in [
            "code 123456. The previous code 654321 has expired.",
            "Your code for order 654321 is 123456",
            "Verification code for your account: 123456",
            "Promo code 654321, your code: 123456",
            "Code: 123456\nCase: 654321",
        ] {
            assert_eq!(code(text, 6).as_deref(), Some("123456"), "{text}");
        }
        assert_eq!(code("Your code was sent to San José, CA 95131", 5), None);
    }

    #[test]
    fn what_is_handed_on_counts_when_nothing_else_does() {
        let head = "From: A <a@example.org>\nDate: Tue, 24 Nov 2026\nSubject: hello";
        let forwarded = format!("FYI\n\n{head}\n\nYour code is 123456");
        assert_eq!(code(&forwarded, 6).as_deref(), Some("123456"));
        let below = format!("Your code is 123456\n\n{head}\n\nYour code is 654321");
        assert_eq!(code(&below, 6).as_deref(), Some("123456"));
        let answered = "Thanks!\n\nOn Tue, 24 Nov 2026 21:12, Ada <a@example.org> wrote:\n> Your code is 123456";
        assert_eq!(code(answered, 6), None);
        assert_eq!(code(">>> 123456 <<<", 6).as_deref(), Some("123456"));
    }

    proptest! {
        #[test]
        fn nothing_makes_it_stumble(text in "\\PC{0,80}", length in 1_usize..9) {
            for candidate in candidates(&Body::from(text), length) {
                prop_assert_eq!(candidate.code.len(), length);
            }
        }
    }
}
