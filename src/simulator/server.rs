//! The simulator as a server: it starts, says where it is, and ends.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use url::Url;

use super::crowd::{Ceilings, Crowd, Order, Patience};
use super::endpoint::{Endpoints, get};
use super::failure::describe;
use super::mail::{ImapAccess, ImapServer};
use super::state::{Shared, Simulation};
use super::{Config, Identity, SimulatorError, api, connection, events, fallback, gateway};
use super::{long_poll, openapi};
use crate::ceilings;

/// How long requests under way may take when the simulator ends.
const GRACE: Duration = Duration::from_secs(3);

/// How long a client may be silent.
const PATIENCE: Patience = Patience {
    head: ceilings::REQUEST_HEAD,
    idle: ceilings::BETWEEN_REQUESTS,
};

/// A running simulator. It ends when this value is dropped; use
/// [`Simulator::shutdown`] to wait for that end.
pub struct Simulator {
    shared: Shared,
    address: SocketAddr,
    base: Url,
    crowd: Arc<Crowd>,
    server: Option<JoinHandle<()>>,
    imap: Option<ImapServer>,
}

impl Simulator {
    /// Opens the data and listens.
    ///
    /// # Errors
    /// When the port or the data folder cannot be used; the message says what
    /// to do.
    pub async fn start(config: Config) -> Result<Self, SimulatorError> {
        let listener = listen(config.bind).await?;
        let bind_error = |reason| SimulatorError::Bind {
            address: config.bind,
            reason,
        };
        let address = listener.local_addr().map_err(bind_error)?;
        let base = base_url(address)
            .ok_or_else(|| bind_error(std::io::Error::other("the address has no URL")))?;
        let shared = Simulation::open(&config).await?;
        let ceilings = Ceilings::of_this_process();
        let imap = match config.imap {
            Some(address) => {
                let mailbox = shared.outbox.carrier().mailbox(&shared.clock);
                let closing = shared.closing.clone();
                Some(ImapServer::start(address, mailbox, ceilings.imap, closing).await?)
            }
            None => None,
        };
        let crowd = Crowd::new(ceilings.http, PATIENCE);
        let server = tokio::spawn(connection::serve(
            listener,
            router(Arc::clone(&shared)),
            Arc::clone(&crowd),
            shared.clock.clone(),
            shared.closing.clone(),
        ));
        Ok(Self {
            shared,
            crowd,
            address,
            base,
            server: Some(server),
            imap,
        })
    }

    /// The ids that a client must know.
    pub fn identity(&self) -> &Identity {
        &self.shared.identity
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where the API is; its paths begin with `rest`.
    pub fn api_url(&self) -> Url {
        self.base.clone()
    }

    /// Where the message gateway is; its paths begin with the spec id.
    pub fn gateway_url(&self) -> Url {
        self.at(gateway::PREFIX)
    }

    /// Where the messages that were sent can be read.
    pub fn outbox_url(&self) -> Url {
        self.at(OUTBOX)
    }

    /// How to read the mailbox over IMAP, when it is served.
    pub fn imap(&self) -> Option<&ImapAccess> {
        self.imap.as_ref().map(ImapServer::access)
    }

    fn at(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(path);
        url
    }

    /// Takes no more connections, lets requests under way finish for a few
    /// seconds, and closes the data folder, which is free afterwards. Long
    /// polls are answered at once.
    pub async fn shutdown(mut self) {
        self.shared.closing.cancel();
        if let Some(mut server) = self.server.take()
            && tokio::time::timeout(GRACE, &mut server).await.is_err()
        {
            self.crowd.order(Order::Leave);
            server.abort();
        }
        // Nobody sends anything any more: what was sent is still delivered.
        let carrier = self.shared.outbox.carrier();
        let _ = tokio::time::timeout(GRACE, carrier.finish()).await;
        if let Some(imap) = &self.imap {
            let _ = tokio::time::timeout(GRACE, imap.ended()).await;
        }
        let shared = Arc::clone(&self.shared);
        // Fails only when the runtime ends, and then there is nobody to tell.
        let _ = tokio::task::spawn_blocking(move || shared.store.close()).await;
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.shared.closing.cancel();
        self.shared.store.begin_close();
    }
}

const OUTBOX: &str = "/_simulator/outbox";

async fn listen(address: SocketAddr) -> Result<TcpListener, SimulatorError> {
    TcpListener::bind(address)
        .await
        .map_err(|reason| match reason.kind() {
            ErrorKind::AddrInUse => SimulatorError::PortTaken { address },
            _ => SimulatorError::Bind { address, reason },
        })
}

/// A URL that a client on this machine can use, also when the simulator
/// listens on all addresses.
fn base_url(mut address: SocketAddr) -> Option<Url> {
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    Url::parse(&format!("http://{address}/")).ok()
}

fn router(shared: Shared) -> Router {
    openapi::described(endpoints())
        .fallback(fallback::path)
        .method_not_allowed_fallback(fallback::other_method)
        .layer(DefaultBodyLimit::max(ceilings::REQUEST_BODY))
        .layer(from_fn_with_state(shared.clock.clone(), describe))
        .with_state(shared)
}

/// Everything that is served, except its description.
pub(super) fn endpoints() -> Endpoints {
    let alive = get("/", alive).about("A sign of life");
    Endpoints::default()
        .below("", [alive])
        .below("/_simulator", long_poll::endpoints())
        .below(gateway::PREFIX, gateway::endpoints())
        .below("/rest/v1", api::endpoints().chain(api::first()))
        .below("/rest/v2", api::endpoints().chain(api::second()))
        .not_served("/rest/v1", api::NOT_SERVED, &fallback::path)
        .not_served("/rest/v2", api::NOT_SERVED, &fallback::path)
        .below("/ws/v1", events::endpoints())
        .below("/ws/v2", events::endpoints())
}

async fn alive() -> &'static str {
    "API of the rehearse simulator\n"
}

#[cfg(test)]
mod tests {
    use super::base_url;

    #[test]
    fn a_url_is_one_that_can_be_reached() {
        for (address, url) in [
            ("127.0.0.1:80", "http://127.0.0.1/"),
            ("0.0.0.0:8080", "http://127.0.0.1:8080/"),
            ("[::]:8080", "http://[::1]:8080/"),
        ] {
            assert_eq!(base_url(address.parse().unwrap()).unwrap().as_str(), url);
        }
    }
}
