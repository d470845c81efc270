//! Refusals: a status and a JSON body in the form that the platform's own
//! servers (Spring) use.

use std::borrow::Cow;

use axum::Json;
use axum::extract::{MatchedPath, Request, State};
use axum::http::StatusCode;
use axum::http::header::{CONNECTION, HeaderValue, WWW_AUTHENTICATE};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;

use super::mask::{known_path, unknown_path};
use crate::ceilings;
use crate::clock::Clock;

/// The body of a refusal.
#[derive(Serialize, JsonSchema)]
pub(super) struct Refusal {
    /// When, RFC 3339.
    timestamp: String,
    /// The HTTP status.
    status: u16,
    /// Name of the status.
    error: Cow<'static, str>,
    /// What was wrong.
    message: Cow<'static, str>,
    /// What was asked, without the secrets in it.
    path: String,
}

impl Refusal {
    fn new(clock: &Clock, status: StatusCode, message: Cow<'static, str>, path: String) -> Self {
        Self {
            timestamp: clock.timestamp().to_string(),
            status: status.as_u16(),
            error: name_of(status).into(),
            message,
            path,
        }
    }
}

fn name_of(status: StatusCode) -> &'static str {
    status.canonical_reason().unwrap_or("refused")
}

/// A whole answer of HTTP/1.1 to a request that is not read.
pub(super) fn unheard(clock: &Clock, status: StatusCode, message: &'static str) -> Vec<u8> {
    let body = Refusal::new(clock, status, message.into(), String::new());
    // Texts and a number always become JSON.
    let body = serde_json::to_string(&body).unwrap_or_default();
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\
         Retry-After: 1\r\nConnection: close\r\n\r\n{body}"
    )
    .into_bytes()
}

/// A refusal. The message must not repeat a secret of the request.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    status: StatusCode,
    message: Cow<'static, str>,
}

impl Failure {
    pub(super) fn new(status: StatusCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status,
            message: message.into(),
        }
    }

    /// What was wrong, where there is no status to say it with.
    pub(super) fn into_message(self) -> Cow<'static, str> {
        self.message
    }

    pub(super) fn bad_request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub(super) fn unauthorized(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, message)
    }

    pub(super) fn forbidden(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::FORBIDDEN, message)
    }

    pub(super) fn not_found(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    pub(super) fn conflict(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::CONFLICT, message)
    }

    pub(super) fn gone(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::GONE, message)
    }

    pub(super) fn internal(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, message)
    }
}

impl IntoResponse for Failure {
    /// The body is added by [`describe`], which knows the path.
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            let basic = HeaderValue::from_static("Basic realm=\"simulator\"");
            response.headers_mut().insert(WWW_AUTHENTICATE, basic);
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// Middleware that gives every refusal its JSON body, also those of axum (a
/// body that is too long, a path that is not UTF-8).
pub(super) async fn describe(State(clock): State<Clock>, request: Request, next: Next) -> Response {
    let uri = request.uri().clone();
    let is_served = request.extensions().get::<MatchedPath>().is_some();
    let answered = tokio::time::timeout(ceilings::REQUEST, next.run(request)).await;
    let mut response = answered.unwrap_or_else(|_| {
        let late = Failure::new(StatusCode::REQUEST_TIMEOUT, "the request took too long");
        late.into_response()
    });
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    let failure = response.extensions_mut().remove::<Failure>();
    let failure = failure.unwrap_or_else(|| Failure::new(status, name_of(status)));
    let path = if is_served {
        known_path(uri.path())
    } else {
        unknown_path(uri.path())
    };
    let body = Refusal::new(&clock, status, failure.message, path);
    let mut described = (status, Json(body)).into_response();
    if status == StatusCode::REQUEST_TIMEOUT {
        let close = HeaderValue::from_static("close");
        described.headers_mut().insert(CONNECTION, close);
    }
    if let Some(challenge) = response.headers_mut().remove(WWW_AUTHENTICATE) {
        described.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    described
}
