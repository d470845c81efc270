//! Who is trusted, who we are, and which HTTP is spoken.

use reqwest::{Certificate, ClientBuilder, Identity};
use secrecy::{ExposeSecret, SecretString};

/// Which HTTP is spoken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Version {
    /// What both sides agree on.
    #[default]
    Agreed,
    /// HTTP/1.1.
    One,
    /// HTTP/2 from the first byte.
    Two,
}

/// How connections are made, beyond what this machine does by itself.
#[derive(Clone, Debug, Default)]
pub struct TlsSettings {
    /// Certificates, as PEM, of those who are trusted besides this machine's.
    pub authorities: Option<Vec<u8>>,
    /// Our own certificate and its private key, as PEM.
    pub identity: Option<SecretString>,
    /// Whoever answers is believed to be who they say.
    pub insecure: bool,
    /// Which HTTP is spoken.
    pub version: Version,
}

impl TlsSettings {
    pub(super) fn apply(
        &self,
        mut builder: ClientBuilder,
    ) -> Result<ClientBuilder, reqwest::Error> {
        if let Some(pem) = &self.authorities {
            builder = builder.tls_certs_merge(Certificate::from_pem_bundle(pem)?);
        }
        if let Some(pem) = &self.identity {
            builder = builder.identity(Identity::from_pem(pem.expose_secret().as_bytes())?);
        }
        if self.insecure {
            builder = builder.tls_danger_accept_invalid_certs(true);
        }
        Ok(match self.version {
            Version::Agreed => builder,
            Version::One => builder.http1_only(),
            Version::Two => builder.http2_prior_knowledge(),
        })
    }
}
