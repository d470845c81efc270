//! Whole numbers as JSON has them: `1.0` is one of them, as it is to the
//! platform's servers and to a JSON Schema.

use serde::de::{Error, Unexpected};
use serde::{Deserialize, Deserializer};
use serde_json::Number;

/// Reads a whole number, or `null`.
pub(crate) fn optional<'de, D: Deserializer<'de>>(reader: D) -> Result<Option<i64>, D::Error> {
    let Some(number) = Option::<Number>::deserialize(reader)? else {
        return Ok(None);
    };
    number
        .as_i64()
        .or_else(|| number.as_f64().and_then(whole))
        .map(Some)
        .ok_or_else(|| D::Error::invalid_type(Unexpected::Other("number"), &"a whole number"))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "there is no fraction, the range is checked, and its end is a power of two"
)]
fn whole(number: f64) -> Option<i64> {
    // Two to the 63rd is what a whole number out of range becomes, on either side.
    let fits = number.abs() < -(i64::MIN as f64);
    (number.fract() == 0.0 && fits).then_some(number as i64)
}

#[cfg(test)]
mod tests {
    use super::optional;

    fn read(text: &str) -> Result<Option<i64>, serde_json::Error> {
        optional(&mut serde_json::Deserializer::from_str(text))
    }

    #[test]
    fn a_number_without_a_fraction_is_whole() {
        for (text, number) in [
            ("null", None),
            ("20220929083400", Some(20_220_929_083_400)),
            ("-3.0", Some(-3)),
            ("1e3", Some(1000)),
            ("-9223372036854775808", Some(i64::MIN)),
        ] {
            assert_eq!(read(text).unwrap(), number, "{text}");
        }
    }

    #[test]
    fn anything_else_is_not() {
        for text in ["1.5", "1e300", "\"1\"", "true", "[]", "9223372036854775808"] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
