//! What a connection is given to send, and what it gives back.

use std::collections::VecDeque;
use std::time::Instant;

use bytes::Bytes;
use reqwest::header::{ACCEPT, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use reqwest::{Method, StatusCode};
use url::Url;
use zeroize::Zeroizing;

use super::headers::Headers;
use crate::clock::Clock;

/// A request on its way.
#[derive(Clone, Copy)]
pub(in crate::http) struct Outgoing<'r> {
    pub(in crate::http) method: &'r Method,
    pub(in crate::http) url: &'r Url,
    /// Those of the scenario; the connection adds the host and the length.
    pub(in crate::http) headers: &'r HeaderMap,
    /// The trace that it belongs to, if it is to say so.
    pub(in crate::http) trace: Option<&'r HeaderValue>,
    pub(in crate::http) body: &'r VecDeque<Bytes>,
    pub(in crate::http) clock: &'r Clock,
    /// So many bytes may the body of the answer have.
    pub(in crate::http) max_body: u64,
}

/// The header of W3C Trace Context.
pub(in crate::http) static TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// What every request says unless the scenario does.
static USUAL: [(HeaderName, HeaderValue); 2] = [
    (
        USER_AGENT,
        HeaderValue::from_static(concat!("rehearse/", env!("CARGO_PKG_VERSION"))),
    ),
    (ACCEPT, HeaderValue::from_static("*/*")),
];

impl Outgoing<'_> {
    /// All headers but the host and the length.
    pub(super) fn fields(&self) -> impl Iterator<Item = (&HeaderName, &HeaderValue)> {
        let usual = USUAL.iter().map(|(name, value)| (name, value));
        let usual = usual.filter(|(name, _)| !self.headers.contains_key(*name));
        let trace = self.trace.map(|trace| (&TRACEPARENT, trace));
        usual.chain(self.headers).chain(trace)
    }

    /// Length of the body in bytes.
    pub(super) fn length(&self) -> usize {
        self.body.iter().map(Bytes::len).sum()
    }

    /// The length to tell, if one is to be told: that of nothing too where a
    /// body is usual (RFC 9110, 8.6).
    pub(super) fn told_length(&self) -> Option<usize> {
        let usual = matches!(*self.method, Method::POST | Method::PUT | Method::PATCH);
        (usual || self.length() > 0).then(|| self.length())
    }
}

/// What has gone over the wire, as far as it has got.
#[derive(Default)]
pub(in crate::http) struct Transfer {
    /// When the head of the answer was there.
    pub(in crate::http) first_byte: Option<Instant>,
    /// When the end of the answer was there.
    pub(in crate::http) ended: Option<Instant>,
    /// Whether a connection has taken anything of the request.
    pub(in crate::http) begun: bool,
    /// Whether anything has come back.
    pub(in crate::http) heard: bool,
    /// Bytes of the request's body that a connection has taken.
    pub(in crate::http) sent: u64,
    /// Bytes of the answer's body.
    pub(in crate::http) received: u64,
}

/// An answer as it was.
#[derive(Clone)]
pub struct Answer {
    /// As the server said it, good or not.
    pub status: StatusCode,
    /// All of them, secrets included.
    pub headers: Headers,
    /// Every byte that came after them.
    pub body: Zeroizing<Vec<u8>>,
}
