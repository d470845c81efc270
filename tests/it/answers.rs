//! `schema` of a step `http`: what an answer must look like.

use crate::http::{error, play};
use crate::server::Server;
use crate::work::Work;

#[test]
fn an_answer_is_held_against_a_schema() {
    let (work, server) = (Work::new(), Server::start());
    work.write(
        "thing.json",
        r##"{"$defs": {"list": {"type": "array", "items": {"type": ["number", "object"]}}},
            "type": "object", "required": ["message"], "properties": {"list": {"$ref": "#/$defs/list"}}}"##,
    );
    work.write(
        "thing.yaml",
        "type: object\nproperties:\n  message: {minLength: 3}\n",
    );
    let steps = r#"      - http: {url: "{{ url }}/x", schema: thing.json}
      - http: {url: "{{ url }}/x", schema: thing.yaml}
      - http:
          url: "{{ url }}/x"
          schema:
            $schema: http://json-schema.org/draft-07/schema#
            properties:
              list: {items: [{type: number}, {type: object}], additionalItems: false}
"#;
    play(&work, &server, steps).expect(0);
}

#[test]
fn an_answer_that_differs_fails_the_step_with_its_places() {
    for (schema, path, expected) in [
        (
            "{type: object, required: [id]}",
            "/x",
            "`schema`: at `/`: \"id\" is a required property",
        ),
        (
            "{properties: {list: {items: {type: number}}}}",
            "/x",
            "`schema`: at `/list/1`: what is there is not of type \"number\"",
        ),
        (
            "{properties: {message: {const: x, pattern: ^x, maxLength: 2, minLength: 90}}}",
            "/x",
            "; and 1 more",
        ),
        (
            "{type: object}",
            "/text",
            "`schema`: the answer is 11 B, which is no JSON",
        ),
    ] {
        let (work, server) = (Work::new(), Server::start());
        let step = format!(
            "      - http: {{url: \"{{{{ url }}}}{path}\", schema: {schema}}}\n        retry: {{times: 1, backoff: 1ms, on: expect}}\n"
        );
        play(&work, &server, &step).expect(1);
        let report = work.report();
        assert!(error(&report).contains(expected), "{}", error(&report));
        assert!(!error(&report).contains("here you are"));
        assert_eq!(report["errors"][0]["kind"], "schema");
        assert_eq!(server.asked().len(), 2, "it was tried again");
    }
}

#[test]
fn a_secret_that_the_answer_repeats_is_not_told() {
    let (work, server) = (Work::new(), Server::start());
    // The answer is `{"<secret>": 1} …`, by way of a body that is echoed.
    let steps = r#"      - http:
          url: "{{ url }}/json"
          body: "{\"{{ target.captcha_token }}\": 1}"
          schema: {additionalProperties: {type: string}}
"#;
    play(&work, &server, steps).expect(1);
    let report = work.report();
    assert_eq!(
        error(&report),
        "`schema`: at `/[secret]`: what is there is not of type \"string\""
    );
}

#[test]
fn a_schema_that_is_none_is_told_with_its_place() {
    let work = Work::new();
    work.write("broken.json", "{\"type\": }");
    work.write("bad.json", r#"{"properties": {"a": {"type": "objec"}}}"#);
    work.write("bad.yaml", "properties:\n  a:\n    type: objec\n");
    let file = work.write(
        "wrong.yaml",
        r#"scenarios:
  s:
    steps:
      - http: {url: /x, schema: gone.json}
      - http: {url: /x, schema: broken.json}
      - http: {url: /x, schema: bad.json}
      - http: {url: /x, schema: bad.yaml}
      - http:
          url: /x
          schema:
            properties:
              b: {pattern: "("}
      - http: {url: /x, schema: {$ref: "https://example.org/thing.json"}}
      - http: {url: /x, schema: []}
"#,
    );
    let ended = work.run(&["check", &file]).expect(2);
    insta::assert_snapshot!(ended.out);
}

/// The path under which the test's server says these bytes, of this type.
fn said(kind: &str, body: &[u8]) -> String {
    format!("{{{{ url }}}}/bytes/{}?{kind}", hex::encode(body))
}

#[test]
fn an_answer_is_read_however_it_is_written() {
    let (work, server) = (Work::new(), Server::start());
    let mut steps = String::new();
    for (kind, body, expected) in [
        (
            "text/plain;+charset=iso-8859-1",
            &b"caf\xe9"[..],
            "it.body == 'café'",
        ),
        (
            "text/html;charset=%22shift_jis%22",
            b"\x83R\x81[\x83h",
            "it.body is defined",
        ),
        ("text/plain", b"\xff\xfea\0b\0", "it.body == 'ab'"),
        (
            "application/json",
            b"\xef\xbb\xbf{\"a\": 1}",
            "it.json.a == 1",
        ),
        (
            "application/json;charset=latin1",
            b"{\"a\": \"\xe9\"}",
            "it.json.a == 'é'",
        ),
        ("application/json", b"{\"a\": 1e400}", "it.json.a > 1.0e308"),
        (
            "application/json",
            b"{\"a\": 1, \"a\": 2}",
            "it.json.a == 2",
        ),
        (
            "application/json",
            b"{\"a\": \"\\ud83d\"}",
            "it.json.a == '\u{fffd}'",
        ),
        (
            "application/json",
            b"{\"a\": 18446744073709551615}",
            "it.json.a == 18446744073709551615",
        ),
    ] {
        let url = said(kind, body);
        let step = format!("      - http: {{url: \"{url}\"}}\n        as: it\n");
        steps += &(step + &format!("        expect: \"{expected}\"\n"));
    }
    play(&work, &server, &steps).expect(0);
}

#[test]
fn numbers_leave_as_they_are_written() {
    let (work, server) = (Work::new(), Server::start());
    let step = "      - http: {url: \"{{ url }}/x\", json: {a: 18446744073709551615, b: -9223372036854775808, c: 1e-7, d: 0.5, e: '1e5'}}\n";
    play(&work, &server, step).expect(0);
    assert_eq!(
        server.asked()[0].body,
        r#"{"a":18446744073709551615,"b":-9223372036854775808,"c":1e-7,"d":0.5,"e":"1e5"}"#
    );
}
