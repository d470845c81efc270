//! What is refused of any request, and of users' messages.

use reqwest::Method;
use serde_json::json;

use super::world::{As, World, text};

#[tokio::test]
async fn a_body_that_is_not_json_is_400_and_is_not_repeated() {
    let world = World::new().await;
    let body = json!("hunter2");
    let answer = world.post("/auth/login", &As::Nobody, &body).await;
    assert!(!answer.refusal(400).to_string().contains("hunter2"));
}

#[tokio::test]
async fn a_body_that_is_too_long_is_413() {
    let world = World::new().await;
    let body = json!("x".repeat(17 * 1024 * 1024));
    world
        .post("/auth/login", &As::Nobody, &body)
        .await
        .refusal(413);
}

#[tokio::test]
async fn another_path_is_501_and_named() {
    let world = World::new().await;
    let refusal = world
        .api(Method::DELETE, "/tarification/x?ts=1", &As::Nobody, None)
        .await
        .refusal(501);
    let named = text(&refusal["message"]);
    assert!(
        named.ends_with("DELETE /rest/v2/tarification/x"),
        "{refusal}"
    );
    assert_eq!(refusal["path"], "/rest/v2/tarification/x");
    for path in [
        "/user/tokens/u/hunter",
        "/x/hunter2",
        "/user/%74oken/u/hunter",
    ] {
        let refusal = world.get(path, &As::Nobody).await.refusal(501);
        assert!(!refusal.to_string().contains("hunter"), "{refusal}");
    }
}

#[tokio::test]
async fn another_method_is_405_with_those_that_are_served() {
    let world = World::new().await;
    let answer = world
        .api(Method::PUT, "/contact/x?ts=1", &As::Nobody, None)
        .await;
    assert_eq!(answer.header("allow"), "GET,HEAD,DELETE");
    let refusal = answer.refusal(405);
    let named = text(&refusal["message"]);
    assert!(named.ends_with("PUT /rest/v2/contact/x"), "{refusal}");
    let refusal = world
        .get("/user/token/u/hunter2", &As::Nobody)
        .await
        .refusal(405);
    assert!(!refusal.to_string().contains("hunter2"), "{refusal}");
}

#[tokio::test]
async fn a_request_of_its_own_that_is_not_served_is_501_and_not_taken_for_an_id() {
    let world = World::new().await;
    for (method, path) in [
        (Method::POST, "/contact/linkedTo"),
        (Method::PUT, "/patient/conflicts"),
    ] {
        let refusal = world.api(method.clone(), path, &As::Nobody, None).await;
        let refusal = refusal.refusal(501);
        let named = text(&refusal["message"]);
        assert!(
            named.ends_with(&format!("{method} /rest/v2{path}")),
            "{refusal}"
        );
    }
}

#[tokio::test]
async fn a_message_without_account_is_401() {
    let world = World::new().await;
    let body = json!({"subject": "Hi", "html": "Hi"});
    let url = world.gateway("/email/to/bob@example.org");
    world
        .send(Method::POST, url, &As::Nobody, Some(&body))
        .await
        .refusal(401);
    let url = world.gateway("/sms/to/+32475123456");
    world
        .send(Method::POST, url, &As::Nobody, Some(&body))
        .await
        .refusal(401);
}

#[tokio::test]
async fn a_message_to_nowhere_or_without_text_is_400() {
    let (world, ada) = World::of_ada().await;
    let good = json!({"html": "Hi", "message": "Hi"});
    for (path, body) in [
        ("/email/to/bob", &good),
        ("/sms/to/bob", &good),
        ("/email/to/bob@example.org", &json!({})),
        ("/sms/to/+32475123456", &json!({})),
    ] {
        let url = world.gateway(path);
        world
            .send(Method::POST, url, &ada, Some(body))
            .await
            .refusal(400);
    }
}

#[tokio::test]
async fn an_outbox_query_that_is_no_number_is_400() {
    let world = World::new().await;
    let url = format!("{}?after=x", world.simulator.outbox_url());
    world
        .send(Method::GET, url, &As::Nobody, None)
        .await
        .refusal(400);
}
