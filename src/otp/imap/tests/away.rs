//! Servers that go away and come back, and those that are silent.

use std::time::{Duration, Instant};

use super::server::{Cover, Server, State, Tells};
use super::{LONG, code, mail, otp, start, until};
use crate::otp::{Dispatcher, OtpError};

/// Plays an interruption while somebody waits, and another user after it.
async fn survives(more: &str, interrupt: impl Fn(&mut State)) -> (Server, Dispatcher) {
    let server = Server::start(Cover::Plain);
    let dispatcher = start(&otp(&server, more)).await.unwrap();
    let ada = dispatcher.expect("ada@example.org", 6);
    interrupt(&mut server.state());
    until("a second connection", || server.state().connections > 1).await;
    server.deliver(mail("ada@example.org", "123456"));
    assert_eq!(code(ada).await, "123456");
    let bob = dispatcher.expect("bob@example.org", 6);
    server.deliver(mail("bob@example.org", "654321"));
    assert_eq!(code(bob).await, "654321");
    (server, dispatcher)
}

#[tokio::test]
async fn a_bye_during_idle_is_no_end() {
    let (_, dispatcher) = survives("", |state| state.bye_idle = 1).await;
    assert_eq!(dispatcher.counts().reconnects, 1);
}

#[tokio::test]
async fn a_server_that_restarts_is_back_after_some_attempts() {
    let (_, dispatcher) = survives("", |state| (state.cut_idle, state.refuse) = (1, 3)).await;
    assert_eq!(dispatcher.counts().reconnects, 1);
}

#[tokio::test]
async fn a_server_that_restarts_may_refuse_for_a_moment() {
    let server = Server::start(Cover::Plain);
    let dispatcher = start(&otp(&server, "")).await.unwrap();
    let ada = dispatcher.expect("ada@example.org", 6);
    {
        let mut state = server.state();
        state.cut_idle = 1;
        state.login_answer = Some("NO [UNAVAILABLE] Temporary authentication failure.");
    }
    // More often than an unexplained refusal is borne.
    until("five refusals", || server.state().connections > 5).await;
    server.state().login_answer = None;
    server.deliver(mail("ada@example.org", "123456"));
    assert_eq!(code(ada).await, "123456");
}

#[tokio::test]
async fn a_login_that_is_refused_for_good_fails_everybody_at_once() {
    for (answer, connections) in [
        ("NO [AUTHENTICATIONFAILED] password changed", 2),
        // Not explained: it is tried three times.
        ("NO AUTHENTICATE failed.", 4),
    ] {
        let server = Server::start(Cover::Plain);
        let dispatcher = start(&otp(&server, "")).await.unwrap();
        let ada = dispatcher.expect("ada@example.org", 6);
        {
            let mut state = server.state();
            state.cut_idle = 1;
            state.login_answer = Some(answer);
        }
        let error = ada.wait(LONG).await.err().unwrap();
        assert!(matches!(error, OtpError::Source(_)), "{error}");
        let refused = "the server refuses `ada`: ";
        assert!(error.to_string().contains(refused), "{error}");
        assert_eq!(server.state().connections, connections);
    }
}

#[tokio::test]
async fn a_connection_that_is_half_open_is_noticed_while_somebody_waits() {
    let began = Instant::now();
    let (server, dispatcher) = survives("", |state| state.freeze_idle = 1).await;
    assert!(began.elapsed() < LONG / 2);
    let counts = dispatcher.counts();
    assert_eq!((counts.reconnects, counts.idle_broken), (1, 0));
    assert_eq!(server.state().connections, 2);
}

#[tokio::test]
async fn an_idle_that_tells_nothing_is_broken_on_this_connection() {
    let server = Server::start(Cover::Plain);
    server.state().tells = Tells::Never;
    let dispatcher = start(&otp(&server, ", poll: 10ms")).await.unwrap();
    let mut numbers = 100_000..;
    let mut next_code = async || {
        let number = numbers.next().unwrap().to_string();
        let ada = dispatcher.expect("ada@example.org", 6);
        server.deliver(mail("ada@example.org", &number));
        assert_eq!(code(ada).await, number);
    };
    while dispatcher.counts().idle_broken == 0 {
        next_code().await;
    }
    let idles = || {
        let heard = server.state().heard.clone();
        heard.iter().filter(|line| line.ends_with("IDLE")).count()
    };
    let before = idles();
    for _ in 0..4 {
        next_code().await;
    }
    assert_eq!(idles(), before);
    let counts = dispatcher.counts();
    assert_eq!((counts.reconnects, counts.idle_broken), (0, 1));
}

#[tokio::test]
async fn an_idle_that_tells_when_it_ends_is_late_and_not_broken() {
    let server = Server::start(Cover::Plain);
    server.state().tells = Tells::WhenIdleEnds;
    let dispatcher = start(&otp(&server, ", poll: 10ms")).await.unwrap();
    for number in 100_000..100_003 {
        let ada = dispatcher.expect("ada@example.org", 6);
        server.deliver(mail("ada@example.org", &number.to_string()));
        assert_eq!(code(ada).await, number.to_string());
    }
    assert_eq!(dispatcher.counts().idle_broken, 0);
}

#[tokio::test]
async fn silence_is_believed_while_nobody_waits() {
    let server = Server::start(Cover::Plain);
    server.state().tells = Tells::Never;
    let dispatcher = start(&otp(&server, "")).await.unwrap();
    let ended = || {
        let heard = server.state().heard.clone();
        heard.iter().any(|line| line == "DONE")
    };
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(!ended());
    let _ada = dispatcher.expect("ada@example.org", 6);
    until("a look", ended).await;
}
