//! What `@icure/api` 6.4.4 asks for, which our own client does not. The package
//! itself runs in `tests/interop/js`.

use reqwest::Method;
use serde_json::{Value, json};

use super::world::{As, Person, World, contact, text};

#[tokio::test]
async fn documents_have_the_empty_fields_of_the_platform() {
    let (world, ada) = World::of_ada().await;
    let patient = world
        .get(&format!("/patient/{}", ada.owner_id), &ada)
        .await
        .json();
    for field in ["hcPartyKeys", "aesExchangeKeys", "delegations"] {
        assert_eq!(patient[field], json!({}), "{field}");
    }
    let user = world.get("/user/current", &ada).await.json();
    assert_eq!(user["authenticationTokens"], json!({}));
    let path = format!("/hcparty/{}", world.simulator.identity().responsible);
    let responsible = world.get(&path, &ada).await.json();
    assert_eq!(responsible["hcPartyKeys"], json!({}));
    let body = contact(&ada, &[&ada.owner_id]);
    let stored = world.post("/contact", &ada, &body).await;
    assert_eq!(stored.json()["cryptedForeignKeys"], json!({}));
}

#[tokio::test]
async fn a_token_is_answered_without_quotes_whatever_is_asked_for() {
    let (world, ada) = World::of_ada().await;
    let url = format!(
        "{}rest/v1/user/token/{}/k",
        world.simulator.api_url(),
        ada.user_id
    );
    for accept in ["*/*", "application/json"] {
        let header = [("Accept", accept)];
        let answer = world
            .send_with(Method::POST, url.clone(), &ada, None, &header)
            .await;
        let token = answer.text();
        assert!(
            uuid::Uuid::try_parse(token).is_ok(),
            "{accept}: {}",
            token.len()
        );
    }
}

#[tokio::test]
async fn whoever_shared_with_a_delegate_is_listed_with_the_keys() {
    let (world, ada) = World::of_ada().await;
    let eve = world.patient("eve@example.org").await;
    let house = world.practitioner("house@example.org").await;
    let path = format!("/patient/{}", ada.owner_id);
    let mut patient = world.get(&path, &ada).await.json();
    let (public, fingerprint) = (format!("30{}", "a".repeat(32)), "a".repeat(32));
    patient["publicKey"] = json!(public);
    patient["aesExchangeKeys"] = json!({&public: {&house.owner_id: {&fingerprint: "5ea1ed"}}});
    world.put("/patient", &ada, &patient).await.json();
    let keys = async |kind: &str, id: &str| {
        let path = format!("/{kind}/{id}/aesExchangeKeys");
        world.get(&path, &house).await.json()
    };
    let expected = json!({&ada.owner_id: {&fingerprint: {&fingerprint: "5ea1ed"}}});
    assert_eq!(keys("patient", &house.owner_id).await, expected);
    for (kind, id) in [
        ("patient", &eve.owner_id),
        ("hcparty", &house.owner_id),
        ("device", &house.owner_id),
    ] {
        assert_eq!(keys(kind, id).await, json!({}), "{kind}");
    }
    world
        .get("/patient/x/aesExchangeKeys", &As::Nobody)
        .await
        .refusal(401);
}

#[tokio::test]
async fn a_data_owner_is_not_a_device() {
    let (world, ada) = World::of_ada().await;
    let path = format!("/device/{}", ada.owner_id);
    world.get(&path, &ada).await.refusal(404);
}

#[tokio::test]
async fn contacts_are_found_by_secret_id_and_by_id() {
    let (world, ada) = World::of_ada().await;
    let eve = world.patient("eve@example.org").await;
    let mut open = contact(&ada, &[&ada.owner_id]);
    open["secretForeignKeys"] = json!(["s3cret"]);
    let mut closed = contact(&ada, &[&ada.owner_id]);
    closed["secretForeignKeys"] = json!(["s3cret", "other"]);
    closed["closingDate"] = json!(20_220_929_083_400_i64);
    for body in [&open, &closed] {
        world.post("/contact", &ada, body).await.json();
    }
    let ids = |found: Value| {
        let mut ids: Vec<String> = found
            .as_array()
            .unwrap()
            .iter()
            .map(|one| text(&one["id"]))
            .collect();
        ids.sort();
        ids
    };
    let mut both = [text(&open["id"]), text(&closed["id"])];
    both.sort();
    let search = format!(
        "/contact/byHcPartySecretForeignKeys?hcPartyId={}",
        ada.owner_id
    );
    let get = async |query: &str, who: &Person| {
        ids(world.get(&format!("{search}{query}"), who).await.json())
    };
    assert_eq!(get("&secretFKeys=s3cret,none", &ada).await, both);
    assert_eq!(get("&secretFKeys=other", &ada).await, [text(&closed["id"])]);
    assert_eq!(
        get("&secretFKeys=s3cret&skipClosedContacts=true", &ada).await,
        [text(&open["id"])]
    );
    assert!(get("&secretFKeys=none", &ada).await.is_empty());
    assert!(get("&secretFKeys=s3cret", &eve).await.is_empty());
    let posted = json!(["s3cret"]);
    let posted = world.post(&search, &ada, &posted).await.json();
    assert_eq!(ids(posted), both);
    let wanted = json!({"ids": [open["id"], "x"]});
    for (who, found) in [(&ada, vec![text(&open["id"])]), (&eve, vec![])] {
        let answer = world.post("/contact/byIds", who, &wanted).await;
        assert_eq!(ids(answer.json()), found);
    }
}

#[tokio::test]
async fn services_are_filtered_by_id_and_by_nothing_else() {
    let (world, ada) = World::of_ada().await;
    let body = contact(&ada, &[&ada.owner_id]);
    world.post("/contact", &ada, &body).await.json();
    let filter = async |filter: Value| {
        let body = json!({"filter": filter});
        world
            .post("/contact/service/filter?limit=2", &ada, &body)
            .await
    };
    let id = &body["services"][0]["id"];
    let page = filter(json!({"$type": "ServiceByIdsFilter", "ids": [id, "x"]}))
        .await
        .json();
    assert_eq!(page["totalSize"], 1);
    assert_eq!(page["rows"][0]["contactId"], body["id"]);
    filter(json!({"$type": "UnionFilter"})).await.refusal(400);
    filter(json!({"ids": []})).await.refusal(400);
}

#[tokio::test]
async fn a_get_logs_out_too() {
    let (world, ada) = World::of_ada().await;
    let session = world.login(&ada.login, &ada.code).await.json();
    let bearer = As::Bearer(text(&session["token"]));
    assert_eq!(
        world.get("/auth/logout", &bearer).await.json()["successful"],
        true
    );
    world.get("/user/current", &bearer).await.refusal(401);
}
