//! What one iteration consisted of: the time spans that were measured in it,
//! as they ended.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::SeriesId;

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
    spans: Arc<Mutex<Vec<Traced>>>,
}

impl Trace {
    /// Takes a time span that ends now. What comes after the first few hundred
    /// is not kept.
    pub(super) fn record(&self, series: SeriesId, took: Duration) {
        let mut spans = self.spans.lock().unwrap_or_else(PoisonError::into_inner);
        if spans.len() < MOST {
            let end = Instant::now();
            spans.push(Traced { series, end, took });
        }
    }

    /// Forgets everything and keeps the memory.
    pub fn clear(&self) {
        let mut spans = self.spans.lock().unwrap_or_else(PoisonError::into_inner);
        spans.clear();
    }

    /// Everything that was taken.
    pub fn spans(&self) -> Vec<Traced> {
        let spans = self.spans.lock().unwrap_or_else(PoisonError::into_inner);
        spans.clone()
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
        trace.clear();
        assert!(trace.spans().is_empty());
    }
}
