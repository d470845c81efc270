//! What subscribers are told of a change.

use axum::body::Bytes;

use super::table::Table;
use crate::wire::EventType;

/// A document that was made, changed or deleted.
pub(in crate::simulator) struct Event {
    pub(in crate::simulator) table: Table,
    pub(in crate::simulator) key: String,
    pub(in crate::simulator) kind: EventType,
    /// As it was stored; of what was removed, as it was before.
    pub(in crate::simulator) document: Bytes,
}
