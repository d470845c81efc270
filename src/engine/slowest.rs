//! The slowest iterations of a scenario, with everything that was measured in
//! them. All others cost a comparison at their end.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::metrics::{Trace, Traced};
use crate::numbers::nanoseconds;
use crate::trace_context::TraceContext;

/// So many iterations of each scenario are kept.
const MOST: usize = 5;

/// An iteration that took long.
#[derive(Clone, Debug)]
pub struct SlowIteration {
    /// Its scenario.
    pub scenario: Arc<str>,
    /// Number of its virtual user.
    pub vu: u64,
    /// Its number among those of the user, from 1.
    pub iteration: u64,
    /// Whether a step failed.
    pub failed: bool,
    /// When it began, or should have begun.
    pub began: Instant,
    /// How long it took.
    pub took: Duration,
    /// The trace that its requests belong to, if they said so.
    pub trace: Option<TraceContext>,
    /// What was measured in it, as it ended.
    pub spans: Vec<Traced>,
}

/// Keeps the slowest iterations of one scenario.
#[derive(Debug, Default)]
pub(super) struct Slowest {
    /// Nanoseconds that an iteration must exceed to be kept.
    floor: AtomicU64,
    kept: Mutex<Vec<SlowIteration>>,
}

impl Slowest {
    /// Keeps an iteration that is slow enough. `iteration` is made only then,
    /// and gets the spans of `trace`.
    pub(super) fn offer(
        &self,
        took: Duration,
        trace: &Trace,
        iteration: impl FnOnce(Vec<Traced>) -> SlowIteration,
    ) {
        if nanoseconds(took) <= self.floor.load(Ordering::Relaxed) {
            return;
        }
        let slow = iteration(trace.spans());
        let mut kept = self.kept.lock();
        let place = kept.partition_point(|other| other.took >= took);
        kept.insert(place, slow);
        if kept.len() >= MOST {
            kept.truncate(MOST);
            let floor = kept.last().map_or(0, |last| nanoseconds(last.took));
            self.floor.store(floor, Ordering::Relaxed);
        }
    }

    /// Those that were kept, slowest first.
    pub(super) fn kept(&self) -> Vec<SlowIteration> {
        let kept = self.kept.lock();
        kept.clone()
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use proptest::prelude::*;

    use super::{MOST, SlowIteration, Slowest};
    use crate::metrics::Trace;

    proptest! {
        #[test]
        fn the_slowest_are_kept_whatever_the_order(all in prop::collection::vec(1_u64..50, 0..40)) {
            let slowest = Slowest::default();
            let began = Instant::now();
            for took in &all {
                let took = Duration::from_millis(*took);
                slowest.offer(took, &Trace::default(), |spans| SlowIteration {
                    scenario: "s".into(),
                    vu: 1,
                    iteration: 1,
                    failed: false,
                    began,
                    took,
                    trace: None,
                    spans,
                });
            }
            let kept: Vec<_> = slowest.kept().iter().map(|slow| slow.took).collect();
            let mut expected: Vec<_> = all.iter().copied().map(Duration::from_millis).collect();
            expected.sort_unstable_by(|a, b| b.cmp(a));
            expected.truncate(MOST);
            prop_assert_eq!(kept, expected);
        }
    }
}
