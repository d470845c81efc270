//! Answers that are documents, byte for byte.

use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

/// JSON as it is stored.
pub(super) struct Stored(pub(super) Bytes);

impl IntoResponse for Stored {
    fn into_response(self) -> Response {
        ([(CONTENT_TYPE, "application/json")], self.0).into_response()
    }
}
