//! Mailboxes with an HTTP interface, against a server that plays them.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use parking_lot::Mutex;
use secrecy::ExposeSecret;

use super::source;
use crate::clock::Clock;
use crate::otp::Dispatcher;

/// Answers to requests, by path and query; what was asked. Status 0 closes the
/// connection.
#[derive(Clone, Default)]
pub(in crate::otp) struct Web {
    answers: Arc<Mutex<HashMap<String, (u16, String)>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Web {
    /// Serves until the test's process ends; gives its address.
    pub(in crate::otp) fn start(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let web = self.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let web = web.clone();
                std::thread::spawn(move || web.serve(&stream));
            }
        });
        format!("http://{address}")
    }

    fn serve(&self, stream: &TcpStream) -> Option<()> {
        let mut reader = BufReader::new(stream);
        let mut head = Vec::new();
        let mut length = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
            let line = line.trim_end().to_owned();
            if line.is_empty() {
                break;
            }
            if let Some(told) = line.strip_prefix("content-length: ") {
                length = told.parse().unwrap();
            }
            head.push(line);
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let body = String::from_utf8(body).unwrap();
        let path = head[0].split(' ').nth(1)?.to_owned();
        let answer = self.find(&path, &body);
        let (status, body_of_answer) = answer.unwrap_or_else(|| nothing(&path));
        if !body.is_empty() {
            head.push(body);
        }
        let body = body_of_answer;
        self.asked.lock().push(head.join("\n"));
        if status == 0 {
            return None;
        }
        // As a server that is told to wait for news does.
        std::thread::sleep(Duration::from_millis(2));
        let mut stream = stream;
        write!(
            stream,
            "HTTP/1.1 {status} X\r\nConnection: close\r\nLocation: /elsewhere\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .ok()
    }

    /// What was said for this path, and for words in the body of the request.
    fn find(&self, path: &str, body: &str) -> Option<(u16, String)> {
        let answers = self.answers.lock();
        let fits = |(of, words): (&str, &str)| of == path && body.contains(words);
        let found = answers
            .iter()
            .find(|(key, _)| key.split_once(' ').is_some_and(fits));
        let found = found.map(|(_, answer)| answer);
        found.or_else(|| answers.get(path)).cloned()
    }

    /// To requests for this path with these words in their bodies.
    pub(in crate::otp) fn answer_to(&self, path: &str, words: &str, body: impl Into<String>) {
        self.answer_with(&format!("{path} {words}"), 200, body);
    }

    pub(in crate::otp) fn answer(&self, path: &str, body: impl Into<String>) {
        self.answer_with(path, 200, body);
    }

    pub(in crate::otp) fn answer_with(&self, path: &str, status: u16, body: impl Into<String>) {
        let mut answers = self.answers.lock();
        answers.insert(path.to_owned(), (status, body.into()));
    }

    pub(in crate::otp) fn asked(&self) -> Vec<String> {
        self.asked.lock().clone()
    }
}

/// The page after the last one is empty.
fn nothing(path: &str) -> (u16, String) {
    let empty = match path.split('?').next() {
        Some("/api/v1/messages") => r#"{"messages": []}"#,
        Some("/api/v2/messages") => r#"{"items": []}"#,
        Some("/api/accounts/1/inboxes/2/messages") => "[]",
        _ => return (404, String::new()),
    };
    (200, empty.to_owned())
}

const LONG: Duration = Duration::from_secs(10);
const SHORT: Duration = Duration::from_millis(200);

pub(super) async fn dispatcher(otp: &str) -> Dispatcher {
    Dispatcher::start(source(otp).unwrap().as_ref(), &Clock::real())
        .await
        .unwrap()
}

async fn code(dispatcher: &Dispatcher, recipient: &str) -> String {
    let otp = dispatcher.expect(recipient, 6).wait(LONG).await.unwrap();
    otp.code.expose_secret().to_owned()
}

/// A whole mail, as of now.
pub(super) fn mail(to: &str, code: &str) -> String {
    let now = jiff::Timestamp::now().strftime("%a, %d %b %Y %H:%M:%S +0000");
    format!("To: {to}\r\nDate: {now}\r\n\r\nyour code is {code}\r\n")
}

/// Where tokens come from.
pub(in crate::otp) fn account(host: &str) -> String {
    format!(
        "oauth2: {{token_url: '{host}/token', client_id: cl1ent, client_secret: s3cret, refresh_token: r3fresh, scope: mail}}"
    )
}

/// A mailbox at `host` that is asked for each recipient.
fn per_recipient(host: &str) -> String {
    format!(
        "{{source: http, url: '{host}/of/{{recipient}}', messages: items, body: text, date: at, poll: 10ms}}"
    )
}

#[tokio::test]
async fn mailpit_is_watched() {
    let web = Web::default();
    let host = web.start();
    let list = "/api/v1/messages?limit=250&start=0";
    web.answer(list, r#"{"messages": [{"ID": "old"}]}"#);
    let otp = format!(
        "{{source: http, preset: mailpit, url: '{host}', user: ada, password: s3cret, poll: 10ms}}"
    );
    let dispatcher = dispatcher(&otp).await;
    web.answer("/api/v1/message/a/raw", mail("ada@example.org", "111111"));
    web.answer("/api/v1/message/b/raw", mail("bob@example.org", "222222"));
    let ada = dispatcher.expect("ada@example.org", 6);
    web.answer(
        list,
        r#"{"messages": [{"ID": "b"}, {"ID": "a"}, {"ID": "old"}]}"#,
    );
    assert_eq!(ada.wait(LONG).await.unwrap().code.expose_secret(), "111111");
    let asked = web.asked();
    assert!(
        asked[0].contains("authorization: Basic YWRhOnMzY3JldA=="),
        "{}",
        asked[0]
    );
    assert!(
        !asked.iter().any(|head| head.contains("/message/old/")),
        "{asked:?}"
    );
    assert_eq!(dispatcher.counts().seen, 2);
}

#[tokio::test]
async fn pages_are_read_until_something_is_known() {
    let web = Web::default();
    let host = web.start();
    let list = |start: usize| format!("/api/v1/messages?limit=250&start={start}");
    web.answer(&list(0), r#"{"messages": [{"ID": "old"}]}"#);
    let otp = format!("{{source: http, preset: mailpit, url: '{host}', poll: 10ms}}");
    let dispatcher = dispatcher(&otp).await;
    let ada = dispatcher.expect("ada@example.org", 6);
    web.answer("/api/v1/message/a/raw", mail("ada@example.org", "111111"));
    web.answer("/api/v1/message/b/raw", mail("bob@example.org", "222222"));
    web.answer(&list(1), r#"{"messages": [{"ID": "a"}, {"ID": "old"}]}"#);
    web.answer(&list(0), r#"{"messages": [{"ID": "b"}]}"#);
    assert_eq!(ada.wait(LONG).await.unwrap().code.expose_secret(), "111111");
}

#[tokio::test]
async fn mailhog_has_whole_mails_in_its_list() {
    let web = Web::default();
    let host = web.start();
    let list = "/api/v2/messages?limit=250&start=0";
    web.answer(list, r#"{"items": []}"#);
    let otp = format!("{{source: http, preset: mailhog, url: '{host}', poll: 10ms}}");
    let dispatcher = dispatcher(&otp).await;
    let ada = dispatcher.expect("ada@example.org", 6);
    let raw = mail("list@example.org", "123456");
    let item = serde_json::json!({"ID": "a", "Raw": {"To": ["ada@example.org"], "Data": raw}});
    web.answer(list, serde_json::json!({"items": [item]}).to_string());
    assert_eq!(ada.wait(LONG).await.unwrap().code.expose_secret(), "123456");
}

#[tokio::test]
async fn mailtrap_has_an_array_and_a_body_elsewhere() {
    let web = Web::default();
    let host = web.start();
    let list = "/api/accounts/1/inboxes/2/messages?page=1";
    web.answer(list, "[]");
    let otp = format!(
        "{{source: http, preset: mailtrap, url: '{host}', account: 1, inbox: 2, headers: {{Api-Token: s3cret}}, poll: 10ms}}"
    );
    let dispatcher = dispatcher(&otp).await;
    let ada = dispatcher.expect("ada@example.org", 6);
    let raw = "/api/accounts/1/inboxes/2/messages/7/body.raw";
    web.answer(raw, mail("x@example.org", "123456"));
    web.answer(list, r#"[{"id": 7, "to_email": "ada@example.org"}]"#);
    assert_eq!(ada.wait(LONG).await.unwrap().code.expose_secret(), "123456");
    let asked = web.asked();
    assert!(
        asked.iter().all(|head| head.contains("api-token: s3cret")),
        "{asked:?}"
    );
}

#[tokio::test]
async fn twilio_has_text_messages() {
    let web = Web::default();
    let host = web.start();
    let list = "/2010-04-01/Accounts/AC1/Messages.json?PageSize=250";
    web.answer(list, r#"{"messages": []}"#);
    let otp = format!(
        "{{source: http, preset: twilio, url: '{host}', account: AC1, user: AC1, password: s3cret, poll: 10ms}}"
    );
    let dispatcher = dispatcher(&otp).await;
    let ada = dispatcher.expect("+32 470 12 34 56", 6);
    let now = jiff::Timestamp::now()
        .strftime("%a, %d %b %Y %H:%M:%S +0000")
        .to_string();
    let message = serde_json::json!({"sid": "SM1", "to": "+32470123456", "body": "code 123456", "date_created": now});
    web.answer(list, serde_json::json!({"messages": [message]}).to_string());
    assert_eq!(ada.wait(LONG).await.unwrap().code.expose_secret(), "123456");
}

#[tokio::test]
async fn gmail_has_whole_mails_in_base64_and_no_empty_list() {
    let web = Web::default();
    let host = web.start();
    let list = "/gmail/v1/users/me/messages?maxResults=500&includeSpamTrash=true";
    web.answer(list, r#"{"resultSizeEstimate": 0}"#);
    web.answer("/token", r#"{"access_token": "t0ken", "expires_in": 3599}"#);
    let otp = format!(
        "{{source: http, preset: gmail, url: '{host}', poll: 10ms, {}}}",
        account(&host)
    );
    let dispatcher = dispatcher(&otp).await;
    let ada = dispatcher.expect("ada@example.org", 6);
    let raw = base64::engine::general_purpose::URL_SAFE.encode(mail("ada@example.org", "123456"));
    let message = serde_json::json!({"id": "18c", "labelIds": ["INBOX"], "raw": raw});
    web.answer(
        "/gmail/v1/users/me/messages/18c?format=raw",
        message.to_string(),
    );
    web.answer(
        list,
        r#"{"messages": [{"id": "18c", "threadId": "18c"}], "resultSizeEstimate": 1}"#,
    );
    assert_eq!(ada.wait(LONG).await.unwrap().code.expose_secret(), "123456");
    let asked = web.asked();
    let others = asked.iter().filter(|head| !head.contains("/token"));
    assert!(
        others
            .clone()
            .all(|head| head.contains("authorization: Bearer t0ken")),
        "{asked:?}"
    );
    assert_eq!(asked.len() - others.count(), 1);
}

#[tokio::test]
async fn graph_has_a_list_and_whole_mails_and_tokens_that_end() {
    let web = Web::default();
    let host = web.start();
    let list = "/v1.0/users/qa@example.org/messages?$select=id,receivedDateTime&$orderby=receivedDateTime%20desc&$top=250&$skip=0";
    web.answer(list, r#"{"value": []}"#);
    web.answer("/token", r#"{"access_token": "first", "expires_in": "1"}"#);
    let otp = format!(
        "{{source: http, preset: graph, url: '{host}', mailbox: qa@example.org, poll: 10ms, {}}}",
        account(&host)
    );
    let dispatcher = dispatcher(&otp).await;
    let next = list.replace("skip=0", "skip=1");
    web.answer(&next, r#"{"value": []}"#);
    let ada = dispatcher.expect("ada@example.org", 6);
    web.answer(
        "/token",
        r#"{"access_token": "second", "expires_in": "3600"}"#,
    );
    while !web
        .asked()
        .iter()
        .any(|head| head.contains("Bearer second"))
    {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let message = "/v1.0/users/qa@example.org/messages/AAMk%3D/$value";
    web.answer(message, mail("ada@example.org", "123456"));
    let item = r#"{"value": [{"id": "AAMk=", "receivedDateTime": "2026-11-29T00:00:00Z"}]}"#;
    web.answer(list, item);
    assert_eq!(ada.wait(LONG).await.unwrap().code.expose_secret(), "123456");
}

#[tokio::test]
async fn a_mailbox_with_the_recipient_in_its_address_is_asked() {
    let web = Web::default();
    let host = web.start();
    let dispatcher = dispatcher(&per_recipient(&host)).await;
    let items = |code: &str, at: i64| {
        let old = serde_json::json!({"text": "code 999999", "at": Clock::real().unix_millis() - 3_600_000});
        let new = serde_json::json!({"text": format!("code {code}"), "at": at});
        serde_json::json!({"items": [new, old]}).to_string()
    };
    web.answer(
        "/of/ada%2B1%40example.org",
        items("111111", Clock::real().unix_millis() + 60_000),
    );
    web.answer(
        "/of/bob%40example.org",
        items("222222", Clock::real().unix_millis() + 60_000),
    );
    assert_eq!(code(&dispatcher, "ada+1@example.org").await, "111111");
    assert_eq!(code(&dispatcher, "bob@example.org").await, "222222");
    let counts = dispatcher.counts();
    assert_eq!((counts.seen, counts.matched), (2, 2));
}

#[tokio::test]
async fn messages_in_json_of_their_own_are_understood() {
    let web = Web::default();
    let host = web.start();
    web.answer("/list", r#"{"list": []}"#);
    let otp = format!(
        "{{source: http, url: '{host}/list', messages: list, id: key, message_url: '{host}/one/{{id}}', recipient: to, html: page, poll: 10ms}}"
    );
    let dispatcher = dispatcher(&otp).await;
    let ada = dispatcher.expect("ada@example.org", 6);
    let page = "<head><title>999999</title></head><p>code <b>123456</b>";
    let one = serde_json::json!({"to": ["ada@example.org"], "page": page});
    web.answer("/one/k%2F1", one.to_string());
    web.answer("/list", r#"{"list": [{"key": "k/1"}]}"#);
    assert_eq!(ada.wait(LONG).await.unwrap().code.expose_secret(), "123456");
}

#[tokio::test]
async fn a_mailbox_that_fails_for_a_while_loses_nothing() {
    let web = Web::default();
    let host = web.start();
    let list = "/api/v2/messages?limit=250&start=0";
    web.answer(list, r#"{"items": []}"#);
    let otp = format!("{{source: http, preset: mailhog, url: '{host}', poll: 10ms}}");
    let dispatcher = dispatcher(&otp).await;
    // The second page fails: the first is read again.
    let next = "/api/v2/messages?limit=250&start=1";
    web.answer_with(next, 502, "");
    let raw = mail("ada@example.org", "123456");
    let item = serde_json::json!({"ID": "a", "Raw": {"To": ["ada@example.org"], "Data": raw}});
    let ada = dispatcher.expect("ada@example.org", 6);
    web.answer(list, serde_json::json!({"items": [item]}).to_string());
    let bob = dispatcher.expect("bob@example.org", 6);
    let error = bob.wait(SHORT).await.err().unwrap().to_string();
    assert!(error.ends_with("it answers 502 Bad Gateway"), "{error}");
    web.answer(next, r#"{"items": []}"#);
    assert_eq!(ada.wait(LONG).await.unwrap().code.expose_secret(), "123456");
    assert_eq!(dispatcher.counts().reconnects, 1);
}

#[tokio::test]
async fn a_mailbox_that_refuses_us_ends_the_run_before_it_starts() {
    let web = Web::default();
    let host = web.start();
    let otp =
        format!("{{source: http, preset: mailhog, url: '{host}', user: ada, password: s3cret}}");
    let list = "/api/v2/messages?limit=250&start=0";
    for (status, body, expected) in [
        (401, "", "it answers 401 Unauthorized"),
        (302, "", "it answers 302 Found"),
        (200, "<html>", "the answer is not JSON"),
        (200, "{}", "there is no list of messages in the answer"),
    ] {
        web.answer_with(list, status, body);
        let source = source(&otp).unwrap();
        let error = Dispatcher::start(source.as_ref(), &Clock::real())
            .await
            .err()
            .unwrap();
        assert!(error.reason.ends_with(expected), "{error}");
        assert!(!error.to_string().contains("s3cret"), "{error}");
    }
    assert!(!web.asked().iter().any(|head| head.contains("/elsewhere")));
}

#[tokio::test]
async fn every_kind_of_interruption_delays_a_code_and_fails_nobody() {
    for (status, body) in [(500, ""), (429, ""), (404, ""), (200, "<html>"), (0, "")] {
        let web = Web::default();
        let host = web.start();
        let list = "/api/v2/messages?limit=250&start=0";
        web.answer(list, r#"{"items": []}"#);
        let otp = format!("{{source: http, preset: mailhog, url: '{host}', poll: 10ms}}");
        let dispatcher = dispatcher(&otp).await;
        let ada = dispatcher.expect("ada@example.org", 6);
        web.answer_with(list, status, body);
        let bob = dispatcher.expect("bob@example.org", 6);
        let error = bob.wait(SHORT).await.err().unwrap().to_string();
        assert!(error.contains(": cannot read"), "{status}: {error}");
        let raw = mail("ada@example.org", "123456");
        let item = serde_json::json!({"ID": "a", "Raw": {"To": ["ada@example.org"], "Data": raw}});
        web.answer(list, serde_json::json!({"items": [item]}).to_string());
        assert_eq!(ada.wait(LONG).await.unwrap().code.expose_secret(), "123456");
        assert_eq!(dispatcher.counts().reconnects, 1, "{status}");
    }
}

#[tokio::test]
async fn a_mailbox_that_does_not_let_us_in_any_more_fails_everybody_at_once() {
    let web = Web::default();
    let host = web.start();
    web.answer("/list", r#"{"list": []}"#);
    for url in ["list", "of/{recipient}"] {
        let otp = format!(
            "{{source: http, url: '{host}/{url}', messages: list, recipient: to, date: at, body: text, poll: 10ms}}"
        );
        let dispatcher = dispatcher(&otp).await;
        let ada = dispatcher.expect("ada@example.org", 6);
        web.answer_with("/list", 401, "");
        web.answer_with("/of/ada%40example.org", 403, "");
        let error = ada.wait(LONG).await.err().unwrap();
        assert!(
            matches!(error, crate::otp::OtpError::Source(_)),
            "{url}: {error}"
        );
    }
}

#[tokio::test]
async fn a_mailbox_that_is_asked_is_asked_again_after_a_failure() {
    let web = Web::default();
    let host = web.start();
    let dispatcher = dispatcher(&per_recipient(&host)).await;
    web.answer_with("/of/ada%40example.org", 503, "");
    let ada = dispatcher.expect("ada@example.org", 6);
    let waiting = tokio::spawn(ada.wait(LONG));
    while web.asked().len() < 3 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let item = serde_json::json!({"text": "code 123456", "at": Clock::real().unix_millis() + 1000});
    let items = serde_json::json!({"items": [item]}).to_string();
    web.answer("/of/ada%40example.org", items);
    let otp = waiting.await.unwrap().unwrap();
    assert_eq!(otp.code.expose_secret(), "123456");
    assert_eq!(dispatcher.counts().reconnects, 1);
}

#[tokio::test]
async fn a_mail_is_read_up_to_its_ceiling() {
    let web = Web::default();
    let host = web.start();
    let list = "/api/v1/messages?limit=250&start=0";
    web.answer(list, r#"{"messages": []}"#);
    let otp = format!("{{source: http, preset: mailpit, url: '{host}', poll: 10ms}}");
    let dispatcher = dispatcher(&otp).await;
    let long = "x ".repeat(crate::ceilings::MAIL / 2);
    let (ada, bob) = ("ada@example.org", "bob@example.org");
    web.answer(
        "/api/v1/message/a/raw",
        mail(ada, &format!("{long} 111111")),
    );
    web.answer(
        "/api/v1/message/b/raw",
        mail(bob, &format!("222222 {long}")),
    );
    let (of_ada, of_bob) = (dispatcher.expect(ada, 6), dispatcher.expect(bob, 6));
    web.answer(list, r#"{"messages": [{"ID": "b"}, {"ID": "a"}]}"#);
    assert_eq!(
        of_bob.wait(LONG).await.unwrap().code.expose_secret(),
        "222222"
    );
    let error = of_ada.wait(SHORT).await.err().unwrap();
    assert!(
        error.to_string().starts_with("no run of 6 digits"),
        "{error}"
    );
}
