//! Answers to requests that nothing handles: refused, named, and noted in the
//! log.

use axum::extract::{MatchedPath, Request, State};
use axum::http::{Method, StatusCode};

use super::Failure;
use super::mask::{known_path, unknown_path};
use super::state::Shared;

/// Answer to a path that is not served.
pub(super) async fn path(State(simulation): State<Shared>, request: Request) -> Failure {
    let path = unknown_path(request.uri().path());
    let status = StatusCode::NOT_IMPLEMENTED;
    refused(&simulation, status, &request, &path, &path)
}

/// Answer to another method on a path that is served; the router adds `Allow`.
pub(super) async fn other_method(
    State(simulation): State<Shared>,
    template: MatchedPath,
    request: Request,
) -> Failure {
    let path = known_path(request.uri().path());
    if is_request_of_its_own(template.as_str(), &request) {
        let status = StatusCode::NOT_IMPLEMENTED;
        return refused(&simulation, status, &request, &path, &path);
    }
    let status = StatusCode::METHOD_NOT_ALLOWED;
    refused(&simulation, status, &request, &path, template.as_str())
}

/// Shortest name of a request that is told from an id.
const NAME: usize = 4;

/// Whether what stands in the place of an id is the name of a request, such as
/// `linkedTo`, that is not served.
fn is_request_of_its_own(template: &str, request: &Request) -> bool {
    let methods = [Method::GET, Method::POST, Method::PUT, Method::DELETE];
    let name = request.uri().path().rsplit('/').next().unwrap_or_default();
    methods.contains(request.method())
        && template.ends_with("/{id}")
        && name.len() >= NAME
        && name.bytes().all(|byte| byte.is_ascii_alphabetic())
}

fn refused(
    simulation: &Shared,
    status: StatusCode,
    request: &Request,
    shown: &str,
    logged: &str,
) -> Failure {
    let (method, logged) = (method(request.method()), logged.to_owned());
    let unhandled = &simulation.unhandled;
    unhandled.record(status, method, logged, request.uri(), &simulation.clock);
    Failure::new(
        status,
        format!("the simulator does not serve {method} {shown}"),
    )
}

/// A method that HTTP has; a client may send any text.
fn method(method: &Method) -> &str {
    match method.as_str() {
        known @ ("GET" | "HEAD" | "POST" | "PUT" | "DELETE" | "PATCH" | "OPTIONS" | "TRACE"
        | "CONNECT") => known,
        _ => "{method}",
    }
}
