//! A process that is killed in the middle of writing.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use super::world::{As, World, contact, text};
use crate::simulator::Config;

/// Where the helper process keeps its data.
const FOLDER: &str = "REHEARSE_TEST_KILLED";

/// Prefix of what the helper prints: the output of the test harness is around.
const MARK: &str = "confirmed:";

/// Contacts that are confirmed before the helper is killed.
const ENOUGH: usize = 60;

#[tokio::test]
async fn what_was_answered_is_there_after_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let mut helper = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture"])
        .arg("simulator::tests::killed::helper_that_writes_until_it_is_killed")
        .env(FOLDER, folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(helper.stdout.take().unwrap()).lines();
    let mut confirmed = lines
        .by_ref()
        .filter_map(|line| Some(line.unwrap().strip_prefix(MARK)?.to_owned()));
    let token = confirmed.next().unwrap();
    let mut contacts: Vec<String> = confirmed.by_ref().take(ENOUGH).collect();
    helper.kill().unwrap();
    helper.wait().unwrap();
    contacts.extend(confirmed);
    assert!(contacts.len() >= ENOUGH);

    let world = World::with(Config {
        data: Some(folder.path().to_owned()),
        ..Config::default()
    })
    .await;
    let ada = As::Basic("ada@example.org".to_owned(), token);
    for id in contacts {
        let found = world.get(&format!("/contact/{id}"), &ada).await.json();
        assert_eq!(text(&found["id"]), id);
    }
}

/// Not a test by itself: the other one runs it in a process of its own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a helper of what_was_answered_is_there_after_a_kill"]
async fn helper_that_writes_until_it_is_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let world = World::with(Config {
        data: Some(folder.into()),
        ..Config::default()
    })
    .await;
    let ada = world.patient("ada@example.org").await;
    println!("\n{MARK}{}", world.token(&ada, "key", 3600).await);
    let write = async || {
        // An end of its own, in case nobody is left to kill it.
        for _ in 0..2000 {
            let sent = contact(&ada, &[&ada.owner_id]);
            let stored = world.post("/contact", &ada, &sent);
            println!("{MARK}{}", text(&stored.await.json()["id"]));
        }
    };
    tokio::join!(write(), write(), write(), write());
}
