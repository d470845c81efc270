//! What a data folder keeps, and what it must not.

use std::io::Read;
use std::path::Path;

use flate2::read::GzDecoder;
use serde_json::{Value, json};

use super::world::{As, World, contact, text};
use crate::simulator::{Config, Simulator, SimulatorError};

fn config(folder: &Path) -> Config {
    Config {
        data: Some(folder.to_owned()),
        ..Config::default()
    }
}

#[tokio::test]
async fn a_restart_keeps_identity_accounts_documents_and_tokens() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::with(config(folder.path())).await;
    let identity = world.simulator.identity().clone();
    let ada = world.patient("ada@example.org").await;
    let token = world.token(&ada, "key", 3600).await;
    let session = world.login(&ada.login, &ada.code).await.json();
    let sent = contact(&ada, &[&ada.owner_id]);
    let stored = world.post("/contact", &ada, &sent).await.json();
    let last = world.outbox(u64::MAX, 0).await.last;
    world.simulator.shutdown().await;

    let world = World::with(config(folder.path())).await;
    assert_eq!(*world.simulator.identity(), identity);
    assert!(world.outbox(u64::MAX, 0).await.last >= last);
    let by_token = As::Basic(ada.login.clone(), token);
    for who in [&by_token, &As::Bearer(text(&session["token"]))] {
        let user = world.get("/user/current", who).await.json();
        assert_eq!(user["id"], ada.user_id);
        let path = format!("/contact/{}", text(&sent["id"]));
        assert_eq!(world.get(&path, who).await.json(), stored);
    }
    let again = world.patient("Ada@example.org").await;
    assert_eq!(again.owner_id, ada.owner_id);
}

/// The folder of a simulator of 28 November 2026: a patient with a token, two
/// contacts of which the second was made before the first, a task, and exchange
/// data with the responsible.
#[tokio::test]
async fn a_folder_of_format_1_is_brought_up_to_date() {
    let packed = &include_bytes!("../../../fixtures/simulator/format-1.redb.gz")[..];
    let mut file = Vec::new();
    GzDecoder::new(packed).read_to_end(&mut file).unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("simulator.redb"), file).unwrap();
    for _ in ["of the old format", "of the new one"] {
        let world = World::with(config(folder.path())).await;
        let responsible = "cc7b4f2c-813c-4899-b79f-bfb6818fe219";
        assert_eq!(world.simulator.identity().responsible, responsible);
        let ada = As::Basic(
            "ada@example.org".to_owned(),
            "7ca320d1-dae3-4281-9191-107c17fffed1".to_owned(),
        );
        let user = world.get("/user/current", &ada).await.json();
        let owner = text(&user["patientId"]);
        let found = async |of: &str, filter: Value| {
            let body = json!({"filter": filter});
            let found = world
                .post(&format!("/{of}/filter"), &ada, &body)
                .await
                .json();
            found["rows"].as_array().unwrap().clone()
        };
        let all = json!({"$type": "ContactByHcPartyFilter", "hcpId": owner});
        let contacts = found("contact", all).await;
        let created: Vec<_> = contacts.iter().map(|row| &row["created"]).collect();
        assert_eq!(created, [1_600_000_000_000_i64, 1_664_438_400_000]);
        let tagged = json!({"$type": "ServiceByHcPartyTagCodeDateFilter", "tagType": "IC-TEST", "tagCode": "weight"});
        assert_eq!(found("contact/service", tagged).await.len(), 2);
        let asked =
            json!({"$type": "MaintenanceTaskByHcPartyAndTypeFilter", "type": "KEY_PAIR_UPDATE"});
        assert_eq!(found("maintenancetask", asked).await.len(), 1);
        let path = format!("/exchangedata/byParticipant/{owner}");
        let page = world.get(&path, &ada).await.json();
        assert_eq!(page["rows"][0]["delegate"], responsible);
        let practitioners = world.get("/hcparty", &ada).await.json();
        assert_eq!(practitioners["rows"][0]["id"], responsible);
        world.simulator.shutdown().await;
    }
}

#[tokio::test]
async fn what_was_confirmed_survives_a_simulator_that_was_not_shut_down() {
    let folder = tempfile::tempdir().unwrap();
    let copy = tempfile::tempdir().unwrap();
    let world = World::with(config(folder.path())).await;
    let ada = world.patient("ada@example.org").await;
    let token = world.token(&ada, "key", 3600).await;
    // The file as a killed process would leave it, while it is still open.
    std::fs::copy(
        folder.path().join("simulator.redb"),
        copy.path().join("simulator.redb"),
    )
    .unwrap();
    let world = World::with(config(copy.path())).await;
    world.login(&ada.login, &token).await.json();
}

#[tokio::test]
async fn no_secret_is_stored() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::with(config(folder.path())).await;
    let ada = world.patient("ada@example.org").await;
    let token = world.token(&ada, "key-of-the-token", 3600).await;
    let session = world.login(&ada.login, &token).await.json();
    let sent = contact(&ada, &[&ada.owner_id]);
    world.post("/contact", &ada, &sent).await.json();
    world.simulator.shutdown().await;

    let bytes = std::fs::read(folder.path().join("simulator.redb")).unwrap();
    let holds = |text: &str| {
        bytes
            .windows(text.len())
            .any(|window| window == text.as_bytes())
    };
    assert!(holds(&ada.login), "the file is not where this test looks");
    assert!(!holds(&token));
    assert!(!holds("key-of-the-token"));
    assert!(!holds(&text(&session["token"])));
    assert!(!holds(&text(&session["refreshToken"])));
    // Six digits may well stand in a hexadecimal id; alone they stand nowhere.
    let is_digit = |at: Option<usize>| {
        at.and_then(|at| bytes.get(at))
            .is_some_and(u8::is_ascii_alphanumeric)
    };
    let code = ada.code.as_bytes();
    let alone = bytes.windows(code.len()).enumerate().any(|(at, window)| {
        window == code && !is_digit(at.checked_sub(1)) && !is_digit(Some(at + code.len()))
    });
    assert!(!alone);
}

#[tokio::test]
async fn a_folder_in_use_is_explained() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::with(config(folder.path())).await;
    let error = Simulator::start(config(folder.path())).await.err().unwrap();
    assert!(matches!(error, SimulatorError::InUse { .. }), "{error}");
    world.simulator.shutdown().await;
    Simulator::start(config(folder.path())).await.unwrap();
}

#[tokio::test]
async fn two_simulators_in_memory_share_nothing() {
    let one = World::new().await;
    let other = World::new().await;
    let ada = one.patient("ada@example.org").await;
    other.login(&ada.login, &ada.code).await.refusal(401);
    let session = one.login(&ada.login, &ada.code).await.json();
    let jwt = As::Bearer(text(&session["token"]));
    other.get("/user/current", &jwt).await.refusal(401);
    assert_ne!(
        json!(one.simulator.identity()),
        json!(other.simulator.identity())
    );
}
