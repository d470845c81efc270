//! Who is trusted, who we are, and which HTTP is spoken.

use std::sync::Arc;

use reqwest::ClientBuilder;
use rustls::ClientConfig;
use rustls::client::Resumption;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls_platform_verifier::Verifier;
use secrecy::{ExposeSecret, SecretString};

use super::error::ClientError;
use super::trust::{trusting_anybody, trusting_listed};

/// What every client of reqwest is built from. It asks the process for its TLS, so
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

/// TLS of a run: whom we trust, who we are, what is spoken.
pub(super) struct Tls {
    config: Arc<ClientConfig>,
}

/// TLS sessions of a host that a user can take up again.
const SESSIONS: usize = 8;

impl Tls {
    pub(super) fn new(settings: &TlsSettings) -> Result<Self, ClientError> {
        let provider = Arc::new(ring::default_provider());
        let verifier = settings.verifier(&provider)?;
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(verifier);
        let mut config = match &settings.identity {
            None => builder.with_no_client_auth(),
            Some(pem) => {
                let pem = pem.expose_secret().as_bytes();
                let chain = CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>()?;
                builder.with_client_auth_cert(chain, PrivateKeyDer::from_pem_slice(pem)?)?
            }
        };
        let spoken: &[&[u8]] = match settings.version {
            Version::Agreed => &[b"h2", b"http/1.1"],
            Version::One => &[b"http/1.1"],
            Version::Two => &[b"h2"],
        };
        config.alpn_protocols = spoken.iter().map(|name| name.to_vec()).collect();
        config.resumption = Resumption::disabled();
        Ok(Self {
            config: Arc::new(config),
        })
    }

    /// The same for one user, who remembers sessions as a device does, if it
    /// `resumes` them.
    pub(super) fn of_user(&self, resumes: bool) -> Arc<ClientConfig> {
        if !resumes {
            return Arc::clone(&self.config);
        }
        let mut config = ClientConfig::clone(&self.config);
        config.resumption = Resumption::in_memory_sessions(SESSIONS);
        Arc::new(config)
    }
}

/// The same where HTTP/1.1 is spoken.
pub(super) fn speaking_one(config: &ClientConfig) -> Arc<ClientConfig> {
    let mut config = config.clone();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Arc::new(config)
}

impl TlsSettings {
    /// Who is believed to be who they say. A certificate that is listed itself
    /// is.
    fn verifier(
        &self,
        provider: &Arc<CryptoProvider>,
    ) -> Result<Arc<dyn ServerCertVerifier>, ClientError> {
        if self.insecure {
            return Ok(trusting_anybody(provider));
        }
        let pem = self.authorities.as_deref().unwrap_or_default();
        let listed: Vec<_> = CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>()?;
        let usual = Verifier::new_with_extra_roots(listed.clone(), Arc::clone(provider))?;
        Ok(trusting_listed(Arc::new(usual), listed))
    }
}
