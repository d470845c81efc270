//! Dates as the platform has them: numbers of digits, `YYYYMMDDhhmmss`.

use jiff::civil;
use serde::{Deserialize, Deserializer, de};

use super::StepError;
use super::arguments::value;
use super::forms::is_expression;
use crate::document::ReadContext;
use crate::expression::{Scope, Template, Wanted};
use crate::language::{Node, Read, Shape};

/// A date as it is written: `20220929083400`, `20220929` or `2022-09-29`.
pub(super) struct Date(Template);

/// A date as it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FuzzyDate(pub(super) i64);

/// How the other form is written, as a regular expression.
const DASHED: &str = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2})?$";

impl FuzzyDate {
    /// Reads digits, or a date with dashes.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Self::digits(text);
        }
        let digits = match text.len() {
            10 => text.parse::<civil::Date>().ok()?.strftime("%Y%m%d"),
            // Longer ones have a time zone, which these dates cannot say.
            19 => (text.parse::<civil::DateTime>().ok()?).strftime("%Y%m%d%H%M%S"),
            _ => return None,
        };
        digits.to_string().parse().ok().map(Self)
    }

    /// Of year, month, day and time, as much as is known; a month or day that is not
    /// is zero.
    fn digits(text: &str) -> Option<Self> {
        let part = |range| {
            text.get(range)
                .map_or(Some(0), |part: &str| part.parse().ok())
        };
        let in_range = |range, most: u32| part(range).is_some_and(|number| number <= most);
        let whole = matches!(text.len(), 4 | 6 | 8 | 14);
        let good = whole
            && in_range(4..6, 12)
            && in_range(6..8, 31)
            && in_range(8..10, 23)
            && in_range(10..12, 59)
            && in_range(12..14, 59);
        good.then(|| text.parse().ok().map(Self)).flatten()
    }
}

impl<'de> Deserialize<'de> for FuzzyDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = serde_json::Value::deserialize(deserializer)?;
        let text = json
            .as_str()
            .map_or_else(|| json.to_string(), str::to_owned);
        let date = Self::parse(&text);
        date.ok_or_else(|| de::Error::custom(format!("`{text}` is none")))
    }
}

impl Read<ReadContext> for Date {
    const EXPECTED: &'static str =
        "a date as `YYYYMMDDhhmmss` or `YYYYMMDD`, such as `20220929083400`";

    fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        if is_expression(node) {
            return Template::of_kind(node, Wanted::Date, cx).map(Self);
        }
        let text = node.scalar().map(|text| text.text.as_str());
        let Some(date) = text.and_then(FuzzyDate::parse) else {
            let found = text.map_or_else(|| node.kind().to_owned(), |text| format!("`{text}`"));
            let message = format!("expected {}, found {found}", Self::EXPECTED);
            let help = "a day that the calendar has is written `20220929` or `2022-09-29`, \
                        one with its time `20220929083400` or `2022-09-29T08:34:00`";
            cx.problem(node.label(), message, help);
            return None;
        };
        Some(Self(Template::fixed(date.0.into())))
    }

    fn shape() -> Shape {
        let dashed = Shape::Form(DASHED.to_owned(), "a date", "2022-09-29");
        Shape::Whole(0).or(dashed).or(Shape::Expression)
    }
}

impl Date {
    /// The date.
    pub(super) fn get(&self, argument: &'static str, scope: &Scope) -> Result<i64, StepError> {
        let date: FuzzyDate = value(argument, Self::EXPECTED, &self.0, scope)?;
        Ok(date.0)
    }
}

/// A date, if there is one.
pub(super) fn optional_date(
    argument: &'static str,
    date: Option<&Date>,
    scope: &Scope,
) -> Result<Option<i64>, StepError> {
    date.map(|date| date.get(argument, scope)).transpose()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::FuzzyDate;

    #[test]
    fn a_date_is_digits_or_has_dashes() {
        for (text, date) in [
            ("20220929083400", Some(20_220_929_083_400)),
            ("20220929", Some(20_220_929)),
            ("20220000", Some(20_220_000)),
            ("2022", Some(2022)),
            ("2022-09-29", Some(20_220_929)),
            ("2022-09-29T08:34:00", Some(20_220_929_083_400)),
            ("2022-02-30", None),
            ("2022-9-29", None),
            ("2022-09-29T08:34:00Z", None),
            ("2022-09-29T08:34:00+01:00", None),
            ("20221301", None),
            ("20220929250000", None),
            ("202209290834", None),
            ("29/09/2022", None),
            ("tomorrow", None),
            ("", None),
        ] {
            assert_eq!(FuzzyDate::parse(text).map(|it| it.0), date, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_date_or_none(text in "[0-9T:Zé-]{0,20}") {
            if let Some(date) = FuzzyDate::parse(&text) {
                prop_assert_eq!(FuzzyDate::parse(&date.0.to_string()), Some(date));
            }
        }
    }
}
