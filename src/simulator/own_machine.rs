//! What is for programs of this machine only, below `/_simulator`.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::header::{HOST, HeaderValue, ORIGIN};
use axum::http::request::Parts;
use axum::http::uri::Authority;
use url::{Host, Url};

use super::Failure;

/// Taken by a handler that answers nobody else: no other machine, and no page
/// of a browser that comes from elsewhere.
///
/// A browser on this machine asks for any page. One that was loaded from
/// elsewhere names that place as `Origin`, or as `Host` when its name was made
/// to lead here (DNS rebinding).
pub(super) struct OwnMachine;

impl<S: Sync> FromRequestParts<S> for OwnMachine {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        if !peer.is_some_and(|ConnectInfo(peer)| peer.ip().to_canonical().is_loopback()) {
            let message = "the outbox is read from the simulator's own machine only";
            return Err(Failure::forbidden(message));
        }
        let asked = parts.uri.authority().map(Authority::as_str);
        let asked = asked.into_iter().map(str::as_bytes);
        let named = parts.headers.get_all(HOST).into_iter();
        if !asked
            .chain(named.map(HeaderValue::as_bytes))
            .all(|host| is_own(b"http://", host))
        {
            let message = "`Host` is no address and not `localhost`: ask for the outbox by these";
            return Err(Failure::forbidden(message));
        }
        let mut origins = parts.headers.get_all(ORIGIN).into_iter();
        if !origins.all(|origin| is_own(b"", origin.as_bytes())) {
            let message = "the outbox is not for pages from elsewhere";
            return Err(Failure::forbidden(message));
        }
        Ok(Self)
    }
}

/// Whether this is a name of this machine that nobody can have lead here. Any
/// address as `Host` is one, since the peer is on this machine; an `Origin`
/// has to be a loopback one.
fn is_own(scheme: &[u8], host: &[u8]) -> bool {
    let text = [scheme, host].concat();
    let url = std::str::from_utf8(&text)
        .ok()
        .and_then(|text| Url::parse(text).ok());
    let is_host = !scheme.is_empty();
    let good = |address: IpAddr| is_host || address.to_canonical().is_loopback();
    match url.as_ref().and_then(Url::host) {
        Some(Host::Ipv4(address)) => good(address.into()),
        Some(Host::Ipv6(address)) => good(address.into()),
        Some(Host::Domain(name)) => {
            let name = name.strip_suffix('.').unwrap_or(name);
            name == "localhost" || name.ends_with(".localhost")
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use axum::extract::{ConnectInfo, FromRequestParts};
    use axum::http::Request;

    use super::{OwnMachine, SocketAddr};

    async fn is_answered(peer: &str, headers: &[(&str, &str)], uri: &str) -> bool {
        let mut request = Request::get(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        let peer: SocketAddr = peer.parse().unwrap();
        parts.extensions.insert(ConnectInfo(peer));
        OwnMachine::from_request_parts(&mut parts, &())
            .await
            .is_ok()
    }

    #[tokio::test]
    async fn another_machine_is_refused() {
        for peer in ["192.0.2.1:80", "[2001:db8::1]:80"] {
            assert!(!is_answered(peer, &[], "/").await, "{peer}");
        }
        for peer in ["127.0.0.1:80", "[::1]:80", "[::ffff:127.0.0.1]:80"] {
            assert!(is_answered(peer, &[], "/").await, "{peer}");
        }
    }

    const PEER: &str = "127.0.0.1:80";

    #[tokio::test]
    async fn a_name_that_was_made_to_lead_here_is_refused() {
        for host in [
            "evil.example",
            "evil.example:80",
            "localhost.evil.example",
            "notlocalhost",
            "127.0.0.1.evil.example",
            "localhost@evil.example",
            "",
            "\u{e9}",
        ] {
            assert!(!is_answered(PEER, &[("host", host)], "/").await, "{host}");
        }
        for host in [
            "localhost",
            "LOCALHOST:8080",
            "localhost.",
            "sim.localhost",
            "127.0.0.1:8080",
            "127.3.2.1",
            "[::1]:8080",
            "192.0.2.1:8080",
        ] {
            assert!(is_answered(PEER, &[("host", host)], "/").await, "{host}");
        }
        assert!(!is_answered(PEER, &[], "http://evil.example/").await);
        let both = [("host", "localhost"), ("host", "evil.example")];
        assert!(!is_answered(PEER, &both, "/").await);
    }

    #[tokio::test]
    async fn a_page_from_elsewhere_is_refused() {
        for origin in ["https://evil.example", "null", "http://192.0.2.1", "x", ""] {
            let headers = [("host", "localhost"), ("origin", origin)];
            assert!(!is_answered(PEER, &headers, "/").await, "{origin}");
        }
        for origin in [
            "http://localhost:3000",
            "http://127.0.0.1",
            "http://[::1]:1",
        ] {
            let headers = [("host", "localhost"), ("origin", origin)];
            assert!(is_answered(PEER, &headers, "/").await, "{origin}");
        }
    }
}
