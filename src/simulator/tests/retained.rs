//! What a data folder keeps of the order, and what a long run lets go.

use std::time::Duration;

use serde_json::{Value, json};

use super::world::{Person, World, contact, text};
use crate::simulator::{Config, Retain};

async fn fill(world: &World, ada: &Person, count: usize) -> Vec<String> {
    let mut ids = Vec::new();
    for _ in 0..count {
        let body = contact(ada, &[&ada.owner_id]);
        ids.push(text(&world.post("/contact", ada, &body).await.json()["id"]));
    }
    ids
}

async fn all(world: &World, ada: &Person) -> Vec<String> {
    let filter = json!({"$type": "ContactByHcPartyFilter", "hcpId": ada.owner_id});
    let ids = world.post("/contact/match", ada, &filter).await.json();
    ids.as_array().unwrap().iter().map(text).collect()
}

#[tokio::test]
async fn a_restart_finds_the_same_in_the_same_order() {
    let folder = tempfile::tempdir().unwrap();
    let config = || Config {
        data: Some(folder.path().to_owned()),
        ..Config::default()
    };
    let world = World::with(config()).await;
    let ada = world.patient("ada@example.org").await;
    let token = world.token(&ada, "k", 3600).await;
    let ids = fill(&world, &ada, 9).await;
    let path = format!("/contact/{}", ids[4]);
    let mut changed = world.get(&path, &ada).await.json();
    changed["services"][0]["tags"] = json!([{"type": "T", "code": "C"}]);
    world.put("/contact", &ada, &changed).await.json();
    world.simulator.shutdown().await;

    let world = World::with(config()).await;
    let ada = Person { code: token, ..ada };
    assert_eq!(all(&world, &ada).await, ids);
    let tagged = json!({"$type": "ServiceByHcPartyTagCodeDateFilter", "tagType": "T"});
    let found = world
        .post("/contact/service/match", &ada, &tagged)
        .await
        .json();
    assert_eq!(found, json!([changed["services"][0]["id"]]));
    let more = fill(&world, &ada, 1).await;
    assert_eq!(all(&world, &ada).await, [ids, more].concat());
}

#[tokio::test]
async fn of_each_kind_the_newest_are_kept() {
    let world = World::with(Config {
        retain: Some(Retain::Count(3)),
        ..Config::default()
    })
    .await;
    let ada = world.patient("ada@example.org").await;
    let ids = fill(&world, &ada, 5).await;
    assert_eq!(all(&world, &ada).await, ids[2..]);
    world
        .get(&format!("/contact/{}", ids[1]), &ada)
        .await
        .refusal(404);
    // Accounts go with whom they are of; the responsible stays.
    let token = world.token(&ada, "k", 3600).await;
    for number in 0..3 {
        world.patient(&format!("p{number}@example.org")).await;
        world.practitioner(&format!("h{number}@example.org")).await;
    }
    world.practitioner("h@example.org").await;
    world.login(&ada.login, &token).await.refusal(401);
    let again = world.patient("ada@example.org").await;
    assert_ne!(again.user_id, ada.user_id);
    let path = format!("/hcparty/{}", world.simulator.identity().responsible);
    world.get(&path, &again).await.json();
}

#[tokio::test]
async fn what_is_too_old_goes_with_the_next_change() {
    let world = World::with(Config {
        retain: Some(Retain::Age(Duration::from_secs(60))),
        ..Config::default()
    })
    .await;
    let ada = world.patient("ada@example.org").await;
    let old = fill(&world, &ada, 2).await;
    world.clock.advance(Duration::from_secs(50));
    let eve = world.patient("eve@example.org").await;
    let young = fill(&world, &eve, 1).await;
    assert_eq!(all(&world, &ada).await, old);
    world.clock.advance(Duration::from_secs(20));
    let new = fill(&world, &eve, 1).await;
    assert_eq!(all(&world, &eve).await, [young, new].concat());
    let who = world.get(&format!("/contact/{}", old[0]), &eve).await;
    let refusal: Value = who.refusal(404);
    assert!(refusal["message"].is_string());
}
