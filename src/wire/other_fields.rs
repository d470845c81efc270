//! What is kept of a document without being read.

/// Fields of a document that this crate carries without reading them.
pub type OtherFields = serde_json::Map<String, serde_json::Value>;
