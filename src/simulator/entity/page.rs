//! Answers that are made of documents, byte for byte.

use axum::body::Bytes;

use crate::simulator::Failure;

/// Where a page begins and how long it is.
pub(in crate::simulator) struct Start {
    /// Id of its first entity; at the first of all when not said.
    pub(in crate::simulator) id: Option<String>,
    /// Entities of a page.
    pub(in crate::simulator) limit: usize,
}

impl Start {
    /// Cuts the page out of all that was found. Also says which row the next
    /// one begins with.
    ///
    /// # Errors
    /// 400 when nothing that was found has the id.
    pub(in crate::simulator) fn cut<'a, T>(
        &self,
        found: &'a [T],
        is_first: impl Fn(&T) -> bool,
    ) -> Result<(&'a [T], Option<&'a T>), Failure> {
        let begin = match &self.id {
            None => 0,
            Some(_) => found.iter().position(is_first).ok_or_else(|| {
                Failure::bad_request("`startDocumentId` is none of those that were found")
            })?,
        };
        let rest = &found[begin..];
        let (rows, next) = rest.split_at(self.limit.min(rest.len()));
        Ok((rows, next.first()))
    }
}

/// `[…]`
pub(in crate::simulator) fn list(documents: &[Bytes]) -> Bytes {
    let length: usize = documents.iter().map(|one| one.len() + 1).sum();
    let mut text = Vec::with_capacity(length + 2);
    text.push(b'[');
    for (place, document) in documents.iter().enumerate() {
        if place > 0 {
            text.push(b',');
        }
        text.extend_from_slice(document);
    }
    text.push(b']');
    text.into()
}

/// `PaginatedList`
pub(in crate::simulator) fn page(rows: &[Bytes], total: usize, next: Option<&str>) -> Bytes {
    let mut text = format!("{{\"totalSize\":{total},\"pageSize\":{},", rows.len()).into_bytes();
    if let Some(next) = next {
        let id = serde_json::Value::from(next);
        text.extend_from_slice(format!("\"nextKeyPair\":{{\"startKeyDocId\":{id}}},").as_bytes());
    }
    text.extend_from_slice(b"\"rows\":");
    text.extend_from_slice(&list(rows));
    text.push(b'}');
    text.into()
}
