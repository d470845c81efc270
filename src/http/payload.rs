//! The body of a request.

use std::collections::VecDeque;

use bytes::Bytes;
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

    /// Its pieces.
    pub(super) fn pieces(&self) -> &VecDeque<Bytes> {
        &self.0
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
