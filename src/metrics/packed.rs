//! Measures as they are written to a file, and read back without loss.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use hdrhistogram::serialization::{Deserializer, Serializer, V2DeflateSerializer};
use serde::{Deserialize, Serialize};

use super::{Histogram, Level, Measure};

/// A measure in JSON. Buckets of a histogram are in `HdrHistogram`'s own
/// compressed format, version 2, base64.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PackedMeasure {
    /// A sum.
    Count(u64),
    /// How often something held, of how many times.
    Rate(u64, u64),
    /// Readings: how many, last, lowest, highest.
    Level(u64, u64, u64, u64),
    /// Time spans.
    Duration {
        /// Buckets, in nanoseconds.
        buckets: String,
        /// Exact sum in nanoseconds, a number in quotes: it can be very long.
        sum: String,
        /// Exact minimum in nanoseconds.
        min: u64,
        /// Exact maximum in nanoseconds.
        max: u64,
    },
}

/// A measure that cannot be packed or unpacked.
#[derive(Debug, thiserror::Error)]
#[error("not a measure: {0}")]
pub struct PackError(String);

impl PackedMeasure {
    /// Packs a measure.
    ///
    /// # Errors
    /// When the histogram cannot be written, which never happens in memory.
    pub fn pack(measure: &Measure) -> Result<Self, PackError> {
        Ok(match measure {
            Measure::Count(sum) => Self::Count(*sum),
            Measure::Rate { held, total } => Self::Rate(*held, *total),
            Measure::Level(level) => Self::Level(level.readings, level.last, level.min, level.max),
            Measure::Duration(histogram) => pack(histogram)?,
        })
    }

    /// Buckets as a log of `HdrHistogram` holds them, base64 with its padding,
    /// and the exact maximum; `None` of anything but a duration.
    pub fn buckets(&self) -> Option<(String, Duration)> {
        let Self::Duration { buckets, max, .. } = self else {
            return None;
        };
        let padding = "=".repeat(buckets.len().wrapping_neg() % 4);
        Some((format!("{buckets}{padding}"), Duration::from_nanos(*max)))
    }

    /// The time spans of a packed duration; none of anything else, or of what
    /// was not packed here.
    pub fn histogram(&self) -> Histogram {
        match self.unpack() {
            Ok(Measure::Duration(histogram)) => histogram,
            _ => Histogram::new(),
        }
    }

    /// Unpacks it.
    ///
    /// # Errors
    /// When the text is not what [`PackedMeasure::pack`] writes.
    pub fn unpack(&self) -> Result<Measure, PackError> {
        Ok(match self {
            Self::Count(sum) => Measure::Count(*sum),
            Self::Rate(held, total) => Measure::Rate {
                held: *held,
                total: *total,
            },
            Self::Level(readings, last, min, max) => Measure::Level(Level {
                readings: *readings,
                last: *last,
                min: *min,
                max: *max,
            }),
            Self::Duration {
                buckets,
                sum,
                min,
                max,
            } => {
                let bytes = STANDARD_NO_PAD.decode(buckets).map_err(wrong)?;
                let buckets = Deserializer::new()
                    .deserialize(&mut bytes.as_slice())
                    .map_err(|error| PackError(format!("{error:?}")))?;
                let sum = sum.parse().map_err(wrong)?;
                Measure::Duration(Histogram::from_parts(buckets, sum, *min, *max))
            }
        })
    }
}

fn pack(histogram: &Histogram) -> Result<PackedMeasure, PackError> {
    let (buckets, sum, min, max) = histogram.parts();
    let mut bytes = Vec::new();
    if let Some(buckets) = buckets {
        V2DeflateSerializer::new()
            .serialize(buckets, &mut bytes)
            .map_err(|error| PackError(format!("{error:?}")))?;
    } else {
        return Err(PackError("an empty histogram".into()));
    }
    Ok(PackedMeasure::Duration {
        buckets: STANDARD_NO_PAD.encode(bytes),
        sum: sum.to_string(),
        min,
        max,
    })
}

fn wrong(error: impl std::fmt::Display) -> PackError {
    PackError(error.to_string())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::PackedMeasure;
    use crate::metrics::{Histogram, Measure};

    proptest! {
        #[test]
        fn nothing_is_lost_on_the_way(values in prop::collection::vec(0_u64..100_000_000_000, 1..100)) {
            let mut histogram = Histogram::new();
            for value in &values {
                histogram.record(Duration::from_nanos(*value));
            }
            let packed = PackedMeasure::pack(&Measure::Duration(histogram.clone())).unwrap();
            let text = serde_json::to_string(&packed).unwrap();
            let packed: PackedMeasure = serde_json::from_str(&text).unwrap();
            let Measure::Duration(mut read) = packed.unpack().unwrap() else { panic!() };
            prop_assert_eq!(read.count(), histogram.count());
            prop_assert_eq!((read.sum(), read.min(), read.max()), (histogram.sum(), histogram.min(), histogram.max()));
            // It goes on counting as before.
            read.merge(&histogram);
            histogram.merge(&histogram.clone());
            for q in [0.1, 0.5, 0.99] {
                prop_assert_eq!(read.quantile(q), histogram.quantile(q));
            }
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,40}") {
            let packed = PackedMeasure::Duration { buckets: text.clone(), sum: text, min: 0, max: 0 };
            prop_assert!(packed.unpack().is_err());
        }
    }
}
