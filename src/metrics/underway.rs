//! What has begun is recorded, also when it is not let end.

use super::{Outcome, Trace};

/// Something that has begun. Dropped before its [`end`](Underway::end), it
/// records itself with the outcome that this has.
pub struct Underway<'t, F: FnOnce(Outcome)> {
    trace: &'t Trace,
    record: Option<F>,
}

impl<'t, F: FnOnce(Outcome)> Underway<'t, F> {
    /// Begins. `record` is called with the outcome if this is dropped.
    pub fn new(trace: &'t Trace, record: F) -> Self {
        Self {
            trace,
            record: Some(record),
        }
    }

    /// It has ended by itself: whoever waited for it records it.
    pub fn end(mut self) {
        self.record = None;
    }
}

impl<F: FnOnce(Outcome)> Drop for Underway<'_, F> {
    fn drop(&mut self) {
        if let Some(record) = self.record.take() {
            record(self.trace.outcome_if_dropped());
        }
    }
}
