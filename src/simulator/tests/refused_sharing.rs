//! What nobody asks, finds or changes in the place of another.

use serde_json::{Value, json};

use super::world::{Person, World, task, text};

/// Ada, Bob, and a task of Ada's that is stored.
async fn asked_world() -> (World, Person, Person, Value) {
    let (world, ada, bob) = World::of_two().await;
    let sent = task(&ada, &[&ada.owner_id]);
    let stored = world.post("/maintenancetask", &ada, &sent).await.json();
    (world, ada, bob, stored)
}

async fn refused(world: &World, who: &Person, path: &str, body: &Value, status: u16) {
    world.post(path, who, body).await.refusal(status);
}

#[tokio::test]
async fn a_task_that_is_not_shared_is_403_and_an_unknown_one_404() {
    let (world, ada, bob, stored) = asked_world().await;
    let path = format!("/maintenancetask/{}", text(&stored["id"]));
    world.get(&path, &bob).await.refusal(403);
    world
        .put("/maintenancetask", &bob, &stored)
        .await
        .refusal(403);
    world.get("/maintenancetask/x", &ada).await.refusal(404);
    let unknown = json!({"id": "x", "rev": "1-x"});
    world
        .put("/maintenancetask", &ada, &unknown)
        .await
        .refusal(404);
}

#[tokio::test]
async fn a_task_in_the_name_of_another_is_403() {
    let (world, ada, bob, _) = asked_world().await;
    let body = task(&bob, &[&ada.owner_id]);
    refused(&world, &ada, "/maintenancetask", &body, 403).await;
    let mut body = task(&ada, &[&ada.owner_id]);
    body["responsible"] = json!(bob.owner_id);
    refused(&world, &ada, "/maintenancetask", &body, 403).await;
}

#[tokio::test]
async fn a_task_that_whoever_makes_it_cannot_read_is_400() {
    let (world, ada, bob, _) = asked_world().await;
    let body = task(&ada, &[&bob.owner_id]);
    refused(&world, &ada, "/maintenancetask", &body, 400).await;
}

#[tokio::test]
async fn a_task_of_another_form_is_400() {
    let (world, ada, _, mut stored) = asked_world().await;
    for (field, value) in [
        ("status", json!("done")),
        ("taskType", json!(7)),
        ("properties", json!([{"id": "x"}])),
        ("properties", json!("x")),
        ("delegations", json!({ada.owner_id.clone(): "x"})),
    ] {
        let mut body = task(&ada, &[&ada.owner_id]);
        body[field] = value.clone();
        refused(&world, &ada, "/maintenancetask", &body, 400).await;
        let before = std::mem::replace(&mut stored[field], value);
        world
            .put("/maintenancetask", &ada, &stored)
            .await
            .refusal(400);
        stored[field] = before;
    }
}

#[tokio::test]
async fn what_lasts_of_a_task_cannot_be_changed_403() {
    let (world, ada, bob, stored) = asked_world().await;
    for (field, value) in [
        ("author", json!(bob.user_id)),
        ("responsible", json!(bob.owner_id)),
        ("taskType", json!("OTHER")),
        ("created", json!(1)),
    ] {
        let mut changed = stored.clone();
        changed[field] = value;
        world
            .put("/maintenancetask", &ada, &changed)
            .await
            .refusal(403);
    }
}

#[tokio::test]
async fn a_task_that_exists_or_has_changed_is_409() {
    let (world, ada, _, stored) = asked_world().await;
    let mut again = task(&ada, &[&ada.owner_id]);
    again["id"] = stored["id"].clone();
    refused(&world, &ada, "/maintenancetask", &again, 409).await;
    world.put("/maintenancetask", &ada, &stored).await.json();
    world
        .put("/maintenancetask", &ada, &stored)
        .await
        .refusal(409);
}

#[tokio::test]
async fn tasks_of_others_and_filters_that_are_none_are_refused() {
    let (world, ada, bob, _) = asked_world().await;
    let path = "/maintenancetask/filter";
    // What is asked about another is what one may read oneself.
    let of = |owner: &str| json!({"$type": "MaintenanceTaskAfterDateFilter", "healthcarePartyId": owner, "date": 0});
    let found = async |who: &Person, filter: Value| {
        let page = world.post(path, who, &json!({ "filter": filter })).await;
        page.json()["totalSize"].as_u64().unwrap()
    };
    assert_eq!(found(&ada, of(&ada.owner_id)).await, 1);
    for theirs in [of(&ada.owner_id), of(&bob.owner_id)] {
        let inside = json!({"$type": "UnionFilter", "filters": [theirs.clone()]});
        assert_eq!(found(&bob, theirs).await, 0);
        assert_eq!(found(&bob, inside).await, 0);
    }
    for filter in [
        json!({"$type": "MaintenanceTaskByMoonFilter"}),
        json!({"$type": "MaintenanceTaskAfterDateFilter"}),
        json!({}),
    ] {
        refused(&world, &ada, path, &json!({ "filter": filter }), 400).await;
    }
    let all = json!({"filter": {"$type": "MaintenanceTaskAfterDateFilter", "date": 0}});
    for query in ["?limit=0", "?limit=x", "?startDocumentId=x"] {
        refused(&world, &ada, &format!("{path}{query}"), &all, 400).await;
    }
}

#[tokio::test]
async fn an_account_of_another_or_of_another_form_is_refused() {
    let (world, ada, bob, _) = asked_world().await;
    let user = world.get("/user/current", &ada).await.json();
    world.put("/user", &bob, &user).await.refusal(403);
    let unknown = json!({"id": "x", "rev": "1-x"});
    world.put("/user", &ada, &unknown).await.refusal(404);
    for (field, value, status) in [
        ("login", json!("bob@example.org"), 403),
        ("patientId", json!(bob.owner_id), 403),
        // A patient does not become a practitioner.
        ("healthcarePartyId", json!(ada.owner_id), 403),
        ("autoDelegations", json!({"all": "x"}), 400),
        ("autoDelegations", json!({"financialInformation": [1]}), 400),
        ("login", json!(7), 400),
        ("rev", Value::Null, 409),
    ] {
        let mut changed = user.clone();
        changed[field] = value;
        world.put("/user", &ada, &changed).await.refusal(status);
    }
    world.put("/user", &ada, &user).await.json();
    world.put("/user", &ada, &user).await.refusal(409);
}
