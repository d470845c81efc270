//! Files as large as a scenario can be, and larger.

use std::fmt::Write;
use std::time::{Duration, Instant};

use super::{From, readable, requests};
use crate::import::scenario;

/// Far more than an unoptimized build needs; what is done again for each step
/// takes minutes.
const ENOUGH: Duration = Duration::from_secs(120);

/// Schemas of 16 fields, each with the next one in it, and operations with them.
fn description(resources: usize) -> String {
    let (mut paths, mut schemas) = (String::new(), String::new());
    for index in 0..resources {
        let body = format!(
            "requestBody: {{content: {{application/json: {{schema: {{$ref: '#/components/schemas/S{index}'}}}}}}}}"
        );
        let answer = "responses: {'200': {description: good}}";
        let parameters =
            "parameters: [{name: id, in: path, required: true, schema: {type: string}}]";
        let _ = write!(
            paths,
            "  /r{index}:\n    post: {{operationId: add{index}, {body}, {answer}}}\n  /r{index}/{{id}}:\n    put: {{operationId: put{index}, {parameters}, {body}, {answer}}}\n    get: {{operationId: get{index}, {parameters}, {answer}}}\n"
        );
        let fields: Vec<String> = (0..15)
            .map(|field| format!("f{field}: {{type: integer}}"))
            .collect();
        let next = (index + 1) % resources;
        let _ = writeln!(
            schemas,
            "    S{index}: {{type: object, properties: {{{}, next: {{$ref: '#/components/schemas/S{next}'}}}}}}",
            fields.join(", ")
        );
    }
    format!(
        "openapi: 3.1.0\nservers: [{{url: https://api.example.org}}]\npaths:\n{paths}components:\n  schemas:\n{schemas}"
    )
}

#[test]
fn a_full_file_is_written_in_bounded_time() {
    // As many as there is room for, and twice as many.
    for (resources, all) in [(400, true), (1000, false)] {
        let begun = Instant::now();
        let mut found = requests(From::Openapi, &description(resources)).unwrap();
        assert_eq!(found.requests.len(), resources * 3);
        let written = scenario(&mut found, "it", None, Some("https://api.example.org")).unwrap();
        readable(&written).unwrap();
        let no_room = |told: &&crate::import::Told| told.message.contains("no room");
        let left = found.told.iter().filter(no_room).count();
        assert_eq!(left == 0, all, "{left}");
        assert_eq!(found.requests.len() + left, resources * 3);
        assert!(found.requests.len() >= 1200);
        assert!(
            written
                .lines()
                .take_while(|line| line.starts_with('#'))
                .count()
                <= 510
        );
        assert!(begun.elapsed() < ENOUGH, "{:?}", begun.elapsed());
    }
}

#[test]
fn thousands_of_refused_steps_and_of_secrets_take_bounded_time() {
    let mut text = String::new();
    for index in 0..3000 {
        let method = ["GET", "FOO"][index % 2];
        let _ = writeln!(
            text,
            "curl -X {method} https://api.example.org/r{index} -H 'Authorization: Bearer secret-{index:08}'"
        );
    }
    let begun = Instant::now();
    let mut found = requests(From::Curl, &text).unwrap();
    let written = scenario(&mut found, "it", None, None).unwrap();
    assert_eq!(found.requests.len(), 1500);
    assert_eq!(found.told.len(), 1500);
    assert!(!written.contains("secret-0"));
    readable(&written).unwrap();
    assert!(begun.elapsed() < ENOUGH, "{:?}", begun.elapsed());
}
