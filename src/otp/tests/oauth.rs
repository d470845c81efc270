//! Tokens for mailboxes, and what is said when there are none.

use super::http::{Web, account};
use super::settings::shown;
use super::source;
use crate::clock::Clock;
use crate::otp::{Dispatcher, Prospect, SourceError};

fn mailbox(host: &str) -> String {
    format!(
        "{{source: http, preset: gmail, url: '{host}', {}}}",
        account(host)
    )
}

async fn refusal(web: &Web) -> SourceError {
    let source = source(&mailbox(&web.start())).unwrap();
    let started = Dispatcher::start(source.as_ref(), &Clock::real()).await;
    let error = started.err().unwrap();
    let shown = format!("{error} {error:?} {source:?}");
    for secret in ["s3cret", "r3fresh", "cl1ent", "t0ken"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    error
}

#[tokio::test]
async fn a_token_endpoint_is_asked_as_the_standard_says() {
    let web = Web::default();
    let host = web.start();
    web.answer("/token", r#"{"access_token": "t0ken"}"#);
    for (more, expected) in [
        (
            "",
            "grant_type=refresh_token&refresh_token=r3fresh&client_id=cl1ent&client_secret=s3cret&scope=mail",
        ),
        (
            ", refresh_token: r3fresh",
            "grant_type=client_credentials&client_id=cl1ent&client_secret=s3cret&scope=mail",
        ),
    ] {
        let otp = if more.is_empty() {
            mailbox(&host)
        } else {
            mailbox(&host).replace(more, "")
        };
        // There is no mailbox there, which does not matter.
        let source = source(&otp).unwrap();
        let _ = Dispatcher::start(source.as_ref(), &Clock::real()).await;
        let asked = web.asked();
        let asked = asked.iter().rfind(|head| head.contains("/token")).unwrap();
        assert!(asked.starts_with("POST /token"), "{asked}");
        assert!(
            asked.contains("content-type: application/x-www-form-urlencoded"),
            "{asked}"
        );
        assert!(asked.ends_with(expected), "{asked}");
    }
}

#[tokio::test]
async fn a_token_endpoint_that_refuses_us_is_told_without_what_is_ours() {
    for (status, body, reason, lasting) in [
        (
            400,
            r#"{"error": "invalid_grant", "error_description": "Token has been expired or revoked."}"#,
            "it refuses us: invalid_grant Token has been expired or revoked.",
            Prospect::Permanent,
        ),
        (
            401,
            r#"{"error": "invalid_client", "error_description": "no secret s3cret for cl1ent"}"#,
            "it refuses us: invalid_client",
            Prospect::Permanent,
        ),
        (
            400,
            r#"{"error": "temporarily_unavailable"}"#,
            "it refuses us: temporarily_unavailable",
            Prospect::Away,
        ),
        (
            503,
            "",
            "it answers 503 Service Unavailable",
            Prospect::Away,
        ),
        (302, "", "it answers 302 Found", Prospect::Away),
        (200, "<html>", "its answer is not JSON", Prospect::Away),
        (
            200,
            r#"{"access_token": "t0ken\r\nX: y"}"#,
            "there is no `access_token` in its answer",
            Prospect::Away,
        ),
    ] {
        let web = Web::default();
        web.answer_with("/token", status, body);
        let error = refusal(&web).await;
        assert_eq!((error.reason.as_str(), error.prospect), (reason, lasting));
        assert!(
            error.source_name.starts_with("the token endpoint http://"),
            "{error}"
        );
    }
}

#[test]
fn an_account_that_says_too_little_or_too_openly() {
    insta::assert_snapshot!(shown("{source: imap, host: h, user: ada, oauth2: {token_url: 'http://elsewhere.example/token', client_id: x}}"), @r#"
 × `oauth2` has neither a `refresh_token` nor a `client_secret`
  ╭─[target.yaml:4:61]
4 │ otp: {source: imap, host: h, user: ada, oauth2: {token_url: 'http://elsewhere.example/token', client_id: x}}
  ·                                                             ────────────────────────────────
  ╰────
 help: add `refresh_token:` to read a user's mailbox, or `client_secret:` for the client's own rights

 × without TLS, secrets would cross the network in the clear
  ╭─[target.yaml:4:61]
4 │ otp: {source: imap, host: h, user: ada, oauth2: {token_url: 'http://elsewhere.example/token', client_id: x}}
  ·                                                             ────────────────────────────────
  ╰────
 help: write `token_url: https://…`; `http` is for this machine, `127.0.0.1` or `localhost`
"#);
    insta::assert_snapshot!(shown("{source: jmap, url: 'https://h', user: ada, password: x, oauth2: {token_url: 'https://h/token', client_id: x, client_secret: y}}"), @r#"
 × `otp` has both `password` and `oauth2`
  ╭─[target.yaml:4:1]
4 │ otp: {source: jmap, url: 'https://h', user: ada, password: x, oauth2: {token_url: 'https://h/token', client_id: x, client_secret: y}}
  · ───
  ╰────
 help: remove one of them
"#);
}
