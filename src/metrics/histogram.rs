//! Durations, many of them, in little memory.

use std::time::Duration;

use hdrhistogram::Histogram as Hdr;

use crate::numbers::from_nanoseconds;

/// Significant decimal digits of a recorded value.
const DIGITS: u8 = 3;
/// The longest duration told apart from longer ones: a day, in nanoseconds.
const LONGEST: u64 = 86_400_000_000_000;

/// A histogram of durations, exact to three significant digits. Count, sum,
/// minimum and maximum are exact.
#[derive(Clone)]
pub struct Histogram {
    /// `None` until the first value: an empty one costs nothing.
    buckets: Option<Hdr<u64>>,
    sum: u128,
    min: u64,
    max: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self {
            buckets: None,
            sum: 0,
            min: u64::MAX,
            max: 0,
        }
    }
}

impl Histogram {
    /// Nothing recorded yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one value.
    pub fn record(&mut self, value: Duration) {
        let nanoseconds = u64::try_from(value.as_nanos())
            .unwrap_or(LONGEST)
            .min(LONGEST);
        self.sum += u128::from(nanoseconds);
        self.min = self.min.min(nanoseconds);
        self.max = self.max.max(nanoseconds);
        if let Some(buckets) = self.buckets() {
            // Cannot fail: it resizes to hold the value.
            let _ = buckets.record(nanoseconds);
        }
    }

    fn buckets(&mut self) -> Option<&mut Hdr<u64>> {
        if self.buckets.is_none() {
            // Grows with the largest value seen, up to LONGEST.
            self.buckets = Some(Hdr::new(DIGITS).ok()?);
        }
        self.buckets.as_mut()
    }

    /// Everything it consists of: buckets, sum, minimum, maximum.
    pub(super) fn parts(&self) -> (Option<&Hdr<u64>>, u128, u64, u64) {
        (self.buckets.as_ref(), self.sum, self.min, self.max)
    }

    /// Puts it together again.
    pub(super) fn from_parts(mut buckets: Hdr<u64>, sum: u128, min: u64, max: u64) -> Self {
        buckets.auto(true);
        Self {
            buckets: Some(buckets),
            sum,
            min,
            max,
        }
    }

    /// Adds all values of another one.
    pub fn merge(&mut self, other: &Self) {
        let Some(theirs) = &other.buckets else {
            return;
        };
        if let Some(ours) = self.buckets() {
            // Cannot fail: ours resizes to hold whatever theirs holds.
            let _ = ours.add(theirs);
        }
        self.sum += other.sum;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }

    /// Forgets all values and keeps the memory.
    pub fn reset(&mut self) {
        if let Some(buckets) = &mut self.buckets {
            buckets.reset();
        }
        (self.sum, self.min, self.max) = (0, u64::MAX, 0);
    }

    /// How many values.
    pub fn count(&self) -> u64 {
        self.buckets.as_ref().map_or(0, Hdr::len)
    }

    /// True when there are none.
    pub fn is_empty(&self) -> bool {
        self.count() == 0
    }

    /// The value below or at which a share `quantile` (0 to 1) of the values
    /// lie; zero when there are none.
    pub fn quantile(&self, quantile: f64) -> Duration {
        let value = self
            .buckets
            .as_ref()
            .map_or(0, |b| b.value_at_quantile(quantile));
        // A bucket's upper end can lie above the largest value.
        Duration::from_nanos(value.clamp(self.min.min(self.max), self.max))
    }

    /// The value that has so many at or below it, itself among them, when they
    /// are put in order; the largest when there are fewer.
    pub fn at_rank(&self, rank: u64) -> Duration {
        let mut seen = 0;
        let mut values = self.values();
        let found = values.find(|(_, count)| {
            seen += count;
            seen >= rank
        });
        found.map_or_else(|| self.max(), |(value, _)| value)
    }

    /// The same, rounded down: it is no larger than the value that was recorded.
    pub fn least_at_rank(&self, rank: u64) -> Duration {
        let value = u64::try_from(self.at_rank(rank).as_nanos()).unwrap_or(LONGEST);
        let least = self
            .buckets
            .as_ref()
            .map_or(0, |b| b.lowest_equivalent(value));
        Duration::from_nanos(least.clamp(self.min.min(self.max), self.max))
    }

    /// Significant digits of its values; `None` when there are none.
    pub fn digits(&self) -> Option<u8> {
        self.buckets.as_ref().map(Hdr::sigfig)
    }

    /// Every value that was recorded, to three digits, and how often.
    pub fn values(&self) -> impl Iterator<Item = (Duration, u64)> {
        let buckets = self.buckets.as_ref();
        buckets
            .into_iter()
            .flat_map(Hdr::iter_recorded)
            .map(|seen| {
                let value = seen.value_iterated_to().clamp(self.min, self.max);
                (Duration::from_nanos(value), seen.count_at_value())
            })
    }

    /// How many values lie at or below each of `bounds`, which ascend, and above
    /// the one before. A value that differs from a bound by less than the
    /// histogram tells apart counts as the bound.
    pub fn counts_within(&self, bounds: &[Duration]) -> Vec<u64> {
        let mut counts = vec![0; bounds.len()];
        let mut place = 0;
        let buckets = self.buckets.iter();
        let seen = buckets.flat_map(|buckets| {
            buckets.iter_recorded().map(|seen| {
                let value = buckets.lowest_equivalent(seen.value_iterated_to());
                (
                    Duration::from_nanos(value.max(self.min)),
                    seen.count_at_value(),
                )
            })
        });
        for (value, count) in seen {
            while bounds.get(place).is_some_and(|bound| *bound < value) {
                place += 1;
            }
            match counts.get_mut(place) {
                Some(sum) => *sum += count,
                None => break,
            }
        }
        counts
    }

    /// Smallest value; zero when there are none.
    pub fn min(&self) -> Duration {
        Duration::from_nanos(self.min.min(self.max))
    }

    /// Largest value; zero when there are none.
    pub fn max(&self) -> Duration {
        Duration::from_nanos(self.max)
    }

    /// Arithmetic mean; zero when there are none.
    pub fn mean(&self) -> Duration {
        let mean = self.sum.checked_div(u128::from(self.count())).unwrap_or(0);
        Duration::from_nanos(u64::try_from(mean).unwrap_or(u64::MAX))
    }

    /// Sum of all values.
    pub fn sum(&self) -> Duration {
        Duration::from_nanos(u64::try_from(self.sum).unwrap_or(u64::MAX))
    }

    /// Standard deviation of the values; zero when there are none.
    pub fn standard_deviation(&self) -> Duration {
        let nanoseconds = self.buckets.as_ref().map_or(0.0, Hdr::stdev);
        from_nanoseconds(nanoseconds)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::Histogram;

    fn of(values: &[u64]) -> Histogram {
        let mut histogram = Histogram::new();
        for value in values {
            histogram.record(Duration::from_nanos(*value));
        }
        histogram
    }

    #[test]
    fn nothing_recorded_is_all_zero() {
        let empty = Histogram::new();
        assert_eq!(empty.count(), 0);
        for value in [empty.min(), empty.max(), empty.mean(), empty.quantile(0.5)] {
            assert_eq!(value, Duration::ZERO);
        }
    }

    #[test]
    fn no_quantile_exceeds_the_maximum() {
        let one = of(&[1_234_567]);
        for quantile in [0.0, 0.5, 0.99, 1.0] {
            assert_eq!(one.quantile(quantile), Duration::from_nanos(1_234_567));
        }
    }

    #[test]
    fn a_duration_beyond_a_day_is_kept_as_a_day() {
        let mut histogram = Histogram::new();
        histogram.record(Duration::from_secs(1_000_000_000));
        assert_eq!(histogram.count(), 1);
        assert_eq!(histogram.max(), Duration::from_secs(86_400));
    }

    #[test]
    fn a_reset_one_counts_again_from_zero() {
        let mut histogram = of(&[5, 7]);
        histogram.reset();
        assert!(histogram.is_empty());
        histogram.record(Duration::from_nanos(9));
        assert_eq!(
            (histogram.count(), histogram.min()),
            (1, Duration::from_nanos(9))
        );
    }

    #[test]
    fn a_value_on_a_bound_is_within_it_and_one_beyond_all_in_none() {
        let histogram = of(&[1, 1_000_000, 1_000_001, 2_000_000, 9_000_000]);
        let bounds = [1, 2, 5].map(Duration::from_millis);
        // One nanosecond more than a bound is not told apart from it.
        assert_eq!(histogram.counts_within(&bounds), [3, 1, 0]);
        assert_eq!(Histogram::new().counts_within(&bounds), [0, 0, 0]);
    }

    proptest! {
        #[test]
        fn quantiles_are_exact_to_three_digits(mut values in prop::collection::vec(1_u64..10_000_000_000, 1..200), q in 0.0_f64..=1.0) {
            let histogram = of(&values);
            values.sort_unstable();
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
            let rank = ((q * values.len() as f64).ceil() as usize).clamp(1, values.len());
            let exact = values[rank - 1];
            let seen = u64::try_from(histogram.quantile(q).as_nanos()).unwrap();
            prop_assert!(seen.abs_diff(exact) <= exact / 1000 + 1, "{seen} is not {exact}");
            prop_assert_eq!(histogram.at_rank(rank as u64), histogram.quantile(q));
            let least = u64::try_from(histogram.least_at_rank(rank as u64).as_nanos()).unwrap();
            prop_assert!((exact - exact / 1000..=exact).contains(&least), "{least} is more than {exact}");
        }

        #[test]
        fn merging_in_any_order_gives_the_same(parts in prop::collection::vec(prop::collection::vec(0_u64..1_000_000_000, 0..50), 1..6)) {
            let mut forth = Histogram::new();
            let mut back = Histogram::new();
            for (part, other) in parts.iter().zip(parts.iter().rev()) {
                forth.merge(&of(part));
                back.merge(&of(other));
            }
            let whole = of(&parts.concat());
            for merged in [&forth, &back] {
                prop_assert_eq!(merged.count(), whole.count());
                prop_assert_eq!(merged.sum(), whole.sum());
                prop_assert_eq!((merged.min(), merged.max()), (whole.min(), whole.max()));
                for q in [0.01, 0.5, 0.9, 0.99, 1.0] {
                    prop_assert_eq!(merged.quantile(q), whole.quantile(q));
                }
            }
        }
    }
}
