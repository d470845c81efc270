//! Connections that are protected, and servers that are not who they say.

use std::sync::Arc;

use base64::Engine;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;
use tempfile::NamedTempFile;

use super::server::{Cover, Server};
use super::{code, mail, start};

/// A server's settings, and a file with its certificate.
pub(in crate::otp) fn certificate(name: &str) -> (Arc<ServerConfig>, NamedTempFile) {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed([name.to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let file = NamedTempFile::new().unwrap();
    let der = base64::engine::general_purpose::STANDARD.encode(cert.der());
    let pem = format!("-----BEGIN CERTIFICATE-----\n{der}\n-----END CERTIFICATE-----\n");
    std::fs::write(file.path(), pem).unwrap();
    (Arc::new(config), file)
}

fn otp(server: &Server, security: &str, more: &str) -> String {
    format!(
        "{{source: imap, host: localhost, port: {}, security: {security}, user: ada, password: s3cret{more}}}",
        server.port
    )
}

#[tokio::test]
async fn mail_is_read_over_tls_from_the_start_or_after_a_command() {
    let (config, file) = certificate("localhost");
    let trust = format!(", ca_file: {}", file.path().display());
    for (security, cover) in [
        ("tls", Cover::Tls(Arc::clone(&config))),
        ("starttls", Cover::StartTls(config)),
    ] {
        let server = Server::start(cover);
        let dispatcher = start(&otp(&server, security, &trust)).await.unwrap();
        let ada = dispatcher.expect("ada@example.org", 6);
        server.deliver(mail("ada@example.org", "123456"));
        assert_eq!(code(ada).await, "123456", "{security}");
    }
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused_before_the_password_is_sent() {
    let (config, file) = certificate("mail.example.org");
    let trust = format!(", ca_file: {}", file.path().display());
    let server = Server::start(Cover::Tls(config));
    let error = start(&otp(&server, "tls", &trust)).await.err().unwrap();
    assert!(
        error
            .reason
            .starts_with("the server's certificate is refused:"),
        "{error}"
    );
    assert!(error.hint.unwrap().contains("server_name"));
    let named = format!("{trust}, server_name: mail.example.org");
    assert!(server.state().heard.is_empty());
    assert!(start(&otp(&server, "tls", &named)).await.is_ok());
}

#[tokio::test]
async fn a_certificate_that_nobody_knows_is_refused() {
    let (config, _) = certificate("localhost");
    let server = Server::start(Cover::Tls(config));
    let error = start(&otp(&server, "tls", "")).await.err().unwrap();
    assert!(
        error.hint.is_some() && server.state().heard.is_empty(),
        "{error}"
    );
}

#[tokio::test]
async fn a_server_that_speaks_no_tls_is_told_apart() {
    let server = Server::start(Cover::Plain);
    let error = start(&otp(&server, "tls", "")).await.err().unwrap();
    assert_eq!(error.reason, "the server does not speak TLS there");
    assert!(error.hint.unwrap().contains("starttls"));
}
