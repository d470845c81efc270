//! Which way a connection takes: names, own addresses, proxies.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use url::Url;

use super::origin::Origin;

/// The longest answer of a proxy that is read, in bytes.
const LONGEST_ANSWER: usize = 16 * 1024;

/// How connections leave this machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetworkSettings {
    /// Addresses of hosts that are not looked up; of several, each in turn.
    pub resolve: HashMap<String, Vec<IpAddr>>,
    /// Own addresses, each in turn. Each has ports of its own.
    pub local_addresses: Vec<IpAddr>,
    /// A proxy that everything goes through.
    pub proxy: Option<Url>,
    /// Whether a connection begins with the line of the PROXY protocol.
    pub proxy_protocol: bool,
}

/// The settings, and whose turn it is.
pub(in crate::http) struct Network {
    settings: NetworkSettings,
    /// Of the addresses of hosts.
    hosts: Turn,
    /// Of our own addresses.
    own: Turn,
    proxy: Option<Origin>,
}

/// Whose turn it is.
#[derive(Default)]
struct Turn(AtomicUsize);

impl Turn {
    /// The next one of so many; `None` when there are none.
    fn next(&self, of: usize) -> Option<usize> {
        self.0.fetch_add(1, Ordering::Relaxed).checked_rem(of)
    }
}

impl Network {
    pub(in crate::http) fn new(settings: NetworkSettings) -> Self {
        Self {
            proxy: settings.proxy.as_ref().map(Origin::of),
            settings,
            hosts: Turn::default(),
            own: Turn::default(),
        }
    }

    /// Whom to connect to on the way to `origin`.
    pub(super) fn next_to<'n>(&'n self, origin: &'n Origin) -> &'n Origin {
        self.proxy.as_ref().unwrap_or(origin)
    }

    /// Whether requests in clear name the whole URL, as a proxy wants them (RFC
    /// 9112, 3.2.2).
    pub(super) fn asks_in_full(&self, origin: &Origin) -> bool {
        self.proxy.is_some() && !origin.secure
    }

    /// The addresses that the target says for a host, the next one first.
    pub(super) fn told(&self, host: &Origin) -> Option<Vec<SocketAddr>> {
        let told = self.settings.resolve.get(host.name())?;
        let mut addresses: Vec<_> = told
            .iter()
            .map(|address| SocketAddr::new(*address, host.port))
            .collect();
        let first = self.hosts.next(addresses.len());
        addresses.rotate_left(first.unwrap_or_default());
        Some(addresses)
    }

    /// Connects to an address, from the next own one.
    pub(super) async fn connect(&self, to: SocketAddr) -> io::Result<TcpStream> {
        let own = self.settings.local_addresses.iter();
        let own: Vec<&IpAddr> = own.filter(|own| own.is_ipv4() == to.is_ipv4()).collect();
        let stream = match self.own.next(own.len()) {
            None => TcpStream::connect(to).await?,
            Some(turn) => {
                let socket = match to {
                    SocketAddr::V4(_) => TcpSocket::new_v4()?,
                    SocketAddr::V6(_) => TcpSocket::new_v6()?,
                };
                socket.bind(SocketAddr::new(*own[turn], 0))?;
                socket.connect(to).await?
            }
        };
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    /// Says what is said before anything else: where the connection comes from,
    /// and, to a proxy, where it is to lead.
    pub(super) async fn introduce(
        &self,
        stream: &mut TcpStream,
        origin: &Origin,
    ) -> io::Result<()> {
        if self.settings.proxy_protocol {
            let line = proxy_line(stream.local_addr()?, stream.peer_addr()?);
            stream.write_all(line.as_bytes()).await?;
        }
        if self.proxy.is_some() && origin.secure {
            return tunnel(stream, origin).await;
        }
        Ok(())
    }
}

/// Version 1 of the PROXY protocol (haproxy.org, proxy-protocol.txt, 2.1).
fn proxy_line(from: SocketAddr, to: SocketAddr) -> String {
    let family = if from.is_ipv4() { "TCP4" } else { "TCP6" };
    let (from_port, to_port) = (from.port(), to.port());
    format!(
        "PROXY {family} {} {} {from_port} {to_port}\r\n",
        from.ip(),
        to.ip()
    )
}

/// Asks a proxy for a way through (RFC 9110, 9.3.6).
async fn tunnel(stream: &mut TcpStream, origin: &Origin) -> io::Result<()> {
    let Origin { host, port, .. } = origin;
    let asked = format!("CONNECT {host}:{port} HTTP/1.1\r\nhost: {host}:{port}\r\n\r\n");
    stream.write_all(asked.as_bytes()).await?;
    let mut answer = Vec::new();
    // One byte at a time, since what comes after the head is not the proxy's.
    while !answer.ends_with(b"\r\n\r\n") {
        if answer.len() == LONGEST_ANSWER {
            return Err(io::Error::other("the answer of the proxy has no end"));
        }
        answer.push(stream.read_u8().await?);
    }
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut parsed = httparse::Response::new(&mut headers);
    let status = parsed.parse(&answer).ok().and(parsed.code);
    match status {
        Some(200..=299) => Ok(()),
        Some(status) => Err(io::Error::other(format!(
            "the proxy answers {status} to CONNECT"
        ))),
        None => Err(io::Error::other("the proxy does not answer in HTTP")),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::net::IpAddr;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};
    use url::Url;

    use super::{Network, NetworkSettings, proxy_line};
    use crate::http::connection::origin::Origin;

    fn origin(url: &str) -> Origin {
        Origin::of(&Url::parse(url).unwrap())
    }

    #[test]
    fn the_addresses_of_a_host_take_turns() {
        let addresses: Vec<IpAddr> = vec!["10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap()];
        let network = Network::new(NetworkSettings {
            resolve: HashMap::from([("api.example".to_owned(), addresses)]),
            ..NetworkSettings::default()
        });
        let host = origin("https://api.example");
        let firsts: Vec<String> = (0..3)
            .map(|_| network.told(&host).unwrap()[0].to_string())
            .collect();
        assert_eq!(firsts, ["10.0.0.1:443", "10.0.0.2:443", "10.0.0.1:443"]);
        assert_eq!(network.told(&origin("https://other.example")), None);
    }

    /// Each time a connection is made, to an address whose turn it is and from
    /// one whose turn it is: neither takes the other's.
    #[tokio::test]
    async fn connections_take_the_turns_of_both_sides() {
        // Nobody but this machine reaches them.
        let first = TcpListener::bind("127.0.0.2:0").await.unwrap();
        let port = first.local_addr().unwrap().port();
        let _second = TcpListener::bind(("127.0.0.3", port)).await.unwrap();
        let both = |last: [u8; 2]| last.map(|last| IpAddr::from([127, 0, 0, last])).to_vec();
        let network = Network::new(NetworkSettings {
            resolve: HashMap::from([("api.example".to_owned(), both([2, 3]))]),
            local_addresses: both([4, 5]),
            ..NetworkSettings::default()
        });
        let host = origin(&format!("http://api.example:{port}"));
        let mut ways = Vec::new();
        for _ in 0..3 {
            let to = network.told(&host).unwrap()[0];
            let stream = network.connect(to).await.unwrap();
            let ends = [stream.local_addr(), stream.peer_addr()];
            ways.push(ends.map(|end| end.unwrap().ip().to_string()).join(" "));
        }
        assert_eq!(
            ways,
            [
                "127.0.0.4 127.0.0.2",
                "127.0.0.5 127.0.0.3",
                "127.0.0.4 127.0.0.2"
            ]
        );
    }

    #[test]
    fn the_proxy_protocol_names_both_sides() {
        let (from, to) = (
            "10.0.0.1:5".parse().unwrap(),
            "10.0.0.2:443".parse().unwrap(),
        );
        assert_eq!(
            proxy_line(from, to),
            "PROXY TCP4 10.0.0.1 10.0.0.2 5 443\r\n"
        );
        let (from, to) = ("[::1]:5".parse().unwrap(), "[::2]:6".parse().unwrap());
        assert_eq!(proxy_line(from, to), "PROXY TCP6 ::1 ::2 5 6\r\n");
    }

    /// What a proxy that answers so makes of a connection, and what it was asked.
    async fn through(answer: &'static str) -> (std::io::Result<()>, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let network = Network::new(NetworkSettings {
            proxy: Some(Url::parse(&url).unwrap()),
            proxy_protocol: true,
            ..NetworkSettings::default()
        });
        let proxy = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut asked = Vec::new();
            while !asked.ends_with(b"\r\n\r\n") {
                asked.push(stream.read_u8().await.unwrap());
            }
            stream.write_all(answer.as_bytes()).await.unwrap();
            String::from_utf8(asked).unwrap()
        };
        let host = origin("https://api.example");
        let going = async {
            let to = listener.local_addr().unwrap();
            let mut stream = TcpStream::connect(to).await.unwrap();
            network.introduce(&mut stream, &host).await
        };
        tokio::join!(going, proxy)
    }

    #[tokio::test]
    async fn a_proxy_is_asked_for_a_way_through() {
        let (way, asked) = through("HTTP/1.1 200 Go ahead\r\n\r\n").await;
        way.unwrap();
        let (first, rest) = asked.split_once("\r\n").unwrap();
        assert!(
            first.starts_with("PROXY TCP4 127.0.0.1 127.0.0.1 "),
            "{first}"
        );
        assert_eq!(
            rest,
            "CONNECT api.example:443 HTTP/1.1\r\nhost: api.example:443\r\n\r\n"
        );
        let (refused, _) = through("HTTP/1.1 407 Who are you\r\n\r\n").await;
        assert!(refused.unwrap_err().to_string().contains("407"));
    }
}
