//! Targets behind TLS.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};

use crate::work::Work;

pub struct Pair {
    pub certificate: String,
    pub key: String,
    der: rustls::pki_types::CertificateDer<'static>,
    private: Vec<u8>,
}

pub fn pair(name: &str) -> Pair {
    pair_of(&CertificateParams::new([name.to_owned()]).unwrap())
}

/// As `openssl req -x509` makes it: its own authority.
fn own_authority(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new([name.to_owned()]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}

fn pair_of(params: &CertificateParams) -> Pair {
    let signing_key = KeyPair::generate().unwrap();
    let cert = params.self_signed(&signing_key).unwrap();
    let pem = |what: &str, der: &[u8]| {
        use base64::Engine;
        let text = base64::engine::general_purpose::STANDARD.encode(der);
        format!("-----BEGIN {what}-----\n{text}\n-----END {what}-----\n")
    };
    let private = signing_key.serialize_der();
    Pair {
        certificate: pem("CERTIFICATE", cert.der()),
        key: pem("PRIVATE KEY", &private),
        der: cert.der().clone(),
        private,
    }
}

/// Answers every request with 200; gives the port. With `client`, only to
/// those who show that certificate.
fn serve(own: &Pair, client: Option<&Pair>) -> u16 {
    let provider = Arc::new(ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap();
    let builder = match client {
        None => builder.with_no_client_auth(),
        Some(client) => {
            let mut roots = RootCertStore::empty();
            roots.add(client.der.clone()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            builder.with_client_cert_verifier(verifier.build().unwrap())
        }
    };
    let key = PrivateKeyDer::try_from(own.private.clone()).unwrap();
    let config = builder.with_single_cert(vec![own.der.clone()], key);
    let config = Arc::new(config.unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = StreamOwned::new(connection, stream);
            std::thread::spawn(move || {
                let mut buffer = [0; 4096];
                while let Ok(1..) = stream.read(&mut buffer) {
                    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
                    if stream.write_all(answer).is_err() {
                        break;
                    }
                }
            });
        }
    });
    port
}

fn work(port: u16, tls: &str) -> Work {
    let work = Work::new();
    work.write(
        "ask.yaml",
        "target: target.yaml\nscenarios: {s: {steps: [{http: {url: /}}]}}\n",
    );
    let url = format!("https://localhost:{port}");
    work.write(
        "target.yaml",
        &format!("api_url: {url}\ngateway_url: {url}\nspec_id: ic\notp: {{source: static, code: '123456'}}\n{tls}"),
    );
    work
}

#[test]
fn a_server_is_believed_when_its_authority_is_trusted() {
    let own = pair("localhost");
    let port = serve(&own, None);
    let stranger = work(port, "");
    let ended = stranger.run(&["run", "ask.yaml"]).expect(3);
    assert!(ended.err.contains("does not answer"), "{}", ended.err);
    let trusting = work(port, "tls: {ca: ca.pem}\n");
    trusting.write("ca.pem", &own.certificate);
    let ended = trusting.run(&["run", "ask.yaml"]).expect(0);
    assert!(!ended.err.contains("warning"), "{}", ended.err);
    trusting
        .run(&[
            "run",
            "ask.yaml",
            "--set",
            "http_version=1",
            "--reports",
            "one",
        ])
        .expect(0);
}

#[test]
fn a_certificate_that_is_its_own_authority_is_believed_when_it_is_listed() {
    let own = pair_of(&own_authority("localhost"));
    let port = serve(&own, None);
    let trusting = work(port, "tls: {ca: ca.pem}\n");
    let others = pair_of(&own_authority("localhost")).certificate;
    trusting.write("ca.pem", &(others.clone() + &own.certificate));
    trusting.run(&["run", "ask.yaml"]).expect(0);
    trusting.write("ca.pem", &others);
    let ended = trusting.run(&["run", "ask.yaml"]).expect(3);
    assert!(
        ended.err.contains("nobody who is trusted vouches") && ended.err.contains("`tls: {ca: …}`"),
        "{}",
        ended.err
    );
}

#[test]
fn a_listed_certificate_must_have_the_name_and_be_valid_now() {
    let mut expired = own_authority("localhost");
    expired.not_after = rcgen::date_time_ymd(2001, 1, 1);
    for (params, reason) in [
        (own_authority("elsewhere.example"), "not valid for name"),
        (expired, "expired"),
    ] {
        let own = pair_of(&params);
        let work = work(serve(&own, None), "tls: {ca: ca.pem}\n");
        work.write("ca.pem", &own.certificate);
        let ended = work.run(&["run", "ask.yaml"]).expect(3);
        assert!(ended.err.contains(reason), "{}", ended.err);
    }
}

#[test]
fn believing_anybody_is_said_loudly() {
    let port = serve(&pair("somebody.example.org"), None);
    let work = work(port, "tls: {insecure: true}\n");
    let ended = work.run(&["run", "ask.yaml"]).expect(0);
    assert!(
        ended.err.contains("warning: `tls.insecure` is on"),
        "{}",
        ended.err
    );
}

#[test]
fn a_server_can_ask_who_we_are() {
    let (own, me) = (pair("localhost"), pair("me"));
    let port = serve(&own, Some(&me));
    let work = work(
        port,
        "tls: {ca: ca.pem, client_certificate: me.pem, client_key: me.key}\n",
    );
    work.write("ca.pem", &own.certificate);
    work.write("me.pem", &me.certificate);
    work.write("me.key", &me.key);
    let ended = work.run(&["run", "ask.yaml"]).expect(2);
    assert!(ended.err.contains("others can read it"), "{}", ended.err);
    let key = work.path().join("me.key");
    std::fs::set_permissions(key, PermissionsExt::from_mode(0o600)).unwrap();
    work.run(&["run", "ask.yaml"]).expect(0);
    let anonymous = [
        "--set",
        "tls.client_certificate=~",
        "--set",
        "tls.client_key=~",
    ];
    work.run(&[&["run", "ask.yaml"], &anonymous[..]].concat())
        .expect(3);
}
