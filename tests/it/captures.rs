//! `capture` beside a step.

use crate::http::{error, play};
use crate::server::Server;
use crate::work::Work;

#[test]
fn parts_of_an_answer_take_names() {
    let (work, server) = (Work::new(), Server::start());
    let steps = r#"      - http: {url: "{{ url }}/cookie?SID=a1"}
        capture:
          deep: {jsonpath: "$.list[*].deep"}
          first: {jsonpath: "$.list[0]"}
          everything: {jsonpath: "$.list[*]", all: true}
          word: {regex: '"message". "([a-z]+)'}
          words: {regex: "[a-z]{4,}", all: true}
          header: {header: X-Test}
          headers: {header: x-test, all: true}
          session: {cookie: SID}
          shown: {cookie: SID, secret: false}
          nobody: {jsonpath: $.who, default: "nobody {{ vu }}"}
          empty: {jsonpath: "$.who[*]", all: true, default: []}
        expect:
          - deep == "x" and first + 1 == 2
          - everything|length == 2
          - word == "here"
          - words == ["message", "here", "list", "deep"]
          - header == "One, two" and headers == ["One", "two"]
          - session == "a1"
          - shown ~ "!" == "a1!"
          - nobody == "nobody 1" and empty == []
      - http: {url: "{{ url }}/echo/{{ word }}", headers: {X-Session: "is {{ session }}"}}
"#;
    play(&work, &server, steps).expect(0);
    let asked = server.asked();
    assert_eq!(asked[1].line, "GET /echo/here");
    assert!(asked[1].headers.contains(&"x-session: is a1".to_owned()));
}

#[test]
fn what_is_not_there_fails_the_step_and_what_is_there_is_named() {
    for (path, capture, expected) in [
        (
            "/x",
            "{jsonpath: $.id}",
            "`capture`: `it`: nothing at `$.id`: the answer is a mapping with `message`, `list`",
        ),
        (
            "/text",
            "{jsonpath: $.id}",
            "nothing at `$.id`: the answer is 11 B, which is no JSON",
        ),
        (
            "/x",
            "{header: ETag}",
            "no header `etag`: the answer has `x-test`, `content-length`",
        ),
        (
            "/cookie?SID=a1",
            "{cookie: SESSION}",
            "no cookie `SESSION`: the answer sets `SID`",
        ),
        (
            "/text",
            "{regex: 'z+'}",
            "`z+` matches nothing: the answer is 11 B",
        ),
        (
            "/x",
            "{jsonpath: '$.none[*]', all: true}",
            "nothing at `$.none[*]`",
        ),
    ] {
        let (work, server) = (Work::new(), Server::start());
        let step = format!(
            "      - http: {{url: \"{{{{ url }}}}{path}\"}}\n        capture: {{it: {capture}}}\n        check: it is defined\n        retry: {{times: 1, backoff: 1ms, on: expect}}\n"
        );
        play(&work, &server, &step).expect(1);
        let report = work.report();
        assert!(error(&report).contains(expected), "{}", error(&report));
        assert_eq!(report["errors"][0]["kind"], "capture");
        assert!(!error(&report).contains("here you are"));
        assert_eq!(server.asked().len(), 2, "it was tried again");
    }
}

#[test]
fn any_step_has_parts_and_secrets_in_them_stay_secrets() {
    let work = Work::new();
    let file = work.write(
        "a.yaml",
        r#"scenarios:
  s:
    steps:
      - register: {email: "{{ fake.email() }}", responsible: "{{ target.responsible }}"}
        as: me
        capture:
          token: {jsonpath: $.token}
          login: {jsonpath: $.login}
          prints: {jsonpath: "$.key_pairs[*].fingerprint", all: true}
        expect:
          - token == me.token and login == me.login
          - prints|length == 1
      - http: {url: /nothing, auth: user}
        fails: 501 Not
        capture: {kind: {jsonpath: $.kind}}
        expect: kind == "http 501"
      - http: {url: "/x/{{ token }}"}
        name: leak
"#,
    );
    work.run(&["run", &file, "--quiet"]).expect(1);
    let report = work.report();
    assert_eq!(report["errors"].as_array().unwrap().len(), 1);
    assert!(
        error(&report).contains("`url`: `token` is a secret"),
        "{}",
        error(&report)
    );
}

#[test]
fn a_secret_is_sent_and_compared_and_shown_nowhere() {
    let (work, server) = (Work::new(), Server::start());
    let text = format!(
        r#"vars: {{url: {:?}}}
scenarios:
  s:
    steps:
      - http: {{url: "{{{{ url }}}}/x"}}
        capture:
          hidden: {{jsonpath: $.message, secret: true}}
      - http: {{url: "{{{{ url }}}}/x"}}
        name: compare
        as: second
        expect: hidden == second.json.message
      - http: {{url: "{{{{ url }}}}/x", json: {{again: "{{{{ hidden }}}}", with: "<{{{{ hidden }}}}>"}}}}
        name: send
        expect: hidden == "something else"
"#,
        server.url
    );
    let file = work.write("a.yaml", &text);
    let ended = work.run(&["run", &file, "--trace", "*"]).expect(1);
    let asked = server.asked();
    assert_eq!(
        asked[2].body,
        r#"{"again":"here you are","with":"<here you are>"}"#
    );
    for text in [&ended.out, &ended.err] {
        assert!(!text.contains("here you are"), "{text}");
    }
    assert!(
        ended.out.contains("\"message\": \"[secret]\""),
        "{}",
        ended.out
    );
    let all = ended.out + &ended.err;
    assert!(all.contains("`hidden` is [secret]"), "{all}");
}

#[test]
fn with_repeat_a_name_stands_for_all_that_it_has_been() {
    let (work, server) = (Work::new(), Server::start());
    let steps = r#"      - http: {url: "{{ url }}/echo?round-{{ round }}"}
        repeat: 3
        as: answers
        capture: {word: {regex: "round-[0-9]"}}
        check: word == "round-" ~ round
      - http: {url: "{{ url }}/{{ word|join('/') }}?{{ answers|length }}"}
"#;
    play(&work, &server, steps).expect(0);
    let asked = server.asked();
    assert_eq!(asked[3].line, "GET /round-1/round-2/round-3?3");
}

#[test]
fn names_are_known_to_whoever_checks_the_file() {
    let work = Work::new();
    let file = work.write(
        "wrong.yaml",
        r#"vars: {taken: 1}
scenarios:
  s:
    steps:
      - http: {url: "/{{ id }}"}
        capture:
          id: {jsonpath: $.id, default: "{{ id }}"}
          taken: {header: ETag}
          1st: {header: ETag}
      - http: {url: "/{{ idd }}{{ later }}"}
        capture: {id2: {jsonpath: "$[", al: true}}
      - http: {url: /x}
        as: whole
        capture: {whole: {cookie: A}, later: {cookie: B, header: C}, nothing: {}}
      - http: {url: /x}
        capture: id
      - http: {url: /x}
        when: taken == 1
        capture: {maybe: {regex: "("}, never: {cookie: A}}
      - http: {url: "/{{ maybe }}"}
      - reload
      - reload:
        capture: {tag: {header: ETag}}
      - http: {url: /x}
        fails: x
        capture: {reason: {regex: .*}}
      - parallel:
          - - http: {url: /x}
              capture: {both: {header: ETag}}
          - - http: {url: "/{{ both }}"}
              capture: {both: {header: Location}, alone: {header: Date}}
          - - http: {url: "/{{ alone }}"}
      - http: {url: "/{{ both }}{{ tag }}{{ reason }}{{ nothing }}{{ id2 }}{{ whole.status }}"}
"#,
    );
    let ended = work.run(&["check", &file]).expect(2);
    insta::assert_snapshot!(ended.out);
}

#[test]
fn what_setup_captures_is_everybodys() {
    let (work, server) = (Work::new(), Server::start());
    let text = format!(
        r#"vars: {{url: {:?}}}
setup:
  - http: {{url: "{{{{ url }}}}/x"}}
    capture: {{word: {{regex: here}}}}
scenarios:
  s:
    vus: 2
    steps:
      - http: {{url: "{{{{ url }}}}/{{{{ word }}}}"}}
"#,
        server.url
    );
    let file = work.write("a.yaml", &text);
    work.run(&["run", &file, "--quiet"]).expect(0);
    let asked: Vec<String> = server.asked().into_iter().map(|asked| asked.line).collect();
    assert_eq!(asked, ["GET /x", "GET /here", "GET /here"]);
}

#[test]
fn branches_that_capture_one_name_are_warned_of() {
    let work = Work::new();
    let file = work.write(
        "a.yaml",
        "scenarios:
  s:
    steps:
      - parallel:
          - - http: {url: /x}
              as: a
            - http: {url: /x}
              as: a
          - - if:
                condition: vu == 1
                then:
                  - http: {url: /x}
                    as: a
",
    );
    let ended = work.run(&["check", &file]).expect(0);
    insta::assert_snapshot!(ended.out, @r##"
      ⚠ another branch captures `a` too
        ╭─[a.yaml:13:25]
     13 │                     as: a
        ·                         ─
        ╰────
      help: after the block it is what the branch further down has captured: give one of the two another name

    1 file: 1 warning
    "##);
}
