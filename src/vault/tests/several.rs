//! Several threads and processes on one vault. A process is a vault of its own:
//! the lock between processes belongs to an open file, not to a process.

use std::fs;
use std::sync::Barrier;
use std::thread;

use super::{Place, credentials, login};
use crate::vault::{VaultError, disk};

#[test]
fn fifty_threads_save_at_once_and_each_finds_its_own_on_the_disk() {
    let place = Place::new();
    let vault = place.open();
    let start = Barrier::new(50);
    thread::scope(|scope| {
        for number in 0..50 {
            let (vault, start, place) = (vault.clone(), &start, &place);
            scope.spawn(move || {
                start.wait();
                let name = format!("user-{number}");
                vault.put(&name, credentials(&name)).unwrap();
                assert_eq!(login(&place.open(), &name), Some(name));
            });
        }
    });
    assert_eq!(place.open().names().unwrap().len(), 50);
}

#[test]
fn two_processes_that_write_in_turn_lose_nothing() {
    let place = Place::new();
    let vaults = [place.open(), place.open()];
    for round in 0..6 {
        let name = format!("name-{round}");
        vaults[round % 2].put(&name, credentials(&name)).unwrap();
        // The one that did not write sees it at once.
        assert_eq!(login(&vaults[(round + 1) % 2], &name), Some(name));
    }
    assert_eq!(vaults[0].names().unwrap().len(), 6);
    assert_eq!(vaults[0].names().unwrap(), vaults[1].names().unwrap());
}

#[test]
fn two_processes_that_write_at_once_lose_nothing() {
    let place = Place::new();
    thread::scope(|scope| {
        for process in 0..4 {
            let place = &place;
            scope.spawn(move || {
                let vault = place.open();
                for number in 0..5 {
                    let name = format!("{process}-{number}");
                    vault.put(&name, credentials(&name)).unwrap();
                }
            });
        }
    });
    assert_eq!(place.open().names().unwrap().len(), 20);
}

#[test]
fn a_vault_that_is_removed_while_open_comes_back_with_the_next_save() {
    let place = Place::new();
    let vault = place.open();
    vault.put("ada", credentials("ada")).unwrap();
    fs::remove_file(place.path()).unwrap();
    assert_eq!(login(&vault, "ada").as_deref(), Some("ada"));
    vault.put("bob", credentials("bob")).unwrap();
    assert_eq!(place.open().names().unwrap(), ["ada", "bob"]);
}

#[test]
fn a_vault_that_somebody_makes_anew_under_the_same_passphrase_is_followed() {
    let place = Place::new();
    let vault = place.open_with("open sesame").unwrap();
    vault.put("ada", credentials("ada")).unwrap();
    fs::remove_file(place.path()).unwrap();
    place.open_with("open sesame").unwrap();
    vault.put("bob", credentials("bob")).unwrap();
    assert_eq!(
        place.open_with("open sesame").unwrap().names().unwrap(),
        ["bob"]
    );
}

#[test]
fn a_failed_save_tells_everybody_and_the_vault_goes_on() {
    let place = Place::new();
    let vault = place.open();
    vault.put("ada", credentials("ada")).unwrap();
    // A folder where the draft should be cannot be replaced by a file.
    let obstacle = disk::draft_path(&place.path());
    fs::create_dir(&obstacle).unwrap();
    thread::scope(|scope| {
        for number in 0..8 {
            let vault = vault.clone();
            scope.spawn(move || {
                let failed = vault.put(&format!("user-{number}"), credentials("x"));
                assert!(matches!(failed, Err(VaultError::Io { .. })));
            });
        }
    });
    fs::remove_dir(&obstacle).unwrap();
    vault.put("bob", credentials("bob")).unwrap();
    assert_eq!(place.open().names().unwrap(), ["ada", "bob"]);
}
