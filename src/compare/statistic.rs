//! What is compared of a line.

use strum::IntoStaticStr;

/// One number of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Statistic {
    P50,
    P95,
    P99,
    Mean,
    ErrorRate,
    /// Successful runs in a second.
    Throughput,
}

impl Statistic {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 6] = [
        Self::P50,
        Self::P95,
        Self::P99,
        Self::Mean,
        Self::ErrorRate,
        Self::Throughput,
    ];

    /// The name in `--fail-on` and in files.
    pub fn name(self) -> &'static str {
        self.into()
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == name)
    }

    /// The share of plays below it, of a percentile.
    pub(super) fn quantile(self) -> Option<f64> {
        match self {
            Self::P50 => Some(0.5),
            Self::P95 => Some(0.95),
            Self::P99 => Some(0.99),
            _ => None,
        }
    }

    /// So many plays must there be for it to say anything: twenty, or five
    /// beyond a percentile.
    pub(super) fn least(self) -> u64 {
        match self {
            Self::P95 => 100,
            Self::P99 => 500,
            _ => 20,
        }
    }

    /// True when a change is told as a difference, not as a ratio: error rates
    /// are often zero.
    pub fn is_difference(self) -> bool {
        self == Self::ErrorRate
    }

    /// To a scale on which changes are differences.
    pub(super) fn to_scale(self, value: f64) -> f64 {
        if self.is_difference() {
            value
        } else {
            value.ln()
        }
    }

    /// A difference on that scale as a change: `0.1` is 10 %, or ten points.
    pub(super) fn change(self, difference: f64) -> f64 {
        if self.is_difference() {
            difference
        } else {
            difference.exp_m1()
        }
    }

    /// The least standard error on that scale: histograms have three digits.
    pub(super) fn resolution(self) -> f64 {
        if self.is_difference() { 0.0 } else { 5e-4 }
    }
}
