//! Tokens that end while a run goes on.

use std::time::Duration;

use super::server::{Cover, Server};
use super::{code, mail, start, until};
use crate::otp::tests::http::{Web, account};

fn answer(token: &str, seconds: u32) -> String {
    format!(r#"{{"access_token": "{token}", "token_type": "Bearer", "expires_in": {seconds}}}"#)
}

/// A mailbox that takes the token `first`, which is good for so long, and its
/// settings.
fn mailbox(seconds: u32) -> (Server, Web, String) {
    let (server, web) = (Server::start(Cover::Plain), Web::default());
    let host = web.start();
    web.answer("/token", answer("first", seconds));
    server.state().token = "first";
    let otp = super::otp(&server, "").replace("password: s3cret", &account(&host));
    (server, web, otp)
}

#[tokio::test]
async fn a_token_is_renewed_when_it_is_refused() {
    for way in ["AUTH=XOAUTH2", "AUTH=OAUTHBEARER"] {
        let (server, web, otp) = mailbox(3600);
        server.state().offers = way;
        let dispatcher = start(&otp).await.unwrap();
        let ada = dispatcher.expect("ada@example.org", 6);
        // It ends before its time, and the connection with it.
        web.answer("/token", answer("second", 3600));
        server.state().token = "second";
        server.state().cut_idle = 1;
        until("a third connection", || server.state().connections == 3).await;
        server.deliver(mail("ada@example.org", "123456"));
        assert_eq!(code(ada).await, "123456", "{way}");
        assert_eq!(dispatcher.counts().reconnects, 1);
        assert_eq!(web.asked().len(), 2);
    }
}

#[tokio::test]
async fn a_token_is_renewed_before_it_ends() {
    let (server, web, otp) = mailbox(1);
    let dispatcher = start(&otp).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    web.answer("/token", answer("second", 3600));
    server.state().token = "second";
    server.state().cut_idle = 1;
    let ada = dispatcher.expect("ada@example.org", 6);
    server.deliver(mail("ada@example.org", "123456"));
    assert_eq!(code(ada).await, "123456");
    // Nobody was refused.
    assert_eq!(server.state().connections, 2);
}

#[tokio::test]
async fn a_refresh_token_that_is_withdrawn_fails_everybody_at_once() {
    let (server, web, otp) = mailbox(1);
    let dispatcher = start(&otp).await.unwrap();
    let ada = dispatcher.expect("ada@example.org", 6);
    tokio::time::sleep(Duration::from_secs(1)).await;
    web.answer_with("/token", 400, r#"{"error": "invalid_grant"}"#);
    server.state().cut_idle = 1;
    let error = code_error(ada).await;
    assert!(error.contains("it refuses us: invalid_grant"), "{error}");
}

async fn code_error(pending: crate::otp::PendingOtp) -> String {
    pending.wait(super::LONG).await.err().unwrap().to_string()
}
