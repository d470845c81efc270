//! Whom a connection leads to.

use std::net::IpAddr;

use url::Url;

/// Scheme, host and port of a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    /// Whether TLS is spoken.
    pub(super) secure: bool,
    /// As in a URL: IPv6 addresses in brackets.
    pub(super) host: Box<str>,
    /// That of the scheme when the URL names none.
    pub(super) port: u16,
}

impl Origin {
    pub(super) fn of(url: &Url) -> Self {
        let (secure, host, port) = parts(url);
        Self {
            secure,
            host: host.into(),
            port,
        }
    }

    /// The same as comparing with that of the URL, without making one.
    pub(super) fn is_of(&self, url: &Url) -> bool {
        (self.secure, &*self.host, self.port) == parts(url)
    }

    /// The host without brackets.
    pub(super) fn name(&self) -> &str {
        self.host.trim_start_matches('[').trim_end_matches(']')
    }

    /// The host when it is an address.
    pub(super) fn address(&self) -> Option<IpAddr> {
        self.name().parse().ok()
    }
}

fn parts(url: &Url) -> (bool, &str, u16) {
    let host = url.host_str().unwrap_or_default();
    let port = url.port_or_known_default().unwrap_or_default();
    (url.scheme() == "https", host, port)
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::Origin;

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        let url = |text: &str| Url::parse(text).unwrap();
        let origin = Origin::of(&url("https://user@a.example/x?y"));
        assert_eq!(
            (origin.secure, &*origin.host, origin.port),
            (true, "a.example", 443)
        );
        assert!(origin.is_of(&url("https://A.example:443/z")));
        for other in [
            "http://a.example",
            "https://b.example",
            "https://a.example:444",
        ] {
            assert!(!origin.is_of(&url(other)), "{other}");
        }
    }

    #[test]
    fn an_ipv6_address_is_dialled_without_its_brackets() {
        let origin = Origin::of(&Url::parse("http://[::1]:8080/").unwrap());
        assert_eq!(origin.name(), "::1");
        assert!(
            origin
                .address()
                .is_some_and(|address| address.is_loopback())
        );
    }
}
