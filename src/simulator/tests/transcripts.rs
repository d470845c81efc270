//! What published clients can ask for (`fixtures/transcripts`): each request
//! meets a handler of its own, or is refused by its name.

use std::fmt::Write;
use std::path::Path;

use reqwest::Method;
use serde_json::{Value, json};

use super::world::{As, World, text};

/// What stands for each parameter.
const SOME_ID: &str = "1b671a64-40d5-491e-99b0-da01ff1f3341";

/// A request as it stands in a line: `POST /contact Contact`.
struct Request {
    method: Method,
    path: String,
    body: Option<Value>,
}

fn read(line: &str) -> Request {
    let mut words = line.split(' ');
    let mut next = || words.next();
    let method = next().unwrap().parse().unwrap();
    let path = next().unwrap().to_owned();
    // Its form is right; what it says is not looked at here.
    let body = next().map(|kind| match kind {
        kind if kind.starts_with("Array") || kind.starts_with("List<") => json!([]),
        kind if kind.starts_with("ListOf") => json!({"ids": []}),
        _ => json!({}),
    });
    Request { method, path, body }
}

#[tokio::test]
async fn no_request_of_a_client_is_taken_for_another() {
    let world = World::new().await;
    let house = world.practitioner("house@example.org").await;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/transcripts");
    let (mut files, mut wrong, mut told) = (0, String::new(), String::new());
    for file in std::fs::read_dir(folder).unwrap() {
        let file = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let (head, lines) = file.split_once('\n').unwrap();
        let face = head
            .split(' ')
            .find(|word| word.starts_with("/rest/"))
            .unwrap();
        let face = face.trim_matches(['/', ';']);
        let (mut served, mut named) = (0, 0);
        for Request { method, path, body } in lines.lines().map(read) {
            // Some of them end the session.
            let session = world.login(&house.login, &house.code).await.json();
            let who = As::Bearer(text(&session["token"]));
            let filled: Vec<_> = path
                .split('/')
                .map(|part| if part.starts_with('{') { SOME_ID } else { part })
                .collect();
            let url = format!("{}{face}{}", world.simulator.api_url(), filled.join("/"));
            let answer = world.send(method.clone(), url, &who, body.as_ref()).await;
            // Who asks by an id may be told that there is none.
            match answer.status {
                405 => writeln!(wrong, "{face}: {method} {path}: 405").unwrap(),
                404 if !path.contains('}') => {
                    writeln!(wrong, "{face}: {method} {path}: 404").unwrap();
                }
                501 => {
                    let message = text(&answer.refusal(501)["message"]);
                    assert!(message.contains(&format!("{method} /{face}/")), "{message}");
                    named += 1;
                }
                _ => served += 1,
            }
        }
        files += 1;
        writeln!(told, "{head} {served} served, {named} refused by name").unwrap();
    }
    println!("{told}");
    assert_eq!(files, 4);
    assert!(wrong.is_empty(), "{wrong}");
}
