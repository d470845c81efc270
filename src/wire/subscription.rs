//! What a client says first on `/ws/v{1,2}/notification/subscribe`.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_with::skip_serializing_none;

/// Which events are wanted (`Subscription`).
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Subscription {
    /// What has happened.
    pub event_types: Vec<EventType>,
    /// To entities of this class, with or without the name of its package.
    pub entity_class: String,
    /// That this finds.
    pub filter: Option<FilterChain<Value>>,
    /// Access control keys of clients from version 8 on, in hexadecimal.
    pub access_control_keys: Option<Vec<String>>,
}

/// What has happened to a document (`SubscriptionEventType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum EventType {
    /// It was made.
    Create,
    /// It was changed.
    Update,
    /// It was deleted.
    Delete,
}

/// A filter of the platform, as requests and subscriptions name it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FilterChain<F> {
    /// The filter.
    pub filter: F,
}
