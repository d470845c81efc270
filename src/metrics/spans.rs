//! Time spans of which some were not finished.

use std::time::Duration;

use super::{Bound, Histogram};

/// Time spans of what was finished, and of what was cut, which would have taken
/// longer.
///
/// What was cut counts as slower than everything that was finished. So a
/// quantile that falls among the finished ones is known exactly, and of one
/// that falls beyond them the least that it can be.
#[derive(Clone, Default)]
pub struct Spans {
    /// What was finished.
    pub finished: Histogram,
    /// What was cut, with how long it had been under way.
    pub cut: Histogram,
    /// How many were due and never began. They would have taken longer than
    /// nothing, and no more is known of them.
    pub never_began: u64,
}

impl Spans {
    /// Those of which none was left unfinished.
    pub fn of_finished(finished: Histogram) -> Self {
        Self {
            finished,
            ..Self::default()
        }
    }

    /// How many were not finished.
    pub fn unfinished(&self) -> u64 {
        self.cut.count() + self.never_began
    }

    /// How many there are in all.
    pub fn count(&self) -> u64 {
        self.finished.count() + self.unfinished()
    }

    /// True when there are none, or none but those that never began.
    pub fn is_empty(&self) -> bool {
        self.finished.is_empty() && self.cut.is_empty()
    }

    /// The value below or at which a share `quantile` (0 to 1) of them lie.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "counts stay far below 2^52"
    )]
    pub fn quantile(&self, quantile: f64) -> Bound {
        if self.unfinished() == 0 {
            return Bound::Exact(self.finished.quantile(quantile));
        }
        let rank = ((quantile * self.count() as f64).ceil() as u64).clamp(1, self.count());
        if rank <= self.finished.count() {
            return Bound::Exact(self.finished.at_rank(rank));
        }
        // Every one of them took at least what is known of it, so that many
        // took at least what is the smallest so far up in the row.
        let known = match rank.checked_sub(self.never_began) {
            None | Some(0) => Duration::ZERO,
            Some(rank) => self.all().least_at_rank(rank),
        };
        Bound::AtLeast(known)
    }

    /// Arithmetic mean.
    pub fn mean(&self) -> Bound {
        if self.unfinished() == 0 {
            return Bound::Exact(self.finished.mean());
        }
        let sum = self.finished.sum() + self.cut.sum();
        let mean = sum.as_nanos() / u128::from(self.count().max(1));
        Bound::AtLeast(Duration::from_nanos(
            u64::try_from(mean).unwrap_or(u64::MAX),
        ))
    }

    /// The largest.
    pub fn max(&self) -> Bound {
        let known = self.finished.max().max(self.cut.max());
        self.bound(self.unfinished() > 0, known)
    }

    /// The smallest: one that was finished, if there is one.
    pub fn min(&self) -> Bound {
        if self.finished.is_empty() {
            return self.bound(true, self.cut.min());
        }
        Bound::Exact(self.finished.min())
    }

    /// Mean, median, 95th and 99th percentile, and the largest: what tables show.
    pub fn figures(&self) -> [Bound; 5] {
        let [p50, p95, p99] = [0.5, 0.95, 0.99].map(|share| self.quantile(share));
        [self.mean(), p50, p95, p99, self.max()]
    }

    /// Standard deviation. Of some that were not finished, nothing is known of it.
    pub fn standard_deviation(&self) -> Bound {
        if self.unfinished() == 0 {
            Bound::Exact(self.finished.standard_deviation())
        } else {
            Bound::AtLeast(Duration::ZERO)
        }
    }

    fn bound(&self, at_least: bool, value: Duration) -> Bound {
        if at_least && self.count() > 0 {
            Bound::AtLeast(value)
        } else {
            Bound::Exact(value)
        }
    }

    fn all(&self) -> Histogram {
        let mut all = self.finished.clone();
        all.merge(&self.cut);
        all
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::Spans;
    use crate::metrics::{Bound, Histogram};

    fn of(values: &[u64]) -> Histogram {
        let mut histogram = Histogram::new();
        for value in values {
            histogram.record(Duration::from_millis(*value));
        }
        histogram
    }

    fn spans(finished: &[u64], cut: &[u64]) -> Spans {
        Spans {
            finished: of(finished),
            cut: of(cut),
            never_began: 0,
        }
    }

    #[test]
    fn a_quantile_among_the_unfinished_is_a_bound() {
        // 90 answers of 1 to 90 ms, and 10 that were cut after 30 s.
        let finished: Vec<u64> = (1..=90).collect();
        let spans = spans(&finished, &[30_000; 10]);
        let cases = [
            (0.5, Bound::Exact(50)),
            (0.9, Bound::Exact(90)),
            (0.91, Bound::AtLeast(29_997)),
            (0.99, Bound::AtLeast(29_997)),
        ];
        for (quantile, expected) in cases {
            let seen = spans.quantile(quantile).map(|value| value.as_millis());
            assert_eq!(seen, expected, "{quantile}");
        }
        assert_eq!(spans.max(), Bound::AtLeast(Duration::from_secs(30)));
        assert!(spans.mean().is_at_least());
        assert_eq!(spans.min(), Bound::Exact(Duration::from_millis(1)));
        assert_eq!(spans.max().to_string(), "> 30.0s");
    }

    #[test]
    fn one_that_was_cut_early_proves_no_more_than_it_waited() {
        // The second one was cut when the first had long been answered.
        let spans = spans(&[5_000], &[100]);
        assert_eq!(spans.quantile(0.5), Bound::Exact(Duration::from_secs(5)));
        // To three digits, and never more than is known.
        let Bound::AtLeast(most) = spans.quantile(1.0) else {
            panic!()
        };
        assert!((4_995..=5_000).contains(&most.as_millis()), "{most:?}");
        assert_eq!(spans.max(), Bound::AtLeast(Duration::from_secs(5)));
    }

    #[test]
    fn what_never_began_took_longer_than_nothing() {
        let spans = Spans {
            never_began: 2,
            ..spans(&[10, 20], &[])
        };
        assert_eq!(spans.quantile(0.5), Bound::Exact(Duration::from_millis(20)));
        assert_eq!(
            spans.quantile(0.75),
            Bound::AtLeast(Duration::from_millis(10))
        );
        assert_eq!(spans.max(), Bound::AtLeast(Duration::from_millis(20)));
        assert_eq!(spans.mean(), Bound::AtLeast(Duration::from_micros(7_500)));
    }

    #[test]
    fn nothing_at_all_is_nothing() {
        let none = Spans::default();
        assert!(none.is_empty());
        for value in [none.min(), none.mean(), none.max(), none.quantile(0.5)] {
            assert_eq!(value, Bound::Exact(Duration::ZERO));
        }
    }

    proptest! {
        /// Held against lists: whatever the unfinished ones would have taken in
        /// the end, the bound is true; and where they could change nothing, it
        /// is exact.
        #[test]
        fn a_bound_is_true_however_long_the_unfinished_would_have_taken(
            finished in prop::collection::vec(1_u64..2_000, 0..40),
            cut in prop::collection::vec((1_u64..2_000, 1_u64..5_000), 0..20),
            never_began in 0_u64..5,
            q in 0.0_f64..=1.0,
        ) {
            prop_assume!(!finished.is_empty() || !cut.is_empty());
            let elapsed: Vec<u64> = cut.iter().map(|(elapsed, _)| *elapsed).collect();
            let seen = Spans { never_began, ..spans(&finished, &elapsed) };
            let nothing = std::iter::repeat_n(0, usize::try_from(never_began).unwrap());
            let mut least: Vec<u64> = finished.iter().chain(&elapsed).copied().chain(nothing).collect();
            // What was under way goes on for longer than everything else.
            let late = cut.iter().map(|(elapsed, more)| elapsed + more + 10_000);
            let late = late.chain((0..never_began).map(|more| 20_000 + more));
            let mut true_ones: Vec<u64> = finished.iter().copied().chain(late).collect();
            least.sort_unstable();
            true_ones.sort_unstable();
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
            let rank = ((q * least.len() as f64).ceil() as usize).clamp(1, least.len());
            let close = |seen: Duration, exact: u64| {
                let seen = u64::try_from(seen.as_micros()).unwrap();
                seen.abs_diff(exact * 1000) <= exact + 1
            };
            match seen.quantile(q) {
                Bound::Exact(value) => {
                    prop_assert!(rank <= finished.len());
                    prop_assert!(close(value, true_ones[rank - 1]), "{value:?} {true_ones:?}");
                }
                Bound::AtLeast(value) => {
                    prop_assert!(rank > finished.len());
                    prop_assert!(close(value, least[rank - 1]), "{value:?} {least:?}");
                    prop_assert!(value <= Duration::from_millis(least[rank - 1]));
                }
            }
        }
    }
}
