//! What one iteration consisted of: the time spans that were measured in it,
//! as they ended; the trace that its requests belong to; and what cuts it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::{CutBy, Cutoff, Outcome, SeriesId};
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
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    inner: Mutex<Inner>,
    cutoff: Cutoff,
}

#[derive(Default)]
struct Inner {
    spans: Vec<Traced>,
    context: Option<TraceContext>,
    answered: bool,
    unfinished: Option<String>,
    /// Documents that were written, and when.
    writes: VecDeque<(Arc<str>, Instant)>,
}

impl Trace {
    /// Of a user whose iterations are cut by `cutoff`.
    pub fn cut_by(cutoff: Cutoff) -> Self {
        let inner = Mutex::default();
        Self {
            shared: Arc::new(Shared { inner, cutoff }),
        }
    }

    /// The outcome of whatever is dropped now, before its end. If nobody cuts
    /// the iteration, it was given up within.
    pub fn outcome_if_dropped(&self) -> Outcome {
        let by = self.shared.cutoff.by();
        by.map_or(Outcome::Abandoned, CutBy::outcome)
    }

    /// Notes that somebody has answered a request of this iteration.
    pub fn note_answer(&self) {
        self.shared.inner.lock().answered = true;
    }

    /// Whether anybody has answered a request of this iteration.
    pub fn is_answered(&self) -> bool {
        self.shared.inner.lock().answered
    }

    /// Notes that a request of `moment` writes this document. Of many, the last few
    /// hundred are known.
    pub fn note_write(&self, document: &Arc<str>, moment: Instant) {
        let writes = &mut self.shared.inner.lock().writes;
        if writes.len() == MOST {
            writes.pop_front();
        }
        writes.push_back((Arc::clone(document), moment));
    }

    /// The moment of the last request before `end` that writes one of these
    /// documents, if this iteration has sent one.
    pub fn written(&self, documents: &[&str], end: Instant) -> Option<Instant> {
        let inner = self.shared.inner.lock();
        let mut writes = inner.writes.iter().rev();
        let write = writes.find(|(id, moment)| documents.contains(&&**id) && *moment <= end);
        write.map(|(_, moment)| *moment)
    }

    /// Notes what was waited for when the iteration was cut.
    pub fn note_unfinished(&self, what: String) {
        self.shared.inner.lock().unfinished = Some(what);
    }

    /// What was waited for when the iteration was cut; told once.
    pub fn take_unfinished(&self) -> Option<String> {
        self.shared.inner.lock().unfinished.take()
    }

    /// Takes a time span that ended at `end`. What comes after the first few hundred
    /// is not kept.
    pub(super) fn record(&self, series: SeriesId, end: Instant, took: Duration) {
        let mut inner = self.shared.inner.lock();
        let spans = &mut inner.spans;
        if spans.len() < MOST {
            spans.push(Traced { series, end, took });
        }
    }

    /// Forgets everything and keeps the memory. What comes next belongs to
    /// `context`.
    pub fn begin(&self, context: Option<TraceContext>) {
        let mut inner = self.shared.inner.lock();
        inner.spans.clear();
        inner.context = context;
        inner.answered = false;
        inner.unfinished = None;
        inner.writes.clear();
    }

    /// The trace that requests belong to, if they are to say so.
    pub fn context(&self) -> Option<TraceContext> {
        self.shared.inner.lock().context
    }

    /// Everything that was taken.
    pub fn spans(&self) -> Vec<Traced> {
        self.shared.inner.lock().spans.clone()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{MOST, Trace};
    use crate::clock::Clock;
    use crate::metrics::{Meter, Recorder, StepContext, Tags, Trend};

    #[test]
    fn what_is_measured_is_traced_as_long_as_there_is_room() {
        let trace = Trace::default();
        let meter = Meter::new(Recorder::new(), Tags::new());
        let clock = Clock::real();
        let cx = StepContext::bare(&meter, &trace, &clock);
        meter.record(Trend::OTP_WAIT, &[], Duration::from_millis(1));
        assert!(trace.spans().is_empty());
        for n in 0..2000 {
            cx.record(Trend::OTP_WAIT, &[], Duration::from_millis(n));
        }
        let spans = trace.spans();
        assert_eq!(spans.len(), MOST);
        assert_eq!(spans[7].took, Duration::from_millis(7));
        trace.begin(None);
        assert!(trace.spans().is_empty());
    }

    #[test]
    fn the_last_write_of_a_document_before_a_moment_is_known() {
        let (trace, clock) = (Trace::default(), Clock::real());
        let began = clock.now();
        let at = |seconds| began + Duration::from_secs(seconds);
        for (id, second) in [("a", 1), ("b", 2), ("a", 3)] {
            trace.note_write(&id.into(), at(second));
        }
        assert_eq!(trace.written(&["a"], at(4)), Some(at(3)));
        assert_eq!(trace.written(&["a"], at(2)), Some(at(1)));
        assert_eq!(trace.written(&["x", "b"], at(2)), Some(at(2)));
        assert_eq!(trace.written(&["b"], at(1)), None);
        trace.begin(None);
        assert_eq!(trace.written(&["a"], at(4)), None);
    }
}
