//! TLS to a mail server.

use std::io;
use std::net::TcpStream;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::crypto::ring;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use rustls_platform_verifier::BuilderVerifierExt;

use super::failure::Failure;
use super::settings::Settings;
use crate::http::trusting_listed;

/// Agrees on a key with the server and checks who it is, before anything else
/// is said.
pub(super) fn secure(
    mut tcp: TcpStream,
    settings: &Settings,
) -> Result<StreamOwned<ClientConnection, TcpStream>, Failure> {
    let config = config(settings).map_err(|error| Failure::new(format!("TLS: {error}")))?;
    let connection = ClientConnection::new(Arc::new(config), settings.server_name.clone());
    let mut connection = connection.map_err(|error| Failure::new(format!("TLS: {error}")))?;
    while connection.is_handshaking() {
        connection
            .complete_io(&mut tcp)
            .map_err(|error| refused(&error))?;
    }
    Ok(StreamOwned::new(connection, tcp))
}

fn config(settings: &Settings) -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()?;
    let builder = match &settings.roots {
        None => builder.with_platform_verifier()?,
        Some(certificates) => {
            let mut roots = RootCertStore::empty();
            for certificate in certificates {
                roots.add(certificate.clone())?;
            }
            let usual = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider);
            let usual = usual.build().map_err(|error| {
                rustls::Error::General(format!("no certificate can be checked: {error}"))
            })?;
            let verifier = trusting_listed(usual, certificates.clone());
            builder
                .dangerous()
                .with_custom_certificate_verifier(verifier)
        }
    };
    Ok(builder.with_no_client_auth())
}

fn refused(error: &io::Error) -> Failure {
    let inner = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match inner {
        Some(rustls::Error::InvalidCertificate(reason)) => {
            Failure::new(format!("the server's certificate is refused: {reason}")).hint(
                "`host`, or `server_name`, must be a name in the certificate; `ca_file` names who signed it, when this machine does not know",
            )
        }
        Some(rustls::Error::InvalidMessage(_)) => {
            Failure::new("the server does not speak TLS there".to_owned())
                .hint("`security: tls` goes with port 993, `security: starttls` with port 143")
        }
        _ => Failure::new(format!("no TLS connection: {error}")),
    }
}
