//! How fast filters answer, and what a contact costs. Ignored: it measures.
//!
//! `cargo test --release --lib -- --ignored --nocapture simulator::tests::large`

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use uuid::Uuid;

use super::world::{Person, World, contact};

const CONTACTS: usize = 100_000;
const BATCH: usize = 1000;
const PATIENTS: usize = 1000;
const MOST: Duration = Duration::from_millis(5);

/// Bytes of this process that are in memory.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kib = line.unwrap().split_whitespace().nth(1).unwrap();
    kib.parse::<usize>().unwrap() * 1024
}

/// A contact as a client makes it: of one of so many patients, with a label of
/// its own kind and a date of its own day.
fn one(author: &Person, number: usize) -> Value {
    let mut one = contact(author, &[&author.owner_id, "responsible"]);
    let day = 20_200_101 + (number % 28) as u64 + 100 * ((number / 28) % 12) as u64;
    one["secretForeignKeys"] = json!([format!("patient-{}", number % PATIENTS)]);
    one["openingDate"] = json!(day * 1_000_000);
    let service = &mut one["services"][0];
    service["tags"] = json!([
        {"type": "IC-TEST", "code": format!("LABEL-{}", number % 500)},
        {"type": "ALL", "code": "ALL"},
    ]);
    service["codes"] = json!([{"type": "CODE", "code": format!("{}", number % 2000)}]);
    service["valueDate"] = json!(day * 1_000_000);
    service["identifier"] = json!([{"system": "s", "value": Uuid::new_v4().to_string()}]);
    service["healthElementsIds"] = json!([format!("element-{}", number % 5000)]);
    service["encryptedSelf"] = json!("c2VhbGVk".repeat(40));
    one
}

#[tokio::test]
#[ignore = "measures: see docs/simulator.md"]
async fn filters_answer_fast_among_many_contacts() {
    let (world, ada) = World::of_ada().await;
    let before = resident();
    let (mut sent, began) = (0, Instant::now());
    let mut last = Value::Null;
    for batch in 0..CONTACTS / BATCH {
        let contacts: Vec<_> = (0..BATCH).map(|n| one(&ada, batch * BATCH + n)).collect();
        let contacts = Value::from(contacts);
        sent += contacts.to_string().len();
        world.post("/contact/batch", &ada, &contacts).await.json();
        last = contacts[0]["services"][0].clone();
    }
    let each = (resident() - before) / CONTACTS;
    println!(
        "{CONTACTS} contacts of {} bytes stored in {:?}: {each} bytes of memory each",
        sent / CONTACTS,
        began.elapsed()
    );
    let owner = &ada.owner_id;
    let tagged = |tag: Value, code: Value| json!({"$type": "ServiceByHcPartyTagCodeDateFilter", "healthcarePartyId": owner, "tagType": tag[0], "tagCode": tag[1], "codeType": code[0], "codeCode": code[1]});
    let label = json!(["IC-TEST", "LABEL-7"]);
    let mut dated = tagged(label.clone(), Value::Null);
    dated["startValueDate"] = json!(20_200_601);
    let all = tagged(json!(["ALL", "ALL"]), Value::Null);
    let patient = json!({"$type": "ContactByHcPartyPatientTagCodeDateFilter", "healthcarePartyId": owner, "patientSecretForeignKeys": ["patient-7"]});
    let days = json!({"$type": "ContactByHcPartyTagCodeDateFilter", "startOfContactOpeningDate": 20_200_601, "endOfContactOpeningDate": 20_200_602});
    let identifier =
        json!({"$type": "ServiceByHcPartyIdentifiersFilter", "identifiers": last["identifier"]});
    let elements = json!({"$type": "ServiceByHcPartyHealthElementIdsFilter", "healthcarePartyId": owner, "healthElementIds": ["element-7"]});
    let both = json!({"$type": "IntersectionFilter", "filters": [all.clone(), elements.clone()]});
    let service = "contact/service/filter?limit=10";
    let mut slow = Vec::new();
    for (what, path, filter) in [
        ("services by label", service, tagged(label, Value::Null)),
        (
            "services by code",
            service,
            tagged(Value::Null, json!(["CODE", "7"])),
        ),
        ("services by label from a date on", service, dated),
        ("services by identifier", service, identifier),
        ("services by health element", service, elements),
        ("services by two filters", service, both),
        ("services by a label that all have", service, all),
        ("contacts of a patient", "contact/filter?limit=10", patient),
        ("contacts of two days", "contact/filter?limit=10", days),
    ] {
        let (mut times, mut found) = (Vec::new(), Value::Null);
        for _ in 0..50 {
            let (path, body) = (format!("/{path}"), json!({"filter": filter}));
            let began = Instant::now();
            let page = world.post(&path, &ada, &body).await;
            times.push(began.elapsed());
            found = page.json()["totalSize"].clone();
        }
        times.sort_unstable();
        let (median, worst) = (times[times.len() / 2], times[times.len() - 1]);
        println!("{what}: {found} found, median {median:?}, slowest {worst:?}");
        if median > MOST {
            slow.push(what);
        }
    }
    assert!(slow.is_empty(), "more than {MOST:?}: {slow:?}");
}
