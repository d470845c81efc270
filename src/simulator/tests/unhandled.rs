//! The file of what is unknown.

use reqwest::Method;
use serde_json::{Value, json};

use super::world::{As, World};
use crate::simulator::{Config, Simulator};

#[tokio::test]
async fn what_nothing_answers_is_collected_without_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("unknown.jsonl");
    std::fs::write(&file, "what was there\n").unwrap();
    let world = World::with(Config {
        log_unknown: Some(file.clone()),
        ..Config::default()
    })
    .await;
    let who = As::Basic("ada".to_owned(), "hunter2".to_owned());
    let body = json!({"secret": "hunter2"});
    for (method, path) in [
        (Method::PUT, "/contact/hunter2?ts=hunter2"),
        (Method::POST, "/receipt/byIds?hunter2=1&key=hunter2"),
        (Method::GET, "/user/token/hunter/hunter"),
        (
            Method::GET,
            "/tarification/1b671a64-40d5-491e-99b0-da01ff1f3341",
        ),
    ] {
        world.api(method, path, &who, Some(&body)).await;
    }
    // Served, if refused, and so of no interest.
    world.get("/user/current", &who).await.refusal(401);
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(!text.contains("hunter"), "{text}");
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("what was there"));
    let mut seen = Vec::new();
    for line in lines {
        let mut line: Value = serde_json::from_str(line).unwrap();
        let time = line.as_object_mut().unwrap().remove("time").unwrap();
        let time: jiff::Timestamp = time.as_str().unwrap().parse().unwrap();
        assert_eq!(time.as_millisecond(), world.clock.unix_millis());
        seen.push(line);
    }
    assert_eq!(
        Value::from(seen),
        json!([
            {"method": "PUT", "path": "/rest/v2/contact/{id}", "query": ["ts"], "status": 405},
            {"method": "POST", "path": "/rest/v2/receipt/byIds", "query": ["{other}", "key"], "status": 501},
            {"method": "GET", "path": "/rest/v2/user/token/{userId}/{key}", "query": [], "status": 405},
            {"method": "GET", "path": "/rest/v2/tarification/{uuid}", "query": [], "status": 501},
        ])
    );
}

#[tokio::test]
async fn a_file_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let config = Config {
        log_unknown: Some(folder.path().join("missing/unknown.jsonl")),
        ..Config::default()
    };
    let error = Simulator::start(config).await.err().unwrap().to_string();
    assert!(error.contains("missing/unknown.jsonl"), "{error}");
    assert!(error.contains("--log-unknown"), "{error}");
}
