//! Statistics: one number out of many measurements.

use super::measured::{Measured, Values};
use super::quantity::{Quantity, Unit};
use super::selector::nearest;
use super::{Bound, Metric, MetricKind, Spans};

/// One number out of many measurements.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Statistic {
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

impl Statistic {
    /// Statistics of each kind of metric, besides quantiles.
    fn names(kind: MetricKind) -> &'static [&'static str] {
        match kind {
            MetricKind::Trend => &[
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
            MetricKind::Gauge => &["min", "max", "last"],
        }
    }

    /// Reads a statistic of `metric`; else what is wrong, and the help.
    pub(super) fn parse(name: &str, metric: Metric) -> Result<Self, (String, String)> {
        let kind = metric.kind();
        if kind == MetricKind::Trend
            && let Some(quantile) = quantile(name)
        {
            return Ok(Self::Quantile(quantile));
        }
        let known = Self::names(kind);
        if !known.contains(&name) {
            let mut offered = known.to_vec();
            if kind == MetricKind::Trend {
                offered.extend(["p50", "p90", "p95", "p99", "p99.9"]);
            }
            return Err((
                format!("`{metric}` has no statistic `{name}`"),
                nearest(name, &offered),
            ));
        }
        Ok(match (name, kind) {
            ("min", MetricKind::Gauge) => Self::Lowest,
            ("max", MetricKind::Gauge) => Self::Highest,
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

    pub(super) fn unit(self) -> Unit {
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

    /// The statistic of what was measured, or `None` when there is nothing to
    /// take it of. `rate` tells how many there were per second.
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
    pub(super) fn of(
        self,
        measured: &Measured,
        rate: impl FnOnce() -> Option<f64>,
    ) -> Option<Bound<Quantity>> {
        let total = measured.count as f64;
        let value = match (self, &measured.values) {
            (Self::Count, _) => Bound::Exact(total),
            (Self::PerSecond, _) => Bound::Exact(rate()?),
            (Self::ErrorRate, _) => {
                if measured.ended == 0 {
                    return None;
                }
                Bound::Exact(measured.failures as f64 / measured.ended as f64)
            }
            (Self::Share, Values::Rate { held }) if measured.count > 0 => {
                Bound::Exact(*held as f64 / total)
            }
            (Self::Lowest, Values::Level(level)) if level.readings > 0 => {
                Bound::Exact(level.min as f64)
            }
            (Self::Highest, Values::Level(level)) if level.readings > 0 => {
                Bound::Exact(level.max as f64)
            }
            (Self::Last, Values::Level(level)) if level.readings > 0 => {
                Bound::Exact(level.last as f64)
            }
            (_, Values::Spans(spans)) if !spans.is_empty() => {
                self.time(spans)?.map(|time| time.as_secs_f64())
            }
            _ => return None,
        };
        let unit = self.unit();
        Some(value.map(|value| Quantity { unit, value }))
    }

    fn time(self, spans: &Spans) -> Option<Bound> {
        Some(match self {
            Self::Minimum => spans.min(),
            Self::Mean => spans.mean(),
            Self::Maximum => spans.max(),
            Self::StandardDeviation => spans.standard_deviation(),
            Self::Quantile(quantile) => spans.quantile(quantile),
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
