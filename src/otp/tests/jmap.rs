//! A mailbox over JMAP, as RFC 8620 and RFC 8621 have it in their examples.

use std::time::Duration;

use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::http::{Web, dispatcher, mail};
use crate::clock::Clock;
use crate::otp::Dispatcher;

const LONG: Duration = Duration::from_secs(10);

fn session(host: &str) -> String {
    json!({
        "capabilities": {"urn:ietf:params:jmap:core": {}, "urn:ietf:params:jmap:mail": {}},
        "accounts": {"A13824": {"name": "ada@example.org", "isPersonal": true}},
        "primaryAccounts": {"urn:ietf:params:jmap:mail": "A13824"},
        "username": "ada@example.org",
        "apiUrl": format!("{host}/api/"),
        "downloadUrl": format!("{host}/download/{{accountId}}/{{blobId}}/{{name}}?accept={{type}}"),
        "eventSourceUrl": format!("{host}/eventsource/?types={{types}}"),
        "state": "75128aab4b1b",
    })
    .to_string()
}

#[expect(clippy::needless_pass_by_value, reason = "calls are easier to read")]
fn answer(method: &str, result: Value) -> String {
    json!({"methodResponses": [[method, result, "0"]], "sessionState": "75128aab4b1b"}).to_string()
}

fn changes(since: &str, until: &str, created: &[&str], more: bool) -> String {
    let result = json!({
        "accountId": "A13824", "oldState": since, "newState": until, "hasMoreChanges": more,
        "created": created, "updated": [], "destroyed": [],
    });
    answer("Email/changes", result)
}

/// A server with an empty mailbox.
fn server() -> (Web, String) {
    let web = Web::default();
    let host = web.start();
    web.answer("/.well-known/jmap", session(&host));
    let empty = json!({"accountId": "A13824", "state": "s1", "list": [], "notFound": []});
    web.answer_to("/api/", "\"ids\":[]", answer("Email/get", empty));
    web.answer_to(
        "/api/",
        "\"sinceState\":\"s1\"",
        changes("s1", "s1", &[], false),
    );
    (web, host)
}

/// Puts a mail there, whose id is `id`.
fn put(web: &Web, id: &str, to: &str, code: &str) {
    let entry = json!({"id": id, "blobId": format!("B{id}"), "receivedAt": jiff::Timestamp::now().to_string()});
    let list = json!({"accountId": "A13824", "state": "s9", "list": [entry], "notFound": []});
    web.answer_to(
        "/api/",
        &format!("\"ids\":[\"{id}\"]"),
        answer("Email/get", list),
    );
    let path = format!("/download/A13824/B{id}/mail?accept=application%2Foctet-stream");
    web.answer(&path, mail(to, code));
}

#[tokio::test]
async fn what_is_created_is_downloaded_page_by_page() {
    let (web, host) = server();
    let otp = format!("{{source: jmap, url: '{host}', user: ada, password: s3cret, poll: 10ms}}");
    let dispatcher = dispatcher(&otp).await;
    let ada = dispatcher.expect("ada@example.org", 6);
    let bob = dispatcher.expect("bob@example.org", 6);
    put(&web, "M1", "ada@example.org", "111111");
    put(&web, "M2", "bob@example.org", "222222");
    web.answer_to(
        "/api/",
        "\"sinceState\":\"s2\"",
        changes("s2", "s3", &["M2"], false),
    );
    web.answer_to(
        "/api/",
        "\"sinceState\":\"s3\"",
        changes("s3", "s3", &[], false),
    );
    let now = jiff::Timestamp::now().to_string();
    let list = json!({"accountId": "A13824", "state": "s3", "list": [
        {"id": "M1", "blobId": "BM1", "receivedAt": now},
        {"id": "M2", "blobId": "BM2", "receivedAt": now},
    ]});
    web.answer_to(
        "/api/",
        "\"ids\":[\"M1\",\"M2\"]",
        answer("Email/get", list),
    );
    web.answer_to(
        "/api/",
        "\"sinceState\":\"s1\"",
        changes("s1", "s2", &["M1"], true),
    );
    assert_eq!(ada.wait(LONG).await.unwrap().code.expose_secret(), "111111");
    assert_eq!(bob.wait(LONG).await.unwrap().code.expose_secret(), "222222");
    let asked = web.asked();
    assert!(
        asked
            .iter()
            .all(|head| head.contains("authorization: Basic YWRhOnMzY3JldA=="))
    );
    assert!(
        asked[1].contains("\"accountId\":\"A13824\""),
        "{}",
        asked[1]
    );
    assert_eq!(dispatcher.counts().seen, 2);
}

#[tokio::test]
async fn a_server_that_has_forgotten_the_state_is_asked_by_date() {
    let (web, host) = server();
    let otp = format!("{{source: jmap, url: '{host}', user: ada, password: s3cret, poll: 10ms}}");
    let dispatcher = dispatcher(&otp).await;
    let ada = dispatcher.expect("ada@example.org", 6);
    put(&web, "M1", "ada@example.org", "111111");
    let found = json!({"accountId": "A13824", "queryState": "q", "ids": ["M1"], "position": 0});
    web.answer_to(
        "/api/",
        "\"receivedAt\",\"isAscending\":false",
        answer("Email/query", found),
    );
    let empty = json!({"accountId": "A13824", "state": "s5", "list": []});
    web.answer_to("/api/", "\"ids\":[]", answer("Email/get", empty));
    web.answer_to(
        "/api/",
        "\"sinceState\":\"s5\"",
        changes("s5", "s5", &[], false),
    );
    let error = answer("error", json!({"type": "cannotCalculateChanges"}));
    web.answer_to("/api/", "\"sinceState\":\"s1\"", error);
    assert_eq!(ada.wait(LONG).await.unwrap().code.expose_secret(), "111111");
}

#[tokio::test]
async fn a_session_without_mail_is_told_of() {
    let web = Web::default();
    let host = web.start();
    web.answer("/.well-known/jmap", r#"{"primaryAccounts": {}}"#);
    let otp = format!("{{source: jmap, url: '{host}', user: ada, password: s3cret}}");
    let source = super::source(&otp).unwrap();
    let clock = Clock::real();
    let error = Dispatcher::start(source.as_ref(), &clock)
        .await
        .err()
        .unwrap();
    assert!(
        error
            .reason
            .starts_with("its session names no account with mail"),
        "{error}"
    );
}
