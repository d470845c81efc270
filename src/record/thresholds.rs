//! Judges thresholds: those that end a run while it goes on, all of them in the
//! end.

use std::time::Duration;

use crate::engine::{PlannedThreshold, Stop, StopReason, Tick};
use crate::metrics::{Snapshot, Threshold};
use crate::report::ThresholdLine;

/// Looks at thresholds with `abort_on_fail` after each interval.
pub struct Tripwires {
    /// Each with how long the run goes on before it is looked at.
    wires: Vec<(Threshold, Duration)>,
    stop: Stop,
}

impl Tripwires {
    /// Those among the thresholds of a run, which `stop` ends.
    pub fn new(thresholds: &[PlannedThreshold], stop: &Stop) -> Self {
        let wires = thresholds
            .iter()
            .filter_map(|planned| Some((planned.threshold.clone(), planned.abort_after?)));
        Self {
            wires: wires.collect(),
            stop: stop.clone(),
        }
    }

    /// An interval is over.
    pub fn look(&self, tick: &Tick<'_>) {
        let Some(at) = tick.played else {
            return;
        };
        if self.stop.is_draining() || self.wires.iter().all(|(_, delay)| at < *delay) {
            return;
        }
        // What came since the interval ended belongs to the next one.
        let snapshot = tick.recorder.collected(tick.windows.clone());
        for (threshold, _) in self.wires.iter().filter(|(_, delay)| at >= *delay) {
            let verdict = threshold.judge(&snapshot);
            // Before anything was measured there is nothing to stop for.
            if !verdict.passed && verdict.measured && threshold.is_due(&snapshot) {
                return self.stop.give_up(StopReason::Threshold {
                    threshold: threshold.to_string(),
                    seen: verdict.seen,
                });
            }
        }
    }
}

/// Judges thresholds by everything that was measured.
pub(super) fn judge(
    planned: &[PlannedThreshold],
    snapshot: &Snapshot,
    stopped: Option<&StopReason>,
) -> Vec<ThresholdLine> {
    let lines = planned.iter().map(|planned| {
        let threshold = &planned.threshold;
        let mut line = ThresholdLine::judge(threshold, snapshot);
        // What has ended the run was not met, whatever came in afterwards.
        if let Some(StopReason::Threshold {
            threshold: text,
            seen,
        }) = stopped
            && planned.abort_after.is_some()
            && *text == threshold.to_string()
        {
            line.verdict.passed = false;
            line.verdict.seen = format!("{seen} when it ended the run");
        }
        line
    });
    lines.collect()
}
