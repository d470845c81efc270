//! What version 8 and Cardinal need before they share: exchange data, stubs,
//! groups.

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::world::{As, Person, World, text};

fn exchange_data(delegator: &Person, delegate: &Person) -> Value {
    json!({
        "id": Uuid::new_v4().to_string(),
        "delegator": delegator.owner_id,
        "delegate": delegate.owner_id,
        "exchangeKey": {"f": "a2V5"},
        "accessControlSecret": {"f": "c2VjcmV0"},
        "sharedSignatureKey": {"f": "c2lnbg=="},
        "delegatorSignature": {},
        "sharedSignature": "c2lnbmVk",
    })
}

#[tokio::test]
async fn exchange_data_is_for_its_two_sides() {
    let (world, ada, bob) = World::of_two().await;
    let doctor = world.practitioner("doctor@example.org").await;
    let post = async |who: &Person, body: &Value| world.post("/exchangedata", who, body).await;
    let sent = exchange_data(&ada, &doctor);
    post(&bob, &sent).await.refusal(403);
    let stored = post(&ada, &sent).await.json();
    post(&ada, &sent).await.refusal(409);
    let mut empty = exchange_data(&ada, &doctor);
    empty["exchangeKey"] = json!({});
    post(&ada, &empty).await.refusal(400);

    let path = format!("/exchangedata/{}", text(&sent["id"]));
    for who in [&ada, &doctor] {
        assert_eq!(world.get(&path, who).await.json(), stored);
        let list = format!("/exchangedata/byParticipant/{}", who.owner_id);
        let page = world.get(&list, who).await.json();
        assert_eq!(page, json!({"rows": [stored]}));
        world.get(&list, &bob).await.refusal(403);
        let pair = format!(
            "/exchangedata/byDelegatorDelegate/{}/{}",
            ada.owner_id, doctor.owner_id
        );
        assert_eq!(world.get(&pair, who).await.json(), json!([stored]));
        assert_eq!(world.get(&pair, &bob).await.json(), json!([]));
    }
    world.get(&path, &bob).await.refusal(403);
    world.get("/exchangedata/x", &ada).await.refusal(404);
    let ids = json!({"ids": [sent["id"], "x"]});
    let by_ids = async |who: &Person| world.post("/exchangedata/byIds", who, &ids).await.json();
    assert_eq!(by_ids(&ada).await, json!([stored]));
    assert_eq!(by_ids(&bob).await, json!([]));

    let mut changed = stored.clone();
    changed["exchangeKey"]["g"] = json!("YW5vdGhlcg==");
    let put = async |who: &Person, body: &Value| world.put("/exchangedata", who, body).await;
    put(&bob, &changed).await.refusal(403);
    assert_eq!(
        put(&doctor, &changed).await.json()["exchangeKey"],
        changed["exchangeKey"]
    );
    put(&doctor, &changed).await.refusal(409);
    changed["delegate"] = json!(bob.owner_id);
    put(&ada, &changed).await.refusal(400);
}

#[tokio::test]
async fn a_stub_is_public_and_its_owner_changes_it() {
    let (world, ada, bob) = World::of_two().await;
    let path = format!("/dataowner/stub/{}", ada.owner_id);
    let mut stub = world.get(&path, &bob).await.json();
    assert_eq!(stub["type"], "patient");
    assert!(stub["stub"].get("firstName").is_none(), "{stub}");
    assert_eq!(
        world.get("/dataowner/current/stub", &ada).await.json(),
        stub
    );
    let hierarchy = world.get("/dataowner/current/hierarchy/stub", &ada).await;
    assert_eq!(hierarchy.json(), json!([stub]));
    stub["stub"]["publicKeysForOaepWithSha256"] = json!(["3082"]);
    world.put("/dataowner/stub", &bob, &stub).await.refusal(403);
    let stored = world.put("/dataowner/stub", &ada, &stub).await.json();
    assert_eq!(
        stored["stub"]["publicKeysForOaepWithSha256"],
        json!(["3082"])
    );
    world.put("/dataowner/stub", &ada, &stub).await.refusal(409);
    let patient = world
        .get(&format!("/patient/{}", ada.owner_id), &ada)
        .await
        .json();
    assert_eq!(patient["firstName"], "Ada", "the rest stays");
    assert_eq!(patient["publicKeysForOaepWithSha256"], json!(["3082"]));
}

#[tokio::test]
async fn an_account_is_found_by_group_and_switched_to() {
    let (world, ada) = World::of_ada().await;
    let group = world.simulator.identity().group_id.clone();
    let matches = world.get("/user/matches", &ada).await.json();
    assert_eq!(matches[0]["groupId"], group);
    assert_eq!(matches[0]["userId"], ada.user_id);
    let session = world.login(&ada.login, &ada.code).await.json();
    let switch = async |group: &str| {
        let url = format!("{}rest/v2/auth/switch/{group}", world.simulator.api_url());
        let refresh = text(&session["refreshToken"]);
        let header = [("Refresh-Token", refresh.as_str())];
        world
            .send_with(Method::POST, url, &As::Nobody, None, &header)
            .await
    };
    let switched = switch(&group).await.json();
    assert_eq!(switched["refreshToken"], session["refreshToken"]);
    let by_jwt = As::Bearer(text(&switched["token"]));
    assert_eq!(
        world.get("/user/current", &by_jwt).await.json()["id"],
        ada.user_id
    );
    switch("another").await.refusal(401);
}
