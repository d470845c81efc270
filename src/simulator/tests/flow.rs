//! What works.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

use super::world::{As, World, contact, text};
use crate::simulator::Config;

#[tokio::test]
async fn somebody_registers_writes_and_reads() {
    let world = World::new().await;
    let responsible = world.simulator.identity().responsible.clone();
    let ada = world.patient("ada@example.org").await;

    let session = world.login(&ada.login, &ada.code).await.json();
    assert_eq!(session["successful"], true);
    assert!(session.get("userId").is_none(), "not in version 2");
    let by_jwt = As::Bearer(text(&session["token"]));
    let user = world.get("/user/current", &by_jwt).await.json();
    assert_eq!(user["patientId"], ada.owner_id);
    assert_eq!(
        user["autoDelegations"]["medicalInformation"],
        json!([responsible])
    );

    let mut owner = world.get("/dataowner/current", &by_jwt).await.json();
    assert_eq!(owner["type"], "patient");
    assert_eq!(owner["dataOwner"]["firstName"], "Ada");
    let mut patient = owner["dataOwner"].take();
    patient["publicKey"] = json!("3082");
    patient["somethingElse"] = json!({"kept": [1, null]});
    let stored = world.put("/patient", &by_jwt, &patient).await.json();
    assert_ne!(stored["rev"], patient["rev"]);
    assert_eq!(stored["somethingElse"], patient["somethingElse"]);
    let again = world
        .get(&format!("/patient/{}", ada.owner_id), &by_jwt)
        .await
        .json();
    assert_eq!(again, stored);

    let token = world.token(&ada, "key", 315_360_000).await;
    let session = world.login(&ada.login, &token).await.json();
    let by_jwt = As::Bearer(text(&session["token"]));
    let sent = contact(&ada, &[&ada.owner_id, &responsible]);
    let stored = world.post("/contact", &by_jwt, &sent).await.json();
    assert!(text(&stored["rev"]).starts_with("1-"));
    for field in ["id", "tags", "encryptedSelf"] {
        assert_eq!(stored["services"][0][field], sent["services"][0][field]);
    }

    let id = text(&sent["services"][0]["id"]);
    let service = world
        .get(&format!("/contact/service/{id}"), &by_jwt)
        .await
        .json();
    assert_eq!(service["contactId"], sent["id"]);
    assert_eq!(service["encryptionKeys"], sent["encryptionKeys"]);
    assert_eq!(
        service["encryptedSelf"],
        sent["services"][0]["encryptedSelf"]
    );
    let ids = json!({"ids": [id, "unknown"]});
    let listed = world.post("/contact/service/byIds", &by_jwt, &ids).await;
    assert_eq!(listed.json(), json!([service]));
}

#[tokio::test]
async fn the_first_version_of_the_api_is_served_too() {
    let (world, ada) = World::of_ada().await;
    let url = format!("{}rest/v1/user/current?ts=1", world.simulator.api_url());
    let user = world.send(Method::GET, url, &ada, None).await.json();
    assert_eq!(user["id"], ada.user_id);
}

#[tokio::test]
async fn a_second_process_finds_the_account_and_leaves_the_first_code_alone() {
    let world = World::new().await;
    let (first_request, first_code) = world.code("ada@example.org").await;
    let (second_request, second_code) = world.code("ada@example.org").await;
    assert_eq!(world.validate(&second_request, &second_code).await, 200);
    let ada = As::Basic("ADA@Example.org".to_owned(), second_code);
    let mut owner = world.get("/dataowner/current", &ada).await.json()["dataOwner"].take();
    owner["publicKey"] = json!("3082");
    world.put("/patient", &ada, &owner).await.json();

    assert_eq!(world.validate(&first_request, &first_code).await, 200);
    let again = As::Basic("ada@example.org".to_owned(), first_code);
    let found = world.get("/dataowner/current", &again).await.json();
    assert_eq!(found["dataOwner"]["id"], owner["id"]);
    assert_eq!(found["dataOwner"]["publicKey"], "3082");
}

#[tokio::test]
async fn a_phone_number_is_a_login_however_it_is_written() {
    let world = World::new().await;
    let identity = world.simulator.identity();
    let body = json!({
        "friendly-captcha-response": "yes",
        "mobilePhone": "+32 475 12 34 56",
        "hcpId": identity.responsible,
    });
    let request = Uuid::new_v4().to_string();
    let started = world
        .start(&identity.processes.patient_by_sms, &request, &body)
        .await;
    assert_eq!(started.status, 200);
    let page = world.outbox(0, 0).await;
    assert_eq!(page.messages[0].channel, "sms");
    assert!(page.messages[0].subject.is_none());
    let code = world.newest_code("+32 475 12 34 56").await;
    assert_eq!(world.validate(&request, &code).await, 200);
    let who = As::Basic("+32475123456".to_owned(), code);
    assert_eq!(world.get("/user/current", &who).await.status, 200);
}

#[tokio::test]
async fn a_practitioner_has_a_public_document() {
    let world = World::new().await;
    let doctor = world.practitioner("doctor@example.org").await;
    let own = world.get("/hcparty/current", &doctor).await.json();
    assert_eq!(own["id"], doctor.owner_id);
    let mut changed = own.clone();
    changed["publicKey"] = json!("3082");
    world.put("/hcparty", &doctor, &changed).await.json();
    let ada = world.patient("ada@example.org").await;
    let path = format!("/dataowner/{}", doctor.owner_id);
    let seen = world.get(&path, &ada).await.json();
    assert_eq!(seen["type"], "hcp");
    assert_eq!(seen["dataOwner"]["publicKey"], "3082");
}

#[tokio::test]
async fn the_responsible_has_a_public_key() {
    let (world, ada) = World::of_ada().await;
    let path = format!("/hcparty/{}", world.simulator.identity().responsible);
    let responsible = world.get(&path, &ada).await.json();
    assert!(text(&responsible["publicKey"]).starts_with("30820122300d06092a864886f7"));
}

#[tokio::test]
async fn a_stranger_sees_the_keys_of_a_patient_and_not_the_name() {
    let (world, ada, bob) = World::of_two().await;
    let mut owner = world.get("/dataowner/current", &ada).await.json();
    let mut patient = owner["dataOwner"].take();
    patient["publicKey"] = json!("3082");
    let put = |body| world.api(Method::PUT, "/patient", &As::Nobody, body);
    put(None).await.refusal(401);
    let stored = world.put("/patient", &ada, &patient).await;
    let mut stored = stored.json();
    let path = format!("/dataowner/{}", ada.owner_id);
    let seen = world.get(&path, &bob).await.json();
    assert_eq!(seen["dataOwner"]["publicKey"], "3082");
    assert!(seen["dataOwner"].get("firstName").is_none(), "{seen}");

    stored["delegations"] = json!({bob.owner_id.clone(): []});
    world.put("/patient", &ada, &stored).await.json();
    let seen = world.get(&path, &bob).await.json();
    assert_eq!(seen["dataOwner"]["firstName"], "Ada");
}

#[tokio::test]
async fn a_delegate_reads_and_changes_a_contact() {
    let (world, ada, bob) = World::of_two().await;
    let sent = contact(&ada, &[&ada.owner_id, &bob.owner_id]);
    world.post("/contact", &ada, &sent).await.json();
    let path = format!("/contact/{}", text(&sent["id"]));
    let mut read = world.get(&path, &bob).await.json();
    let gone = text(&read["services"][0]["id"]);
    read["services"] = json!([{"id": "another", "encryptedSelf": "eA=="}]);
    let stored = world.put("/contact", &bob, &read).await.json();
    assert!(text(&stored["rev"]).starts_with("2-"));
    assert_eq!(
        world.get("/contact/service/another", &ada).await.status,
        200
    );
    let gone = format!("/contact/service/{gone}");
    world.get(&gone, &ada).await.refusal(404);
}

#[tokio::test]
async fn a_jwt_is_renewed_until_its_session_is_logged_out() {
    let (world, ada) = World::of_ada().await;
    let session = world.login(&ada.login, &ada.code).await.json();
    let (access, refresh) = (text(&session["token"]), text(&session["refreshToken"]));
    world.advance(3600);
    world
        .get("/user/current", &As::Bearer(access))
        .await
        .refusal(401);
    let renewed = text(&world.refresh(&refresh).await.json()["token"]);
    let by_jwt = As::Bearer(renewed);
    assert_eq!(world.get("/user/current", &by_jwt).await.status, 200);
    let logout = world.api(Method::POST, "/auth/logout", &by_jwt, None).await;
    assert_eq!(logout.json()["successful"], true);
    world.get("/user/current", &by_jwt).await.refusal(401);
    world.refresh(&refresh).await.refusal(401);
}

#[tokio::test]
async fn a_new_account_lets_its_owner_in_after_a_while() {
    let world = World::with(Config {
        account_delay: Duration::from_secs(4),
        ..Config::default()
    })
    .await;
    let (request, code) = world.code("ada@example.org").await;
    assert_eq!(world.validate(&request, &code).await, 200);
    world.login("ada@example.org", &code).await.refusal(401);
    world.advance(4);
    world.login("ada@example.org", &code).await.json();
    // The account is there now: the next code works at once.
    world.patient("ada@example.org").await;
}

#[tokio::test]
async fn a_new_token_of_a_key_takes_the_place_of_the_old() {
    let (world, ada) = World::of_ada().await;
    let first = world.token(&ada, "phone", 60).await;
    let other = world.token(&ada, "tablet", 60).await;
    let second = world.token(&ada, "phone", 60).await;
    world.login(&ada.login, &first).await.refusal(401);
    for token in [&second, &other] {
        world.login(&ada.login, token).await.json();
        world.login(&ada.user_id, token).await.json();
    }
}

#[tokio::test]
async fn both_roots_answer() {
    let world = World::new().await;
    for url in [world.simulator.api_url(), world.simulator.gateway_url()] {
        let answer = world
            .send(Method::GET, url.to_string(), &As::Nobody, None)
            .await;
        assert_eq!(answer.status, 200, "{url}");
    }
}

#[tokio::test]
async fn the_form_of_cardinal_names_no_responsible() {
    let world = World::new().await;
    let mut body = world.application("ada@example.org");
    for field in ["from", "hcpId", "g-recaptcha-response"] {
        body.as_object_mut().unwrap().remove(field);
    }
    body["mobilePhone"] = json!("");
    let process = world
        .simulator
        .identity()
        .processes
        .patient_by_email
        .clone();
    body["kerberus-response"] = json!({"id": "none", "nonces": ["1"]});
    world.start(&process, "one", &body).await.refusal(403);
    let url = world.gateway("/challenge");
    let challenge = world.send(Method::GET, url, &As::Nobody, None).await.json();
    body["kerberus-response"] = json!({"id": challenge["id"], "nonces": ["1", "2", "3", "4"]});
    world.start(&process, "two", &body).await.refusal(403);

    body.as_object_mut().unwrap().remove("kerberus-response");
    body["friendly-captcha-response"] = json!("yes");
    assert_eq!(world.start(&process, "three", &body).await.status, 200);
    let code = world.newest_code("ada@example.org").await;
    assert_eq!(world.validate("three", &code).await, 200);
    let by_code = As::Basic("ada@example.org".to_owned(), code);
    let user = world.get("/user/current", &by_code).await.json();
    assert_eq!(user["autoDelegations"], json!({}));
}
