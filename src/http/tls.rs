//! Who is trusted, who we are, and which HTTP is spoken.

use std::sync::Arc;

use reqwest::{ClientBuilder, Identity};
use rustls::ClientConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls_platform_verifier::Verifier;
use secrecy::{ExposeSecret, SecretString};

use super::{ClientError, trusting_listed};

/// What every client is built from. reqwest asks the process for its TLS, so
/// that is set here, before the first one.
pub fn client_builder() -> ClientBuilder {
    // Fails only when it is set already, which is as good.
    let _ = ring::default_provider().install_default();
    ClientBuilder::new()
}

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
    pub(super) fn apply(&self, mut builder: ClientBuilder) -> Result<ClientBuilder, ClientError> {
        builder = match self.version {
            Version::Agreed => builder,
            Version::One => builder.http1_only(),
            Version::Two => builder.http2_prior_knowledge(),
        };
        if self.insecure {
            builder = builder.tls_danger_accept_invalid_certs(true);
        } else if let Some(pem) = &self.authorities {
            return Ok(builder.tls_backend_preconfigured(self.trusting(pem)?));
        }
        if let Some(pem) = &self.identity {
            builder = builder.identity(Identity::from_pem(pem.expose_secret().as_bytes())?);
        }
        Ok(builder)
    }

    /// What reqwest would make of these settings, but that a certificate that
    /// is listed itself is believed.
    fn trusting(&self, authorities: &[u8]) -> Result<ClientConfig, ClientError> {
        let listed: Vec<_> =
            CertificateDer::pem_slice_iter(authorities).collect::<Result<_, _>>()?;
        let provider = Arc::new(ring::default_provider());
        let usual = Verifier::new_with_extra_roots(listed.clone(), Arc::clone(&provider))?;
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(trusting_listed(Arc::new(usual), listed));
        let mut config = match &self.identity {
            None => builder.with_no_client_auth(),
            Some(pem) => {
                let pem = pem.expose_secret().as_bytes();
                let chain = CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>()?;
                builder.with_client_auth_cert(chain, PrivateKeyDer::from_pem_slice(pem)?)?
            }
        };
        let spoken: &[&[u8]] = match self.version {
            Version::Agreed => &[b"h2", b"http/1.1"],
            Version::One => &[b"http/1.1"],
            Version::Two => &[b"h2"],
        };
        config.alpn_protocols = spoken.iter().map(|name| name.to_vec()).collect();
        Ok(config)
    }
}
