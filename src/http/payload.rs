//! The body of a request.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use zeroize::Zeroizing;

use crate::wiped::wiped_bytes;

/// What is sent, in pieces that several requests can share. Clones are cheap.
/// It may hold secrets, so it has no `Debug`.
#[derive(Clone, Default)]
pub struct Payload(VecDeque<Bytes>);

impl Payload {
    /// Bytes that are wiped once nobody needs them any more.
    pub fn wiped(bytes: Vec<u8>) -> Self {
        Self::default().then_wiped(bytes)
    }

    /// Bytes that others have too, and that are no secret.
    pub fn shared(bytes: Bytes) -> Self {
        Self::default().then_shared(bytes)
    }

    /// The same with more at its end, which is wiped.
    #[must_use]
    pub fn then_wiped(self, bytes: Vec<u8>) -> Self {
        self.then_shared(wiped_bytes(Zeroizing::new(bytes)))
    }

    /// The same with more at its end, which others have too.
    #[must_use]
    pub fn then_shared(mut self, bytes: Bytes) -> Self {
        // An empty piece would be an empty frame.
        if !bytes.is_empty() {
            self.0.push_back(bytes);
        }
        self
    }

    /// Its length in bytes.
    pub fn len(&self) -> usize {
        self.0.iter().map(Bytes::len).sum()
    }

    /// True when there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of it in one piece.
    pub(super) fn joined(&self) -> Zeroizing<Vec<u8>> {
        let mut all = Zeroizing::new(Vec::with_capacity(self.len()));
        self.0.iter().for_each(|piece| all.extend_from_slice(piece));
        all
    }

    /// In the form that the HTTP library takes. What a connection takes of it
    /// is noted in `taken`.
    pub(super) fn into_body(self, taken: Arc<Taken>) -> reqwest::Body {
        reqwest::Body::wrap(Outgoing {
            left: self.0,
            taken,
        })
    }
}

/// What a connection has taken of a request: by then it is written, or about to
/// be.
#[derive(Default)]
pub(super) struct Taken {
    head: AtomicBool,
    bytes: AtomicU64,
}

impl Taken {
    /// Whether the request is on its way.
    pub(super) fn is_any(&self) -> bool {
        self.head.load(Ordering::Relaxed)
    }

    /// Bytes of the body.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }
}

/// So much is given to the connection at once: what a server does not read is
/// not counted as written.
const PIECE: usize = 16 * 1024;

/// A payload on its way.
struct Outgoing {
    left: VecDeque<Bytes>,
    taken: Arc<Taken>,
}

/// Piece by piece. The length is known, so that it is told to the server.
impl http_body::Body for Outgoing {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let Some(first) = self.left.front_mut() else {
            return Poll::Ready(None);
        };
        let piece = first.split_to(first.len().min(PIECE));
        if first.is_empty() {
            self.left.pop_front();
        }
        self.taken
            .bytes
            .fetch_add(piece.len() as u64, Ordering::Relaxed);
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    /// hyper asks this when it has a connection and writes the head of the
    /// request (`proto/h1/dispatch.rs` and `proto/h2/client.rs` of hyper 1.12),
    /// and nobody asks before.
    fn is_end_stream(&self) -> bool {
        self.taken.head.store(true, Ordering::Relaxed);
        self.left.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        let left: usize = self.left.iter().map(Bytes::len).sum();
        SizeHint::with_exact(left as u64)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::Payload;

    #[test]
    fn pieces_come_in_their_order_and_files_are_not_copied() {
        let file = Bytes::from_static(b"file");
        let payload = Payload::wiped(b"a".to_vec())
            .then_shared(file.clone())
            .then_shared(Bytes::new())
            .then_wiped(b"z".to_vec());
        assert_eq!(payload.len(), 6);
        assert_eq!(&**payload.joined(), b"afilez");
        assert_eq!(payload.clone().0[1].as_ptr(), file.as_ptr());
    }
}
