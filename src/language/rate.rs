//! Rates as they are written: `100/s`, `300/m`, or a number that is meant per
//! some unit.

use std::time::Duration;

use super::node::Node;
use super::problem::Report;
use super::read::Read;
use super::shape::Shape;
use crate::ceilings;

/// How often something happens in some time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WrittenRate {
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
    /// True for a rate at which nothing happens.
    pub fn is_zero(self) -> bool {
        self.number == 0.0
    }

    /// Per second; a bare number is per `unit`.
    pub fn per_second(self, unit: Duration) -> f64 {
        self.number / self.per.unwrap_or(unit).as_secs_f64()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::parse;

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
}
