//! How long connections take, where the HTTP stack lets it be seen.
//!
//! A connection serves many requests of many steps, so these measurements
//! belong to none of them.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tower::{Layer, Service};

use crate::clock::Clock;
use crate::metrics::{Meter, Outcome, Trend};

tokio::task_local! {
    /// Whether a connection was made for the request that is under way here.
    static MADE: Cell<bool>;
}

/// Sends a request, and says whether a connection was made for it. One that
/// the HTTP stack goes on making in the background is not.
pub(super) async fn noting_connection<T>(sending: impl Future<Output = T>) -> (T, bool) {
    let noted = async {
        let done = sending.await;
        (done, MADE.with(Cell::get))
    };
    MADE.scope(Cell::new(false), noted).await
}

/// Resolves names as the machine does, and records how long it took.
pub(super) struct Names {
    meter: Meter,
    clock: Clock,
}

impl Names {
    pub(super) fn new(meter: Meter, clock: Clock) -> Self {
        Self { meter, clock }
    }
}

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        let (meter, clock) = (self.meter.clone(), self.clock.clone());
        Box::pin(async move {
            let asked = clock.now();
            // The port is a placeholder: that of the URL takes its place.
            let found = tokio::net::lookup_host((name.as_str(), 0)).await;
            let tags = [Outcome::of(found.is_ok()).tag()];
            meter.record(Trend::HTTP_DNS_LOOKUP, &tags, clock.since(asked));
            let addresses: Vec<_> = found?.collect();
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

/// Records how long a connection takes: name, TCP, and TLS where it is used.
#[derive(Clone)]
pub(super) struct Dial {
    meter: Meter,
    clock: Clock,
}

impl Dial {
    pub(super) fn new(meter: Meter, clock: Clock) -> Self {
        Self { meter, clock }
    }
}

impl<S> Layer<S> for Dial {
    type Service = Dialled<S>;

    fn layer(&self, inner: S) -> Dialled<S> {
        Dialled {
            meter: self.meter.clone(),
            clock: self.clock.clone(),
            inner,
        }
    }
}

/// A connector that is measured.
#[derive(Clone)]
pub(super) struct Dialled<S> {
    meter: Meter,
    clock: Clock,
    inner: S,
}

impl<S, R> Service<R> for Dialled<S>
where
    S: Service<R>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: R) -> Self::Future {
        let (meter, clock) = (self.meter.clone(), self.clock.clone());
        let dialled = clock.now();
        let connecting = self.inner.call(request);
        Box::pin(async move {
            let connection = connecting.await;
            // Not there when the request has got another connection meanwhile.
            let _ = MADE.try_with(|made| made.set(connection.is_ok()));
            let tags = [Outcome::of(connection.is_ok()).tag()];
            meter.record(Trend::HTTP_CONNECT, &tags, clock.since(dialled));
            connection
        })
    }
}
