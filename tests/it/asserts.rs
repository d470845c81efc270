//! `expect` as a mapping beside `http`: status, JSON and headers of an answer.

use crate::http::{error, play};
use crate::server::Server;
use crate::work::{Work, entry};

/// What `/json` is to answer with.
const ADA: &str = r#"{name: Ada Lovelace, n: 5, price: 0.5, word: "5", none: null, yes: true,
    rows: [{id: 1, user-name: ada}, {id: 2, user-name: bob}], tags: [a, b], empty: [], who: {first: Ada}}"#;

fn step(expect: &str) -> String {
    format!(
        "      - http: {{url: \"{{{{ url }}}}/json\", json: {ADA}}}\n        expect: {expect}\n"
    )
}

#[test]
fn what_an_answer_must_be_is_checks_with_names() {
    let (work, server) = (Work::new(), Server::start());
    let steps = step(
        r#"
          status: 200
          json:
            $.name: Ada Lovelace
            n: 5
            none: null
            yes: true
            tags: [a, b]
            rows[1].user-name: bob
            $.rows[*].id: [1, 2]
            rows: {count: 2, contains: {id: 2, user-name: bob}}
            word: {matches: "^[0-9]$", not_equals: 5, exists: true}
            nobody: {exists: false}
            price: {gt: 0, ge: 0.5, lt: "{{ 1 }}", le: 0.5}
            who: {equals: {first: Ada}, contains: first, count: 1}
            name: {starts_with: Ada, ends_with: lace, contains: "a L"}
            empty: {count: 0}
          header:
            X-Test: One, two
            content-length: {matches: "^[0-9]+$"}
            ETag: {exists: false}"#,
    ) + r#"      - http: {url: "{{ url }}/status/404"}
        expect: {status: [404, 5xx]}
      - http: {url: "{{ url }}/json", json: {n: 1}}
        as: answer
        expect: [{status: 2xx, json: {n: "{{ answer.json.n }}"}}, answer.bytes > 3]
thresholds:
  checks{kind=expect}: [rate == 100%]
  checks{check=json n}: [rate == 100%]
  checks{check=header x-test}: [rate == 100%]
  http_reqs{status=404, outcome=ok}: [count == 1]
"#;
    play(&work, &server, &steps).expect(0);
    let checks = &work.report()["checks"];
    for name in [
        "status",
        "json $.name",
        "json rows[1].user-name",
        "header content-length",
        "answer.bytes > 3",
    ] {
        assert_eq!(entry(checks, "condition", name)["kind"], "expect", "{name}");
    }
}

/// What is expected, and what is said of it.
const NOT_SO: &[(&str, &str)] = &[
    (
        "{json: {name: Bob}}",
        r#"expected `json name` to equal "Bob", but it is "Ada Lovelace""#,
    ),
    (
        "{json: {n: \"5\"}}",
        r#"expected `json n` to equal the text "5", but it is the number 5"#,
    ),
    (
        "{json: {word: 5}}",
        r#"expected `json word` to equal the number 5, but it is the text "5""#,
    ),
    (
        "{json: {word: {gt: 1}}}",
        r#"to be more than the number 1, but it is the text "5""#,
    ),
    (
        "{json: {n: {gt: 5}}}",
        "expected `json n` to be more than 5, but it is 5",
    ),
    ("{json: {n: {le: 4.5}}}", "to be at most 4.5, but it is 5"),
    (
        "{json: {n: {not_equals: 5}}}",
        "not to equal 5, but it is 5",
    ),
    (
        "{json: {nam: Ada}}",
        "to equal \"Ada\", but nothing at `$.nam`: the answer is a mapping with `name`, ",
    ),
    ("{json: {nam: {exists: true}}}", "to exist, but nothing at"),
    (
        "{json: {none: {exists: false}}}",
        "not to exist, but it is null",
    ),
    (
        "{json: {tags: {contains: c}}}",
        r#"to contain "c", but it is ["a","b"]"#,
    ),
    (
        "{json: {tags: {count: 3}}}",
        "to have a count of 3, but it has 2",
    ),
    (
        "{json: {n: {count: 1}}}",
        "to have a count of 1, but it is the number 5",
    ),
    (
        "{json: {name: {matches: ^B}}}",
        "to match `^B`, but it is \"Ada Lovelace\"",
    ),
    (
        "{json: {n: {starts_with: \"5\"}}}",
        "to start with \"5\", but it is 5",
    ),
    (
        "{json: {name: {equals: Ada Lovelace, ends_with: x}}}",
        "to end with \"x\", but",
    ),
    (
        "{json: {\"rows[*].id\": [1]}}",
        "to equal [1], but it is [1,2]",
    ),
    (
        "{header: {X-Test: one}}",
        "expected `header x-test` to equal \"one\", but it is \"One, two\"",
    ),
    (
        "{header: {ETag: x}}",
        "but no header `etag`: the answer has `x-test`",
    ),
    (
        "{json: {n: \"{{ nobody.here|default(none) }}\", name: x}}",
        "expected `json n` to equal null, but it is the number 5",
    ),
];

#[test]
fn what_is_not_so_is_told_with_what_was_expected_and_what_is_there() {
    for (expect, told) in NOT_SO {
        let (work, server) = (Work::new(), Server::start());
        let steps = step(expect).replace("nobody.here", "env.NOBODY");
        play(&work, &server, &steps).expect(1);
        let report = work.report();
        let sample = report["errors"][0]["sample"].as_str().unwrap();
        assert!(sample.contains(told), "{expect}\n{sample}\n{told}");
        assert_eq!(report["errors"][0]["kind"], "expectation");
        let checks = report["checks"].as_array().unwrap();
        assert!(checks.iter().any(|check| check["held"] == 0), "{expect}");
    }
}

#[test]
fn a_status_that_was_not_expected_is_a_refused_request_and_a_check() {
    let (work, server) = (Work::new(), Server::start());
    let steps = "      - http: {url: \"{{ url }}/status/500\"}\n        expect: {status: 404}\n";
    play(&work, &server, steps).expect(1);
    let report = work.report();
    assert_eq!(report["errors"][0]["kind"], "http 500");
    let sample = error(&report);
    assert!(sample.contains("expected 404, got 500"), "{sample}");
    let status = entry(&report["checks"], "condition", "status");
    assert_eq!((&status["held"], &status["total"]), (&0.into(), &1.into()));
}

#[test]
fn secrets_are_compared_and_not_shown() {
    let (work, server) = (Work::new(), Server::start());
    let steps = r#"      - http: {url: "{{ url }}/json", json: {token: s3cret-of-ada, name: s3cret-of-bob}}
        capture: {token: {jsonpath: $.token}}
        expect: {json: {token: s3cret-of-ada}}
      - http: {url: "{{ url }}/json", json: {a: "{{ token }}", token: s3cret-of-carl}}
        expect:
          json: {a: "{{ token }}"}
      - http: {url: "{{ url }}/json", json: {a: "{{ token }}", token: s3cret-of-carl}}
        expect:
          json: {token: s3cret-of-dora}
"#;
    let ended = play(&work, &server, steps).expect(1);
    let report = work.report();
    let sample = error(&report);
    assert!(
        sample.contains("expected `json token` to equal [secret], but it is [secret]"),
        "{sample}"
    );
    for shown in [&ended.out, &ended.err, &report.to_string()] {
        assert!(!shown.contains("s3cret"), "{shown}");
    }
}

#[test]
fn mistakes_are_told_where_they_are_with_the_form_to_write() {
    let told = |step: &str| {
        let work = Work::new();
        let text = format!("scenarios:\n  s:\n    steps:\n      - {step}\n");
        let file = work.write("a.yaml", &text);
        let ended = work.run(&["check", &file]).expect(2);
        assert!(ended.out.contains("a.yaml:"), "{}", ended.out);
        assert_eq!(ended.out.matches('×').count(), 1, "{step}\n{}", ended.out);
        ended.out
    };
    for (step, message) in [
        (
            "{http: {url: /x}, expect: {statsu: 200}}",
            "did you mean `status`?",
        ),
        (
            "{http: {url: /x}, expect: {status: ok}}",
            "expected a status such as `200`",
        ),
        (
            "{http: {url: /x, status: 200}, expect: {status: 200}}",
            "both `status` of `http` and `status` of `expect`",
        ),
        (
            "{http: {url: /x}, expect: {json: Ada}}",
            "expected a mapping from paths to values",
        ),
        (
            "{http: {url: /x}, expect: {json: {\"a[\": 1}}}",
            "this is no path of JSON",
        ),
        (
            "{http: {url: /x}, expect: {json: {a: {containz: 1}}}}",
            "did you mean `contains`?",
        ),
        (
            "{http: {url: /x}, expect: {json: {a: {first: Ada}}}}",
            "equals: {…}",
        ),
        ("{http: {url: /x}, expect: {json: {a: {}}}}", "no matcher"),
        (
            "{http: {url: /x}, expect: {json: {a: {matches: \"[\"}}}}",
            "invalid regular expression",
        ),
        (
            "{http: {url: /x}, expect: {json: {a: \"{{ nobody }}\"}}}",
            "unknown variable `nobody`",
        ),
        (
            "{http: {url: /x}, expect: {header: {Content-Length: 12}}}",
            "in quotes it is one: `\"12\"`",
        ),
        (
            "{http: {url: /x}, expect: {header: {Content-Length: {gt: 12}}}}",
            "|int > 5",
        ),
        (
            "{http: {url: /x}, expect: {header: {\"a b\": x}}}",
            "is not the name of a header",
        ),
        (
            "{http: {url: /x}, expect: [{json: {a: 1}}, {json: {a: 2}}]}",
            "this step expects `json a` twice",
        ),
        (
            "{http: {url: /x}, fails: 403, expect: {status: 403}}",
            "refusal.status == 403",
        ),
        ("{sleep: 1s, expect: {status: 200}}", "expect"),
        ("{reload: {}, expect: {json: {a: 1}}}", "only beside `http`"),
    ] {
        let out = told(step);
        assert!(out.contains(message), "{step}\n{message}\n{out}");
    }
}
