//! Arrival rates as they are written: `100/s`, `300/m`, or a number that is
//! meant per `time_unit`.

use std::time::Duration;

use super::kind::Settings;
use crate::ceilings;
use crate::document::{Defaulted, Field};
use crate::language::{Node, Read, Report, Shape};

/// How many iterations start in some time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::engine) struct WrittenRate {
    number: f64,
    /// `None` for a bare number.
    per: Option<Duration>,
}

/// Units after the slash.
const UNITS: &[(&str, u64)] = &[("s", 1), ("m", 60), ("min", 60), ("h", 3600)];

/// What should be written.
const EXPECTED: &str = "a rate such as `100/s` or `300/m`";

impl<C: Report> Read<C> for WrittenRate {
    const EXPECTED: &'static str = EXPECTED;

    fn read(node: &Node, cx: &mut C) -> Option<Self> {
        let written = node.scalar().and_then(|text| parse(&text.text));
        if written.is_none() {
            let found = node.scalar().map_or_else(
                || "something else".to_owned(),
                |text| format!("`{}`", text.text),
            );
            cx.problems().problem(
                node.label(),
                format!("expected {EXPECTED}, found {found}"),
                "write a number, `/`, and `s`, `m` or `h`",
            );
        }
        written
    }

    fn shape() -> Shape {
        let units: Vec<&str> = UNITS.iter().map(|(unit, _)| *unit).collect();
        let pattern = format!(r"^[0-9]+(\.[0-9]+)? *(/ *({}))?$", units.join("|"));
        Shape::Form(pattern, "rate such as `100/s`", "100/s").or(Shape::Number)
    }
}

/// Reads a number and maybe a unit; `None` for anything else.
fn parse(text: &str) -> Option<WrittenRate> {
    let (number, per) = match text.split_once('/') {
        Some((number, unit)) => {
            let unit = unit.trim();
            let (_, seconds) = UNITS.iter().find(|(name, _)| *name == unit)?;
            (number, Some(Duration::from_secs(*seconds)))
        }
        None => (text, None),
    };
    let number: f64 = number.trim().parse().ok()?;
    let fits = number.is_finite() && (0.0..=ceilings::RATE).contains(&number);
    fits.then_some(WrittenRate { number, per })
}

impl WrittenRate {
    /// True for a rate at which nothing starts.
    pub(super) fn is_zero(self) -> bool {
        self.number == 0.0
    }

    /// Per second; a bare number is per `unit`.
    pub(in crate::engine) fn per_second(self, unit: Duration) -> f64 {
        self.number / self.per.unwrap_or(unit).as_secs_f64()
    }
}

pub(super) const TIME_UNIT: Defaulted<Duration> =
    Field::new("time_unit", "what a rate without a unit is meant per").or(&Duration::from_secs(1));

/// Reads `time_unit`, a second unless the file says otherwise.
pub(super) fn time_unit(settings: &mut Settings<'_, '_>) -> Duration {
    let unit = settings.get_or(&TIME_UNIT);
    if unit.is_zero() {
        let help = "for example `1s` or `1m`";
        settings.problem("time_unit", "`time_unit` is zero", help);
        return *TIME_UNIT.default();
    }
    unit
}

/// A rate as people read it: per second, or per minute when it is slow.
pub(super) fn show(per_second: f64) -> String {
    let number = |value: f64| format!("{}", (value * 1000.0).round() / 1000.0);
    if per_second > 0.0 && per_second < 1.0 {
        format!("{}/m", number(per_second * 60.0))
    } else {
        format!("{}/s", number(per_second))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{parse, show};

    #[test]
    fn rates_have_a_unit_or_take_the_one_given() {
        let minute = Duration::from_secs(60);
        let cases = [
            ("100/s", 100.0),
            ("300 / m", 5.0),
            ("90/h", 0.025),
            ("30", 0.5),
            ("0.5/s", 0.5),
        ];
        for (text, rate) in cases {
            let seen = parse(text).unwrap().per_second(minute);
            assert!((seen - rate).abs() < 1e-12, "{text}: {seen}");
        }
        for wrong in ["", "/s", "1/d", "-1/s", "inf/s", "NaN", "1e9/s"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_slow_rate_is_shown_per_minute() {
        assert_eq!(show(100.0), "100/s");
        assert_eq!(show(0.5), "30/m");
        assert_eq!(show(0.0), "0/s");
    }
}
