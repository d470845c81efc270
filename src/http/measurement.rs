//! What is measured of one request, however it ends.

use std::sync::Arc;
use std::time::Instant;

use reqwest::Method;

use super::connection::Transfer;
use crate::metrics::{Counter, Origin, Outcome, StepContext, TagKey, Trend};

/// The status of a request that was not let end.
const UNFINISHED: &str = "unfinished";

/// A request that has been sent. It is recorded once: when it ends, or when it
/// is dropped before.
pub(super) struct Measurement<'m> {
    cx: StepContext<'m>,
    method: Method,
    endpoint: Arc<str>,
    /// When the scenario wanted to send it.
    asked: Instant,
    /// When it was sent.
    sent: Instant,
    pub(super) transfer: Transfer,
    recorded: bool,
}

impl<'m> Measurement<'m> {
    /// Of a request that is sent now, and that was asked for at `asked`.
    pub(super) fn begin(
        cx: StepContext<'m>,
        method: Method,
        endpoint: Arc<str>,
        asked: Instant,
    ) -> Self {
        Self {
            cx,
            method,
            endpoint,
            asked,
            sent: cx.clock.now(),
            transfer: Transfer::default(),
            recorded: false,
        }
    }

    /// When it was sent.
    pub(super) fn sent(&self) -> Instant {
        self.sent
    }

    /// It has ended at `end` with this status, or why there is none.
    pub(super) fn end(mut self, end: Instant, status: &str, good: bool) {
        self.record(end, status, Outcome::of(good));
    }

    fn record(&mut self, end: Instant, status: &str, outcome: Outcome) {
        self.recorded = true;
        let (cx, transfer) = (self.cx, &self.transfer);
        let tags = [
            (TagKey::Method, self.method.as_str()),
            (TagKey::Endpoint, &*self.endpoint),
            (TagKey::Status, status),
            outcome.tag(),
        ];
        let service = end.duration_since(self.sent);
        if cx.origin == Origin::Intended {
            let latency = end.duration_since(self.asked);
            cx.record_at(end, Trend::HTTP_REQ_DURATION, &tags, latency);
            cx.record_at(end, Trend::HTTP_REQ_SERVICE_TIME, &tags, service);
        } else {
            cx.record_at(end, Trend::HTTP_REQ_DURATION, &tags, service);
        }
        if let Some(first_byte) = transfer.first_byte {
            let ttfb = first_byte.duration_since(self.sent);
            cx.record_at(end, Trend::HTTP_REQ_TTFB, &tags, ttfb);
            cx.trace.note_answer();
        }
        cx.record(Counter::HTTP_REQS, &tags, 1);
        let by_endpoint = &tags[..2];
        cx.record(Counter::DATA_SENT, by_endpoint, transfer.sent);
        cx.record(Counter::DATA_RECEIVED, by_endpoint, transfer.received);
    }
}

/// Whoever waited for the answer waits no longer. The server may have the
/// request all the same.
impl Drop for Measurement<'_> {
    fn drop(&mut self) {
        if self.recorded {
            return;
        }
        let end = self.cx.clock.now();
        let outcome = self.cx.trace.outcome_if_dropped();
        if outcome == Outcome::Abandoned && !self.transfer.begun {
            // Given up before there was a connection: nothing was asked.
            return;
        }
        let waited = end.duration_since(self.sent);
        let (method, endpoint) = (&self.method, &self.endpoint);
        let note = format!("{method} {endpoint}, sent {waited:.1?} before");
        self.cx.trace.note_unfinished(note);
        self.record(end, UNFINISHED, outcome);
    }
}
