//! Conditions over a metric: `p95 < 800ms`, `rate == 100%`, `error_rate < 1%`.

use std::cmp::Ordering;
use std::fmt;
use std::ops::Range;

use super::quantity::Quantity;
use super::statistic::Statistic;
use super::{Bound, Metric, SyntaxError};

/// `statistic comparison limit`
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    pub(super) statistic: Statistic,
    comparison: Comparison,
    limit: Quantity,
    text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Less,
    LessOrEqual,
    Equal,
    NotEqual,
    GreaterOrEqual,
    Greater,
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Condition {
    /// Reads a condition over `metric`.
    ///
    /// # Errors
    /// With the part that is wrong: an unknown statistic, a statistic that this
    /// kind of metric does not have, a limit in another unit.
    pub fn parse(text: &str, metric: Metric) -> Result<Self, SyntaxError> {
        const SHAPE: &str =
            "write a statistic, a comparison and a limit, for example `p95 < 800ms`";
        let Some(start) = text.find(['<', '>', '=', '!']) else {
            return Err(error(0..text.len(), "no comparison".into(), SHAPE));
        };
        let length = text[start..]
            .find(|c| !['<', '>', '=', '!'].contains(&c))
            .unwrap_or(text.len() - start);
        let end = start + length;
        let comparison = Comparison::parse(&text[start..end]).ok_or_else(|| {
            error(
                start..end,
                format!("unknown comparison `{}`", &text[start..end]),
                "one of: <, <=, ==, !=, >=, >",
            )
        })?;
        let statistic = Statistic::parse(text[..start].trim(), metric)
            .map_err(|(message, help)| error(0..start, message, help))?;
        let limit = Quantity::parse(text[end..].trim(), statistic.unit())
            .map_err(|(message, help)| error(end..text.len(), message, help))?;
        Ok(Self {
            statistic,
            comparison,
            limit,
            text: text.trim().to_owned(),
        })
    }

    /// True for a condition that says how many failures there may be.
    pub fn is_about_failures(&self, metric: Metric) -> bool {
        metric == Metric::Errors || self.statistic == Statistic::ErrorRate
    }

    /// Whether one iteration can meet it as well as many: not a count that it must
    /// reach, nor a rate over time.
    pub fn is_of_any_load(&self) -> bool {
        match self.statistic {
            Statistic::PerSecond => false,
            Statistic::Count => match self.comparison {
                Comparison::Less | Comparison::LessOrEqual | Comparison::NotEqual => true,
                Comparison::Equal => self.limit.value == 0.0,
                Comparison::GreaterOrEqual | Comparison::Greater => self.limit.value <= 1.0,
            },
            _ => true,
        }
    }

    /// Whether a value of the statistic meets it. Of one of which only a bound
    /// is known, that must be certain.
    pub(super) fn holds(&self, seen: Bound<Quantity>) -> bool {
        let order = seen.value().value.partial_cmp(&self.limit.value);
        let at_least = matches!(order, Some(Ordering::Greater | Ordering::Equal));
        if seen.is_at_least() {
            // Larger than something that is no smaller than the limit.
            return at_least
                && matches!(
                    self.comparison,
                    Comparison::NotEqual | Comparison::GreaterOrEqual | Comparison::Greater
                );
        }
        match self.comparison {
            Comparison::Less => order == Some(Ordering::Less),
            Comparison::LessOrEqual => matches!(order, Some(Ordering::Less | Ordering::Equal)),
            Comparison::Equal => order == Some(Ordering::Equal),
            Comparison::NotEqual => order != Some(Ordering::Equal),
            Comparison::GreaterOrEqual => at_least,
            Comparison::Greater => order == Some(Ordering::Greater),
        }
    }
}

fn error(at: Range<usize>, message: String, help: impl Into<String>) -> SyntaxError {
    SyntaxError {
        at,
        message,
        help: help.into(),
    }
}

impl Comparison {
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "<" => Self::Less,
            "<=" => Self::LessOrEqual,
            "==" => Self::Equal,
            "!=" => Self::NotEqual,
            ">=" => Self::GreaterOrEqual,
            ">" => Self::Greater,
            _ => return None,
        })
    }
}
