//! The endpoint that Prometheus scrapes.

mod negotiation;

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, Method};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::Feed;
use crate::report::exposition::text;

/// Where the figures are.
const PATH: &str = "/metrics";
/// How long those who are being answered may take in the end.
const CLOSING: Duration = Duration::from_secs(2);

/// Why there is no endpoint.
#[derive(Debug, thiserror::Error)]
#[error("cannot serve figures at {address}: {reason}")]
pub struct EndpointError {
    address: SocketAddr,
    reason: io::Error,
}

impl EndpointError {
    pub fn hint(&self) -> &'static str {
        match self.reason.kind() {
            io::ErrorKind::AddrInUse => {
                "another process listens there, perhaps another run: choose another port, or `0` for a free one"
            }
            io::ErrorKind::PermissionDenied => "choose a port from 1024 on",
            _ => "choose an address of this machine, such as 127.0.0.1:9464",
        }
    }
}

/// Serves a run's figures until it is closed or dropped.
pub struct Endpoint {
    address: SocketAddr,
    server: JoinHandle<()>,
    stop: watch::Sender<bool>,
    final_given: watch::Receiver<bool>,
}

#[derive(Clone)]
struct Served {
    feed: Feed,
    /// Whether somebody has taken the final figures.
    final_given: watch::Sender<bool>,
}

impl Endpoint {
    /// Serves what `feed` shows at `address`; port 0 is any free one.
    ///
    /// # Errors
    /// When the address cannot be had.
    #[expect(
        clippy::disallowed_methods,
        reason = "these are no routes of the simulator, and have no description in its document"
    )]
    pub async fn open(address: SocketAddr, feed: Feed) -> Result<Self, EndpointError> {
        let refuse = |reason| EndpointError { address, reason };
        let listener = TcpListener::bind(address).await.map_err(refuse)?;
        let address = listener.local_addr().map_err(refuse)?;
        let (given, final_given) = watch::channel(false);
        let (stop, mut stopped) = watch::channel(false);
        let state = Served {
            feed,
            final_given: given,
        };
        let router = Router::new()
            .route(PATH, get(metrics))
            .route(
                "/",
                get(async || format!("rehearse: figures are at {PATH}\n")),
            )
            .with_state(state);
        let server = tokio::spawn(async move {
            let stopped = async move { drop(stopped.wait_for(|stop| *stop).await) };
            // It fails when it cannot accept any more; the run goes on.
            let _ = axum::serve(listener, router)
                .with_graceful_shutdown(stopped)
                .await;
        });
        Ok(Self {
            address,
            server,
            stop,
            final_given,
        })
    }

    pub fn url(&self) -> String {
        format!("http://{}{PATH}", self.address)
    }

    /// Resolves once somebody has taken the final figures.
    pub async fn taken(&mut self) {
        if self.final_given.wait_for(|given| *given).await.is_err() {
            // The server is gone: nobody will.
            std::future::pending::<()>().await;
        }
    }

    /// Answers whoever is being answered, and ends.
    pub async fn close(mut self) {
        self.stop.send_replace(true);
        // Whoever takes longer is not waited for.
        let _ = tokio::time::timeout(CLOSING, &mut self.server).await;
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn metrics(State(served): State<Served>, method: Method, headers: HeaderMap) -> Response {
    let wanted = headers.get_all(ACCEPT).iter();
    let wanted: Vec<&str> = wanted.filter_map(|value| value.to_str().ok()).collect();
    let syntax = negotiation::choose(&wanted.join(","));
    let feed = served.feed.clone();
    // It takes some milliseconds, and users are played on this thread.
    let made = tokio::task::spawn_blocking(move || {
        let shown = feed.shown();
        let families = shown.as_ref().map_or(&[][..], |shown| &shown.families);
        let is_final = shown.as_ref().is_some_and(|shown| shown.is_final);
        (text(families, syntax), is_final)
    });
    let Ok((body, is_final)) = made.await else {
        return axum::http::StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    if is_final && method == Method::GET {
        served.final_given.send_replace(true);
    }
    let kind = HeaderValue::from_static(syntax.content_type());
    ([(CONTENT_TYPE, kind)], body).into_response()
}
