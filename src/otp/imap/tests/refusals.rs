//! What ends a run before anything is sent, and what is said of it.

use std::io::Write;
use std::net::TcpListener;

use super::server::{Cover, Server};
use super::{otp, start};
use crate::otp::SourceError;

async fn refusal(otp: &str) -> SourceError {
    let error = start(otp).await.err().unwrap();
    let shown = format!("{error} {error:?}");
    for secret in ["s3cret", "t0ken", "wr0ng"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    error
}

#[tokio::test]
async fn a_wrong_password() {
    let server = Server::start(Cover::Plain);
    let error = refusal(&otp(&server, "").replace("s3cret", "wr0ng")).await;
    assert_eq!(error.reason, "the server refuses `ada`: wrong password");
    assert!(error.hint.unwrap().contains("app password"));
}

#[tokio::test]
async fn a_token_that_is_good_or_not() {
    let server = Server::start(Cover::Plain);
    let token =
        |token: &str| otp(&server, "").replace("password: s3cret", &format!("xoauth2: {token}"));
    assert!(start(&token("t0ken")).await.is_ok());
    let error = refusal(&token("wr0ng")).await;
    assert_eq!(
        error.reason,
        "the server refuses `ada`: invalid credentials"
    );
    assert!(error.hint.unwrap().contains("expired"));
}

#[tokio::test]
async fn a_folder_that_does_not_exist_or_can_only_be_read() {
    let server = Server::start(Cover::Plain);
    let error = refusal(&otp(&server, ", folder: Inbox2")).await;
    assert_eq!(
        error.reason,
        "the server does not open the folder `Inbox2`: no such folder"
    );
    server.state().read_only = true;
    let error = refusal(&otp(&server, ", after: seen")).await;
    assert_eq!(error.reason, "the folder `INBOX` can only be read");
    assert!(start(&otp(&server, "")).await.is_ok());
}

#[tokio::test]
async fn a_port_where_nobody_or_somebody_else_listens() {
    let server = Server::start(Cover::Plain);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let there = otp(&server, "").replace(&server.port.to_string(), &port.to_string());
    let other = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.write_all(b"220 mail.example.org ESMTP\r\n").unwrap();
    });
    let error = refusal(&there).await;
    assert_eq!(error.reason, "what answers there is not an IMAP server");
    other.join().unwrap();
    let error = refusal(&there).await;
    assert!(error.reason.to_lowercase().contains("refused"), "{error}");
}
