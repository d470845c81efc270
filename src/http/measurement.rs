//! What is measured of one request, however it ends.

use std::sync::Arc;
use std::time::Instant;

use reqwest::Method;

use super::payload::Taken;
use crate::metrics::{Counter, Meter, Origin, Outcome, TagKey, Trace, Trend};

/// The status of a request that was not let end.
const UNFINISHED: &str = "unfinished";

/// What has gone over the wire.
#[derive(Default)]
pub(super) struct Transfer {
    /// When the head of the answer was there.
    pub(super) first_byte: Option<Instant>,
    /// What a connection has taken of the request.
    pub(super) taken: Arc<Taken>,
    /// Bytes of the answer's body.
    pub(super) received: u64,
}

/// A request that has been sent. It is recorded once: when it ends, or when it
/// is dropped before.
pub(super) struct Measurement<'m> {
    meter: &'m Meter,
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
        meter: &'m Meter,
        method: Method,
        endpoint: Arc<str>,
        asked: Instant,
    ) -> Self {
        Self {
            meter,
            method,
            endpoint,
            asked,
            sent: Instant::now(),
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
        let (meter, transfer) = (self.meter, &self.transfer);
        let tags = [
            (TagKey::Method, self.method.as_str()),
            (TagKey::Endpoint, &*self.endpoint),
            (TagKey::Status, status),
            outcome.tag(),
        ];
        let service = end.duration_since(self.sent);
        if meter.origin() == Origin::Intended {
            let latency = end.duration_since(self.asked);
            meter.record(Trend::HTTP_REQ_DURATION, &tags, latency);
            meter.record(Trend::HTTP_REQ_SERVICE_TIME, &tags, service);
        } else {
            meter.record(Trend::HTTP_REQ_DURATION, &tags, service);
        }
        if let Some(first_byte) = transfer.first_byte {
            let ttfb = first_byte.duration_since(self.sent);
            meter.record(Trend::HTTP_REQ_TTFB, &tags, ttfb);
            meter.trace().inspect(|trace| trace.note_answer());
        }
        meter.record(Counter::HTTP_REQS, &tags, 1);
        let by_endpoint = &tags[..2];
        meter.record(Counter::DATA_SENT, by_endpoint, transfer.taken.bytes());
        meter.record(Counter::DATA_RECEIVED, by_endpoint, transfer.received);
    }
}

/// Whoever waited for the answer waits no longer. The server may have the
/// request all the same.
impl Drop for Measurement<'_> {
    fn drop(&mut self) {
        if self.recorded {
            return;
        }
        let end = Instant::now();
        let trace = self.meter.trace();
        let outcome = trace.map_or(Outcome::Abandoned, Trace::outcome_if_dropped);
        if outcome == Outcome::Abandoned && !self.transfer.taken.is_any() {
            // Given up before there was a connection: nothing was asked.
            return;
        }
        if let Some(trace) = trace {
            let waited = end.duration_since(self.sent);
            let (method, endpoint) = (&self.method, &self.endpoint);
            trace.note_unfinished(format!("{method} {endpoint}, sent {waited:.1?} before"));
        }
        self.record(end, UNFINISHED, outcome);
    }
}
