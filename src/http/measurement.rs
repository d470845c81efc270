//! What is measured of one request, however it ends.

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
    method: &'m Method,
    endpoint: &'m str,
    /// When the scenario wanted to send it.
    asked: Instant,
    /// When it was sent.
    sent: Instant,
    pub(super) transfer: Transfer,
    recorded: bool,
}

impl<'m> Measurement<'m> {
    /// Of a request that was asked for, and is sent now.
    pub(super) fn begin(
        cx: StepContext<'m>,
        method: &'m Method,
        endpoint: &'m str,
        asked: Instant,
        sent: Instant,
    ) -> Self {
        Self {
            cx,
            method,
            endpoint,
            asked,
            sent,
            transfer: Transfer::default(),
            recorded: false,
        }
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
            (TagKey::Endpoint, self.endpoint),
            (TagKey::Status, status),
            outcome.tag(),
        ];
        let service = end.duration_since(self.sent);
        cx.record_at(end, &tags, |these| {
            if cx.origin == Origin::Intended {
                let latency = end.duration_since(self.asked);
                these.record(Trend::HTTP_REQ_DURATION, latency);
                these.record(Trend::HTTP_REQ_SERVICE_TIME, service);
            } else {
                these.record(Trend::HTTP_REQ_DURATION, service);
            }
            if let Some(first_byte) = transfer.first_byte {
                let ttfb = first_byte.duration_since(self.sent);
                these.record(Trend::HTTP_REQ_TTFB, ttfb);
            }
            these.record(Counter::HTTP_REQS, 1);
        });
        cx.record_at(end, &tags[..2], |by_endpoint| {
            by_endpoint.record(Counter::DATA_SENT, transfer.sent);
            by_endpoint.record(Counter::DATA_RECEIVED, transfer.received);
        });
        if transfer.first_byte.is_some() {
            cx.trace.note_answer();
        }
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
        let (method, endpoint) = (self.method, self.endpoint);
        let note = format!("{method} {endpoint}, sent {waited:.1?} before");
        self.cx.trace.note_unfinished(note);
        self.record(end, UNFINISHED, outcome);
    }
}
