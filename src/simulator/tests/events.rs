//! The socket that tells what is written.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::world::{As, Person, World, contact, text};
use crate::ceilings;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

impl World {
    fn socket_url(&self, rest: &str) -> String {
        format!(
            "ws://{}/ws/v2/notification/subscribe{rest}",
            self.simulator.address()
        )
    }

    async fn jwt(&self, who: &Person) -> String {
        text(&self.login(&who.login, &who.code).await.json()["token"])
    }

    async fn subscribed(&self, who: &Person, asked: &Value) -> Socket {
        let mut request = self.socket_url("").into_client_request().unwrap();
        let bearer = format!("Bearer {}", self.jwt(who).await).parse().unwrap();
        request.headers_mut().insert("Authorization", bearer);
        let (mut socket, _) = connect_async(request).await.unwrap();
        socket.send(Message::text(asked.to_string())).await.unwrap();
        // It pings at once, when it has read that.
        assert_eq!(told(&mut socket).await, Value::from("ping"));
        socket
    }
}

#[expect(clippy::needless_pass_by_value, reason = "filters are easier to read")]
fn asked(class: &str, kinds: &[&str], filter: Value) -> Value {
    json!({"eventTypes": kinds, "entityClass": class, "filter": {"filter": filter}})
}

/// The next message: a document, or a text.
async fn told(socket: &mut Socket) -> Value {
    let message = tokio::time::timeout(Duration::from_secs(20), socket.next());
    let message = message.await.unwrap().unwrap().unwrap();
    let text = message.to_text().unwrap();
    serde_json::from_str(text).unwrap_or_else(|_| Value::from(text))
}

/// Why it was closed.
async fn closed(socket: &mut Socket) -> String {
    loop {
        let message = socket.next().await.unwrap().unwrap();
        if let Message::Close(frame) = message {
            return frame.unwrap().reason.to_string();
        }
    }
}

#[tokio::test]
async fn what_one_may_read_and_the_filter_finds_is_told() {
    let (world, ada, bob) = World::of_two().await;
    let labelled = json!({"$type": "ServiceByHcPartyTagCodeDateFilter", "healthcarePartyId": ada.owner_id, "tagType": "IC-TEST", "tagCode": "B"});
    let all = ["CREATE", "UPDATE", "DELETE"];
    let services = asked("org.taktik.icure.entities.embed.Service", &all, labelled);
    let mut services = world.subscribed(&ada, &services).await;
    let everything = json!({"$type": "ContactByHcPartyFilter", "hcpId": ada.owner_id});
    let mut contacts = world
        .subscribed(&ada, &asked("Contact", &all, everything.clone()))
        .await;
    let mut updates = world
        .subscribed(&ada, &asked("Contact", &["UPDATE"], everything))
        .await;
    let anything = json!({"eventTypes": ["CREATE"], "entityClass": "Contact", "filter": null});
    let mut others = world.subscribed(&bob, &anything).await;

    let mut one = contact(&ada, &[&ada.owner_id]);
    one["services"][0]["tags"][0]["code"] = json!("A");
    let one = world.post("/contact", &ada, &one).await.json();
    assert_eq!(told(&mut contacts).await, one);
    let mut two = contact(&ada, &[&ada.owner_id]);
    two["services"][0]["tags"][0]["code"] = json!("B");
    let two = world.post("/contact", &ada, &two).await.json();
    assert_eq!(told(&mut contacts).await, two);
    let service = told(&mut services).await;
    assert_eq!(service["contactId"], two["id"]);
    let changed = world.put("/contact", &ada, &one).await.json();
    assert_eq!(told(&mut contacts).await, changed);
    assert_eq!(told(&mut updates).await, changed);
    let path = format!("/contact/{}", text(&two["id"]));
    world
        .api(reqwest::Method::DELETE, &path, &ada, None)
        .await
        .json();
    assert!(told(&mut contacts).await["deletionDate"].is_i64());
    let theirs = contact(&bob, &[&bob.owner_id]);
    let theirs = world.post("/contact", &bob, &theirs).await.json();
    assert_eq!(told(&mut others).await, theirs, "and nothing of Ada's");
}

#[tokio::test]
async fn a_ping_comes_now_and_then_and_the_end_is_told() {
    let (world, ada) = World::of_ada().await;
    let tasks = asked(
        "MaintenanceTask",
        &["CREATE"],
        json!({"$type": "MaintenanceTaskAfterDateFilter", "date": 0}),
    );
    let mut socket = world.subscribed(&ada, &tasks).await;
    socket.send(Message::text("pong")).await.unwrap();
    tokio::time::pause();
    assert_eq!(told(&mut socket).await, Value::from("ping"));
    tokio::time::resume();
    let shutdown = tokio::spawn(world.simulator.shutdown());
    assert_eq!(closed(&mut socket).await, "the simulator is shutting down");
    shutdown.await.unwrap();
}

#[tokio::test]
async fn a_subscription_that_is_none_is_told_why() {
    let (world, ada) = World::of_ada().await;
    let by_moon = json!({"$type": "ContactByMoonFilter"});
    for (asked, reason) in [
        (json!("hunter2"), "malformed body"),
        (
            asked("Moon", &["CREATE"], json!({})),
            "`entityClass` is none",
        ),
        (
            asked("Contact", &["CREATE"], by_moon),
            "this filter is not served",
        ),
        (asked("Contact", &["WANE"], json!({})), "malformed body"),
    ] {
        let mut request = world.socket_url("").into_client_request().unwrap();
        let bearer = format!("Bearer {}", world.jwt(&ada).await).parse().unwrap();
        request.headers_mut().insert("Authorization", bearer);
        let (mut socket, _) = connect_async(request).await.unwrap();
        socket.send(Message::text(asked.to_string())).await.unwrap();
        let said = closed(&mut socket).await;
        assert!(
            said.starts_with(reason) && !said.contains("hunter2"),
            "{said}"
        );
    }
}

#[tokio::test]
async fn a_socket_opens_by_jwt_or_by_a_token_that_is_good_once() {
    let (world, ada) = World::of_ada().await;
    let status = async |rest: &str| match connect_async(world.socket_url(rest)).await {
        Ok(_) => 101,
        Err(Error::Http(answer)) => answer.status().as_u16(),
        Err(error) => panic!("{error}"),
    };
    assert_eq!(status("").await, 401);
    assert_eq!(status("?jwt=x").await, 401);
    assert_eq!(
        status(&format!("?jwt={}", world.jwt(&ada).await)).await,
        101
    );
    let path = "/auth/token/GET/%2Fws%2Fv2%2Fnotification%2Fsubscribe";
    let token = world.get(path, &ada).await.text().to_owned();
    assert_eq!(status(&format!(";tokenid={token}")).await, 101);
    assert_eq!(status(&format!(";tokenid={token}")).await, 401);
    let path = "/auth/token/GET/%2Fws%2Fv2%2Fother";
    let token = world.get(path, &ada).await.text().to_owned();
    assert_eq!(status(&format!(";tokenid={token}")).await, 401);
    let late = world
        .get("/auth/token/GET/ws%2Fv2%2Fnotification%2Fsubscribe", &ada)
        .await;
    world.advance(60);
    assert_eq!(status(&format!(";tokenid={}", late.text())).await, 401);
    world
        .get("/auth/token/GET/x", &As::Nobody)
        .await
        .refusal(401);
}

#[tokio::test]
async fn what_is_said_on_a_socket_has_a_ceiling() {
    let (world, ada) = World::of_ada().await;
    let all = json!({"$type": "HealthElementByHcPartyFilter", "hcpId": ada.owner_id});
    let mut socket = world
        .subscribed(&ada, &asked("HealthElement", &["CREATE"], all))
        .await;
    let long = "x".repeat(ceilings::SUBSCRIPTION + 1);
    let _ = socket.send(Message::text(long)).await;
    // There is nothing more: not even a reason.
    while let Some(Ok(message)) = socket.next().await {
        assert!(!message.is_text() || message.to_text().unwrap() == "ping");
    }
}

#[tokio::test]
async fn a_large_batch_is_told_whole() {
    let (world, ada) = World::of_ada().await;
    let anything = json!({"eventTypes": ["CREATE"], "entityClass": "HealthElement"});
    let mut socket = world.subscribed(&ada, &anything).await;
    let many: Vec<_> = (0..=ceilings::EVENTS)
        .map(|number| json!({"id": number.to_string(), "delegations": {ada.owner_id.clone(): []}}))
        .collect();
    let many = Value::from(many);
    world.post("/helement/batch", &ada, &many).await.json();
    let mut number = 0;
    while number <= ceilings::EVENTS {
        let event = told(&mut socket).await;
        if event != "ping" {
            assert_eq!(event["id"], number.to_string());
            number += 1;
        }
    }
}

#[tokio::test]
async fn who_reads_too_slowly_is_told_so_and_sent_away() {
    let (world, ada) = World::of_ada().await;
    let anything = json!({"eventTypes": ["CREATE"], "entityClass": "HealthElement"});
    let mut socket = world.subscribed(&ada, &anything).await;
    // More than the connection holds, so that nothing more is taken.
    for long in 0..3 {
        let one = json!({"id": format!("long {long}"), "delegations": {ada.owner_id.clone(): []}, "note": "x".repeat(12 << 20)});
        world.post("/helement", &ada, &one).await.json();
    }
    for number in 0..=ceilings::EVENTS {
        let one = json!({"id": number.to_string(), "delegations": {ada.owner_id.clone(): []}});
        world.post("/helement", &ada, &one).await.json();
    }
    assert_eq!(closed(&mut socket).await, "more happens than is read");
}
