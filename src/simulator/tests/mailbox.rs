//! The outbox, and how the simulator ends.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;

use super::world::World;
use crate::simulator::{Config, Simulator, SimulatorError};

#[tokio::test]
async fn a_long_poll_wakes_when_a_message_comes() {
    let world = World::new().await;
    let started = Instant::now();
    let (page, _) = tokio::join!(world.outbox(0, 20_000), async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        world.code("ada@example.org").await
    });
    assert_eq!(page.messages[0].to, "ada@example.org");
    assert_eq!(
        page.messages[0].subject.as_deref(),
        Some("Your verification code")
    );
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn a_poll_that_finds_nothing_says_where_the_end_is() {
    let world = World::new().await;
    world.code("ada@example.org").await;
    let page = world.outbox(u64::MAX, 0).await;
    assert_eq!((page.last, page.messages.len()), (1, 0));
    let page = world.outbox(1, 20).await;
    assert_eq!((page.last, page.messages.len()), (1, 0));
}

#[tokio::test]
async fn users_send_messages() {
    let (world, ada) = World::of_ada().await;
    let last = world.outbox(u64::MAX, 0).await.last;
    let mail = json!({"from": "ada@example.org", "subject": "Hi", "html": "<p>Hi</p>"});
    let url = world.gateway("/email/to/bob@example.org");
    let sent = world.send(Method::POST, url, &ada, Some(&mail)).await;
    assert_eq!(sent.status, 200);
    let sms = json!({"message": "Hi"});
    let url = world.gateway("/sms/to/+32475123456");
    assert_eq!(
        world.send(Method::POST, url, &ada, Some(&sms)).await.status,
        200
    );
    let page = world.outbox(last, 0).await;
    assert_eq!(page.messages[0].to, "bob@example.org");
    assert_eq!(page.messages[0].subject.as_deref(), Some("Hi"));
    assert_eq!(*page.messages[0].body, "<p>Hi</p>");
    assert_eq!(page.messages[1].channel, "sms");
    assert_eq!(*page.messages[1].body, "Hi");
}

#[tokio::test]
async fn a_long_poll_does_not_hold_up_the_end() {
    let world = World::new().await;
    let url = world.simulator.outbox_url();
    let poll = tokio::spawn(async move {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        http.get(format!("{url}?after=0&wait=30000"))
            .send()
            .await
            .unwrap()
            .status()
    });
    tokio::time::sleep(Duration::from_millis(200)).await;
    let started = Instant::now();
    world.simulator.shutdown().await;
    assert!(
        started.elapsed() < Duration::from_secs(1),
        "{:?}",
        started.elapsed()
    );
    assert_eq!(poll.await.unwrap(), 200);
}

#[tokio::test]
async fn a_dropped_simulator_gives_its_port_back() {
    let world = World::new().await;
    let address = world.simulator.address();
    drop(world);
    let deadline = Instant::now() + Duration::from_secs(5);
    while tokio::net::TcpStream::connect(address).await.is_ok() {
        assert!(Instant::now() < deadline, "still listening");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_taken_port_is_explained() {
    let world = World::new().await;
    let config = Config {
        bind: world.simulator.address(),
        ..Config::default()
    };
    let error = Simulator::start(config).await.err().unwrap();
    assert!(matches!(error, SimulatorError::PortTaken { .. }));
    assert!(error.to_string().contains("--port"), "{error}");
}
