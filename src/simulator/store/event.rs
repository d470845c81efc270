//! What subscribers are told of a change.

use axum::body::Bytes;
use serde::Deserialize;

use super::table::Table;

/// What happened to a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(in crate::simulator) enum EventKind {
    Create,
    Update,
    Delete,
}

/// A document that was made, changed or deleted.
pub(in crate::simulator) struct Event {
    pub(in crate::simulator) table: Table,
    pub(in crate::simulator) key: String,
    pub(in crate::simulator) kind: EventKind,
    /// As it was stored; of what was removed, as it was before.
    pub(in crate::simulator) document: Bytes,
}
