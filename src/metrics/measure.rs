//! What was measured of one series.

use super::{Histogram, MetricKind};

/// Values of one metric under one set of tags, added up.
#[derive(Clone)]
pub enum Measure {
    /// A sum.
    Count(u64),
    /// How often something held, of how many times.
    Rate {
        /// Times it held.
        held: u64,
        /// Times it was looked at.
        total: u64,
    },
    /// Time spans.
    Duration(Histogram),
    /// A number that goes up and down.
    Level(Level),
}

/// Readings of a number that goes up and down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Level {
    /// How often it was read.
    pub readings: u64,
    /// The last reading.
    pub last: u64,
    /// The lowest reading.
    pub min: u64,
    /// The highest reading.
    pub max: u64,
}

impl Level {
    /// Adds a reading.
    pub fn read(&mut self, value: u64) {
        self.merge(&Self {
            readings: 1,
            last: value,
            min: value,
            max: value,
        });
    }

    /// Adds readings that come after these.
    pub(super) fn merge(&mut self, later: &Self) {
        if self.readings == 0 {
            *self = *later;
        } else if later.readings > 0 {
            self.readings += later.readings;
            self.last = later.last;
            self.min = self.min.min(later.min);
            self.max = self.max.max(later.max);
        }
    }
}

impl Measure {
    /// Nothing yet.
    pub fn empty(kind: MetricKind) -> Self {
        match kind {
            MetricKind::Counter => Self::Count(0),
            MetricKind::Rate => Self::Rate { held: 0, total: 0 },
            MetricKind::Trend => Self::Duration(Histogram::new()),
            MetricKind::Gauge => Self::Level(Level::default()),
        }
    }

    /// How many values; for a counter, their sum.
    pub fn count(&self) -> u64 {
        match self {
            Self::Count(sum) => *sum,
            Self::Rate { total, .. } => *total,
            Self::Duration(histogram) => histogram.count(),
            Self::Level(level) => level.readings,
        }
    }

    /// Adds what was measured elsewhere. Measures of another kind add nothing:
    /// a metric has one kind, so there are none in the same series.
    pub fn merge(&mut self, other: &Self) {
        match (self, other) {
            (Self::Count(sum), Self::Count(more)) => *sum += more,
            (
                Self::Rate { held, total },
                Self::Rate {
                    held: also_held,
                    total: also,
                },
            ) => {
                *held += also_held;
                *total += also;
            }
            (Self::Duration(histogram), Self::Duration(more)) => histogram.merge(more),
            (Self::Level(level), Self::Level(later)) => level.merge(later),
            _ => {}
        }
    }

    /// Forgets all values and keeps the memory.
    pub fn reset(&mut self) {
        match self {
            Self::Count(sum) => *sum = 0,
            Self::Rate { held, total } => (*held, *total) = (0, 0),
            Self::Duration(histogram) => histogram.reset(),
            Self::Level(level) => *level = Level::default(),
        }
    }
}
