//! The API, once below `/rest/v1` and once below `/rest/v2`. Each file has its
//! list of endpoints.

mod auth;
mod contact;
mod contact_search;
mod data_owner;
mod exchange_keys;
mod maintenance_task;
mod user;

use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

use super::endpoint::Endpoint;

/// The API, below its version.
pub(super) fn endpoints() -> impl Iterator<Item = Endpoint> {
    auth::endpoints()
        .into_iter()
        .chain(user::endpoints())
        .chain(data_owner::endpoints())
        .chain(exchange_keys::endpoints())
        .chain(contact::endpoints())
        .chain(contact_search::endpoints())
        .chain(maintenance_task::endpoints())
}

/// JSON as it is stored.
struct Stored(Bytes);

impl IntoResponse for Stored {
    fn into_response(self) -> Response {
        ([(CONTENT_TYPE, "application/json")], self.0).into_response()
    }
}
