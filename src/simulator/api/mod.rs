//! The API, once below `/rest/v1` and once below `/rest/v2`.

mod auth;
mod contact;
mod data_owner;
mod user;

use axum::Router;
use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};

use super::state::Shared;

/// The API's paths.
pub(super) fn routes() -> Router<Shared> {
    version("/rest/v1").merge(version("/rest/v2"))
}

fn version(prefix: &str) -> Router<Shared> {
    let path = |tail: &str| format!("{prefix}{tail}");
    Router::new()
        .route(&path("/auth/login"), post(auth::login))
        .route(&path("/auth/refresh"), post(auth::refresh))
        .route(&path("/auth/logout"), post(auth::logout))
        .route(&path("/user/current"), get(user::current))
        .route(&path("/user/token/{user}/{key}"), post(user::token))
        .route(&path("/dataowner/current"), get(data_owner::current))
        .route(&path("/dataowner/{id}"), get(data_owner::any))
        .route(&path("/patient/{id}"), get(data_owner::patient))
        .route(&path("/patient"), put(data_owner::put_patient))
        .route(&path("/hcparty/current"), get(data_owner::own_hcparty))
        .route(&path("/hcparty/{id}"), get(data_owner::hcparty))
        .route(&path("/hcparty"), put(data_owner::put_hcparty))
        .route(
            &path("/contact"),
            post(contact::create).put(contact::update),
        )
        .route(&path("/contact/{id}"), get(contact::read))
        .route(&path("/contact/service/byIds"), post(contact::services))
        .route(&path("/contact/service/{id}"), get(contact::service))
}

/// JSON as it is stored.
struct Stored(Bytes);

impl IntoResponse for Stored {
    fn into_response(self) -> Response {
        ([(CONTENT_TYPE, "application/json")], self.0).into_response()
    }
}
