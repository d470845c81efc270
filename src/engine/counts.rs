//! What a run has come to so far, in a few numbers.

use crate::metrics::{Dropped, Metric, Row, Series, SeriesId, TagKey};

/// Sums over the intervals of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Iterations that have ended by themselves.
    pub done: u64,
    /// Those of them that have failed.
    pub failed: u64,
    /// Iterations that the scenario has ended on purpose, which are not among
    /// these.
    pub skipped: u64,
    /// Iterations that did not start, for whatever reason.
    pub dropped: u64,
    /// Those of them that no virtual user was free for.
    pub dropped_no_vu: u64,
    /// Virtual users that had to be made beyond those pre-allocated.
    pub unplanned: u64,
}

impl Counts {
    pub(super) fn add(&mut self, row: &Row, measured: &[(SeriesId, Series)]) {
        let failed = row.failed.saturating_sub(row.unfinished);
        self.done += row.iterations + failed;
        self.failed += failed;
        self.skipped += row.skipped;
        self.dropped += row.dropped;
        for (_, series) in measured {
            match series.metric {
                Metric::UnplannedVus => self.unplanned += series.measure.count(),
                Metric::DroppedIterations
                    if series.tags.get(TagKey::Kind) == Some(Dropped::NoVu.name()) =>
                {
                    self.dropped_no_vu += series.measure.count();
                }
                _ => {}
            }
        }
    }
}
