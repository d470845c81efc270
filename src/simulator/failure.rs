//! Refusals: a status and a JSON body in the form that the platform's own
//! servers (Spring) use.

use std::borrow::Cow;

use axum::Json;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::{HeaderValue, WWW_AUTHENTICATE};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::json;

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

    /// 400
    pub(super) fn bad_request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// 401
    pub(super) fn unauthorized(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, message)
    }

    /// 403
    pub(super) fn forbidden(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::FORBIDDEN, message)
    }

    /// 404
    pub(super) fn not_found(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    /// 409
    pub(super) fn conflict(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::CONFLICT, message)
    }

    /// 410
    pub(super) fn gone(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::GONE, message)
    }

    /// 500
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
pub(super) async fn describe(request: Request, next: Next) -> Response {
    let uri = request.uri().clone();
    let mut response = next.run(request).await;
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    let reason = status.canonical_reason().unwrap_or("refused");
    let failure = response.extensions_mut().remove::<Failure>();
    let failure = failure.unwrap_or_else(|| Failure::new(status, reason));
    let body = json!({
        "timestamp": jiff::Timestamp::now().to_string(),
        "status": status.as_u16(),
        "error": reason,
        "message": failure.message,
        "path": public_path(uri.path()),
    });
    let mut described = (status, Json(body)).into_response();
    if let Some(challenge) = response.headers_mut().remove(WWW_AUTHENTICATE) {
        described.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    described
}

/// Answer to what is not served: any other path, or another method on a path
/// that is.
pub(super) async fn not_served(request: Request) -> Failure {
    let path = public_path(request.uri().path());
    Failure::new(
        StatusCode::NOT_IMPLEMENTED,
        format!("the simulator does not serve {} {path}", request.method()),
    )
}

/// The path with its secrets hidden: the code of `process/validate` and the
/// key of `user/token`.
fn public_path(path: &str) -> String {
    let mut shown: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        let secret = match shown.as_slice() {
            [.., "process", "validate"] => Some("{requestId}-{code}"),
            [.., "user", "token", _] => Some("{key}"),
            _ => None,
        };
        shown.push(secret.unwrap_or(segment));
    }
    shown.join("/")
}

#[cfg(test)]
mod tests {
    use super::public_path;

    #[test]
    fn secrets_in_a_path_are_hidden() {
        assert_eq!(
            public_path("/gateway/spec/process/validate/0f0f-123456"),
            "/gateway/spec/process/validate/{requestId}-{code}"
        );
        assert_eq!(
            public_path("/rest/v2/user/token/u1/s3cret"),
            "/rest/v2/user/token/u1/{key}"
        );
    }

    #[test]
    fn other_paths_are_shown_as_they_are() {
        for path in [
            "/",
            "",
            "/rest/v2/user/current",
            "/rest/v1/contact/service/x",
        ] {
            assert_eq!(public_path(path), path);
        }
    }
}
