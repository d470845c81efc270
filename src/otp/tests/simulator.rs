//! The simulator's outbox, interrupted.

use std::time::Duration;

use secrecy::ExposeSecret;

use super::http::{Web, dispatcher};
use crate::clock::Clock;
use crate::otp::{Dispatcher, OtpError};

const LONG: Duration = Duration::from_secs(10);

fn page(instance: &str, last: u64, to: Option<&str>) -> String {
    let message = |to| serde_json::json!({"sequence": last, "channel": "email", "to": to, "sentAt": Clock::real().unix_millis() + 1000, "body": format!("code 10000{last}"), "html": false});
    let messages: Vec<_> = to.map(message).into_iter().collect();
    serde_json::json!({"last": last, "instance": instance, "messages": messages}).to_string()
}

fn path(after: u64, instance: &str) -> String {
    format!("/outbox?after={after}&instance={instance}&wait=5000")
}

async fn started(web: &Web) -> Dispatcher {
    let host = web.start();
    let first = format!("/outbox?after={}&instance=&wait=0", u64::MAX);
    web.answer(&first, page("one", 7, None));
    web.answer(&path(7, "one"), page("one", 7, None));
    dispatcher(&format!("{{source: simulator, url: '{host}/outbox'}}")).await
}

#[tokio::test]
async fn an_outbox_that_fails_for_a_while_loses_nothing() {
    for (status, body) in [(500, ""), (503, ""), (404, ""), (200, "<html>"), (0, "")] {
        let web = Web::default();
        let dispatcher = started(&web).await;
        web.answer_with(&path(7, "one"), status, body);
        let ada = dispatcher.expect("ada@example.org", 6);
        let bob = dispatcher.expect("bob@example.org", 6);
        let error = bob.wait(Duration::from_millis(300)).await.err().unwrap();
        let OtpError::Timeout { away: Some(_), .. } = error else {
            panic!("{status}: {error}");
        };
        web.answer(&path(7, "one"), page("one", 8, Some("ada@example.org")));
        web.answer(&path(8, "one"), page("one", 8, None));
        let otp = ada.wait(LONG).await.unwrap();
        assert_eq!(otp.code.expose_secret(), "100008");
        assert_eq!(dispatcher.counts().reconnects, 1, "{status}");
    }
}

#[tokio::test]
async fn a_simulator_that_was_started_anew_counts_from_one() {
    let web = Web::default();
    let dispatcher = started(&web).await;
    let ada = dispatcher.expect("ada@example.org", 6);
    web.answer(&path(7, "one"), page("two", 3, Some("ada@example.org")));
    web.answer(&path(3, "two"), page("two", 3, None));
    let otp = ada.wait(LONG).await.unwrap();
    assert_eq!(otp.code.expose_secret(), "100003");
    let bob = dispatcher.expect("bob@example.org", 6);
    web.answer(&path(3, "two"), page("two", 4, Some("bob@example.org")));
    web.answer(&path(4, "two"), page("two", 4, None));
    let otp = bob.wait(LONG).await.unwrap();
    assert_eq!(otp.code.expose_secret(), "100004");
}

#[tokio::test]
async fn an_outbox_that_is_refused_fails_everybody_at_once() {
    for status in [401, 403] {
        let web = Web::default();
        let dispatcher = started(&web).await;
        let ada = dispatcher.expect("ada@example.org", 6);
        web.answer_with(&path(7, "one"), status, "");
        let error = ada.wait(LONG).await.err().unwrap();
        assert!(matches!(error, OtpError::Source(_)), "{error}");
    }
}
