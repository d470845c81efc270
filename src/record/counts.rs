//! What a run has come to so far, in a few numbers.

use crate::engine::Tick;
use crate::metrics::{Dropped, Metric, TagKey};

/// Sums over the intervals of a run, for whoever shows it while it goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Iterations that have ended by themselves.
    pub done: u64,
    /// Those of them that have failed.
    pub failed: u64,
    /// Iterations that did not start, for whatever reason.
    pub dropped: u64,
    /// Those of them that no virtual user was free for.
    pub dropped_no_vu: u64,
    /// Virtual users that had to be made beyond those pre-allocated.
    pub unplanned: u64,
}

impl Counts {
    /// Adds an interval.
    pub fn add(&mut self, tick: &Tick<'_>) {
        let failed = tick.row.failed.saturating_sub(tick.row.unfinished);
        self.done += tick.row.iterations + failed;
        self.failed += failed;
        self.dropped += tick.row.dropped;
        for (id, measure) in tick.measured {
            match tick.recorder.describe(*id) {
                Some((Metric::UnplannedVus, _)) => self.unplanned += measure.count(),
                Some((Metric::DroppedIterations, tags))
                    if tags.get(TagKey::Kind) == Some(Dropped::NoVu.name()) =>
                {
                    self.dropped_no_vu += measure.count();
                }
                _ => {}
            }
        }
    }
}
