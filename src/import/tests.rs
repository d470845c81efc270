//! Whatever is imported can be read as a scenario.

mod collections;
mod har;
mod large;
mod openapi;

use proptest::prelude::*;

use super::{Found, From, ImportError, Wanted, scenario};
use crate::engine::{Overrides, Plan, PlanError, Selection};
use crate::language::{Environment, FilesError, Permissions, Source};
use crate::target::TargetArguments;

fn requests(from: From, text: &str) -> Result<Found, ImportError> {
    super::requests(from, text, &Wanted::default())
}

/// The scenario of a text, which must be one.
fn imported(from: From, text: &str) -> String {
    let mut found = requests(from, text).unwrap();
    let written = scenario(&mut found, "it", None, Some("https://api.example.org/")).unwrap();
    readable(&written).unwrap_or_else(|problem| panic!("{problem}\n{written}"));
    written
}

fn readable(written: &str) -> Result<(), String> {
    match Plan::of_source(
        &Source::new("imported.yaml", written),
        &Environment::default().with(Permissions::all()),
        &TargetArguments::default(),
        Overrides::default(),
        &[],
        &Selection::default(),
    ) {
        Ok(_) => Ok(()),
        Err(PlanError::Files(FilesError::Problems { problems, .. })) => Err(problems.to_string()),
        Err(error) => Err(error.to_string()),
    }
}

#[test]
fn curl_as_people_and_browsers_write_it() {
    let text = r#"
# who am I
curl -sS https://api.example.org/rest/v2/user/current -H 'Authorization: Bearer abcdefgh' -H "Accept: */*"
curl 'https://api.example.org/rest/v2/contact/123?ts=1&token=t0psecret' \
  -X PUT -H 'content-type: application/json' -H 'cookie: sid=s3cr3t; a=b' \
  --data-raw $'{"name": "it\'s {{ here }}", "password": "hunter22", "n": [1, null, 0.5]}' --compressed
curl -u ada:hunter22 --max-time 2.5 -L -d 'a=b c' -d password=hunter22 example.org/login
"#;
    let written = imported(From::Curl, text);
    for secret in ["abcdefgh", "t0psecret", "s3cr3t", "hunter22"] {
        assert!(!written.contains(secret), "{written}");
    }
    insta::assert_snapshot!(written);
}

#[test]
fn a_har_of_a_browser() {
    let text = r#"{"log": {"version": "1.2", "entries": [
        {"request": {"method": "GET", "url": "https://cdn.example.org/a.css", "headers": []},
         "response": {"status": 200, "content": {"mimeType": "text/css"}}},
        {"request": {"method": "POST", "url": "https://api.example.org/login",
            "headers": [{"name": ":authority", "value": "api.example.org"}, {"name": "X-Tenant", "value": "7"},
                {"name": "sec-fetch-mode", "value": "cors"},
                {"name": "Traceparent", "value": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}],
            "postData": {"mimeType": "application/x-www-form-urlencoded", "params": [
                {"name": "user", "value": "ada"}, {"name": "password", "value": "hunter22"}]}},
         "response": {"status": 302}},
        {"request": {"method": "GET", "url": "https://other.example.org/x/00000000-0000-0000-0000-00000000000a",
            "headers": [{"name": "x-id", "value": "eyJhbGciOiJI.eyJzdWIiOiIx.c2ln"}]},
         "response": {"status": 0}}
    ]}}"#;
    let written = imported(From::Har, text);
    for secret in ["hunter22", "eyJ"] {
        assert!(!written.contains(secret), "{written}");
    }
    insta::assert_snapshot!(written);
}

#[test]
fn an_openapi_document() {
    let text = "
openapi: 3.1.0
servers: [{url: https://api.example.org/v1}]
paths:
  /people/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string, format: uuid}}]
    get:
      operationId: readPerson
      security: [{bearer: []}]
      parameters: [{name: full, in: query, required: true, schema: {type: boolean}}]
      responses: {404: {description: none}, '200': {description: one}}
    put:
      summary: change a person
      requestBody:
        content: {application/json: {schema: {$ref: '#/components/schemas/Person'}}}
      responses: {'204': {description: done}}
components:
  schemas:
    Person:
      type: object
      required: [name, friend, password]
      properties:
        name: {type: string, example: Ada}
        age: {type: integer}
        password: {type: string}
        friend: {$ref: '#/components/schemas/Person'}
";
    insta::assert_snapshot!(imported(From::Openapi, text));
}

#[test]
fn what_cannot_be_read_is_told_with_its_place() {
    let told = |from, text| match requests(from, text) {
        Err(error) => error.to_string(),
        Ok(found) => {
            let told = found.told.iter();
            let told: Vec<_> = told
                .map(|told| format!("{}: {}", told.place, told.message))
                .collect();
            told.join("\n")
        }
    };
    insta::assert_snapshot!(
        [
            told(From::Har, "{\"log\":\n {\"entries\": [{\"request\": 1}]}}"),
            told(From::Har, "{\"log\": {\"entries\": \"hunter22\"}}"),
            told(From::Har, "{"),
            told(From::Har, "{\"log\": {\"entries\": []}}"),
            told(From::Curl, "curl a\nwget b"),
            told(From::Curl, "curl --upload-file - http://a"),
            told(From::Curl, "curl 'http://a"),
            told(From::Curl, "curl -H"),
            told(From::Openapi, "openapi: [\n"),
            told(From::Openapi, "{\"swagger\": \"2.0\"}"),
            told(From::Openapi, "openapi: 3.0.0"),
            told(From::Openapi, "openapi: 3.0.0\npaths: {/a: {get: 1}}"),
        ]
        .join("\n")
    );
}

/// Requests with these names and values are a scenario that can be read.
fn check_har(name: &str, value: &str, text: &str) {
    let har = serde_json::json!({"log": {"entries": [{
        "request": {"method": "POST", "url": "http://a/b", "postData": {
            "mimeType": "application/json", "text": serde_json::json!({name: value, "x": text}).to_string(),
        }},
        "response": {"status": 200},
    }, {
        "request": {"method": "POST", "url": "http://a/b", "postData": {"mimeType": "text/plain", "text": format!("t{text}")}},
        "response": {"status": 200},
    }]}});
    let mut found = requests(From::Har, &har.to_string()).unwrap();
    let written = scenario(&mut found, name, None, None).unwrap();
    assert_eq!(found.requests.len(), 2, "{:?}", found.told);
    if let Err(problem) = readable(&written) {
        panic!("{problem}\n{written}");
    }
}

#[test]
fn a_name_may_open_a_template() {
    check_har("{{", "", "");
}

#[test]
fn what_a_file_is_can_be_seen() {
    for (text, from) in [
        ("openapi: 3.0.0\npaths: {}", From::Openapi),
        ("info: {}\nopenapi: 3.1.0", From::Openapi),
        ("{\"openapi\": \"3.0.0\", \"paths\": {}}", From::Openapi),
        ("\u{feff}{\"log\": {}}", From::Har),
        ("# who\ncurl http://a", From::Curl),
    ] {
        assert_eq!(super::guess(text), from, "{text}");
    }
}

/// What a file has no room for costs itself alone.
#[test]
fn a_body_beyond_the_room_of_a_file_is_left_out() {
    let big = "x".repeat(16 * 1024 * 1024);
    let har = serde_json::json!([
        {"request": {"method": "POST", "url": "http://a/0", "postData": {"mimeType": "text/plain", "text": big}}},
        {"request": {"url": "http://a/1"}},
    ]);
    let mut found = requests(From::Har, &har.to_string()).unwrap();
    let written = scenario(&mut found, "it", None, None).unwrap();
    readable(&written).unwrap();
    assert_eq!((found.requests.len(), found.told.len()), (1, 1));
}

/// What is odd costs the one it is in, and what is left passes `check`.
#[test]
fn what_a_scenario_cannot_say_is_told() {
    let deep = format!("{}1{}", "{\"a\":".repeat(70), "}".repeat(70));
    let wide = format!("[{}1]", "1,".repeat(120_000));
    let bodies = [deep.as_str(), &wide];
    let mut lines = vec![
        "curl -X PROPFIND http://a/0".to_owned(),
        "curl -H 'no name: x' http://a/1".to_owned(),
        "curl -H 'Content-Length: 7' http://a/2".to_owned(),
        "curl http://a/{{x}}/%zz -d '{%'".to_owned(),
        "curl 'http://a b/'".to_owned(),
        "curl http://a:99999/".to_owned(),
        "curl -X '' http://a/".to_owned(),
        "curl -m 0 http://a/".to_owned(),
        "curl --retry 99999 http://a/".to_owned(),
    ];
    lines.extend(bodies.map(|body| format!("curl http://a/ --json '{body}'")));
    let mut found = requests(From::Curl, &lines.join("\n")).unwrap();
    let written = scenario(&mut found, "it", None, None).unwrap();
    readable(&written).unwrap();
    let told: Vec<&str> = found.told.iter().map(|told| told.place.as_str()).collect();
    assert!(
        told.contains(&"line 1") && told.contains(&"line 6"),
        "{told:?}"
    );
    assert!(found.requests.len() >= 6, "{:?}", found.told);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_is_in_a_har_a_scenario_comes_of_it(
        name in "\\PC*", value in "(\\PC|[{}%#\"'\\\\\n])*", text in "(\\PC|[{}%#\"'\\\\\n])*",
    ) {
        check_har(&name, &value, &text);
    }

    #[test]
    fn no_command_line_is_a_panic(text in "(curl |-H|-d|\\$'|'|\"|\\\\|\n|http://a |\\PC)*") {
        let _ = requests(From::Curl, &text);
    }
}
