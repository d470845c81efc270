//! Documents and their bytes.

use reqwest::Method;
use serde_json::{Value, json};

use super::world::{As, Person, World, text};

impl World {
    async fn bytes(&self, method: Method, path: &str, who: &Person, bytes: &str) -> (u16, String) {
        let url = format!("{}rest/v2{path}", self.simulator.api_url());
        let answer = self.send_bytes(method, url, who, bytes).await;
        (answer.status, answer.into_text())
    }
}

#[tokio::test]
async fn bytes_are_kept_with_a_document_and_go_with_it() {
    let (world, ada, bob) = World::of_two().await;
    let document = json!({"id": "d", "name": "scan", "delegations": {ada.owner_id.clone(): []}});
    let stored = world.post("/document", &ada, &document).await.json();
    let main = "/document/d/attachment";
    let (get, put) = (Method::GET, Method::PUT);
    let send = async |method: &Method, path: &str, who: &Person, bytes: &str| {
        world.bytes(method.clone(), path, who, bytes).await
    };
    assert_eq!(send(&get, main, &ada, "").await.0, 404);
    assert_eq!(send(&put, main, &bob, "sealed").await.0, 403);
    assert_eq!(send(&put, main, &ada, "").await.0, 400);
    let stale = format!("{main}?rev=1-x");
    assert_eq!(send(&put, &stale, &ada, "sealed").await.0, 409);
    let path = format!(
        "{main}?rev={}&utis=public.jpeg,public.data",
        text(&stored["rev"])
    );
    let (status, answer) = send(&put, &path, &ada, "sealed").await;
    assert_eq!(status, 200, "{answer}");
    let changed: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(changed["mainUti"], "public.jpeg");
    assert_eq!(changed["otherUtis"], json!(["public.data"]));
    assert_eq!(send(&get, main, &ada, "").await, (200, "sealed".to_owned()));
    assert_eq!(send(&get, main, &bob, "").await.0, 403);
    for id in [text(&changed["attachmentId"]).as_str(), "ignored"] {
        let url = format!("{}rest/v1{main}/{id}", world.simulator.api_url());
        let answer = world.send(Method::GET, url, &ada, None).await;
        assert_eq!(answer.text(), "sealed");
    }

    let second = "/document/d/secondaryAttachments/thumb";
    assert_eq!(send(&put, second, &ada, "small").await.0, 200);
    assert_eq!(send(&get, second, &ada, "").await.1, "small");
    assert_eq!(
        send(&get, "/document/d/secondaryAttachments/x", &ada, "")
            .await
            .0,
        404
    );
    // What the attachments are is not written with the document.
    let mut read = world.get("/document/d", &ada).await.json();
    read["name"] = json!("renamed");
    let mut wrong = read.clone();
    wrong["attachmentId"] = json!("x");
    world.put("/document", &ada, &wrong).await.refusal(403);
    read.as_object_mut().unwrap().remove("attachmentId");
    let read = world.put("/document", &ada, &read).await.json();
    assert_eq!(read["attachmentId"], changed["attachmentId"]);
    // Nor does it change by leaving out in it what is empty.
    let mut read = read;
    let second_one = &mut read["secondaryAttachments"]["thumb"];
    assert!(second_one.as_object_mut().unwrap().remove("utis").is_some());
    let mut wrong = read.clone();
    wrong["secondaryAttachments"]["thumb"]["utis"] = json!(["public.jpeg"]);
    world.put("/document", &ada, &wrong).await.refusal(403);
    world.put("/document", &ada, &read).await.json();
    assert_eq!(send(&Method::DELETE, second, &ada, "").await.0, 200);
    assert_eq!(send(&get, second, &ada, "").await.0, 404);
    let rev = text(&world.get("/document/d", &ada).await.json()["rev"]);
    let purge = format!("/document/purge/d?rev={rev}");
    world.api(Method::DELETE, &purge, &ada, None).await.json();
    assert_eq!(send(&get, main, &ada, "").await.0, 404);
    world.get("/document/d", &As::Nobody).await.refusal(401);
}
