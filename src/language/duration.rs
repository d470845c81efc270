//! Durations as a user writes them: `500ms`, `2s`, `1m30s`, `1h`.

use std::fmt::Write;
use std::time::Duration;

/// Units, longest first, in milliseconds.
const UNITS: &[(&str, u64)] = &[
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1000),
    ("ms", 1),
];

/// Why a text is not a duration; says how to write it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DurationError {
    /// A number alone.
    #[error("write the unit: `{0}s` is seconds, `{0}ms` milliseconds")]
    NoUnit(String),
    /// `1.5s`
    #[error("a duration has whole numbers: write `1500ms` for one second and a half")]
    Fraction,
    /// `2 parsecs`
    #[error("the units are `d`, `h`, `m`, `s` and `ms`, as in `500ms`, `2s` or `1m30s`")]
    Unit,
    /// `30s1m`
    #[error("larger units come first, each once, as in `1m30s`")]
    Order,
    /// More than can be counted.
    #[error("it is too long")]
    TooLong,
}

/// Reads `1m30s`.
///
/// # Errors
/// When it is not written like that.
pub fn parse_duration(text: &str) -> Result<Duration, DurationError> {
    let mut rest = text.trim();
    let mut total: u64 = 0;
    let mut smallest_so_far = 0;
    if rest.is_empty() {
        return Err(DurationError::Unit);
    }
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, tail) = rest.split_at(digits);
        if tail.starts_with('.') {
            return Err(DurationError::Fraction);
        }
        let letters = tail.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (unit, tail) = tail.split_at(letters);
        if unit.is_empty() && tail.is_empty() && total == 0 {
            return Err(DurationError::NoUnit(number.to_owned()));
        }
        let place = UNITS.iter().position(|(name, _)| *name == unit);
        let (Some(place), false) = (place, number.is_empty()) else {
            return Err(DurationError::Unit);
        };
        if place < smallest_so_far {
            return Err(DurationError::Order);
        }
        smallest_so_far = place + 1;
        let (_, factor) = UNITS[place];
        total = number
            .parse::<u64>()
            .ok()
            .and_then(|number| number.checked_mul(factor))
            .and_then(|part| total.checked_add(part))
            .ok_or(DurationError::TooLong)?;
        rest = tail;
    }
    Ok(Duration::from_millis(total))
}

/// A regular expression for what [`parse_duration`] reads.
pub(crate) fn pattern() -> String {
    let parts = UNITS.iter().map(|(unit, _)| format!("([0-9]+{unit})?"));
    // Not nothing at all.
    format!("^(?=[0-9]){}$", parts.collect::<String>())
}

/// Writes a duration so that [`parse_duration`] reads it again; less than a
/// millisecond is dropped.
pub fn format_duration(duration: Duration) -> String {
    let mut rest = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let mut text = String::new();
    for (unit, factor) in UNITS {
        if rest >= *factor {
            // Writing to a text does not fail.
            let _ = write!(text, "{}{unit}", rest / factor);
            rest %= factor;
        }
    }
    if text.is_empty() {
        text.push_str("0s");
    }
    text
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::{DurationError, format_duration, parse_duration};

    #[test]
    fn durations_are_read_as_written() {
        let ms = Duration::from_millis;
        for (text, expected) in [
            ("500ms", ms(500)),
            ("2s", ms(2000)),
            ("1m30s", ms(90_000)),
            ("1h", ms(3_600_000)),
            ("3650d", ms(3650 * 86_400_000)),
            ("0s", ms(0)),
        ] {
            assert_eq!(parse_duration(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_could_be_misunderstood_is_refused() {
        for (text, expected) in [
            ("30", DurationError::NoUnit("30".into())),
            ("1.5s", DurationError::Fraction),
            ("30s1m", DurationError::Order),
            ("1s1s", DurationError::Order),
            ("2 s", DurationError::Unit),
            ("2min", DurationError::Unit),
            ("s", DurationError::Unit),
            ("", DurationError::Unit),
            ("-2s", DurationError::Unit),
            ("1m30", DurationError::Unit),
            ("99999999999999999999d", DurationError::TooLong),
        ] {
            assert_eq!(parse_duration(text), Err(expected), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_duration_that_was_written_is_read_back(ms in any::<u64>()) {
            let duration = Duration::from_millis(ms);
            prop_assert_eq!(parse_duration(&format_duration(duration)), Ok(duration));
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in ".*") {
            let _ = parse_duration(&text);
        }
    }
}
