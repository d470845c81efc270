//! The run's time in a hundred parts or so, however long it was: a page must
//! stay small.

use std::time::Duration;

use crate::metrics::{Histogram, Phase, Row, Span, Timeline, Windows, per_second};

/// At most so many parts.
const MOST: usize = 120;

/// Parts of equal length, counted from the start of the run.
pub(super) struct Bins {
    pub(super) length: f64,
    pub(super) count: usize,
    /// When the load generator stood still, from and to, in seconds.
    pub(super) stalls: Vec<(f64, f64)>,
    /// Setup, warm-up and teardown, from and to, in seconds.
    pub(super) beside: Vec<(Phase, f64, f64)>,
}

impl Bins {
    /// For a run that ends with the last row.
    pub(super) fn of(rows: &[Row], windows: &Windows) -> Self {
        let end = rows.last().map_or(1.0, |row| row.at.as_secs_f64());
        // Whole seconds: a part holds as many rows as the next one.
        let mut length = (end / float(MOST as u64)).ceil().max(1.0);
        if end < 5.0 {
            length = length.max(end / 5.0);
        }
        let count = (1..=MOST).find(|n| float(*n as u64) * length >= end - 0.25);
        Self {
            length,
            count: count.unwrap_or(MOST),
            stalls: rows.iter().filter_map(stall).collect(),
            beside: windows.beside_main().into_iter().map(beside).collect(),
        }
    }

    /// The part in which something that ended at `at` mostly was.
    fn index(&self, span: Span) -> usize {
        let middle = (span.start + span.length / 2).as_secs_f64();
        let index = (0..self.count).find(|n| float(*n as u64 + 1) * self.length > middle);
        index.unwrap_or(self.count - 1)
    }

    pub(super) fn span(&self, index: usize) -> (f64, f64) {
        let index = float(index as u64);
        (index * self.length, (index + 1.0) * self.length)
    }

    /// End of the last part, in seconds.
    pub(super) fn end(&self) -> f64 {
        float(self.count as u64) * self.length
    }

    /// Sums a number of the rows up, as a rate per second.
    pub(super) fn rates(&self, rows: &[Row], value: impl Fn(&Row) -> u64) -> Vec<f64> {
        let mut sums = vec![(0, Duration::ZERO); self.count];
        let mut until = Duration::ZERO;
        for row in rows {
            let span = row.span();
            let sum = &mut sums[self.index(span)];
            sum.0 += value(row);
            // Rows of several runners overlap; no time counts twice.
            sum.1 += row.at.saturating_sub(span.start.max(until));
            until = until.max(row.at);
        }
        let rate = |(sum, length)| per_second(sum, length).unwrap_or(0.0);
        sums.into_iter().map(rate).collect()
    }

    /// The highest value of the rows in each part.
    pub(super) fn highest(&self, rows: &[Row], value: impl Fn(&Row) -> u64) -> Vec<f64> {
        let mut highest = vec![0.0; self.count];
        for row in rows {
            let index = self.index(row.span());
            highest[index] = f64::max(highest[index], float(value(row)));
        }
        highest
    }

    /// The successful runs of each step, part by part.
    pub(super) fn steps(&self, timeline: &Timeline) -> Vec<Vec<Histogram>> {
        let mut steps = vec![vec![Histogram::new(); self.count]; timeline.steps().len()];
        for moment in timeline.moments() {
            steps[moment.step][self.index(moment.span)].merge(&moment.packed.histogram());
        }
        steps
    }

    /// Errors of each kind, part by part.
    pub(super) fn errors(&self, timeline: &Timeline) -> Vec<Vec<u64>> {
        let mut kinds = vec![vec![0; self.count]; timeline.kinds().len()];
        for (span, kind, count) in timeline.errors() {
            kinds[kind][self.index(span)] += count;
        }
        kinds
    }
}

fn beside((phase, span): (Phase, Span)) -> (Phase, f64, f64) {
    (phase, span.start.as_secs_f64(), span.end().as_secs_f64())
}

fn stall(row: &Row) -> Option<(f64, f64)> {
    let start = row.at.saturating_sub(row.stalled);
    (start < row.at).then_some((start.as_secs_f64(), row.at.as_secs_f64()))
}

/// A count as a coordinate.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
pub(super) fn float(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::{Bins, MOST};
    use crate::metrics::{Row, Windows};

    fn rows(seconds: u64) -> Vec<Row> {
        let row = |n| Row {
            at: Duration::from_secs(n + 1),
            length: Duration::from_secs(1),
            requests: 10,
            vus: n,
            ..Row::default()
        };
        (0..seconds).map(row).collect()
    }

    proptest! {
        #[test]
        fn a_steady_rate_is_a_flat_line_however_long_the_run(seconds in 1_u64..5000) {
            let rows = rows(seconds);
            let bins = Bins::of(&rows, &Windows::default());
            prop_assert!((1..=MOST).contains(&bins.count));
            prop_assert!(bins.end() + 0.3 >= rows.last().unwrap().at.as_secs_f64());
            let rates = bins.rates(&rows, |row| row.requests);
            prop_assert!(rates.iter().all(|rate| (rate - 10.0).abs() < 1e-6), "{rates:?}");
            let highest = bins.highest(&rows, |row| row.vus);
            let highest = highest.last().copied();
            #[expect(clippy::cast_precision_loss)]
            let most = (seconds - 1) as f64;
            prop_assert_eq!(highest, Some(most));
        }
    }

    #[test]
    fn a_run_of_nothing_has_one_part() {
        assert_eq!(Bins::of(&[], &Windows::default()).count, 1);
    }
}
