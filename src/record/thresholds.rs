//! Thresholds of a run that has ended.

use crate::engine::{PlannedThreshold, StopReason};
use crate::metrics::Snapshot;
use crate::report::ThresholdLine;

/// Judges thresholds by everything that was measured.
pub(super) fn judge(
    planned: &[PlannedThreshold],
    snapshot: &Snapshot,
    stopped: Option<&StopReason>,
) -> Vec<ThresholdLine> {
    let lines = planned.iter().map(|planned| {
        let threshold = &planned.threshold;
        let mut verdict = threshold.judge(snapshot);
        // What has ended the run was not met, whatever came in afterwards.
        if let Some(StopReason::Threshold {
            threshold: text,
            seen,
        }) = stopped
            && planned.abort_after.is_some()
            && *text == threshold.to_string()
        {
            verdict.passed = false;
            verdict.seen = format!("{seen} when it ended the run");
        }
        ThresholdLine {
            selector: threshold.selector.clone(),
            condition: threshold.condition.clone(),
            verdict,
        }
    });
    lines.collect()
}
