//! What is measured of one request, however it ends.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::{Method, StatusCode};

use super::connection::{Answer, Transfer};
use super::{Failure, Statuses};
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

    /// From when on it counts.
    fn origin(&self) -> Instant {
        match self.cx.origin {
            Origin::Intended => self.asked,
            Origin::Start => self.sent,
        }
    }

    /// It writes this document.
    pub(super) fn writes(&self, document: &Arc<str>) {
        self.cx.trace.note_write(document, self.origin());
    }

    /// It has ended with this answer, or without one. Gives how long it took from
    /// being sent.
    pub(super) fn ended(
        mut self,
        answer: &Result<Answer, Failure>,
        expected: &Statuses,
    ) -> Duration {
        let end = self.transfer.ended.unwrap_or_else(|| self.cx.clock.now());
        let good = matches!(answer, Ok(answer) if expected.contain(answer.status));
        self.record(end, &status(answer), Outcome::of(good));
        end.saturating_duration_since(self.sent)
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
        let latency = end.duration_since(self.origin());
        cx.record_at(end, &tags, |these| {
            these.record(Trend::HTTP_REQ_DURATION, latency);
            if cx.origin == Origin::Intended {
                these.record(Trend::HTTP_REQ_SERVICE_TIME, service);
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

/// The status of the answer, or why there was none.
fn status(answer: &Result<Answer, Failure>) -> Cow<'static, str> {
    match answer {
        Ok(answer) if answer.status == StatusCode::OK => "200".into(),
        Ok(answer) => answer.status.as_u16().to_string().into(),
        Err(failure) => failure.kind(),
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
