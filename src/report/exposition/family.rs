//! One metric as others see it.

use std::sync::Arc;
use std::time::Duration;

use crate::metrics::Histogram;

/// Upper bounds of the buckets into which durations are counted, in
/// microseconds: fine where people wait, coarse elsewhere.
const MICROSECONDS: [u64; 25] = [
    100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 75_000, 100_000, 150_000, 250_000,
    350_000, 500_000, 750_000, 1_000_000, 1_500_000, 2_500_000, 5_000_000, 7_500_000, 10_000_000,
    15_000_000, 30_000_000, 60_000_000,
];

/// The same as durations.
pub const BOUNDS: [Duration; MICROSECONDS.len()] = {
    let mut bounds = [Duration::ZERO; MICROSECONDS.len()];
    let mut place = 0;
    while place < bounds.len() {
        bounds[place] = Duration::from_micros(MICROSECONDS[place]);
        place += 1;
    }
    bounds
};

/// All series of one name.
#[derive(Clone, Debug, PartialEq)]
pub struct Family {
    /// What it is called, without prefix and unit: `step_duration`.
    pub name: String,
    /// What its values are measured in.
    pub unit: Unit,
    /// How its values are to be read.
    pub kind: FamilyKind,
    /// What it is, in a sentence without a full stop.
    pub about: &'static str,
    /// Its series.
    pub points: Vec<Point>,
}

/// What values are measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Just a number.
    None,
    /// Durations; as a suffix, `_seconds`.
    Seconds,
    /// Sizes; as a suffix, `_bytes`.
    Bytes,
}

/// How values are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FamilyKind {
    /// Labels that say something; the value is 1.
    Info,
    /// A number that goes up and down.
    Gauge,
    /// A sum that only grows.
    Counter,
    /// Durations of the whole run, counted by [`BOUNDS`].
    Histogram,
    /// Quantiles of the whole run, exact to three digits.
    Quantiles,
}

/// A name and a value that tell a series from others of its family.
pub type Label = (&'static str, Arc<str>);

/// A series with its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// What tells it from others of the family.
    pub labels: Vec<Label>,
    /// As the family's kind says.
    pub value: Value,
}

/// The value of a series, as the family's kind says.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Of an information or a gauge.
    Number(f64),
    /// Of a counter.
    Count(u64),
    /// Of a histogram.
    Buckets(Buckets),
    /// Quantile (0 to 1) and value, in seconds.
    Quantiles(Vec<(f64, f64)>),
}

/// Durations, counted.
#[derive(Clone, Debug, PartialEq)]
pub struct Buckets {
    /// How many lie at or below each of [`BOUNDS`], and above the one before.
    pub counts: Vec<u64>,
    /// How many there are, with those above all bounds.
    pub count: u64,
    /// Their sum.
    pub sum: Duration,
    /// The smallest; zero when there are none.
    pub min: Duration,
    /// The largest; zero when there are none.
    pub max: Duration,
}

impl Buckets {
    /// Counts the values of a histogram.
    pub fn of(histogram: &Histogram) -> Self {
        Self {
            counts: histogram.counts_within(&BOUNDS),
            count: histogram.count(),
            sum: histogram.sum(),
            min: histogram.min(),
            max: histogram.max(),
        }
    }
}

impl Unit {
    /// Its name as Prometheus has it; empty for none.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Seconds => "seconds",
            Self::Bytes => "bytes",
        }
    }
}

impl Family {
    /// The name as Prometheus has it: prefix and unit, no `_total`.
    pub fn full_name(&self) -> String {
        let (name, unit) = (&self.name, self.unit.name());
        // `crypto_bytes` has its unit already.
        if unit.is_empty() || name.ends_with(&format!("_{unit}")) {
            format!("rehearse_{name}")
        } else {
            format!("rehearse_{name}_{unit}")
        }
    }
}
