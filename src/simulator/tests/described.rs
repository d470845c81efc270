//! `/openapi.json` against what is served.

use reqwest::Method;
use serde_json::Value;

use super::world::{As, World};

/// `(method, path)` of everything that is described.
fn operations(document: &Value) -> Vec<(Method, String, Value)> {
    let paths = document["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, methods)| {
        methods
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, operation)| {
                let method = name.to_uppercase().parse().unwrap();
                (method, path.clone(), operation.clone())
            })
    });
    operations.collect()
}

async fn document(world: &World) -> Value {
    let url = format!("{}openapi.json", world.simulator.api_url());
    world.send(Method::GET, url, &As::Nobody, None).await.json()
}

/// The URL of a path, with something for each parameter.
fn url(world: &World, path: &str) -> String {
    let path = path.trim_start_matches('/').replace(['{', '}'], "");
    format!("{}{path}", world.simulator.api_url())
}

#[tokio::test]
async fn what_is_described_is_served_and_no_other_method_is() {
    let world = World::new().await;
    let operations = operations(&document(&world).await);
    assert!(operations.len() > 40, "{operations:?}");
    for (_, path, _) in &operations {
        let described = operations.iter().filter(|(_, other, _)| other == path);
        let mut described: Vec<_> = described.map(|(method, ..)| method.as_str()).collect();
        if described.contains(&"GET") {
            described.push("HEAD");
        }
        described.sort_unstable();
        let answer = world
            .send(Method::TRACE, url(&world, path), &As::Nobody, None)
            .await;
        answer.refusal(405);
        let allowed = answer.header("allow");
        let mut allowed: Vec<_> = allowed.split(',').collect();
        allowed.sort_unstable();
        assert_eq!(allowed, described, "{path}");
    }
}

#[tokio::test]
async fn who_is_answered_is_as_described() {
    let world = World::new().await;
    for (method, path, operation) in operations(&document(&world).await) {
        let answer = world
            .send(method.clone(), url(&world, &path), &As::Nobody, None)
            .await;
        let is_open = operation["security"] == serde_json::json!([]);
        // A log-in without a body is malformed before it is wrong.
        assert_eq!(answer.status != 401, is_open, "{method} {path}");
        let responses = operation["responses"].as_object().unwrap();
        let status = answer.status.to_string();
        assert!(responses.contains_key(&status), "{method} {path}: {status}");
    }
}

#[tokio::test]
async fn every_reference_leads_somewhere() {
    let world = World::new().await;
    let document = document(&world).await;
    let text = document.to_string();
    let references = text.split("\"$ref\":\"#").skip(1);
    let references: Vec<_> = references
        .map(|rest| rest.split('"').next().unwrap())
        .collect();
    assert!(references.len() > 100);
    for reference in references {
        assert!(document.pointer(reference).is_some(), "{reference}");
    }
}
