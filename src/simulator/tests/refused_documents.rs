//! What nobody reads or writes.

use serde_json::{Value, json};

use super::world::{Person, World, contact, text};

#[tokio::test]
async fn a_stale_or_missing_revision_of_a_patient_is_409() {
    let (world, ada) = World::of_ada().await;
    let patient = world.get("/dataowner/current", &ada).await.json()["dataOwner"].take();
    let put = async |body: &Value| world.put("/patient", &ada, body).await;
    put(&patient).await.json();
    put(&patient).await.refusal(409);
    let mut missing = patient;
    missing.as_object_mut().unwrap().remove("rev");
    put(&missing).await.refusal(409);
}

#[tokio::test]
async fn somebody_elses_patient_is_403() {
    let (world, ada, bob) = World::of_two().await;
    let path = format!("/patient/{}", ada.owner_id);
    let patient = world.get(&path, &ada).await.json();
    world.get(&path, &bob).await.refusal(403);
    world.put("/patient", &bob, &patient).await.refusal(403);
}

#[tokio::test]
async fn somebody_elses_practitioner_cannot_be_written_403() {
    let (world, ada) = World::of_ada().await;
    let path = format!("/hcparty/{}", world.simulator.identity().responsible);
    let responsible = world.get(&path, &ada).await.json();
    world.put("/hcparty", &ada, &responsible).await.refusal(403);
}

#[tokio::test]
async fn an_unknown_id_is_404() {
    let (world, ada) = World::of_ada().await;
    for path in [
        "/patient/x",
        "/hcparty/x",
        "/hcparty/current",
        "/dataowner/x",
        "/contact/x",
        "/contact/service/x",
    ] {
        world.get(path, &ada).await.refusal(404);
    }
    let unknown = json!({"id": "x", "rev": "1-x"});
    for path in ["/patient", "/hcparty", "/contact"] {
        world.put(path, &ada, &unknown).await.refusal(404);
    }
}

/// Ada, Bob, and a contact of Ada's that is stored.
async fn shared_world() -> (World, Person, Person, Value) {
    let (world, ada, bob) = World::of_two().await;
    let sent = contact(&ada, &[&ada.owner_id]);
    let stored = world.post("/contact", &ada, &sent).await.json();
    (world, ada, bob, stored)
}

async fn posted(world: &World, who: &Person, body: &Value) -> u16 {
    let answer = world.post("/contact", who, body).await;
    if answer.status != 200 {
        answer.refusal(answer.status);
    }
    answer.status
}

#[tokio::test]
async fn a_contact_that_is_not_shared_is_403() {
    let (world, _, bob, stored) = shared_world().await;
    let contact = format!("/contact/{}", text(&stored["id"]));
    let service = format!("/contact/service/{}", text(&stored["services"][0]["id"]));
    for path in [contact, service] {
        world.get(&path, &bob).await.refusal(403);
    }
    world.put("/contact", &bob, &stored).await.refusal(403);
    let ids = json!({"ids": [stored["services"][0]["id"]]});
    let listed = world.post("/contact/service/byIds", &bob, &ids);
    assert_eq!(listed.await.json(), json!([]));
}

#[tokio::test]
async fn a_contact_in_the_name_of_another_is_403() {
    let (world, ada, bob, mut stored) = shared_world().await;
    let theirs = contact(&bob, &[&ada.owner_id]);
    assert_eq!(posted(&world, &ada, &theirs).await, 403);
    stored["author"] = json!(bob.user_id);
    world.put("/contact", &ada, &stored).await.refusal(403);
}

#[tokio::test]
async fn a_contact_that_exists_is_409() {
    let (world, ada, _, stored) = shared_world().await;
    let mut again = contact(&ada, &[&ada.owner_id]);
    again["id"] = stored["id"].clone();
    assert_eq!(posted(&world, &ada, &again).await, 409);
}

#[tokio::test]
async fn a_stale_or_missing_revision_of_a_contact_is_409() {
    let (world, ada, _, stored) = shared_world().await;
    let put = async |body: &Value| world.put("/contact", &ada, body).await;
    put(&stored).await.json();
    put(&stored).await.refusal(409);
    let mut missing = stored;
    missing.as_object_mut().unwrap().remove("rev");
    put(&missing).await.refusal(409);
}

#[tokio::test]
async fn clear_content_is_400() {
    let (world, ada, _, mut stored) = shared_world().await;
    let mut clear = contact(&ada, &[&ada.owner_id]);
    clear["services"][0]["content"] = json!({"en": {"stringValue": "Hello world"}});
    assert_eq!(posted(&world, &ada, &clear).await, 400);
    stored["services"][0]["content"] = clear["services"][0]["content"].clone();
    world.put("/contact", &ada, &stored).await.refusal(400);
}

#[tokio::test]
async fn a_service_twice_in_a_contact_is_409() {
    let (world, ada, _, _) = shared_world().await;
    let mut twice = contact(&ada, &[&ada.owner_id]);
    let service = twice["services"][0].clone();
    twice["services"] = json!([service, service]);
    assert_eq!(posted(&world, &ada, &twice).await, 409);
}

#[tokio::test]
async fn a_contact_without_id_is_400() {
    let (world, ada, _, _) = shared_world().await;
    assert_eq!(posted(&world, &ada, &json!({"services": []})).await, 400);
    assert_eq!(
        posted(&world, &ada, &json!({"id": "x", "services": [{}]})).await,
        400
    );
    assert_eq!(
        posted(&world, &ada, &json!({"id": "x", "services": {}})).await,
        400
    );
}

#[tokio::test]
async fn a_field_of_another_kind_is_400_and_is_not_repeated() {
    let (world, ada, _, _) = shared_world().await;
    for (pointer, value) in [
        ("/created", json!("hunter2")),
        ("/openingDate", json!(20_220_929.5)),
        ("/encryptionKeys", json!({"x": {"key": "hunter2"}})),
        ("/services/0/encryptedSelf", json!(["hunter2"])),
        ("/services/0/tags", json!("hunter2")),
    ] {
        let mut contact = contact(&ada, &[&ada.owner_id]);
        let (parent, field) = pointer.rsplit_once('/').unwrap();
        contact.pointer_mut(parent).unwrap()[field] = value;
        let answer = world.post("/contact", &ada, &contact).await;
        let refusal = answer.refusal(400).to_string();
        assert!(refusal.contains("wrong kind, line 1"), "{refusal}");
        assert!(!refusal.contains("hunter2"), "{refusal}");
    }
}
