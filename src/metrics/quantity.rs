//! Numbers with their unit, as thresholds have them.

use std::fmt;

use super::Bound;

/// What a statistic is measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Time,
    Number,
    PerSecond,
    Percent,
}

/// A number with its unit: seconds, a plain number, per second, or a share of 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Quantity {
    pub(super) unit: Unit,
    pub(super) value: f64,
}

impl Quantity {
    /// Reads a number whose unit fits `unit`; else what is wrong, and the help.
    pub(super) fn parse(text: &str, unit: Unit) -> Result<Self, (String, String)> {
        let split = text
            .find(|c: char| !(c.is_ascii_digit() || c == '.'))
            .unwrap_or(text.len());
        let (number, suffix) = (&text[..split], text[split..].trim());
        let factor = match (unit, suffix) {
            (Unit::Time, "ns") => 1e-9,
            (Unit::Time, "us" | "µs") => 1e-6,
            (Unit::Time, "ms") => 1e-3,
            (Unit::Time, "m") => 60.0,
            (Unit::Time, "h") => 3600.0,
            (Unit::Percent, "%") => 0.01,
            (Unit::PerSecond, "/m") => 1.0 / 60.0,
            (Unit::Time, "s") | (Unit::Number, "") | (Unit::PerSecond, "/s") => 1.0,
            _ => return Err(unit.refusal(text)),
        };
        match number.parse::<f64>() {
            Ok(number) => Ok(Self {
                unit,
                value: number * factor,
            }),
            Err(_) => Err(unit.refusal(text)),
        }
    }
}

impl Unit {
    fn refusal(self, text: &str) -> (String, String) {
        let (expected, example) = match self {
            Self::Time => ("a time span", "`800ms` or `2s`"),
            Self::Number => ("a number", "`0`"),
            Self::PerSecond => ("a number per second or minute", "`10/s`"),
            Self::Percent => ("a percentage", "`99.9%`"),
        };
        // A number alone is what other tools have: milliseconds, and shares of 1.
        let meant = match (self, text.parse::<f64>()) {
            (Self::Time, Ok(few)) if few < 10.0 => Some(format!("{text}s")),
            (Self::Time, Ok(_)) => Some(format!("{text}ms")),
            (Self::Percent, Ok(share)) if share <= 1.0 => Some(format!("{}%", share * 100.0)),
            (Self::Percent, Ok(_)) => Some(format!("{text}%")),
            _ => None,
        };
        let meant = meant.map_or_else(String::new, |meant| format!(", here `{meant}`"));
        (
            format!("expected {expected}, found `{text}`"),
            format!("write the limit as in {example}{meant}"),
        )
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.value;
        match self.unit {
            Unit::Time if value < 1e-3 => write!(f, "{:.1}µs", value * 1e6),
            Unit::Time if value < 1.0 => write!(f, "{:.1}ms", value * 1e3),
            Unit::Time => write!(f, "{value:.2}s"),
            Unit::Number => write!(f, "{value}"),
            Unit::PerSecond => write!(f, "{value:.2}/s"),
            // Never rounded up to a limit that was not reached.
            Unit::Percent => write!(f, "{}%", (value * 1e5).floor() / 1e3),
        }
    }
}

impl fmt::Display for Bound<Quantity> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(value) => value.fmt(f),
            Self::AtLeast(value) => write!(f, "> {value}"),
        }
    }
}
