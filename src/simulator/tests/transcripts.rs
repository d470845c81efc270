//! What published clients can ask for (`fixtures/transcripts`): each request
//! meets a handler of its own, or is refused by its name.

use std::fmt::Write;
use std::path::Path;

use reqwest::Method;

use super::world::{As, World, text};

/// What stands for each parameter.
const SOME_ID: &str = "1b671a64-40d5-491e-99b0-da01ff1f3341";

/// A request as it stands in a line: `POST /contact Contact`, or, as it was
/// recorded, `POST /helement/byIds {"ids":["text"]}`.
struct Request<'a> {
    method: Method,
    path: &'a str,
    body: Option<&'a str>,
}

fn read(line: &str) -> Request<'_> {
    let mut words = line.splitn(3, ' ');
    let mut next = || words.next();
    let method = next().unwrap().parse().unwrap();
    let path = next().unwrap();
    // Its form is right; what it says is not looked at here.
    let body = next().map(|kind| match kind {
        shape if shape.starts_with(['{', '[']) => shape,
        kind if kind.starts_with("Array") || kind.starts_with("List<") => "[]",
        kind if kind.starts_with("ListOf") => r#"{"ids": []}"#,
        _ => "{}",
    });
    Request { method, path, body }
}

/// A path with something for each parameter.
fn filled(path: &str) -> String {
    let (path, names) = path.split_once('?').unwrap_or((path, ""));
    let filled = |part| match part {
        part if str::starts_with(part, '{') => SOME_ID,
        part => part,
    };
    let parts: Vec<_> = path.split('/').map(filled).collect();
    let names = names.split('&').filter(|name| !name.is_empty());
    let query: Vec<_> = names.map(|name| format!("{name}=1")).collect();
    format!("{}?{}", parts.join("/"), query.join("&"))
}

#[tokio::test]
async fn no_request_of_a_client_is_taken_for_another() {
    let world = World::new().await;
    let house = world.practitioner("house@example.org").await;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/transcripts");
    let (mut files, mut wrong, mut told) = ((0, 0), String::new(), String::new());
    for file in std::fs::read_dir(folder).unwrap() {
        let file = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let (head, lines) = file.split_once('\n').unwrap();
        let recorded = head.starts_with("# recorded: ");
        assert!(recorded || head.starts_with("# extracted: "), "{head}");
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
            let url = format!("{}{face}{}", world.simulator.api_url(), filled(path));
            let answer = match body {
                None => world.send(method.clone(), url, &who, None).await,
                Some(body) => world.send_bytes(method.clone(), url, &who, body).await,
            };
            // Who asks by an id, in the path or in what was recorded, may be told
            // that there is none.
            let by_id = path.contains('}') || recorded && body.is_some();
            match answer.status {
                405 => writeln!(wrong, "{face}: {method} {path}: 405").unwrap(),
                404 if !by_id => {
                    writeln!(wrong, "{face}: {method} {path}: 404").unwrap();
                }
                // What was recorded was answered.
                501 if recorded => writeln!(wrong, "{face}: {method} {path}: 501").unwrap(),
                501 => {
                    let message = text(&answer.refusal(501)["message"]);
                    assert!(message.contains(&format!("{method} /{face}/")), "{message}");
                    named += 1;
                }
                _ => served += 1,
            }
        }
        let (all, of_them) = files;
        files = (all + 1, of_them + usize::from(recorded));
        writeln!(told, "{head} {served} served, {named} refused by name").unwrap();
    }
    println!("{told}");
    assert_eq!(files, (9, 5));
    assert!(wrong.is_empty(), "{wrong}");
}
