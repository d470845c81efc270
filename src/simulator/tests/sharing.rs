//! Who asks whom for access, and with whom data is shared.

use serde_json::{Value, json};

use super::world::{Person, World, task, text};

impl World {
    async fn ask(&self, who: &Person, body: &Value) -> Value {
        self.post("/maintenancetask", who, body).await.json()
    }

    /// Ids of the tasks that a filter finds, and what else the page says.
    async fn found(&self, who: &Person, query: &str, filter: Value) -> (Vec<String>, Value) {
        let path = format!("/maintenancetask/filter{query}");
        let body = json!({ "filter": filter });
        let page = self.post(&path, who, &body);
        let mut page = page.await.json();
        let rows = page["rows"].take();
        let ids = rows.as_array().unwrap().iter().map(|row| text(&row["id"]));
        (ids.collect(), page)
    }
}

fn of_type(task_type: &str) -> Value {
    json!({"$type": "MaintenanceTaskByHcPartyAndTypeFilter", "type": task_type})
}

#[tokio::test]
async fn a_task_is_asked_found_and_completed() {
    let world = World::new().await;
    let doctor = world.practitioner("doctor@example.org").await;
    let ada = world.patient("ada@example.org").await;
    let mut sent = task(&ada, &[&ada.owner_id, &doctor.owner_id]);
    for filled_in in ["author", "responsible", "created"] {
        sent.as_object_mut().unwrap().remove(filled_in);
    }
    sent["zzz"] = json!({"kept": true});
    let asked = world.ask(&ada, &sent).await;
    assert_eq!(asked["author"], ada.user_id);
    assert_eq!(asked["responsible"], ada.owner_id);
    assert!(asked["created"].is_i64(), "{asked}");
    assert_eq!(asked["zzz"], sent["zzz"]);

    let since = json!({
        "$type": "MaintenanceTaskAfterDateFilter",
        "healthcarePartyId": doctor.owner_id,
        "date": asked["created"],
    });
    let (ids, page) = world.found(&doctor, "", since).await;
    assert_eq!(ids, [text(&sent["id"])]);
    assert_eq!(page["totalSize"], 1);
    assert!(page.get("nextKeyPair").is_none(), "{page}");

    let path = format!("/maintenancetask/{}", text(&sent["id"]));
    let mut read = world.get(&path, &doctor).await.json();
    assert_eq!(read, asked);
    read["status"] = json!("completed");
    let stored = world.put("/maintenancetask", &doctor, &read).await.json();
    assert!(text(&stored["rev"]).starts_with("2-"));
    let seen = world.get(&path, &ada).await.json();
    assert_eq!(seen["status"], "completed");
}

#[tokio::test]
async fn filters_find_what_they_say_and_nothing_of_others() {
    let world = World::new().await;
    let (ada, bob) = (
        world.patient("ada@example.org").await,
        world.patient("bob@example.org").await,
    );
    let mut ids = Vec::new();
    for (number, task_type) in ["A", "B", "A"].into_iter().enumerate() {
        let mut sent = task(&ada, &[&ada.owner_id]);
        sent["taskType"] = json!(task_type);
        sent["created"] = json!(100 + number);
        ids.push(text(&world.ask(&ada, &sent).await["id"]));
    }
    world.ask(&bob, &task(&bob, &[&bob.owner_id])).await;
    let after = |date: u64| json!({"$type": "MaintenanceTaskAfterDateFilter", "date": date});
    let by_ids = json!({"$type": "MaintenanceTaskByIdsFilter", "ids": [ids[1], "unknown"]});
    let both =
        |kind: &str, filters: [Value; 2]| json!({"$type": kind, "filters": filters.to_vec()});
    let pick = |wanted: &[usize]| -> Vec<String> {
        wanted.iter().map(|number| ids[*number].clone()).collect()
    };
    for (filter, wanted) in [
        (after(0), &[0, 1, 2][..]),
        (after(101), &[1, 2]),
        (after(103), &[]),
        (of_type("A"), &[0, 2]),
        (by_ids.clone(), &[1]),
        (both("IntersectionFilter", [of_type("A"), after(101)]), &[2]),
        (both("UnionFilter", [of_type("B"), after(102)]), &[1, 2]),
    ] {
        let (found, _) = world.found(&ada, "", filter.clone()).await;
        assert_eq!(found, pick(wanted), "{filter}");
    }
    let (found, _) = world.found(&bob, "", by_ids).await;
    assert!(found.is_empty(), "{found:?}");
}

#[tokio::test]
async fn many_tasks_come_page_by_page() {
    let (world, ada) = World::of_ada().await;
    let mut ids = Vec::new();
    for number in 0..5 {
        let mut sent = task(&ada, &[&ada.owner_id]);
        sent["created"] = json!(number);
        ids.push(text(&world.ask(&ada, &sent).await["id"]));
    }
    let all = json!({"$type": "MaintenanceTaskAfterDateFilter", "date": 0});
    let (mut found, mut query) = (Vec::new(), "?limit=2".to_owned());
    let mut sizes = Vec::new();
    loop {
        let (rows, page) = world.found(&ada, &query, all.clone()).await;
        assert_eq!(page["totalSize"], 5);
        sizes.push(page["pageSize"].as_u64().unwrap());
        found.extend(rows);
        let Some(next) = page["nextKeyPair"]["startKeyDocId"].as_str() else {
            break;
        };
        query = format!("?limit=2&startDocumentId={next}");
    }
    assert_eq!(found, ids);
    assert_eq!(sizes, [2, 2, 1]);
}

#[tokio::test]
async fn an_account_says_with_whom_it_shares() {
    let (world, ada) = World::of_ada().await;
    let before = world.get("/user/current", &ada).await.json();
    let changed = json!({
        "id": before["id"],
        "rev": before["rev"],
        "autoDelegations": {"all": ["x"], "financialInformation": ["y"]},
        "zzz": 1,
    });
    let stored = world.put("/user", &ada, &changed).await.json();
    let after = world.get("/user/current", &ada).await.json();
    assert_eq!(after, stored);
    assert_eq!(after["autoDelegations"], changed["autoDelegations"]);
    assert_eq!(after["zzz"], 1);
    // Who it is was left out, and stays.
    for field in ["login", "email", "groupId", "patientId"] {
        assert_eq!(after[field], before[field], "{field}");
    }
}

#[tokio::test]
async fn a_delegate_changes_the_keys_of_a_patient() {
    let (world, ada) = World::of_ada().await;
    let doctor = world.practitioner("doctor@example.org").await;
    let path = format!("/patient/{}", ada.owner_id);
    let mut patient = world.get(&path, &ada).await.json();
    patient["delegations"] = json!({doctor.owner_id.clone(): []});
    let mut patient = world.put("/patient", &ada, &patient).await.json();
    patient["aesExchangeKeys"] = json!({"k": {doctor.owner_id.clone(): {"f": "00"}}});
    let stored = world.put("/patient", &doctor, &patient).await.json();
    let seen = world.get(&path, &ada).await.json();
    assert_eq!(seen, stored);
    assert_eq!(seen["aesExchangeKeys"], patient["aesExchangeKeys"]);
}
