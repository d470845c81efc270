//! What is refused of a process and of its code.

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::world::{As, World};

/// Starts a process for a patient by e-mail with a body that was changed.
async fn started(world: &World, change: impl FnOnce(&mut Value)) -> u16 {
    let mut body = world.application("ada@example.org");
    change(&mut body);
    let process = &world.simulator.identity().processes.patient_by_email;
    let answer = world
        .start(process, &Uuid::new_v4().to_string(), &body)
        .await;
    if answer.status != 200 {
        answer.refusal(answer.status);
    }
    answer.status
}

fn without(field: &'static str) -> impl FnOnce(&mut Value) {
    move |body| drop(body.as_object_mut().unwrap().remove(field))
}

fn with(field: &'static str, value: &'static str) -> impl FnOnce(&mut Value) {
    move |body| body[field] = json!(value)
}

#[tokio::test]
async fn a_process_without_captcha_is_400() {
    let world = World::new().await;
    assert_eq!(started(&world, without("g-recaptcha-response")).await, 400);
    assert_eq!(started(&world, with("g-recaptcha-response", "")).await, 400);
}

#[tokio::test]
async fn a_process_with_an_invalid_captcha_is_403() {
    let world = World::new().await;
    assert_eq!(
        started(&world, with("g-recaptcha-response", "invalid")).await,
        403
    );
    let friendly = |body: &mut Value| {
        without("g-recaptcha-response")(body);
        body["friendly-captcha-response"] = json!("invalid");
    };
    assert_eq!(started(&world, friendly).await, 403);
}

#[tokio::test]
async fn a_process_of_an_unknown_spec_or_process_id_is_404() {
    let world = World::new().await;
    let body = world.application("ada@example.org");
    world.start("unknown", "r", &body).await.refusal(404);
    let process = &world.simulator.identity().processes.patient_by_email;
    let url = format!(
        "{}/unknown/process/{process}/r",
        world.simulator.gateway_url()
    );
    world
        .send(Method::POST, url, &As::Nobody, Some(&body))
        .await
        .refusal(404);
    let url = format!(
        "{}/unknown/process/validate/r-123456",
        world.simulator.gateway_url()
    );
    world
        .send(Method::GET, url, &As::Nobody, None)
        .await
        .refusal(404);
}

#[tokio::test]
async fn a_process_without_its_address_is_400() {
    let world = World::new().await;
    assert_eq!(started(&world, without("email")).await, 400);
    let by_sms = &world.simulator.identity().processes.patient_by_sms;
    let body = world.application("ada@example.org");
    world.start(by_sms, "r", &body).await.refusal(400);
}

#[tokio::test]
async fn a_process_with_a_malformed_address_is_400() {
    let world = World::new().await;
    assert_eq!(
        started(&world, with("email", "ada at example.org")).await,
        400
    );
    let by_sms = &world.simulator.identity().processes.patient_by_sms;
    let mut body = world.application("ada@example.org");
    body["mobilePhone"] = json!("call me");
    world.start(by_sms, "r", &body).await.refusal(400);
}

#[tokio::test]
async fn a_patient_without_responsible_is_400() {
    assert_eq!(started(&World::new().await, without("hcpId")).await, 400);
}

#[tokio::test]
async fn whoever_has_an_account_or_is_a_practitioner_needs_no_responsible() {
    let (world, ada) = World::of_ada().await;
    let patients = world
        .simulator
        .identity()
        .processes
        .patient_by_email
        .clone();
    let practitioners = world.simulator.identity().processes.hcp_by_email.clone();
    for (number, hcp_id) in ["", "nobody", ada.owner_id.as_str()]
        .into_iter()
        .enumerate()
    {
        let mut body = world.application(&ada.login);
        body["hcpId"] = json!(hcp_id);
        let request = format!("p{number}");
        assert_eq!(world.start(&patients, &request, &body).await.status, 200);
        body["email"] = json!("house@example.org");
        let request = format!("h{number}");
        assert_eq!(
            world.start(&practitioners, &request, &body).await.status,
            200
        );
    }
}

#[tokio::test]
async fn an_unknown_responsible_is_400() {
    assert_eq!(
        started(&World::new().await, with("hcpId", "nobody")).await,
        400
    );
}

#[tokio::test]
async fn a_code_length_out_of_range_is_400() {
    let world = World::new().await;
    let process = &world.simulator.identity().processes.patient_by_email;
    for length in ["3", "13", "six", "-6"] {
        let path = format!("/process/{process}/r?codeLength={length}");
        let body = world.application("ada@example.org");
        let answer = world.send(Method::POST, world.gateway(&path), &As::Nobody, Some(&body));
        answer.await.refusal(400);
    }
}

#[tokio::test]
async fn a_request_id_that_was_used_is_409() {
    let world = World::new().await;
    let process = &world.simulator.identity().processes.patient_by_email;
    let body = world.application("ada@example.org");
    assert_eq!(world.start(process, "same", &body).await.status, 200);
    world.start(process, "same", &body).await.refusal(409);
}

#[tokio::test]
async fn a_wrong_code_is_403_and_the_refusal_does_not_repeat_it() {
    let world = World::new().await;
    let (request, code) = world.code("ada@example.org").await;
    let refusal = world.validation(&request, "abcdef").await.refusal(403);
    assert!(!refusal.to_string().contains("abcdef"), "{refusal}");
    assert!(!refusal.to_string().contains(&code), "{refusal}");
}

#[tokio::test]
async fn the_code_of_another_process_is_403_and_of_none_404() {
    let world = World::new().await;
    let (_, other) = world.code("bob@example.org").await;
    let (request, code) = world.code("ada@example.org").await;
    if other != code {
        world.validation(&request, &other).await.refusal(403);
    }
    world.validation("nothing", &code).await.refusal(404);
}

#[tokio::test]
async fn a_code_that_was_used_is_410() {
    let world = World::new().await;
    let (request, code) = world.code("ada@example.org").await;
    assert_eq!(world.validate(&request, &code).await, 200);
    world.validation(&request, &code).await.refusal(410);
}

#[tokio::test]
async fn a_code_that_has_expired_is_410() {
    let world = World::new().await;
    let (request, code) = world.code("ada@example.org").await;
    world.advance(300);
    world.validation(&request, &code).await.refusal(410);
}

#[tokio::test]
async fn five_wrong_codes_end_a_process_with_410() {
    let world = World::new().await;
    let (request, code) = world.code("ada@example.org").await;
    for _ in 0..4 {
        world.validation(&request, "wrong").await.refusal(403);
    }
    world.validation(&request, "wrong").await.refusal(410);
    world.validation(&request, &code).await.refusal(410);
}
