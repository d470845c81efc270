//! Counts connections: made, used again, closed by whom, and how many are open.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::metrics::{Counter, Gauge, Meter, Recorder, TagKey, Tags, TypedSeries};

/// The connections of a run.
pub(in crate::http) struct Book {
    recorder: Recorder,
    meter: Meter,
    open: AtomicU64,
    /// Looked up once: most requests are counted here.
    reused: TypedSeries<Counter>,
}

impl Book {
    pub(in crate::http) fn new(recorder: Recorder) -> Self {
        let base = recorder.base(&Tags::new());
        Self {
            meter: Meter::new(recorder.clone(), Tags::new()),
            open: AtomicU64::new(0),
            reused: recorder.series(base, Counter::HTTP_CONNECTIONS_REUSED, &[]),
            recorder,
        }
    }

    /// A connection is there, until what is given is dropped.
    pub(super) fn open(self: &Arc<Self>) -> Open {
        self.meter.record(Counter::HTTP_CONNECTIONS_OPENED, &[], 1);
        self.now_open(self.open.fetch_add(1, Ordering::Relaxed) + 1);
        Open {
            book: Arc::clone(self),
            closed_by: "client",
        }
    }

    /// A connection serves once more.
    pub(super) fn reuse(&self) {
        self.recorder.record(self.reused, 1);
    }

    fn now_open(&self, number: u64) {
        self.meter.record(Gauge::HTTP_CONNECTIONS, &[], number);
    }
}

/// A connection that is open.
pub(in crate::http) struct Open {
    book: Arc<Book>,
    closed_by: &'static str,
}

impl Open {
    /// It was the server who closed it.
    pub(in crate::http) fn close_by_server(&mut self) {
        self.closed_by = "server";
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let tags = [(TagKey::Kind, self.closed_by)];
        self.book
            .meter
            .record(Counter::HTTP_CONNECTIONS_CLOSED, &tags, 1);
        let before = self.book.open.fetch_sub(1, Ordering::Relaxed);
        self.book.now_open(before.saturating_sub(1));
    }
}
