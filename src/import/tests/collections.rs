//! Collections of Postman and Bruno, and `.http` files.

use proptest::prelude::*;
use serde_json::json;

use super::{From, imported, readable};
use crate::import::{Found, Wanted, environment, folder, guess, requests, scenario};

fn written(mut found: Found) -> (String, String) {
    let written = scenario(&mut found, "it", None, None).unwrap();
    // Files that are sent are not there.
    let problems = readable(&written).err().unwrap_or_default();
    let missing = |one: &str| one.is_empty() || one.starts_with("cannot read ");
    assert!(problems.split("; ").all(missing), "{problems}\n{written}");
    let told = found
        .told
        .iter()
        .map(|told| format!("{}: {}\n", told.place, told.message));
    (written, told.collect())
}

fn holds(text: &str, all: &[&str]) {
    for wanted in all {
        assert!(text.contains(wanted), "{wanted}\n{text}");
    }
}

fn collection() -> String {
    let test = |lines: &[&str]| json!([{"listen": "test", "script": {"exec": lines}}]);
    json!({
        "info": {"name": "shop", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"},
        "auth": {"type": "bearer", "bearer": [{"key": "token", "value": "{{token}}"}]},
        "variable": [{"key": "baseUrl", "value": "{{host}}/v1"}, {"key": "host", "value": "https://api.example.org"},
            {"key": "size", "value": 20}, {"key": "apiToken", "value": "hunter22-hunter22"}],
        "item": [
            {"name": "sign in", "event": test(&[
                "pm.test(\"good\", function () {", "    pm.response.to.have.status(201);", "});",
                "const json = pm.response.json();", "// keep it", "pm.environment.set(\"token\", json.data.token);",
                "pm.collectionVariables.set('etag', pm.response.headers.get('ETag'));", "setTimeout(function(){}, 10);"]),
             "request": {"method": "POST", "url": "{{baseUrl}}/login", "auth": {"type": "noauth"},
                "header": [{"key": "X-Off", "value": "1", "disabled": true}, {"key": "X-On", "value": "{{$guid}}"}],
                "body": {"mode": "raw", "raw": "{\"login\": \"ada\", \"password\": \"hunter22-hunter22\"}", "options": {"raw": {"language": "json"}}}}},
            {"name": "people", "item": [
                {"name": "read", "request": {"method": "GET", "url": {"raw": "{{baseUrl}}/people/:id?full=true&off=1",
                    "host": ["{{baseUrl}}"], "path": ["people", ":id"], "variable": [{"key": "id", "value": "7"}],
                    "query": [{"key": "full", "value": "true"}, {"key": "off", "value": "1", "disabled": true}, {"key": "n", "value": "{{size}}"}]}}},
                {"name": "form", "request": {"method": "POST", "url": {"protocol": "https", "host": ["api", "example", "org"], "path": ["v1", "form"]},
                    "auth": {"type": "apikey", "apikey": [{"key": "key", "value": "X-Key"}, {"key": "value", "value": "{{apiToken}}"}]},
                    "body": {"mode": "urlencoded", "urlencoded": [{"key": "mail", "value": "{{$randomEmail}}"}, {"key": "x", "value": "1", "disabled": true}]}}},
                {"name": "photo", "request": {"method": "POST", "url": "{{baseUrl}}/photo",
                    "auth": {"type": "basic", "basic": [{"key": "username", "value": "{{user}}"}, {"key": "password", "value": "{{pass}}"}]},
                    "body": {"mode": "formdata", "formdata": [{"key": "title", "value": "a", "type": "text"}, {"key": "at", "type": "text", "value": "{{$timestamp}}"}]}}},
                {"name": "graph", "request": {"method": "POST", "url": "{{baseUrl}}/graphql",
                    "body": {"mode": "graphql", "graphql": {"query": "{ me { id } }", "variables": "{\"a\": 1}"}}}},
                {"name": "strange", "request": {"method": "POST", "url": "{{baseUrl}}/x", "auth": {"type": "hawk"}, "body": {"mode": "cow"}}}
            ]},
            {"name": "nothing"}
        ]
    })
    .to_string()
}

#[test]
fn a_collection_of_postman() {
    let text = collection();
    assert_eq!(guess(&text), From::Postman);
    let (written, told) = written(requests(From::Postman, &text, &Wanted::default()).unwrap());
    assert!(!written.contains("hunter22"), "{written}");
    holds(
        &written,
        &[
            "url: \"https://api.example.org/v1/login\"",
            "url: \"https://api.example.org/v1/people/7\"",
            "\"full\": \"true\"",
            "SIZE: \"20\"",
            "\"n\": \"{{ SIZE }}\"",
            "\"X-On\": \"{{ uuid() }}\"",
            "status: 201",
            "TOKEN: {jsonpath: \"$['data']['token']\"}",
            "ETAG: {header: \"ETag\"}",
            "\"Authorization\": \"Bearer {{ TOKEN }}\"",
            "\"mail\": \"{{ fake.email() }}\"",
            "\"X-Key\": \"{{ APITOKEN }}\"",
            "((USER) ~ \\\":\\\" ~ (PASS)) | base64encode",
            "name: \"people / read\"",
            "redirects: follow",
            "\"query\": \"{ me { id } }\"",
        ],
    );
    assert!(!written.contains("X-Off") && !written.contains("\"off\""));
    holds(
        &told,
        &[
            "sign in: line 8 of its script after the answer is left out",
            "people / strange: how it identifies itself",
            "people / strange: its body has no counterpart",
            "nothing: there is no `request`",
        ],
    );
}

#[test]
fn an_environment_gives_variables_their_values() {
    let postman = r#"{"values": [{"key": "host", "value": "https://test.example.org", "enabled": true}, {"key": "x", "value": "1", "enabled": false}]}"#;
    let jetbrains = r#"{"dev": {"host": "https://test.example.org"}, "prod": {"host": "https://example.org"}, "$shared": {"a": 1}}"#;
    let bruno = "vars {\n  host: https://test.example.org\n  ~off: 1\n}\n";
    for (text, name) in [(postman, None), (jetbrains, Some("dev")), (bruno, None)] {
        let variables = environment(text, name).unwrap();
        assert!(variables.contains(&("host".into(), "https://test.example.org".into())));
        let wanted = Wanted {
            variables,
            ..Wanted::default()
        };
        let (written, _) = written(requests(From::Postman, &collection(), &wanted).unwrap());
        holds(&written, &["url: \"https://test.example.org/v1/login\""]);
    }
    assert!(environment(jetbrains, None).is_err());
    assert!(environment("[", None).is_err());
}

const HTTP: &str = r#"@host = https://api.example.org
@size = 20

### sign in
# @name login
POST {{host}}/login HTTP/1.1
Content-Type: application/json

{"login": "ada", "password": "hunter22-hunter22"}

> {%
    client.test("good", function() {
        client.assert(response.status === 200, "not good");
    });
    client.global.set("session", response.body.session);
%}

###
# @no-redirect
GET {{host}}/news
    ?page=1
    &size={{size}}
Authorization: Bearer {{login.response.body.$.token}}
X-Tag: {{login.response.headers.ETag}}
X-Session: {{session}}

### form
POST {{host}}/form
Content-Type: application/x-www-form-urlencoded
Authorization: Basic ada hunter22-hunter22

a=1
&b={{$randomInt 1 5}}

### upload
PUT {{host}}/photo
Content-Type: image/png

< ./photo.png

### parts
POST {{host}}/parts
Content-Type: multipart/form-data; boundary=B

--B
Content-Disposition: form-data; name="title"

a title
--B
Content-Disposition: form-data; name="photo"; filename="a.png"
Content-Type: image/png

< ./photo.png
--B--

### graph
POST {{host}}/graphql
X-REQUEST-TYPE: GraphQL

query { me }

{"a": 1}

###
WEBSOCKET ws://example.org
###
https://api.example.org/plain
"#;

#[test]
fn a_file_of_requests() {
    assert_eq!(guess(HTTP), From::Http);
    let (written, told) = written(requests(From::Http, HTTP, &Wanted::default()).unwrap());
    assert!(!written.contains("hunter22"), "{written}");
    holds(
        &written,
        &[
            "url: \"https://api.example.org/login\"",
            "name: \"login\"",
            "status: 200",
            "SESSION: {jsonpath: \"$['session']\"}",
            "LOGIN_RESPONSE_BODY___TOKEN: {jsonpath: \"$.token\"}",
            "\"Authorization\": \"Bearer {{ LOGIN_RESPONSE_BODY___TOKEN }}\"",
            "{header: \"ETag\"}",
            "\"X-Session\": \"{{ SESSION }}\"",
            "\"size\": \"{{ SIZE }}\"",
            "random_int(1, 4) | string",
            "file: {path: \"photo.png\", type: \"image/png\"}",
            "- {name: \"photo\", file: \"photo.png\", filename: \"a.png\", type: \"image/png\"}",
            "\"query\": \"query { me }\"",
            "url: \"https://api.example.org/plain\"",
        ],
    );
    holds(
        &told,
        &[
            "`WEBSOCKET` is no request of HTTP",
            "line 36: a file that it sends",
        ],
    );
}

#[test]
fn a_folder_of_bruno() {
    let file = |path: &str, text: &str| (path.to_owned(), text.to_owned());
    let login = "meta {\n  name: sign in\n  type: http\n  seq: 1\n}\n\npost {\n  url: {{host}}/login\n  body: json\n  auth: none\n}\n\nbody:json {\n  {\n    \"login\": \"ada\",\n    \"password\": \"hunter22-hunter22\"\n  }\n}\n\nvars:post-response {\n  token: res.body.token\n}\n\nassert {\n  res.status: eq 201\n}\n";
    let read = "meta {\n  name: read\n  type: http\n  seq: 2\n}\n\nget {\n  url: {{host}}/people/:id?full=true\n  body: none\n  auth: inherit\n}\n\nparams:query {\n  full: true\n  ~off: 1\n}\n\nparams:path {\n  id: 7\n}\n\nheaders {\n  X-On: {{$guid}}\n  ~X-Off: 1\n}\n\ntests {\n  test(\"good\", function() {\n    expect(res.getStatus()).to.equal(200);\n  });\n}\n";
    let form = "meta {\n  name: form\n  seq: 3\n}\npost {\n  url: {{host}}/form\n  body: multipartForm\n}\nbody:multipart-form {\n  title: a\n  photo: @file(photo.png) @contentType(image/png)\n}\nscript:pre-request {\n  x()\n}\n";
    let files = [
        file(
            "environments/dev.bru",
            "vars {\n  host: https://api.example.org\n}\n",
        ),
        file(
            "people/folder.bru",
            "auth {\n  mode: bearer\n}\n\nauth:bearer {\n  token: {{token}}\n}\n",
        ),
        file("people/read.bru", read),
        file("form.bru", form),
        file("login.bru", login),
    ];
    let (written, told) = written(folder(&files, &Wanted::default()).unwrap());
    assert!(!written.contains("hunter22"), "{written}");
    holds(
        &written,
        &[
            "url: \"https://api.example.org/login\"",
            "url: \"https://api.example.org/people/7\"",
            "TOKEN: {jsonpath: \"$['token']\"}",
            "status: 201",
            "status: 200",
            "\"Authorization\": \"Bearer {{ TOKEN }}\"",
            "\"X-On\": \"{{ uuid() }}\"",
            "name: \"people/read\"",
            "{name: \"photo\", file: \"photo.png\", type: \"image/png\"}",
        ],
    );
    assert!(written.find("/login").unwrap() < written.find("/form").unwrap());
    holds(&told, &["form: its script before requests is left out"]);
    assert!(
        !told.contains("sign in") && !told.contains("people/read"),
        "{told}"
    );
    assert_eq!(guess(login), From::Bruno);
    imported(
        From::Bruno,
        &login.replace("{{host}}", "https://api.example.org"),
    );
}

#[test]
fn what_a_variable_is_before_an_answer_has_given_it() {
    let text = "GET https://a.example/x\nX-A: {{token}}\n\n> {% client.global.set(\"token\", response.body.token); %}\n\n###\nGET https://a.example/y\nX-A: {{token}}\n";
    let (written, _) = written(requests(From::Http, text, &Wanted::default()).unwrap());
    holds(
        &written,
        &[
            "\"{{ TOKEN_AT_START }}\"",
            "TOKEN: {jsonpath",
            "\"{{ TOKEN }}\"",
        ],
    );
}

#[test]
fn variables_in_variables_are_bounded() {
    let mut text = String::new();
    for index in 0..20 {
        let many = format!("{{{{v{}}}}}", index + 1).repeat(50);
        text.extend([&format!("@v{index} = "), many.as_str(), "\n"]);
    }
    text.push_str("@a = {{b}}\n@b = {{a}}\nPOST https://a.example/x\nX-A: {{a}}\n\n{{v0}}\n");
    let found = requests(From::Http, &text, &Wanted::default()).unwrap();
    assert_eq!(found.requests.len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_file_of_requests_is_a_panic(text in r"(###|@a|=|\{\{|\}\}|a\.response\.body\.|\n|< |> \{%|%\}|# @name a|POST |http://a/|: |\$guid|\PC)*") {
        sound(From::Http, &text)?;
    }

    #[test]
    fn no_file_of_bruno_is_a_panic(text in r"(meta \{|get \{|\}|\n|  url: |  body: json|body:json \{|headers \{|  |~|: |'''|\{\{a\}\}|http://a/|assert \{|tests \{|res\.|\PC)*") {
        sound(From::Bruno, &text)?;
    }

    #[test]
    fn whatever_is_in_a_collection_a_scenario_comes_of_it(
        key in r"\PC*",
        value in r#"(\PC|[{}%#"'\\\n:/?&])*"#,
        script in r#"(pm\.environment\.set\(|"a"|, |pm\.response\.json\(\)|\.|\[|0|\]|\)|;|=|\n|\{|\}|\PC)*"#,
    ) {
        let entry = json!([{"key": key, "value": value, "src": value}]);
        let bodies = ["raw", "urlencoded", "formdata", "graphql", "file"].map(|mode| {
            let content = if mode == "raw" { json!(value) } else { entry.clone() };
            json!({"name": key, "event": [{"listen": "test", "script": {"exec": script}}], "request": {
                "method": "POST", "header": entry, "body": {"mode": mode, mode: content},
                "url": {"raw": format!("https://a.example/{value}"), "query": entry, "variable": entry},
                "auth": {"type": "basic", "basic": entry}}})
        });
        sound(From::Postman, &json!({"item": bodies, "variable": entry}).to_string())?;
    }
}

/// Whatever comes of a text passes `check`.
fn sound(from: From, text: &str) -> Result<(), TestCaseError> {
    if let Ok(mut found) = requests(from, text, &Wanted::default())
        && let Ok(written) = scenario(&mut found, "it", None, None)
    {
        let problems = readable(&written).err().unwrap_or_default();
        prop_assert!(
            problems.is_empty() || problems.contains("cannot read "),
            "{problems}\n{written}"
        );
    }
    Ok(())
}
