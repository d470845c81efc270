//! Secure delegations: documents as version 8 and Cardinal share them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::world::{Answer, Person, World, contact, text};
use crate::simulator::access::delegation_key;

/// An access control key, and the key of the delegation that it opens.
struct Key([u8; 16]);

impl Key {
    fn new() -> Self {
        Self(*Uuid::new_v4().as_bytes())
    }

    fn delegation(&self) -> String {
        delegation_key(&self.0)
    }

    fn hex(&self) -> String {
        hex::encode(self.0)
    }
}

/// A contact that only a key opens.
fn sealed(author: &Person, key: &Key) -> Value {
    let mut contact = contact(author, &[]);
    contact["securityMetadata"] = json!({
        "secureDelegations": {key.delegation(): {"permissions": "WRITE", "encryptionKeys": ["a2V5"]}},
    });
    contact
}

async fn with_key(
    world: &World,
    method: Method,
    path: &str,
    who: &Person,
    key: &Key,
    body: Option<&Value>,
) -> Answer {
    let url = format!("{}rest/v2{path}", world.simulator.api_url());
    let header = STANDARD.encode(key.0);
    let headers = [("Icure-Access-Control-Keys", header.as_str())];
    world.send_with(method, url, who, body, &headers).await
}

async fn share(
    world: &World,
    who: &Person,
    key: &Key,
    id: &str,
    request: &Value,
    parent: &str,
) -> Value {
    let body = json!({"requestsByEntityId": {id: {
        "requests": {"r": request},
        "potentialParentDelegations": [parent],
    }}});
    let path = "/contact/bulkSharedMetadataUpdate";
    with_key(world, Method::PUT, path, who, key, Some(&body))
        .await
        .json()[0]
        .take()
}

#[tokio::test]
async fn whoever_shows_the_key_reads_and_nobody_else() {
    let (world, ada, bob) = World::of_two().await;
    let key = Key::new();
    let sent = sealed(&ada, &key);
    let stored = world.post("/contact", &ada, &sent).await.json();
    assert_eq!(stored["securityMetadata"], sent["securityMetadata"]);
    let service = format!("/contact/service/{}", text(&sent["services"][0]["id"]));
    for path in [format!("/contact/{}", text(&sent["id"])), service] {
        // Not even who wrote it is named in it.
        world.get(&path, &ada).await.refusal(403);
        with_key(&world, Method::GET, &path, &ada, &Key::new(), None)
            .await
            .refusal(403);
        with_key(&world, Method::GET, &path, &ada, &key, None)
            .await
            .json();
        with_key(&world, Method::GET, &path, &bob, &key, None)
            .await
            .json();
    }
}

#[tokio::test]
async fn sharing_adds_a_delegation_and_its_permission_holds() {
    let (world, ada) = World::of_ada().await;
    let doctor = world.practitioner("doctor@example.org").await;
    let (key, shared) = (Key::new(), Key::new());
    let sent = sealed(&ada, &key);
    world.post("/contact", &ada, &sent).await.json();
    let id = text(&sent["id"]);
    let request = json!({"share": {
        "explicitDelegate": doctor.owner_id,
        "accessControlKeys": [shared.hex()],
        "encryptionKeys": ["c2hhcmVk"],
        "encryptedExchangeDataId": {"f": "aWQ="},
        "requestedPermissions": "FULL_READ",
    }});
    let result = share(&world, &ada, &key, &id, &request, &key.delegation()).await;
    let delegations = &result["updatedEntity"]["securityMetadata"]["secureDelegations"];
    let expected = json!({
        "delegate": doctor.owner_id,
        "encryptionKeys": ["c2hhcmVk"],
        "parentDelegations": [key.delegation()],
        "permissions": "READ",
    });
    assert_eq!(delegations[shared.delegation()], expected);
    assert!(result.get("rejectedRequests").is_none(), "{result}");

    let read = world.get(&format!("/contact/{id}"), &doctor).await.json();
    world.put("/contact", &doctor, &read).await.refusal(403);
    let ids = json!({"ids": [shared.delegation()]});
    let maps = world
        .post("/exchangedatamap/batch", &doctor, &ids)
        .await
        .json();
    assert_eq!(maps[0]["encryptedExchangeDataIds"], json!({"f": "aWQ="}));
}

#[tokio::test]
async fn a_share_that_does_not_fit_is_rejected() {
    let (world, ada) = World::of_ada().await;
    let doctor = world.practitioner("doctor@example.org").await;
    let (key, other) = (Key::new(), Key::new());
    let sent = sealed(&ada, &key);
    world.post("/contact", &ada, &sent).await.json();
    let id = text(&sent["id"]);
    let named = |field: &str, value: Value| {
        let mut request = json!({"share": {"accessControlKeys": [other.hex()]}});
        request["share"][field] = value;
        request
    };
    let hash = |delegation: String, change: &str| json!({"update": {"metadataAccessControlHash": delegation, "secretIds": {"x": change}}});
    for (request, parent, who, code) in [
        (
            named("accessControlKeys", json!([key.hex()])),
            key.delegation(),
            &ada,
            400,
        ),
        (
            named("accessControlKeys", json!([])),
            key.delegation(),
            &ada,
            400,
        ),
        (
            named("accessControlKeys", json!(["no"])),
            key.delegation(),
            &ada,
            400,
        ),
        (
            named("explicitDelegator", json!(doctor.owner_id)),
            key.delegation(),
            &ada,
            403,
        ),
        (
            named("exchangeDataId", json!("x")),
            key.delegation(),
            &ada,
            400,
        ),
        (
            named("secretIds", json!([])),
            "unknown".to_owned(),
            &ada,
            400,
        ),
        (
            named("requestedPermissions", json!("ROOT")),
            key.delegation(),
            &doctor,
            403,
        ),
        (
            hash("unknown".to_owned(), "CREATE"),
            key.delegation(),
            &ada,
            404,
        ),
        (
            hash(key.delegation(), "DELETE"),
            key.delegation(),
            &ada,
            400,
        ),
        (json!({}), key.delegation(), &ada, 400),
    ] {
        let result = share(&world, who, &key, &id, &request, &parent).await;
        assert_eq!(
            result["rejectedRequests"]["r"]["code"], code,
            "{request}: {result}"
        );
        assert!(result.get("updatedEntity").is_none(), "{result}");
    }
}

#[tokio::test]
async fn a_share_of_what_is_not_there_or_not_read_is_rejected() {
    let (world, ada) = World::of_ada().await;
    let doctor = world.practitioner("doctor@example.org").await;
    let (key, other) = (Key::new(), Key::new());
    let sent = sealed(&ada, &key);
    world.post("/contact", &ada, &sent).await.json();
    let request = json!({"share": {"accessControlKeys": [other.hex()]}});
    for (who, key, id, code) in [
        (&doctor, &other, text(&sent["id"]), 403),
        (&ada, &key, "x".to_owned(), 404),
    ] {
        let result = share(&world, who, key, &id, &request, "x").await;
        assert_eq!(result["rejectedRequests"]["r"]["code"], code, "{result}");
    }
}

#[tokio::test]
async fn secrets_of_a_delegation_change_by_an_update() {
    let (world, ada) = World::of_ada().await;
    let key = Key::new();
    let sent = sealed(&ada, &key);
    world.post("/contact", &ada, &sent).await.json();
    let update = json!({"update": {
        "metadataAccessControlHash": key.delegation(),
        "encryptionKeys": {"a2V5": "DELETE", "bmV3": "CREATE"},
        "owningEntityIds": {"YWRh": "CREATE"},
    }});
    let result = share(
        &world,
        &ada,
        &key,
        &text(&sent["id"]),
        &update,
        &key.delegation(),
    )
    .await;
    let delegation =
        &result["updatedEntity"]["securityMetadata"]["secureDelegations"][key.delegation()];
    assert_eq!(delegation["encryptionKeys"], json!(["bmV3"]));
    assert_eq!(delegation["owningEntityIds"], json!(["YWRh"]));
}

#[tokio::test]
async fn a_write_leaves_the_delegations_alone_or_is_400() {
    let (world, ada) = World::of_ada().await;
    let key = Key::new();
    let mut sent = sealed(&ada, &key);
    let mut wrong = sent.clone();
    wrong["id"] = json!("another");
    wrong["securityMetadata"]["secureDelegations"] = json!({});
    world.post("/contact", &ada, &wrong).await.refusal(400);
    let stored = world.post("/contact", &ada, &sent).await.json();
    let put = async |body: &Value| {
        with_key(&world, Method::PUT, "/contact", &ada, &key, Some(body)).await
    };
    sent["rev"] = stored["rev"].clone();
    sent["securityMetadata"]["secureDelegations"][key.delegation()]["secretIds"] = json!(["x"]);
    put(&sent).await.refusal(400);
    sent.as_object_mut().unwrap().remove("securityMetadata");
    put(&sent).await.refusal(400);
    put(&stored).await.json();
}

#[tokio::test]
async fn a_header_without_keys_is_400() {
    let (world, ada) = World::of_ada().await;
    let url = format!("{}rest/v2/user/current", world.simulator.api_url());
    let headers = [("Icure-Access-Control-Keys", "AAAA")];
    world
        .send_with(Method::GET, url, &ada, None, &headers)
        .await
        .refusal(400);
}
