//! Answers to requests that nothing handles: refused, named, and noted in the
//! log.

use axum::extract::{MatchedPath, Request, State};
use axum::http::{Method, StatusCode};

use super::Failure;
use super::mask::{known_path, unknown_path};
use super::state::Shared;

/// Answer to a path that is not served.
pub(super) async fn path(State(simulation): State<Shared>, request: Request) -> Failure {
    let method = method(request.method());
    let path = unknown_path(request.uri().path());
    let failure = Failure::new(
        StatusCode::NOT_IMPLEMENTED,
        format!("the simulator does not serve {method} {path}"),
    );
    simulation.unhandled.record(
        StatusCode::NOT_IMPLEMENTED,
        method,
        path,
        request.uri(),
        &simulation.clock,
    );
    failure
}

/// Answer to another method on a path that is served; the router adds `Allow`.
pub(super) async fn other_method(
    State(simulation): State<Shared>,
    template: MatchedPath,
    request: Request,
) -> Failure {
    let method = method(request.method());
    let path = known_path(request.uri().path());
    let failure = Failure::new(
        StatusCode::METHOD_NOT_ALLOWED,
        format!("the simulator does not serve {method} {path}"),
    );
    simulation.unhandled.record(
        StatusCode::METHOD_NOT_ALLOWED,
        method,
        template.as_str().to_owned(),
        request.uri(),
        &simulation.clock,
    );
    failure
}

/// A method that HTTP has; a client may send any text.
fn method(method: &Method) -> &str {
    match method.as_str() {
        known @ ("GET" | "HEAD" | "POST" | "PUT" | "DELETE" | "PATCH" | "OPTIONS" | "TRACE"
        | "CONNECT") => known,
        _ => "{method}",
    }
}
