//! Whose word is not taken.

use reqwest::Method;

use super::world::{As, World, text};

#[tokio::test]
async fn a_code_before_it_is_validated_is_no_password_401() {
    let world = World::new().await;
    world.patient("ada@example.org").await;
    let (_, code) = world.code("ada@example.org").await;
    world.login("ada@example.org", &code).await.refusal(401);
}

#[tokio::test]
async fn a_code_is_no_password_any_more_after_its_lifetime_401() {
    let (world, ada) = World::of_ada().await;
    world.advance(300);
    world.login(&ada.login, &ada.code).await.refusal(401);
    world.get("/user/current", &ada).await.refusal(401);
}

#[tokio::test]
async fn wrong_or_missing_credentials_are_401() {
    let (world, ada) = World::of_ada().await;
    world.login(&ada.login, "wrong").await.refusal(401);
    world
        .login("nobody@example.org", &ada.code)
        .await
        .refusal(401);
    let basic = |password: &str| As::Basic(ada.login.clone(), password.to_owned());
    for who in [
        As::Nobody,
        basic("wrong"),
        basic(""),
        As::Bearer("a.b.c".to_owned()),
    ] {
        world.get("/user/current", &who).await.refusal(401);
    }
}

#[tokio::test]
async fn another_users_token_is_401() {
    let (world, ada, bob) = World::of_two().await;
    let token = world.token(&ada, "key", 60).await;
    world.login(&bob.login, &token).await.refusal(401);
}

#[tokio::test]
async fn a_token_that_has_expired_is_401() {
    let (world, ada) = World::of_ada().await;
    let token = world.token(&ada, "key", 60).await;
    let session = world.login(&ada.login, &token).await.json();
    world.advance(60);
    world.login(&ada.login, &token).await.refusal(401);
    // Nor does what was had with it live on.
    world
        .refresh(&text(&session["refreshToken"]))
        .await
        .refusal(401);
}

#[tokio::test]
async fn a_jwt_that_has_expired_or_is_for_something_else_is_401() {
    let (world, ada) = World::of_ada().await;
    let session = world.login(&ada.login, &ada.code).await.json();
    let (access, refresh) = (text(&session["token"]), text(&session["refreshToken"]));
    world
        .get("/user/current", &As::Bearer(refresh.clone()))
        .await
        .refusal(401);
    world.refresh(&access).await.refusal(401);
    world.refresh("nonsense").await.refusal(401);
    world.advance(3600);
    world
        .get("/user/current", &As::Bearer(access))
        .await
        .refusal(401);
    world.advance(23 * 3600);
    world.refresh(&refresh).await.refusal(401);
}

#[tokio::test]
async fn a_refresh_without_jwt_is_401() {
    let world = World::new().await;
    world
        .api(Method::POST, "/auth/refresh", &As::Nobody, None)
        .await
        .refusal(401);
}

#[tokio::test]
async fn a_token_for_another_user_is_403_and_the_key_is_not_repeated() {
    let (world, ada, bob) = World::of_two().await;
    let path = format!("/user/token/{}/hunter2", bob.user_id);
    let answer = world.api(Method::POST, &path, &ada, None).await;
    assert!(!answer.refusal(403).to_string().contains("hunter2"));
}

#[tokio::test]
async fn a_token_without_validity_is_400() {
    let (world, ada) = World::of_ada().await;
    for validity in ["0", "-1", "long"] {
        let path = format!("/user/token/{}/key?tokenValidity={validity}", ada.user_id);
        world
            .api(Method::POST, &path, &ada, None)
            .await
            .refusal(400);
    }
}
