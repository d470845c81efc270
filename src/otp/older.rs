//! Which parts of a mail are of another mail: quoted in an answer, or forwarded.

use std::ops::Range;

use super::body::{Body, Mark};

/// Where a part of a mail is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// A mail that this one hands on, or quotes without saying why.
    Forwarded,
    /// A mail that this one answers.
    Answered,
}

/// Fewest lines of a head that stands above another mail: from, to, when, what.
const HEAD: usize = 3;

/// The parts of another mail, in the order of the text.
pub(super) fn older(text: &Body) -> Vec<(Range<usize>, Origin)> {
    let mut found: Vec<(Range<usize>, Origin)> = Vec::new();
    // The last line that is not quoted, and where the head begins that may be being read.
    let (mut own, mut head): (&str, Option<Head>) = ("", None);
    let mut within = false;
    let mut start = 0;
    for whole in text.as_str().split_inclusive('\n') {
        let place = start..start + whole.len();
        start = place.end;
        let line = whole.trim();
        if line.is_empty() {
            continue;
        }
        let is_quoted = line.starts_with('>') || text.is_marked(&place, Mark::Quoted);
        if is_quoted {
            let origin = if introduces(own) {
                Origin::Answered
            } else {
                Origin::Forwarded
            };
            match found.last_mut() {
                Some((last, _)) if within => last.end = place.end,
                _ => found.push((place.clone(), origin)),
            }
        } else {
            own = line;
        }
        within = is_quoted;
        head = is_field(line).then(|| head.unwrap_or(Head::at(place.start)).with(line));
        if let Some(head) = &head
            && head.is_whole()
            && !is_quoted
        {
            found.push((head.start..text.as_str().len(), Origin::Forwarded));
            break;
        }
    }
    found
}

/// Lines as they stand above a mail that is handed on.
#[derive(Clone, Copy)]
struct Head {
    start: usize,
    fields: usize,
    has_address: bool,
    has_year: bool,
}

impl Head {
    fn at(start: usize) -> Self {
        Self {
            start,
            fields: 0,
            has_address: false,
            has_year: false,
        }
    }

    fn with(self, line: &str) -> Self {
        Self {
            fields: self.fields + 1,
            has_address: self.has_address || line.contains('@'),
            has_year: self.has_year || numbers(line).any(is_year),
            ..self
        }
    }

    fn is_whole(&self) -> bool {
        self.fields >= HEAD && self.has_address && self.has_year
    }
}

/// `From: …`, in whatever language.
fn is_field(line: &str) -> bool {
    let line = line.trim_start_matches(['>', '*', ' ']);
    let Some((name, _)) = line.split_once([':', '：']) else {
        return false;
    };
    let letters = name.trim_matches(['*', ' ']);
    !letters.is_empty()
        && letters.chars().count() <= 25
        && !letters.chars().any(|c| c.is_numeric() || c == '@')
}

/// Whether a line says of what is below it who wrote that, and when.
fn introduces(line: &str) -> bool {
    let line = line.trim_end_matches(['*', '_', ' ']);
    line.ends_with([':', '：']) && (line.contains('@') || numbers(line).count() >= HEAD)
}

fn numbers(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !c.is_ascii_digit())
        .filter(|number| !number.is_empty())
}

fn is_year(number: &str) -> bool {
    number.len() == 4 && number.starts_with("20")
}

#[cfg(test)]
mod tests {
    use super::{Origin, older};
    use crate::otp::body::Body;

    fn parts(text: &str) -> Vec<(String, Origin)> {
        let text = Body::from(text);
        let parts = older(&text).into_iter();
        parts
            .map(|(place, origin)| (text.as_str()[place].trim().to_owned(), origin))
            .collect()
    }

    #[test]
    fn what_an_answer_quotes_is_told_from_what_is_handed_on() {
        let answer = "thanks\n\nOn Tue, 24 Nov 2026 at 21:12, Ada <ada@example.org> wrote:\n> one\n>\n> two\n\nbye";
        assert_eq!(
            parts(answer),
            [("> one\n>\n> two".into(), Origin::Answered)]
        );
        let answer = "Am 24.11.2026 um 21:12 schrieb Ada:\n> eins";
        assert_eq!(parts(answer), [("> eins".into(), Origin::Answered)]);
        for code in [">>> 123456 <<<", "> 123456"] {
            let text = format!("Your code is:\n{code}");
            assert_eq!(parts(&text), [(code.into(), Origin::Forwarded)]);
        }
    }

    #[test]
    fn a_head_in_any_language_begins_another_mail() {
        for head in [
            "From: A <a@example.org>\nDate: Tue, 24 Nov 2026\nSubject: code",
            "*Von:* A <a@example.org>\n*Gesendet:* 24. November 2026\n*An:* b@example.org",
            "差出人: a@example.org\n日時: 2026年11月24日\n件名: コード",
        ] {
            let text = format!("FYI\n\n{head}\n\nthe rest");
            let whole = format!("{head}\n\nthe rest");
            assert_eq!(parts(&text), [(whole, Origin::Forwarded)]);
        }
        assert_eq!(parts("Code: 123456\nValid until: 2026\nSee: page"), []);
    }
}
