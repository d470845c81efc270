//! Conditions over metrics, which decide over the exit code:
//! `p95 < 800ms`, `rate == 100%`, `error_rate < 1%`.

use std::cmp::Ordering;
use std::fmt;
use std::ops::Range;
use std::time::Duration;

use super::selector::nearest;
use super::{
    Histogram, Measure, Metric, MetricKind, Selector, Snapshot, SyntaxError, TagKey, Tags,
};

/// A condition over some measurements.
#[derive(Clone, Debug)]
pub struct Threshold {
    /// Which measurements.
    pub selector: Selector,
    /// What must hold.
    pub condition: Condition,
}

/// `statistic comparison limit`
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    statistic: Statistic,
    comparison: Comparison,
    limit: Quantity,
    text: String,
}

/// One number out of many measurements.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Statistic {
    Minimum,
    Mean,
    Maximum,
    Lowest,
    Highest,
    Last,
    StandardDeviation,
    /// A share between 0 and 1.
    Quantile(f64),
    Count,
    /// Per second.
    PerSecond,
    /// Share of those that held, or did not fail.
    Share,
    /// Share of failed ones.
    ErrorRate,
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

/// What a statistic is measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Time,
    Number,
    PerSecond,
    Percent,
}

/// A number with its unit: seconds, a plain number, per second, or a share of 1.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Quantity {
    unit: Unit,
    value: f64,
}

/// What became of a threshold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it holds.
    pub passed: bool,
    /// False when there was nothing to look at.
    pub measured: bool,
    /// The value that was seen, with its unit, or why there is none.
    pub seen: String,
}

impl Threshold {
    /// Holds the condition against what was measured.
    ///
    /// Only the main part of the run counts, unless the selector names a
    /// `phase`. Time spans of failed steps and requests are left out, unless it
    /// names an `outcome`; `error_rate` looks at all. A threshold over nothing
    /// has not been met, unless it is about a count.
    pub fn judge(&self, snapshot: &Snapshot) -> Verdict {
        let (metric, tags) = (self.selector.metric(), self.selector.tags());
        let tag_is = |tags: &Tags, key, value| tags.get(key).is_none_or(|seen| seen == value);
        let in_phase = |series: &Tags| {
            tags.get(TagKey::Phase).is_some() || tag_is(series, TagKey::Phase, "main")
        };
        let good_only = metric.kind() == MetricKind::Duration
            && tags.get(TagKey::Outcome).is_none()
            && self.condition.statistic != Statistic::ErrorRate;
        let measure = snapshot.total_of(metric, tags, |series| {
            in_phase(series) && (!good_only || tag_is(series, TagKey::Outcome, "ok"))
        });
        let failed = tags.clone().with(TagKey::Outcome, "failed");
        let failures = snapshot.total_of(metric, &failed, in_phase).count();
        match self
            .condition
            .statistic
            .of(&measure, failures, snapshot.elapsed())
        {
            Some(seen) => Verdict {
                passed: self.condition.holds(seen),
                measured: true,
                seen: seen.to_string(),
            },
            None => Verdict {
                passed: false,
                measured: false,
                seen: "nothing was measured".into(),
            },
        }
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.selector, self.condition)
    }
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

    fn holds(&self, seen: Quantity) -> bool {
        let order = seen.value.partial_cmp(&self.limit.value);
        match self.comparison {
            Comparison::Less => order == Some(Ordering::Less),
            Comparison::LessOrEqual => matches!(order, Some(Ordering::Less | Ordering::Equal)),
            Comparison::Equal => order == Some(Ordering::Equal),
            Comparison::NotEqual => order != Some(Ordering::Equal),
            Comparison::GreaterOrEqual => {
                matches!(order, Some(Ordering::Greater | Ordering::Equal))
            }
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

impl Statistic {
    /// Statistics of each kind of metric, besides quantiles.
    fn names(kind: MetricKind) -> &'static [&'static str] {
        match kind {
            MetricKind::Duration => &[
                "min",
                "mean",
                "avg",
                "med",
                "max",
                "stddev",
                "count",
                "error_rate",
            ],
            MetricKind::Counter => &["count", "rate"],
            MetricKind::Rate => &["rate", "count", "error_rate"],
            MetricKind::Level => &["min", "max", "last"],
        }
    }

    fn parse(name: &str, metric: Metric) -> Result<Self, (String, String)> {
        let kind = metric.kind();
        if kind == MetricKind::Duration
            && let Some(quantile) = quantile(name)
        {
            return Ok(Self::Quantile(quantile));
        }
        let known = Self::names(kind);
        if !known.contains(&name) {
            let mut offered = known.to_vec();
            if kind == MetricKind::Duration {
                offered.extend(["p50", "p90", "p95", "p99", "p99.9"]);
            }
            return Err((
                format!("`{metric}` has no statistic `{name}`"),
                nearest(name, &offered),
            ));
        }
        Ok(match (name, kind) {
            ("min", MetricKind::Level) => Self::Lowest,
            ("max", MetricKind::Level) => Self::Highest,
            ("last", _) => Self::Last,
            ("min", _) => Self::Minimum,
            ("mean" | "avg", _) => Self::Mean,
            ("med", _) => Self::Quantile(0.5),
            ("max", _) => Self::Maximum,
            ("stddev", _) => Self::StandardDeviation,
            ("error_rate", _) => Self::ErrorRate,
            ("rate", MetricKind::Rate) => Self::Share,
            ("rate", _) => Self::PerSecond,
            _ => Self::Count,
        })
    }

    fn unit(self) -> Unit {
        match self {
            Self::Minimum
            | Self::Mean
            | Self::Maximum
            | Self::StandardDeviation
            | Self::Quantile(_) => Unit::Time,
            Self::Count | Self::Lowest | Self::Highest | Self::Last => Unit::Number,
            Self::PerSecond => Unit::PerSecond,
            Self::Share | Self::ErrorRate => Unit::Percent,
        }
    }

    /// The statistic of `measure`, or `None` when there is nothing to take it
    /// of. `failures` are those among the measurements that failed.
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
    fn of(self, measure: &Measure, failures: u64, elapsed: Duration) -> Option<Quantity> {
        let total = measure.count();
        let value = match (self, measure) {
            (Self::Count, _) => total as f64,
            (Self::PerSecond, _) => total as f64 / elapsed.as_secs_f64().max(f64::MIN_POSITIVE),
            (_, _) if total == 0 => return None,
            (Self::Share, Measure::Rate { held, total }) => *held as f64 / *total as f64,
            (Self::ErrorRate, Measure::Rate { held, total }) => {
                (*total - *held) as f64 / *total as f64
            }
            (Self::ErrorRate, _) => failures as f64 / total as f64,
            (Self::Lowest, Measure::Level(level)) => level.min as f64,
            (Self::Highest, Measure::Level(level)) => level.max as f64,
            (Self::Last, Measure::Level(level)) => level.last as f64,
            (_, Measure::Duration(histogram)) => self.time(histogram)?.as_secs_f64(),
            _ => return None,
        };
        Some(Quantity {
            unit: self.unit(),
            value,
        })
    }

    fn time(self, histogram: &Histogram) -> Option<Duration> {
        Some(match self {
            Self::Minimum => histogram.min(),
            Self::Mean => histogram.mean(),
            Self::Maximum => histogram.max(),
            Self::StandardDeviation => histogram.standard_deviation(),
            Self::Quantile(quantile) => histogram.quantile(quantile),
            Self::Count
            | Self::PerSecond
            | Self::Share
            | Self::ErrorRate
            | Self::Lowest
            | Self::Highest
            | Self::Last => return None,
        })
    }
}

/// `p95`, `p99.9` or `p(99.9)`, as a share.
fn quantile(name: &str) -> Option<f64> {
    let digits = name.strip_prefix('p')?;
    let digits = digits
        .strip_prefix('(')
        .and_then(|digits| digits.strip_suffix(')'))
        .unwrap_or(digits);
    if !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let percent: f64 = digits.parse().ok()?;
    (0.0..=100.0).contains(&percent).then_some(percent / 100.0)
}

impl Quantity {
    fn parse(text: &str, unit: Unit) -> Result<Self, (String, String)> {
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
        (
            format!("expected {expected}, found `{text}`"),
            format!("write the limit as in {example}"),
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::{Condition, Threshold};
    use crate::metrics::{Meter, Metric, Recorder, Selector, Snapshot, TagKey, Tags};

    fn threshold(selector: &str, condition: &str) -> Threshold {
        let selector = Selector::parse(selector).unwrap();
        Threshold {
            condition: Condition::parse(condition, selector.metric()).unwrap(),
            selector,
        }
    }

    /// 99 good steps of 1 to 99 ms and one failed step of 5 s, in 10 s.
    fn measured() -> Snapshot {
        let recorder = Recorder::new();
        let meter = Meter::new(recorder.clone(), Tags::new().with(TagKey::Step, "login"));
        for ms in 1..100 {
            let tags = [(TagKey::Outcome, "ok")];
            meter.duration(Metric::StepDuration, &tags, Duration::from_millis(ms));
            meter.rate(Metric::Checks, &[], ms > 1);
        }
        let tags = [(TagKey::Outcome, "failed")];
        meter.duration(Metric::StepDuration, &tags, Duration::from_secs(5));
        meter.count(Metric::Errors, &[], 1);
        recorder.snapshot(Duration::from_secs(10))
    }

    #[test]
    fn conditions_are_judged_by_their_value() {
        let snapshot = measured();
        let cases = [
            ("step_duration{step=login}", "p50 < 51ms", true),
            ("step_duration{step=login}", "p50 < 49ms", false),
            ("step_duration", "max <= 99ms", true),
            ("step_duration{outcome=failed}", "min >= 5s", true),
            ("step_duration", "error_rate <= 1%", true),
            ("step_duration", "error_rate < 1%", false),
            ("step_duration", "count == 99", true),
            ("checks", "rate == 100%", false),
            ("checks", "rate > 98%", true),
            ("checks", "count == 99", true),
            ("errors", "count == 1", true),
            ("errors", "rate == 0.1/s", true),
            ("errors", "rate == 6/m", true),
            ("errors{step=register}", "count == 0", true),
        ];
        for (selector, condition, passed) in cases {
            let verdict = threshold(selector, condition).judge(&snapshot);
            assert_eq!(
                verdict.passed, passed,
                "{selector} {condition}: {}",
                verdict.seen
            );
        }
    }

    #[test]
    fn a_failed_step_is_never_among_the_good_ones() {
        let verdict = threshold("step_duration", "max < 1s").judge(&measured());
        assert_eq!((verdict.passed, verdict.seen.as_str()), (true, "99.0ms"));
    }

    #[test]
    fn a_share_is_not_rounded_up_to_its_limit() {
        let recorder = Recorder::new();
        let meter = Meter::new(recorder.clone(), Tags::new());
        for held in std::iter::once(false).chain(std::iter::repeat_n(true, 999_999)) {
            meter.rate(Metric::Checks, &[], held);
        }
        let snapshot = recorder.snapshot(Duration::from_secs(1));
        let verdict = threshold("checks", "rate == 100%").judge(&snapshot);
        assert_eq!((verdict.passed, verdict.seen.as_str()), (false, "99.999%"));
    }

    #[test]
    fn a_threshold_over_nothing_is_not_met() {
        let verdict = threshold("otp_wait", "p95 < 1s").judge(&measured());
        assert_eq!(
            (verdict.passed, verdict.seen.as_str()),
            (false, "nothing was measured")
        );
    }

    #[test]
    fn errors_say_what_is_expected() {
        let cases = [
            (
                Metric::StepDuration,
                "p95 < 800",
                "expected a time span, found `800`",
                " 800",
            ),
            (
                Metric::StepDuration,
                "p95 << 1s",
                "unknown comparison `<<`",
                "<<",
            ),
            (Metric::StepDuration, "p95 1s", "no comparison", "p95 1s"),
            (
                Metric::StepDuration,
                "p101 < 1s",
                "`step_duration` has no statistic `p101`",
                "p101 ",
            ),
            (
                Metric::Checks,
                "p95 < 1s",
                "`checks` has no statistic `p95`",
                "p95 ",
            ),
            (
                Metric::Checks,
                "rate > 0.9",
                "expected a percentage, found `0.9`",
                " 0.9",
            ),
            (
                Metric::Errors,
                "count < 1%",
                "expected a number, found `1%`",
                " 1%",
            ),
        ];
        for (metric, text, message, part) in cases {
            let error = Condition::parse(text, metric).unwrap_err();
            assert_eq!((error.message.as_str(), &text[error.at]), (message, part));
            assert!(!error.help.is_empty());
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "(p95|rate|count)?[ <>=!0-9.%a-zµ/]{0,16}", metric in 0..Metric::ALL.len()) {
            if let Err(error) = Condition::parse(&text, Metric::ALL[metric]) {
                prop_assert!(text.get(error.at).is_some());
            }
        }
    }
}
