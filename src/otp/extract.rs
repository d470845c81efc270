//! Finding the code in a message.

use secrecy::SecretString;

/// Why a message gave no code. The message is shown with every digit hidden.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExtractError {
    /// No run of digits of the right length.
    #[error("no run of {length} digits in the message `{shown}`")]
    NoCode {
        /// Digits that were expected.
        length: usize,
        /// The message, redacted.
        shown: String,
    },
    /// Two or more different runs of the right length.
    #[error("{count} different runs of {length} digits in the message `{shown}`")]
    Ambiguous {
        /// Digits that were expected.
        length: usize,
        /// Different candidates.
        count: usize,
        /// The message, redacted.
        shown: String,
    },
}

/// The one run of exactly `length` ASCII digits in `text`. The same run twice
/// is one candidate.
///
/// # Errors
/// When there is none, or more than one.
pub fn find_code(text: &str, length: usize) -> Result<SecretString, ExtractError> {
    let mut candidates: Vec<&str> = text
        .split(|c: char| !c.is_ascii_digit())
        .filter(|run| run.len() == length)
        .collect();
    candidates.sort_unstable();
    candidates.dedup();
    match candidates[..] {
        [code] => Ok(SecretString::from(code)),
        [] => Err(ExtractError::NoCode {
            length,
            shown: redact(text),
        }),
        _ => Err(ExtractError::Ambiguous {
            length,
            count: candidates.len(),
            shown: redact(text),
        }),
    }
}

/// A message that can be shown: one line, every digit hidden.
pub fn redact(text: &str) -> String {
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .map(|c| if c.is_numeric() { '•' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use secrecy::ExposeSecret;

    use super::{ExtractError, find_code, redact};

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
        assert!(!error.to_string().contains('1'), "{error}");
    }

    proptest! {
        #[test]
        fn redaction_leaves_no_digit(text in ".*") {
            prop_assert!(!redact(&text).chars().any(char::is_numeric));
        }

        #[test]
        fn a_code_among_words_is_found(before in "[a-z ]{0,20}", code in "[0-9]{6}", after in "[a-z ]{0,20}") {
            let found = find_code(&format!("{before} {code} {after}"), 6).unwrap();
            prop_assert_eq!(found.expose_secret(), code.as_str());
        }
    }
}
