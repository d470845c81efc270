//! How a connection is made: name, TCP, TLS, each measured apart.
//!
//! A connection serves many requests of many steps, so these measurements
//! belong to none of them.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::DuplexStream;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::broken::DialError;
use super::network::Network;
use super::one::Http1;
use super::open::{Book, Open};
use super::origin::Origin;
use super::stream::{Carrier, Stream};
use super::two::Http2;
use crate::clock::Clock;
use crate::http::tls::{Tls, Version};
use crate::metrics::{Meter, Outcome, Trend};

/// After so long without a connection, the next address of a host is tried too
/// (RFC 8305, 5).
const NEXT_ADDRESS: Duration = Duration::from_millis(250);

/// A network in memory, for tests: makes a way to this host and port.
pub type MemoryNetwork = Arc<dyn Fn(&str, u16) -> io::Result<DuplexStream> + Send + Sync>;

/// Makes connections.
pub(in crate::http) struct Dialler {
    pub(in crate::http) clock: Clock,
    pub(in crate::http) meter: Meter,
    /// Counts them.
    pub(in crate::http) book: Arc<Book>,
    /// Longest wait for a connection.
    pub(in crate::http) timeout: Duration,
    pub(in crate::http) tls: Tls,
    pub(in crate::http) version: Version,
    pub(in crate::http) network: Network,
    pub(in crate::http) memory: Option<MemoryNetwork>,
}

/// A connection, as the server speaks HTTP.
pub(super) enum Fresh {
    One(Http1, Open),
    Two(Http2),
}

impl Dialler {
    /// Makes a connection, with TLS when there is `tls`, which remembers earlier
    /// sessions.
    pub(super) async fn dial(
        &self,
        origin: &Origin,
        tls: Option<&Arc<ClientConfig>>,
    ) -> Result<Fresh, DialError> {
        let connecting = async {
            let stream = self.stream(origin, tls).await?;
            let speaks_two = self.version == Version::Two || stream.agreed() == Some(b"h2");
            if !speaks_two {
                let (one, open) = self.speak_one(origin, stream);
                return Ok(Fresh::One(one, open));
            }
            let two = Http2::handshake(stream, self.book.open()).await;
            two.map(Fresh::Two).map_err(DialError::Broken)
        };
        self.timed(connecting).await
    }

    /// The same for HTTP/1.1, which alone can be left for another protocol.
    pub(super) async fn dial_one(
        &self,
        origin: &Origin,
        tls: Option<&Arc<ClientConfig>>,
    ) -> Result<(Http1, Open), DialError> {
        let connecting = async {
            let stream = self.stream(origin, tls).await?;
            Ok(self.speak_one(origin, stream))
        };
        self.timed(connecting).await
    }

    fn speak_one(&self, origin: &Origin, stream: Stream) -> (Http1, Open) {
        let in_full = self.network.asks_in_full(origin);
        (Http1::new(stream, in_full), self.book.open())
    }

    /// Gives up when it takes too long, and records how long it took.
    async fn timed<T>(
        &self,
        connecting: impl Future<Output = Result<T, DialError>>,
    ) -> Result<T, DialError> {
        let began = self.clock.now();
        let connected = tokio::select! {
            biased;
            connected = connecting => connected,
            () = self.clock.sleep_until(began + self.timeout) => Err(DialError::TimedOut),
        };
        self.record(Trend::HTTP_CONNECT, began, connected.is_ok());
        connected
    }

    async fn stream(
        &self,
        origin: &Origin,
        tls: Option<&Arc<ClientConfig>>,
    ) -> Result<Stream, DialError> {
        let carrier = if let Some(network) = &self.memory {
            let way = network(origin.name(), origin.port);
            Carrier::Memory(way.map_err(DialError::Tcp)?)
        } else {
            let mut stream = self.tcp(self.network.next_to(origin)).await?;
            let introduced = self.network.introduce(&mut stream, origin).await;
            introduced.map_err(DialError::Tcp)?;
            Carrier::Tcp(stream)
        };
        let Some(tls) = tls else {
            return Ok(Stream::Plain(carrier));
        };
        let began = self.clock.now();
        let agreed = secure(carrier, origin, tls).await;
        self.record(Trend::HTTP_CONNECT_TLS, began, agreed.is_ok());
        Ok(Stream::Tls(Box::new(agreed?)))
    }

    /// Whether HTTP/2 may be spoken there: over TLS when both agree, in clear
    /// only when we are told so.
    pub(super) fn may_speak_two(&self, origin: &Origin) -> bool {
        match self.version {
            Version::Agreed => origin.secure,
            Version::One => false,
            Version::Two => true,
        }
    }

    async fn tcp(&self, origin: &Origin) -> Result<TcpStream, DialError> {
        let addresses = match (origin.address(), self.network.told(origin)) {
            (_, Some(told)) => told,
            (Some(address), None) => vec![SocketAddr::new(address, origin.port)],
            (None, None) => self.look_up(origin).await.map_err(DialError::Dns)?,
        };
        let began = self.clock.now();
        let connected = self.first_of(addresses).await;
        self.record(Trend::HTTP_CONNECT_TCP, began, connected.is_ok());
        connected.map_err(DialError::Tcp)
    }

    /// Resolves a name as the machine does.
    async fn look_up(&self, origin: &Origin) -> io::Result<Vec<SocketAddr>> {
        let asked = self.clock.now();
        let found = tokio::net::lookup_host((origin.name(), origin.port)).await;
        self.record(Trend::HTTP_DNS_LOOKUP, asked, found.is_ok());
        found.map(Iterator::collect)
    }

    /// Connects to the first address that takes it. The next one is tried when
    /// one fails, and when it takes long.
    async fn first_of(&self, addresses: Vec<SocketAddr>) -> io::Result<TcpStream> {
        let mut left = addresses.into_iter();
        let mut tries = FuturesUnordered::new();
        let mut failed = io::Error::from(io::ErrorKind::NotFound);
        loop {
            match left.next() {
                Some(address) => tries.push(self.network.connect(address)),
                None if tries.is_empty() => return Err(failed),
                None => {}
            }
            let next = self.clock.now() + NEXT_ADDRESS;
            tokio::select! {
                biased;
                Some(outcome) = tries.next() => match outcome {
                    Ok(stream) => return Ok(stream),
                    Err(error) => failed = error,
                },
                () = self.clock.sleep_until(next), if left.len() > 0 => {}
            }
        }
    }

    fn record(&self, what: Trend, began: Instant, good: bool) {
        let tags = [Outcome::of(good).tag()];
        self.meter.record(what, &tags, self.clock.since(began));
    }
}

async fn secure(
    carrier: Carrier,
    origin: &Origin,
    tls: &Arc<ClientConfig>,
) -> Result<tokio_rustls::client::TlsStream<Carrier>, DialError> {
    let name = ServerName::try_from(origin.name().to_owned())
        .map_err(|error| DialError::Tls(io::Error::other(error)))?;
    let connector = TlsConnector::from(Arc::clone(tls));
    connector
        .connect(name, carrier)
        .await
        .map_err(DialError::Tls)
}
