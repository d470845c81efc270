//! What filters find: of what one may read, and no more.

use reqwest::Method;
use serde_json::{Value, json};

use super::world::{Person, World, contact, text};

impl World {
    /// Ids that `match` gives, in order.
    async fn matched(&self, who: &Person, of: &str, filter: &Value) -> Vec<String> {
        let ids = self.post(&format!("/{of}/match"), who, filter).await.json();
        ids.as_array().unwrap().iter().map(text).collect()
    }

    /// Stores a contact with these fields, and its one service with those.
    async fn keep(&self, who: &Person, fields: Value, service: Value) -> Value {
        let mut sent = contact(who, &[&who.owner_id]);
        for (to, from) in [("", fields), ("/services/0", service)] {
            let to = sent.pointer_mut(to).unwrap().as_object_mut().unwrap();
            to.extend(from.as_object().unwrap().clone());
        }
        self.post("/contact", who, &sent).await.json()
    }
}

fn label(code: &str) -> Value {
    json!([{"type": "T", "code": code}])
}

/// Two contacts of Ada's that differ, and one of Bob's.
async fn filled() -> (World, Person, Person, Value, Value) {
    let (world, ada, bob) = World::of_two().await;
    let fields = json!({
        "openingDate": 20_260_101_000_000_i64,
        "secretForeignKeys": ["s"],
        "identifier": [{"system": "y", "value": "1"}],
    });
    let one = world
        .keep(
            &ada,
            fields,
            json!({"tags": label("A"), "valueDate": 20_260_102, "healthElementsIds": ["h"]}),
        )
        .await;
    let other = json!({"openingDate": 20_270_101, "codes": label("X")});
    let other = world
        .keep(
            &ada,
            other,
            json!({"tags": label("B"), "codes": label("C"), "valueDate": 20_270_102}),
        )
        .await;
    world
        .keep(
            &bob,
            json!({"secretForeignKeys": ["s"]}),
            json!({"tags": label("A")}),
        )
        .await;
    (world, ada, bob, one, other)
}

fn service(of: &Value) -> String {
    text(&of["services"][0]["id"])
}

#[tokio::test]
async fn contacts_are_found_by_what_they_say() {
    let (world, ada, bob, one, other) = filled().await;
    let (first, second) = (vec![text(&one["id"])], vec![text(&other["id"])]);
    let both = [first.clone(), second.clone()].concat();
    let owner = &ada.owner_id;
    let tagged = |code: Option<&str>| json!({"$type": "ContactByHcPartyTagCodeDateFilter", "healthcarePartyId": owner, "tagType": "T", "tagCode": code});
    for (filter, expected) in [
        (
            json!({"$type": "ContactByHcPartyFilter", "hcpId": owner}),
            &both,
        ),
        (tagged(Some("A")), &first),
        (tagged(None), &both),
        (
            json!({"$type": "ContactByHcPartyTagCodeDateFilter", "codeType": "T", "codeCode": "X"}),
            &second,
        ),
        (
            json!({"$type": "ContactByHcPartyTagCodeDateFilter", "startOfContactOpeningDate": 20_260_601}),
            &second,
        ),
        (
            json!({"$type": "ContactByHcPartyPatientTagCodeDateFilter", "patientSecretForeignKeys": ["s"]}),
            &first,
        ),
        (
            json!({"$type": "ContactByHcPartyIdentifiersFilter", "identifiers": [{"system": "y", "value": "1"}]}),
            &first,
        ),
        (
            json!({"$type": "ContactByServiceIdsFilter", "ids": [service(&other), "x"]}),
            &second,
        ),
        (
            json!({"$type": "ContactByDataOwnerServiceTagFilter", "dataOwnerId": owner, "tagType": "T"}),
            &both,
        ),
        (
            json!({"$type": "ContactByHcPartyFilter", "hcpId": bob.owner_id}),
            &vec![],
        ),
    ] {
        assert_eq!(
            &world.matched(&ada, "contact", &filter).await,
            expected,
            "{filter}"
        );
    }
}

#[tokio::test]
async fn services_are_found_by_what_they_say() {
    let (world, ada, bob, one, other) = filled().await;
    let owner = &ada.owner_id;
    let (first, second) = (vec![service(&one)], vec![service(&other)]);
    let both = [first.clone(), second.clone()].concat();
    let all = json!({"$type": "ServiceByHcPartyFilter", "hcpId": owner});
    let is_a =
        json!({"$type": "ServiceByHcPartyTagCodeDateFilter", "tagType": "T", "tagCode": "A"});
    for (filter, expected) in [
        (all.clone(), &both),
        (is_a.clone(), &first),
        (
            json!({"$type": "ComplementFilter", "superSet": all, "subSet": is_a}),
            &second,
        ),
        (
            json!({"$type": "ServiceByHcPartyTagCodesFilter", "healthcarePartyId": owner, "tagCodes": {"T": ["A", "B"]}}),
            &both,
        ),
        (
            json!({"$type": "ServiceByHcPartyCodePrefixFilter", "healthcarePartyId": owner, "codeType": "T", "codeCodePrefix": ""}),
            &second,
        ),
        (
            json!({"$type": "ServiceByHcPartyTagCodeDateFilter", "endValueDate": 20_260_601}),
            &first,
        ),
        (
            json!({"$type": "ServiceByHcPartyHealthElementIdsFilter", "healthElementIds": ["h"]}),
            &first,
        ),
        (
            json!({"$type": "ServiceBySecretForeignKeys", "patientSecretForeignKeys": ["s"]}),
            &first,
        ),
        (
            json!({"$type": "IntersectionFilter", "filters": [is_a, all]}),
            &first,
        ),
    ] {
        assert_eq!(
            &world.matched(&ada, "contact/service", &filter).await,
            expected,
            "{filter}"
        );
    }
    let path = format!("/contact/service/healthElementId/h?hcPartyId={owner}");
    assert_eq!(
        world.get(&path, &ada).await.json()[0]["id"],
        json!(first[0])
    );
    assert_eq!(world.get(&path, &bob).await.json(), json!([]));
}

#[tokio::test]
async fn of_a_service_in_several_contacts_the_newest_is_read() {
    let (world, ada, bob) = World::of_two().await;
    let old = world
        .keep(&ada, json!({}), json!({"modified": 10, "tags": label("A")}))
        .await;
    let id = old["services"][0]["id"].clone();
    let path = format!("/contact/service/{}", text(&id));
    let again = json!({"id": id, "modified": 20, "tags": label("B"), "endOfLife": 20});
    let new = world.keep(&ada, json!({}), again).await;
    let read = world.get(&path, &ada).await.json();
    assert_eq!(read["contactId"], new["id"]);
    assert_eq!(read["endOfLife"], 20);
    // What somebody else writes under the same id hides nothing.
    world
        .keep(&bob, json!({}), json!({"id": id, "modified": 30}))
        .await;
    assert_eq!(world.get(&path, &ada).await.json(), read);
    assert_eq!(world.get(&path, &bob).await.json()["modified"], 30);
    // Found by what an older one says, it is the newest that comes, once.
    for code in ["A", "B"] {
        let filter =
            json!({"$type": "ServiceByHcPartyTagCodeDateFilter", "tagType": "T", "tagCode": code});
        let page = world
            .post("/contact/service/filter", &ada, &json!({"filter": filter}))
            .await
            .json();
        assert_eq!(page["totalSize"], 1, "{code}");
        assert_eq!(page["rows"], json!([read]), "{code}");
    }
    // An older one that comes later is older still.
    world
        .keep(&ada, json!({}), json!({"id": id, "modified": 15}))
        .await;
    assert_eq!(world.get(&path, &ada).await.json(), read);
}

#[tokio::test]
async fn what_is_deleted_is_found_by_its_id_alone_until_it_comes_back() {
    let (world, ada, bob) = World::of_two().await;
    let stored = world
        .keep(&ada, json!({"secretForeignKeys": ["s"]}), json!({}))
        .await;
    let (id, rev) = (text(&stored["id"]), text(&stored["rev"]));
    let path = format!("/contact/{id}");
    let all = json!({"$type": "ContactByHcPartyFilter", "hcpId": ada.owner_id});
    let delete = async |who: &Person, path: &str| world.api(Method::DELETE, path, who, None).await;
    delete(&bob, &path).await.refusal(403);
    delete(&ada, "/contact/x").await.refusal(404);
    delete(&ada, &format!("{path}?rev=1-x")).await.refusal(409);
    let gone = delete(&ada, &format!("{path}?rev={rev}")).await.json();
    assert_eq!(gone["id"], json!(id));
    let read = world.get(&path, &ada).await.json();
    assert_eq!(read["rev"], gone["rev"]);
    assert!(read["deletionDate"].is_i64(), "{read}");
    assert!(world.matched(&ada, "contact", &all).await.is_empty());
    let service = format!("/contact/service/{}", text(&stored["services"][0]["id"]));
    world.get(&service, &ada).await.refusal(404);

    let rev = text(&gone["rev"]);
    let undelete = format!("/contact/undelete/{id}?rev={rev}");
    let back = world.api(Method::POST, &undelete, &ada, None).await.json();
    assert!(back.get("deletionDate").is_none(), "{back}");
    assert_eq!(world.matched(&ada, "contact", &all).await, [id.as_str()]);
    world.get(&service, &ada).await.json();

    let purge = format!("/contact/purge/{id}?rev={}", text(&back["rev"]));
    delete(&bob, &purge).await.refusal(403);
    delete(&ada, &purge).await.json();
    world.get(&path, &ada).await.refusal(404);
}

#[tokio::test]
async fn several_patients_are_deleted_and_are_back() {
    let (world, ada, bob) = World::of_two().await;
    for id in ["p", "q"] {
        let patient = json!({"id": id, "delegations": {ada.owner_id.clone(): []}});
        world.post("/patient", &ada, &patient).await.json();
    }
    let ids = json!({"ids": ["p", "q"]});
    let gone = world.post("/patient/delete/batch", &ada, &ids).await;
    gone.json();
    let all = json!({"$type": "PatientByIdsFilter", "ids": ["p", "q"]});
    assert!(world.matched(&ada, "patient", &all).await.is_empty());
    let undelete = async |who: &Person, ids: &str| {
        let path = format!("/patient/undelete/{ids}");
        world.api(Method::PUT, &path, who, None).await
    };
    undelete(&bob, "p,q").await.refusal(403);
    undelete(&ada, "p,x").await.refusal(404);
    assert!(world.matched(&ada, "patient", &all).await.is_empty());
    let back = undelete(&ada, "p,%20q").await.json();
    assert_eq!(world.matched(&ada, "patient", &all).await, ["p", "q"]);
    let patient = world.get("/patient/q", &ada).await.json();
    assert_eq!(back[1], json!({"id": "q", "rev": patient["rev"]}));
}

#[tokio::test]
async fn a_filter_of_another_form_is_refused_by_the_name_of_the_field() {
    let (world, ada, _) = World::of_two().await;
    for (field, filter) in [
        ("filters", json!({"$type": "UnionFilter", "filters": {}})),
        (
            "superSet",
            json!({"$type": "ComplementFilter", "subSet": {"$type": "ContactByHcPartyFilter", "hcpId": "x"}}),
        ),
        (
            "hcpId",
            json!({"$type": "UnionFilter", "filters": [{"$type": "ContactByHcPartyFilter", "hcpId": ["x"]}]}),
        ),
        (
            "ids",
            json!({"$type": "ContactByServiceIdsFilter", "ids": "x"}),
        ),
        (
            "tagCode",
            json!({"$type": "ContactByHcPartyTagCodeDateFilter", "tagCode": 1}),
        ),
        ("$type", json!({"hcpId": "x"})),
        (
            "endDate",
            json!({"$type": "ContactByDataOwnerOpeningDateFilter", "dataOwnerId": "x", "endDate": 1.5}),
        ),
    ] {
        let refusal = world
            .post("/contact/match", &ada, &filter)
            .await
            .refusal(400);
        let message = text(&refusal["message"]);
        assert!(message.contains(&format!("`{field}`")), "{message}");
        let chain = json!({"filter": filter});
        world
            .post("/contact/filter", &ada, &chain)
            .await
            .refusal(400);
    }
    // Fields of others are passed over, and null says nothing.
    let filter = json!({"$type": "ContactByHcPartyFilter", "hcpId": "x", "desc": 1, "tagType": null, "other": {}});
    assert!(world.matched(&ada, "contact", &filter).await.is_empty());
}

#[tokio::test]
async fn a_batch_is_stored_changed_and_deleted_whole_or_not_at_all() {
    let (world, ada, bob) = World::of_two().await;
    let element =
        |id: &str| json!({"id": id, "delegations": {ada.owner_id.clone(): []}, "zzz": id});
    let batch = |ids: &[&str]| Value::from(ids.iter().map(|id| element(id)).collect::<Vec<_>>());
    let path = "/helement/batch";
    let stored = world.post(path, &ada, &batch(&["a", "b"])).await.json();
    assert_eq!(stored[1]["zzz"], "b");
    assert_eq!(stored[1]["author"], json!(ada.user_id));
    world
        .post(path, &ada, &batch(&["c", "b"]))
        .await
        .refusal(409);
    world.get("/helement/c", &ada).await.refusal(404);
    let ids = json!({"ids": ["b", "a", "x"]});
    let by_ids = world.post("/helement/byIds", &ada, &ids).await.json();
    assert_eq!(by_ids, json!([stored[1], stored[0]]));
    assert_eq!(
        world.post("/helement/byIds", &bob, &ids).await.json(),
        json!([])
    );
    let mut changed = stored.clone();
    changed[0]["zzz"] = json!("changed");
    changed[1]["rev"] = json!("1-x");
    world.put(path, &ada, &changed).await.refusal(409);
    assert_eq!(world.get("/helement/a", &ada).await.json(), stored[0]);
    changed[1]["rev"] = stored[1]["rev"].clone();
    let changed = world.put(path, &ada, &changed).await.json();
    assert_eq!(changed[0]["zzz"], "changed");
    let delete = "/helement/delete/batch";
    world
        .post(delete, &bob, &json!({"ids": ["a"]}))
        .await
        .refusal(403);
    let which = json!({"ids": [{"id": "a", "rev": "1-x"}]});
    world
        .post(&format!("{delete}/withrev"), &ada, &which)
        .await
        .refusal(409);
    let gone = world
        .post(delete, &ada, &json!({"ids": ["a", "b"]}))
        .await
        .json();
    assert_eq!(gone.as_array().unwrap().len(), 2);
    let all = json!({"$type": "HealthElementByHcPartyFilter", "hcpId": ada.owner_id});
    assert!(world.matched(&ada, "helement", &all).await.is_empty());
}

#[tokio::test]
async fn every_kind_of_a_patient_is_found_by_its_secret_id() {
    let (world, ada, bob) = World::of_two().await;
    for kind in [
        "helement",
        "document",
        "message",
        "form",
        "invoice",
        "calendarItem",
        "classification",
        "accesslog",
    ] {
        let sent = json!({"id": "1", "secretForeignKeys": ["s"], "delegations": {ada.owner_id.clone(): []}});
        let stored = world.post(&format!("/{kind}"), &ada, &sent).await.json();
        let path = format!(
            "/{kind}/byHcPartySecretForeignKeys?hcPartyId={}",
            ada.owner_id
        );
        let found = world
            .get(&format!("{path}&secretFKeys=s,t"), &ada)
            .await
            .json();
        assert_eq!(found, json!([stored]), "{kind}");
        assert_eq!(
            world.post(&path, &ada, &json!(["s"])).await.json(),
            found,
            "{kind}"
        );
        assert_eq!(
            world.post(&path, &bob, &json!(["s"])).await.json(),
            json!([]),
            "{kind}"
        );
        // In version 1, several at once.
        let url = format!("{}rest/v1/{kind}/1", world.simulator.api_url());
        let gone = world.send(Method::DELETE, url, &ada, None).await.json();
        assert_eq!(gone[0]["id"], "1", "{kind}");
    }
}
