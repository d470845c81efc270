//! What was measured, second by second, and numbers taken of any choice of
//! seconds.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use super::Statistic;
use crate::metrics::per_second;

/// More intervals than these are taken together in pairs, so that an hour costs
/// no more than ten minutes.
const MOST: usize = 600;

#[derive(Clone, Debug, Default)]
pub struct Run {
    pub lines: Vec<Line>,
}

/// A step or an endpoint, second by second, while it was measured.
#[derive(Clone, Debug)]
pub struct Line {
    pub name: LineName,
    /// In order, without gaps.
    pub seconds: Vec<Second>,
}

/// Whether a line is a step or an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LineKind {
    Step,
    /// A method and the template of a path.
    Endpoint,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LineName {
    pub kind: LineKind,
    /// Scenario, or method.
    pub of: Arc<str>,
    /// Step, or endpoint.
    pub name: Arc<str>,
}

#[derive(Clone, Debug, Default)]
pub struct Second {
    /// How much of it was measured, in seconds.
    pub length: f64,
    /// Durations of successful runs in nanoseconds, and how often each.
    pub values: Vec<(u64, u64)>,
    /// Their exact sum in nanoseconds.
    pub sum: f64,
    pub failed: u64,
    /// How many plays were still under way when the grace ran out. They count as
    /// slower than all that were finished.
    pub unfinished: u64,
}

impl fmt::Display for LineName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            LineKind::Step => write!(f, "{}/{}", self.of, self.name),
            LineKind::Endpoint => write!(f, "{} {}", self.of, self.name),
        }
    }
}

/// Sums up to each second, so that those of a block are two look-ups.
pub(super) struct Table {
    values: Vec<u64>,
    /// Row `s`: how many plays before second `s` took at most each value.
    below: Vec<u32>,
    before: Vec<Sums>,
}

#[derive(Clone, Copy, Default)]
struct Sums {
    good: u64,
    failed: u64,
    unfinished: u64,
    nanoseconds: f64,
    length: f64,
}

impl Table {
    pub(super) fn new(seconds: &[Second]) -> Self {
        let pooled = seconds.len().div_ceil(MOST).max(1);
        let mut values: Vec<u64> = seconds
            .iter()
            .flat_map(|second| second.values.iter().map(|(value, _)| *value))
            .collect();
        values.sort_unstable();
        values.dedup();
        let mut sums = Sums::default();
        let mut counts = vec![0_u32; values.len()];
        let mut table = Self {
            below: vec![0; values.len()],
            before: vec![sums],
            values,
        };
        for chunk in seconds.chunks(pooled) {
            for second in chunk {
                sums.failed += second.failed;
                sums.unfinished += second.unfinished;
                sums.nanoseconds += second.sum;
                sums.length += second.length;
                for (value, count) in &second.values {
                    sums.good += count;
                    if let Ok(place) = table.values.binary_search(value) {
                        counts[place] += u32::try_from(*count).unwrap_or(u32::MAX);
                    }
                }
            }
            table.before.push(sums);
            let mut below = 0;
            table.below.extend(counts.iter().map(|count| {
                below += count;
                below
            }));
        }
        table
    }

    pub(super) fn len(&self) -> usize {
        self.before.len() - 1
    }

    /// Successful runs of the whole.
    pub(super) fn good(&self) -> u64 {
        self.before.last().map_or(0, |sums| sums.good)
    }

    /// All plays of the whole.
    pub(super) fn plays(&self) -> u64 {
        let all = |sums: &Sums| sums.good + sums.failed + sums.unfinished;
        self.before.last().map_or(0, all)
    }

    /// True when plays were still under way when the grace ran out.
    pub(super) fn has_unfinished(&self) -> bool {
        self.before.last().is_some_and(|sums| sums.unfinished > 0)
    }

    /// True when only a bound of a statistic is known, since plays were not
    /// finished.
    pub(super) fn is_unknown(&self, statistic: Statistic) -> bool {
        self.has_unfinished()
            && self.whole(statistic).is_none()
            && !matches!(statistic, Statistic::ErrorRate | Statistic::Throughput)
    }

    /// A statistic of the whole; `None` when there is nothing to take it of.
    pub(super) fn whole(&self, statistic: Statistic) -> Option<f64> {
        self.of(statistic, std::slice::from_ref(&(0..self.len())))
    }

    /// A statistic of the seconds in `blocks`, one of which may come often. There
    /// is none where only a bound of it is known.
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
    pub(super) fn of(&self, statistic: Statistic, blocks: &[Range<usize>]) -> Option<f64> {
        let mut sums = Sums::default();
        for block in blocks {
            let (start, end) = (self.before[block.start], self.before[block.end]);
            sums.good += end.good - start.good;
            sums.failed += end.failed - start.failed;
            sums.unfinished += end.unfinished - start.unfinished;
            sums.nanoseconds += end.nanoseconds - start.nanoseconds;
            sums.length += end.length - start.length;
        }
        let good = sums.good as f64;
        let failed = (sums.failed + sums.unfinished) as f64;
        match statistic {
            Statistic::ErrorRate => (good + failed > 0.0).then(|| failed / (good + failed)),
            Statistic::Throughput => {
                let length = Duration::try_from_secs_f64(sums.length).unwrap_or_default();
                per_second(sums.good, length).filter(|_| sums.good > 0)
            }
            Statistic::Mean => {
                (good > 0.0 && sums.unfinished == 0).then(|| sums.nanoseconds / good)
            }
            Statistic::P50 | Statistic::P95 | Statistic::P99 => {
                let all = sums.good + sums.unfinished;
                self.percentile(statistic.quantile()?, all, blocks)
            }
        }
    }

    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "counts stay far below 2^52"
    )]
    fn percentile(&self, quantile: f64, all: u64, blocks: &[Range<usize>]) -> Option<f64> {
        let rank = ((quantile * all as f64).ceil() as u64).max(1);
        let width = self.values.len();
        let below = |place: usize| {
            let counts = blocks.iter().map(|block| {
                let at = |row: usize| self.below[row * width + place];
                u64::from(at(block.end) - at(block.start))
            });
            counts.sum::<u64>()
        };
        let (mut low, mut high) = (0, width);
        while low < high {
            let middle = usize::midpoint(low, high);
            if below(middle) < rank {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        self.values.get(low).map(|value| *value as f64)
    }
}

#[cfg(test)]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "small numbers"
)]
mod tests {
    use proptest::prelude::*;

    use super::{Second, Table};
    use crate::compare::Statistic;

    fn second(values: &[u64]) -> Second {
        Second {
            length: 1.0,
            values: values.iter().map(|value| (*value, 1)).collect(),
            sum: values.iter().map(|value| *value as f64).sum(),
            failed: 1,
            unfinished: 0,
        }
    }

    #[test]
    fn what_was_not_finished_leaves_no_number_that_it_falls_upon() {
        let mut last = second(&[1, 2, 3, 4, 5, 6, 7, 8, 9]);
        (last.failed, last.unfinished) = (0, 1);
        let table = Table::new(&[last]);
        assert_eq!(table.whole(Statistic::P50), Some(5.0));
        assert_eq!(table.whole(Statistic::P95), None);
        assert!(table.is_unknown(Statistic::P95) && !table.is_unknown(Statistic::P50));
        assert_eq!(table.whole(Statistic::Mean), None);
        assert_eq!(table.whole(Statistic::ErrorRate), Some(0.1));
    }

    proptest! {
        #[test]
        fn a_choice_of_seconds_is_as_if_they_were_all_there_is(
            seconds in prop::collection::vec(prop::collection::vec(1_u64..40, 1..6), 2..8),
            picks in prop::collection::vec((0_usize..8, 1_usize..3), 1..6),
        ) {
            let table = Table::new(&seconds.iter().map(|values| second(values)).collect::<Vec<_>>());
            let blocks: Vec<_> = picks.iter().map(|(start, length)| {
                let start = start % seconds.len();
                start..(start + length).min(seconds.len())
            }).collect();
            let mut all: Vec<u64> = blocks.iter().flat_map(|block| seconds[block.clone()].concat()).collect();
            all.sort_unstable();
            let counted: usize = blocks.iter().map(ExactSizeIterator::len).sum();
            for (statistic, quantile) in [(Statistic::P50, 0.5), (Statistic::P95, 0.95), (Statistic::P99, 0.99)] {
                let rank = (quantile * all.len() as f64).ceil() as usize;
                prop_assert_eq!(table.of(statistic, &blocks), Some(all[rank - 1] as f64));
            }
            let close = |statistic, wanted: f64| (table.of(statistic, &blocks).unwrap() - wanted).abs() < 1e-9;
            prop_assert!(close(Statistic::Mean, all.iter().sum::<u64>() as f64 / all.len() as f64));
            prop_assert!(close(Statistic::Throughput, all.len() as f64 / counted as f64));
            prop_assert!(close(Statistic::ErrorRate, counted as f64 / (counted + all.len()) as f64));
        }
    }

    #[test]
    fn a_long_run_is_pooled_and_loses_nothing() {
        let table = Table::new(&vec![second(&[3, 5]); 3601]);
        assert_eq!(
            (table.len(), table.good(), table.plays()),
            (515, 7202, 10803)
        );
        assert_eq!(table.whole(Statistic::P99), Some(5.0));
        assert_eq!(Table::new(&[]).whole(Statistic::P50), None);
    }
}
