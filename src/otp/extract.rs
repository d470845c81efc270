//! Finding the code in a message.

use std::fmt;

use regex::Regex;
use secrecy::{ExposeSecret, SecretString};

use super::body::Body;
use super::candidates::{Candidate, candidates, is_clear};
use super::runs::digits;
use super::{Content, Reading};

/// Most letters of a message that are shown.
const SHOWN: usize = 300;

/// What is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// A run of so many digits.
    Digits(usize),
    /// A UUID.
    Token,
    /// What `pattern` captures.
    Pattern,
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Digits(length) => write!(f, "{length} digits"),
            Self::Token => f.write_str("32 digits as a UUID has them"),
            Self::Pattern => f.write_str("letters as `pattern` wants them"),
        }
    }
}

/// Why a message gave no code. The message is shown with everything hidden
/// that may be one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExtractError {
    /// Nothing that may be a code.
    #[error("no run of {wanted} in the message `{shown}`")]
    NoCode {
        /// What was looked for.
        wanted: Wanted,
        /// The message, redacted.
        shown: String,
    },
    /// Another program's answer, or its report of what became of a mail.
    #[error(
        "the message is an automatic answer or report (`{by}`), and is not searched for a code"
    )]
    Automatic {
        /// The header by which it is known.
        by: String,
    },
    /// Two or more different ones, and none is better than the others.
    #[error(
        "{count} different runs of {wanted} in the message `{shown}`: say which with `pattern`, such as '{pattern}'"
    )]
    Ambiguous {
        /// What was looked for.
        wanted: Wanted,
        /// Different candidates.
        count: usize,
        /// One that would find the first of them.
        pattern: String,
        /// The message, redacted.
        shown: String,
    },
}

impl Reading {
    /// The one code in a message: in the plain text, else in what is seen of
    /// the HTML.
    pub(super) fn code(
        &self,
        content: &Content,
        length: usize,
    ) -> Result<SecretString, ExtractError> {
        let (plain, html) = match content {
            Content::Code(code) => return Ok(code.clone()),
            Content::Automatic { by } => {
                return Err(ExtractError::Automatic { by: by.clone() });
            }
            Content::Text { plain, html } => (plain, html),
        };
        let find = |text: &Body| match &self.pattern {
            Some(pattern) => find_match(text.as_str(), pattern),
            None => code_in(text, length),
        };
        let nothing = || ExtractError::NoCode {
            wanted: self.wanted(length),
            shown: String::new(),
        };
        let found = [plain, html].map(|part| part.as_ref().map(find));
        match found {
            [
                Some(Err(unclear @ ExtractError::Ambiguous { .. })),
                Some(Ok(code)),
            ] => {
                // One of those that the plain text leaves open.
                let code_has = |candidate: &Candidate| *candidate.code == code.expose_secret();
                let agrees = plain.as_ref().is_some_and(|plain| {
                    plain.as_str().contains(code.expose_secret())
                        || candidates(plain, length).iter().any(code_has)
                });
                if agrees { Ok(code) } else { Err(unclear) }
            }
            // The other part may have it.
            [
                Some(Err(ExtractError::NoCode { .. })) | None,
                Some(found @ (Ok(_) | Err(ExtractError::Ambiguous { .. }))),
            ]
            | [Some(found), _]
            | [None, Some(found)] => found,
            [None, None] => Err(nothing()),
        }
    }

    fn wanted(&self, length: usize) -> Wanted {
        match self.pattern {
            Some(_) => Wanted::Pattern,
            None => Wanted::Digits(length),
        }
    }
}

/// The code of exactly `length` digits in `text`: the only run that may be it, or
/// the one for which most speaks. The same run twice is one candidate.
///
/// # Errors
/// When there is none, or more than one.
pub fn find_code(text: &str, length: usize) -> Result<SecretString, ExtractError> {
    code_in(&Body::from(text), length)
}

fn code_in(text: &Body, length: usize) -> Result<SecretString, ExtractError> {
    let wanted = Wanted::Digits(length);
    let candidates = candidates(text, length);
    let text = text.as_str();
    match &candidates[..] {
        [] => Err(ExtractError::NoCode {
            wanted,
            shown: redact(text),
        }),
        [first, ..] if is_clear(&candidates) => Ok(SecretString::from(first.code.as_str())),
        [first, ..] => Err(ExtractError::Ambiguous {
            wanted,
            count: candidates.len(),
            shown: redact(&around(text, &candidates)),
            pattern: pattern(&text[..first.place.start], length),
        }),
    }
}

/// The text, or what stands around candidates in a long one.
fn around(text: &str, candidates: &[Candidate]) -> String {
    if text.chars().count() <= SHOWN {
        return text.to_owned();
    }
    let near = candidates.iter().map(|candidate| {
        let before = text[..candidate.place.start].char_indices().rev().nth(40);
        let after = text[candidate.place.end..].char_indices().nth(20);
        let from = before.map_or(0, |(at, _)| at);
        let to = after.map_or(text.len(), |(at, _)| candidate.place.end + at);
        text[from..to].to_owned()
    });
    near.collect::<Vec<_>>().join(" … ")
}

/// A pattern that finds a code after these words.
fn pattern(before: &str, length: usize) -> String {
    let words = before.split_whitespace().rev().take(2);
    // What has a digit in it may be another code.
    let words = words.take_while(|word| !word.chars().any(char::is_numeric));
    let mut words: Vec<_> = words.map(regex::escape).collect();
    words.reverse();
    words.push(format!("([0-9]{{{length}}})"));
    words.join("\\s+")
}

/// The one text that the pattern's group captures.
fn find_match(text: &str, pattern: &Regex) -> Result<SecretString, ExtractError> {
    let captured = pattern.captures_iter(text).filter_map(|found| found.get(1));
    let candidates = captured.map(|group| group.as_str().trim());
    let candidates = candidates.filter(|code| !code.is_empty());
    only(candidates.collect(), text, Wanted::Pattern)
}

pub(super) fn only(
    mut candidates: Vec<&str>,
    text: &str,
    wanted: Wanted,
) -> Result<SecretString, ExtractError> {
    candidates.sort_unstable();
    candidates.dedup();
    match candidates[..] {
        [code] => Ok(SecretString::from(joined(code))),
        [] => Err(ExtractError::NoCode {
            wanted,
            shown: redact(text),
        }),
        _ => Err(ExtractError::Ambiguous {
            wanted,
            count: candidates.len(),
            shown: hide(redact(text), &candidates),
            pattern: "code: (\\S+)".into(),
        }),
    }
}

/// Groups of digits, as `123 456` or one in each line, are one code.
fn joined(code: &str) -> String {
    let is_part = |c: char| c.is_ascii_digit() || c == '-' || c == '|' || c.is_whitespace();
    if code.chars().all(is_part) {
        digits(code).to_string()
    } else {
        code.to_owned()
    }
}

/// Codes of letters alone are not hidden by [`redact`].
fn hide(text: String, candidates: &[&str]) -> String {
    candidates.iter().fold(text, |text, code| {
        text.replace(code, &"•".repeat(code.chars().count()))
    })
}

/// A message that can be shown: one line, not too long, every word with a
/// digit in it hidden.
pub fn redact(text: &str) -> String {
    let mut shown = String::new();
    let mut length = 0;
    for word in text.split_whitespace() {
        if length >= SHOWN {
            shown.push('…');
            return shown;
        }
        if length > 0 {
            shown.push(' ');
            length += 1;
        }
        // A word without spaces can be as long as the message.
        for part in word.split_inclusive(|c: char| !c.is_alphanumeric()) {
            let secret = part.chars().take(SHOWN).any(char::is_numeric);
            for c in part.chars() {
                if length >= SHOWN {
                    shown.push('…');
                    return shown;
                }
                let hidden = c.is_numeric() || (secret && c.is_alphanumeric());
                shown.push(if hidden { '•' } else { c });
                length += 1;
            }
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use regex::Regex;
    use secrecy::ExposeSecret;

    use super::{ExtractError, SHOWN, find_code, redact};
    use crate::otp::{Body, Content, Reading};

    #[test]
    fn takes_the_run_of_the_right_length() {
        let text = "Hello 42, your code is 123456. Order 20221231, room 7.";
        assert_eq!(find_code(text, 6).unwrap().expose_secret(), "123456");
    }

    #[test]
    fn the_same_code_twice_is_one_code() {
        let text = "123456 — again: 123456";
        assert_eq!(find_code(text, 6).unwrap().expose_secret(), "123456");
    }

    #[test]
    fn a_part_of_a_longer_number_is_no_code() {
        let error = find_code("call 0123456789", 6).unwrap_err();
        assert_eq!(
            error.to_string(),
            "no run of 6 digits in the message `call ••••••••••`"
        );
    }

    #[test]
    fn two_candidates_are_an_error() {
        let error = find_code("111111 or 222222", 6).unwrap_err();
        assert!(matches!(error, ExtractError::Ambiguous { count: 2, .. }));
        assert_eq!(
            error.to_string(),
            "2 different runs of 6 digits in the message `•••••• or ••••••`: say which with `pattern`, \
             such as '([0-9]{6})'"
        );
    }

    fn reading(pattern: &str) -> Reading {
        Reading {
            pattern: Some(Regex::new(pattern).unwrap()),
            ..Reading::default()
        }
    }

    fn text(plain: &str, html: &str) -> Content {
        let part = |text: &str| (!text.is_empty()).then(|| Body::from(text));
        Content::Text {
            plain: part(plain),
            html: part(html),
        }
    }

    fn found(reading: &Reading, content: &Content) -> Result<String, ExtractError> {
        let code = reading.code(content, 6)?;
        Ok(code.expose_secret().to_owned())
    }

    #[test]
    fn the_html_is_read_when_the_plain_text_has_no_code() {
        let content = text("see the HTML", "your code 123456");
        assert_eq!(found(&Reading::default(), &content).unwrap(), "123456");
        let content = text("your code 123456", "your code 654321");
        assert_eq!(found(&Reading::default(), &content).unwrap(), "123456");
    }

    #[test]
    fn two_codes_in_the_plain_text_are_decided_by_the_html_that_has_one_of_them() {
        let content = text("123456 or 654321", "123456");
        assert_eq!(found(&Reading::default(), &content).unwrap(), "123456");
        let content = text("123456 or 654321", "111111");
        assert!(found(&Reading::default(), &content).is_err());
    }

    #[test]
    fn a_pattern_says_where_the_code_is() {
        let content = text("order 111111, code: AB-12-CD.", "");
        assert_eq!(
            found(&reading("code: (\\S+)\\."), &content).unwrap(),
            "AB-12-CD"
        );
        let content = text("code: 123 456", "");
        assert_eq!(
            found(&reading("code: ([\\d ]+)"), &content).unwrap(),
            "123456"
        );
    }

    #[test]
    fn codes_of_letters_are_hidden_too() {
        let error = found(
            &reading("code (\\w+)"),
            &text("code abcdef, code ghijkl", ""),
        );
        assert_eq!(
            error.unwrap_err().to_string(),
            "2 different runs of letters as `pattern` wants them in the message `code ••••••, code ••••••`: \
             say which with `pattern`, such as 'code: (\\S+)'"
        );
        assert_eq!(redact("A1B2C3 is it"), "•••••• is it");
    }

    #[test]
    fn a_message_without_any_text_says_so() {
        let error = found(&Reading::default(), &text("", "")).unwrap_err();
        assert_eq!(error.to_string(), "no run of 6 digits in the message ``");
    }

    proptest! {
        #[test]
        fn redaction_leaves_no_digit_and_is_short(text in "\\PC{0,600}") {
            let shown = redact(&text);
            prop_assert!(!shown.chars().any(char::is_numeric));
            prop_assert!(shown.chars().count() <= SHOWN + 1);
        }

        #[test]
        fn a_code_among_words_is_found(before in "[a-z ]{0,20}", code in "[0-9]{6}", after in "[a-z ]{0,20}") {
            let found = find_code(&format!("{before} {code} {after}"), 6).unwrap();
            prop_assert_eq!(found.expose_secret(), code.as_str());
        }
    }
}
