//! What one iteration consisted of: the time spans that were measured in it,
//! as they ended; and the trace that its requests belong to.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::SeriesId;
use crate::trace_context::TraceContext;

/// So many time spans of an iteration are kept.
const MOST: usize = 512;

/// A time span that has ended.
#[derive(Clone, Copy, Debug)]
pub struct Traced {
    /// What it was.
    pub series: SeriesId,
    /// When it was recorded: at its end.
    pub end: Instant,
    /// How long it was.
    pub took: Duration,
}

/// Takes the time spans of a virtual user's iteration. Belongs to one user, so
/// nobody ever waits for its lock. Clones take into the same place.
#[derive(Clone, Default)]
pub struct Trace {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Default)]
struct Inner {
    spans: Vec<Traced>,
    context: Option<TraceContext>,
}

impl Trace {
    /// Takes a time span that ends now. What comes after the first few hundred
    /// is not kept.
    pub(super) fn record(&self, series: SeriesId, took: Duration) {
        let mut inner = self.inner();
        let spans = &mut inner.spans;
        if spans.len() < MOST {
            let end = Instant::now();
            spans.push(Traced { series, end, took });
        }
    }

    /// Forgets everything and keeps the memory. What comes next belongs to
    /// `context`.
    pub fn begin(&self, context: Option<TraceContext>) {
        let mut inner = self.inner();
        inner.spans.clear();
        inner.context = context;
    }

    /// The trace that requests belong to, if they are to say so.
    pub fn context(&self) -> Option<TraceContext> {
        self.inner().context
    }

    /// Everything that was taken.
    pub fn spans(&self) -> Vec<Traced> {
        self.inner().spans.clone()
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{MOST, Trace};
    use crate::metrics::{Meter, Metric, Recorder, Tags};

    #[test]
    fn what_is_measured_is_traced_as_long_as_there_is_room() {
        let trace = Trace::default();
        let meter = Meter::new(Recorder::new(), Tags::new());
        let traced = meter.traced(&trace);
        meter.duration(Metric::OtpWait, &[], Duration::from_millis(1));
        assert!(trace.spans().is_empty());
        for n in 0..2000 {
            traced.duration(Metric::OtpWait, &[], Duration::from_millis(n));
        }
        let spans = trace.spans();
        assert_eq!(spans.len(), MOST);
        assert_eq!(spans[7].took, Duration::from_millis(7));
        trace.begin(None);
        assert!(trace.spans().is_empty());
    }
}
