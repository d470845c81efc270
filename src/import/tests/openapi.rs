//! Descriptions, and what their values are.

use super::{From, imported, requests};

fn described(paths: &str) -> String {
    imported(
        From::Openapi,
        &format!(
            "openapi: 3.0.3\ninfo: {{title: t, version: '1'}}\nservers: [{{url: 'https://api.example.org'}}]\n{paths}"
        ),
    )
}

fn assert_has(written: &str, parts: &[&str]) {
    for part in parts {
        assert!(written.contains(part), "{part}\n{written}");
    }
}

#[test]
fn servers_have_their_variables_filled_in() {
    let text = "
openapi: 3.0.1
servers: [{url: 'https://{region}.example.org/{base}/', variables: {region: {default: eu}, base: {default: v1}}}]
paths:
  /a: {get: {responses: {'200': {description: ok}}}}
  /b: {servers: [{url: 'https://other.example.org'}], get: {responses: {'200': {description: ok}}}}
  /c: {get: {servers: [{url: '//third.example.org:{port}', variables: {port: {enum: ['8443', '443']}}}], responses: {'200': {description: ok}}}}
  /d: {get: {servers: [{url: /v7}], responses: {'200': {description: ok}}}}
  /e: {get: {servers: [{url: 'https://{unknown}.example.org'}], responses: {'200': {description: ok}}}}
  /f: {get: {servers: [{url: api.example.net/v2}], responses: {'200': {description: ok}}}}
";
    let written = imported(From::Openapi, text);
    let urls = [
        "https://eu.example.org/v1/a",
        "https://other.example.org/b",
        "https://third.example.org:8443/c",
        "\"/v7/d\"",
        "\"/e\"",
        "https://api.example.net/v2/f",
    ];
    assert_has(&written, &urls);
}

#[test]
fn a_text_stays_a_text_where_the_schema_says_so() {
    let written = described(
        "paths:
  /a:
    post:
      parameters: [{name: country, in: query, required: true, schema: {type: string}, example: NO}]
      requestBody:
        content:
          application/json:
            schema:
              type: object
              properties:
                country: {type: string, enum: [NO, SE]}
                answer: {type: string, example: yes}
                on: {type: string, example: x}
                zip: {type: string, example: 0123}
                version: {type: string, example: 1.10}
                time: {type: string, default: 12:30}
                hex: {type: string, example: 0x10}
                day: {type: string, example: 2024-01-31}
                nothing: {type: [string, 'null'], example: null}
                flag: {type: boolean, example: yes}
                count: {type: integer, example: '7'}
                rate: {type: number, example: 1.5}
                codes: {type: array, items: {type: string}, example: [no, 007, 1e3]}
                free: {example: {a: 1, b: no, c: true}}
      responses: {200: {description: ok}}
",
    );
    assert_has(
        &written,
        &[
            "\"country\": \"NO\"",
            "\"answer\": \"yes\"",
            "\"on\": \"x\"",
            "\"zip\": \"0123\"",
            "\"version\": \"1.10\"",
            "\"time\": \"12:30\"",
            "\"hex\": \"0x10\"",
            "\"day\": \"2024-01-31\"",
            "\"nothing\": \"{{ none }}\"",
            "\"flag\": true",
            "\"count\": 7",
            "\"rate\": 1.5",
            "[\"no\", \"007\", \"1e3\"]",
            "{\"a\": 1, \"b\": \"no\", \"c\": true}",
            "status: 200",
        ],
    );
}

#[test]
fn types_of_content_are_kept() {
    let body = |path: &str, content: &str| {
        format!(
            "  /{path}: {{patch: {{requestBody: {{content: {{{content}}}}}, responses: {{'204': {{description: ok}}}}}}}}\n"
        )
    };
    let written = described(&format!(
        "paths:\n{}{}{}{}{}{}",
        body("a", "application/merge-patch+json: {example: {a: 1}}"),
        body("b", "'application/json; charset=utf-8': {example: {a: 2}}"),
        body(
            "c",
            "application/vnd.api+json: {schema: {type: object, properties: {a: {type: integer, minimum: 3}}}}"
        ),
        body("d", "text/csv: {example: 'a,b'}"),
        body(
            "e",
            "application/x-www-form-urlencoded: {schema: {type: object, properties: {a: {type: array, items: {enum: [x, z]}, minItems: 2}}}}"
        ),
        body(
            "f",
            "multipart/form-data: {schema: {type: object, properties: {a: {type: string}, photo: {type: string, format: binary}}}, encoding: {photo: {contentType: 'image/png, image/jpeg'}}}"
        ),
    ));
    assert_has(
        &written,
        &[
            "\"Content-Type\": \"application/merge-patch+json\"",
            "\"application/json; charset=utf-8\"",
            "\"application/vnd.api+json\"",
            "{\"a\": 3}",
            "\"text/csv\"",
            "body: \"a,b\"",
            "body: \"a=x&a=x\"",
            "{name: \"photo\", text: \"text\", filename: \"photo.bin\", type: \"image/png\"}",
        ],
    );
}

#[test]
fn parameters_are_written_by_their_style() {
    let query = |name: &str, more: &str| {
        format!(
            "{{name: {name}, in: query, required: true, example: [1, 2], {more}schema: {{type: array, items: {{type: integer}}}}}}"
        )
    };
    let written = described(&format!(
        "paths:
  /a/{{m}}/{{l}}:
    parameters:
      - {{name: m, in: path, required: true, style: matrix, example: [3, 4], schema: {{type: array}}}}
      - {{name: l, in: path, required: true, style: label, explode: true, example: [5, 6], schema: {{type: array}}}}
    get:
      parameters: [{}, {}, {}, {{name: d, in: query, style: deepObject, explode: true, required: true, example: {{k: v}}, schema: {{type: object}}}}, {{name: o, in: query, schema: {{type: string}}}}, {{name: p, in: query, schema: {{type: integer, default: 20}}}}, {{name: X-Ids, in: header, required: true, example: [7, 8], schema: {{type: array}}}}]
      responses: {{'200': {{description: ok, content: {{text/csv: {{}}}}}}}}
",
        query("e", ""),
        query("c", "explode: false, "),
        query("s", "style: pipeDelimited, explode: false, "),
    ));
    assert_has(
        &written,
        &[
            "/a/;m=3,4/.5.6?e=1&e=2&c=1,2&s=1%7C2&d[k]=v&p=20",
            "optional, and left out: `o`",
            "\"X-Ids\": \"7,8\"",
            "\"Accept\": \"text/csv\"",
        ],
    );
}

#[test]
fn schemas_in_parts_are_put_together() {
    let written = described(
        "paths:
  /a:
    post:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Cat'}}}}
      responses: {'201': {description: ok}}
  /b:
    post:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Animal'}}}}
      responses: {'201': {description: ok}}
components:
  schemas:
    Animal:
      discriminator: {propertyName: kind, mapping: {meow: '#/components/schemas/Cat'}}
      oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]
    Base: {type: object, required: [name], properties: {id: {type: string, readOnly: true}, name: {type: string, example: Mia}}}
    Cat: {allOf: [{$ref: '#/components/schemas/Base'}, {type: object, required: [lives], properties: {lives: {type: integer, minimum: 9}, mother: {$ref: '#/components/schemas/Cat'}, mood: {allOf: [{$ref: '#/components/schemas/Mood'}]}}}]}
    Dog: {type: object}
    Mood: {type: string, enum: [calm, wild]}
",
    );
    assert_has(
        &written,
        &[
            "json: {\"name\": \"Mia\", \"lives\": 9, \"mood\": \"calm\"}",
            "json: {\"name\": \"Mia\", \"lives\": 9, \"mood\": \"calm\", \"kind\": \"meow\"}",
        ],
    );
}

#[test]
fn security_is_variables_and_links_are_captures() {
    let written = described(
        "security: [{key: []}]
paths:
  /orders:
    post:
      operationId: order
      responses: {'201': {description: ok, links: {read: {operationId: read, parameters: {id: '$response.body#/data/id'}}}}}
  /orders/{id}:
    get:
      operationId: read
      security: [{basic: []}]
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses: {'200': {description: ok}}
    delete:
      security: [{bearer: []}, {}]
      responses: {'204': {description: ok}}
  /open: {get: {security: [], responses: {'200': {description: ok}}}}
components: {securitySchemes: {key: {type: apiKey, in: query, name: api_key}, basic: {type: http, scheme: basic}, bearer: {type: http, scheme: bearer}}}
",
    );
    insta::assert_snapshot!(written);
}

#[test]
fn a_thousand_operations_are_read_and_written() {
    let paths: Vec<String> = (0..1000)
        .map(|number| format!("  /things{number}/{{id}}:\n    post:\n      operationId: op{number}\n      requestBody: {{content: {{application/json: {{schema: {{$ref: '#/components/schemas/S{number}'}}}}}}}}\n      responses: {{'200': {{description: ok}}}}\n"))
        .collect();
    let schemas: Vec<String> = (0..1000)
        .map(|number| format!("    S{number}: {{type: object, properties: {{a: {{type: string}}, b: {{type: integer}}, next: {{$ref: '#/components/schemas/S{}'}}}}}}\n", (number + 1) % 1000))
        .collect();
    let text = format!(
        "openapi: 3.1.0\npaths:\n{}components:\n  schemas:\n{}",
        paths.concat(),
        schemas.concat()
    );
    let written = imported(From::Openapi, &text);
    assert_eq!(written.matches("- http:").count(), 1000);
    assert!(requests(From::Openapi, &text).unwrap().told.is_empty());
}

#[test]
fn comments_stand_anywhere() {
    let text = "# a\nopenapi: 3.1.0 # b\n# c\nservers:\n  # d\n  - url: https://api.example.org # e\n  # f\npaths:\n  # g\n  /a: # h\n    # i\n    get:\n      # j\n      operationId: read # k\n      tags:\n        - x\n        # l\n        - y\n      # m\n      responses: {'200': {description: good}} # n\n# o\n";
    assert_has(
        &imported(From::Openapi, text),
        &["name: \"read\"", "status: 200"],
    );
}
