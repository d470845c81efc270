//! Steps beyond the platform's own, and how they are repeated, skipped and
//! chosen.

use std::collections::HashMap;

use serde_json::Value;

use crate::secrets::assert_absent;
use crate::server::Server;
use crate::work::{Work, entry};

/// A plan of one scenario with these settings and steps, and a variable `url`.
fn plan(url: &str, settings: &str, steps: &str) -> String {
    format!(
        "name: steps\nseed: 7\nvars: {{url: {url:?}}}\nscenarios:\n  one:\n{settings}    steps:\n{steps}"
    )
}

fn step<'a>(report: &'a Value, name: &str) -> &'a Value {
    entry(&report["steps"], "name", name)
}

/// Endpoints of all requests that were measured.
fn endpoints(report: &Value) -> Vec<String> {
    let metrics = report["metrics"].as_array().unwrap();
    let endpoints = metrics
        .iter()
        .filter(|series| series["metric"] == "http_reqs");
    endpoints
        .map(|series| series["tags"]["endpoint"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_request_carries_what_the_step_says_and_its_answer_can_be_judged() {
    let (work, server) = (Work::new(), Server::start());
    let file = work.write(
        "a.yaml",
        &plan(
            &server.url,
            "",
            r#"
      - http: {url: "{{ url }}/things/{{ vu }}?old=1", query: {n: 2, t: "a b&c"}, headers: {X-Own: "{{ iteration }}"}}
        as: found
        expect:
          - found.status == 200
          - found.headers["x-test"] == "One, two"
          - found.json.list[1].deep == "x"
          - found.body is startingwith "{"
      - http: {url: "{{ url }}/json", json: {a: ["{{ vu }}", true, null]}}
      - http: {url: "{{ url }}/form", method: PUT, form: {a: "x y", b: 2}}
      - http: {url: "{{ url }}/text", method: PATCH, body: "text {{ vu }}", headers: {Content-Type: text/plain}}
        as: text
        expect:
          - text.json is not defined
          - text.body == "just a text"
"#,
        ),
    );
    work.run(&["run", &file]).expect(0);
    let asked = server.asked();
    let lines: Vec<&str> = asked.iter().map(|asked| asked.line.as_str()).collect();
    assert_eq!(
        lines,
        [
            "GET /things/1?old=1&n=2&t=a+b%26c",
            "POST /json",
            "PUT /form",
            "PATCH /text"
        ]
    );
    let bodies: Vec<&str> = asked.iter().map(|asked| asked.body.as_str()).collect();
    assert_eq!(
        bodies,
        ["", r#"{"a":[1,true,null]}"#, "a=x+y&b=2", "text 1"]
    );
    for (place, header) in [
        (0, "x-own: 1"),
        (1, "content-type: application/json"),
        (2, "content-type: application/x-www-form-urlencoded"),
        (3, "content-type: text/plain"),
    ] {
        let headers = &asked[place].headers;
        assert!(headers.iter().any(|seen| seen == header), "{headers:?}");
    }
    let mut seen = endpoints(&work.report());
    seen.sort();
    assert_eq!(
        seen,
        [
            "{url}/form",
            "{url}/json",
            "{url}/text",
            "{url}/things/{vu}"
        ]
    );
}

#[test]
fn an_unexpected_status_fails_the_step_and_is_told_with_what_was_expected() {
    let (work, server) = (Work::new(), Server::start());
    let file = work.write(
        "a.yaml",
        &plan(
            &server.url,
            "",
            r#"
      - http: {url: "{{ url }}/status/404", status: [200, 404]}
        as: missing
        expect: missing.status == 404
      - http: {url: "{{ url }}/status/302", status: 3xx}
      - http: {url: "{{ url }}/status/500", status: [200, 404], endpoint: /broken}
        name: broken
      - http: {url: "{{ url }}/never"}
"#,
        ),
    );
    let ended = work.run(&["run", &file]).expect(1);
    let message = "GET /broken: expected 200 or 404, got 500 Internal Server Error: here you are";
    assert!(ended.out.contains(message), "{}", ended.out);
    let report = work.report();
    assert_eq!(step(&report, "broken")["failed"]["count"], 1);
    assert_eq!(
        entry(&report["errors"], "step", "broken")["kind"],
        "http 500"
    );
    // A request with an unexpected status is not among the good ones.
    let part = entry(&step(&report, "broken")["parts"], "name", "GET /broken");
    assert_eq!(
        (&part["ok"]["count"], &part["failed"]["count"]),
        (&0.into(), &1.into())
    );
    assert_eq!(server.asked().len(), 3);
}

#[test]
fn the_credentials_of_the_session_are_sent_when_asked_for() {
    let work = Work::new();
    let steps = r#"
      - http: {url: /rest/v2/user/current, status: 401}
      - register: {email: "{{ fake.email() }}", responsible: "{{ target.responsible }}"}
        as: me
      - http: {url: /rest/v2/user/current, auth: user}
        as: current
        expect: current.json.id == me.user_id
"#;
    let file = work.write("a.yaml", &plan("", "", steps));
    work.run(&["run", &file]).expect(0);
    assert!(endpoints(&work.report()).contains(&"/rest/v2/user/current".to_owned()));
}

#[test]
fn credentials_are_not_sent_to_another_host() {
    let (work, server) = (Work::new(), Server::start());
    let steps = r#"
      - register: {email: "{{ fake.email() }}", responsible: "{{ target.responsible }}"}
      - http: {url: "{{ url }}/x", auth: user}
"#;
    let file = work.write("a.yaml", &plan(&server.url, "", steps));
    let ended = work.run(&["run", &file]).expect(1);
    assert!(
        ended.out.contains("credentials go to nobody else"),
        "{}",
        ended.out
    );
    assert_eq!(server.asked().len(), 0);
}

#[test]
fn a_secret_that_a_server_repeats_is_not_shown() {
    let secret = "s3cret+w\"ord";
    let attempts = [
        (
            "headers: {X-Token: \"{{ target.captcha_token }}\"}",
            "echo.body == 'x'",
        ),
        (
            "query: {t: \"{{ target.captcha_token }}\"}",
            "echo.body == 'x'",
        ),
        (
            "json: {deep: [\"{{ target.captcha_token }}\"]}",
            "echo.body == 'x'",
        ),
        ("form: {t: \"{{ target.captcha_token }}\"}", "echo == 'x'"),
        (
            "body: \"Bearer {{ target.captcha_token }}!\"",
            "echo.body|upper == 'x'",
        ),
    ];
    for (argument, condition) in attempts {
        let (work, server) = (Work::new(), Server::start());
        let simulator = work.simulate(&[]);
        let target = std::fs::read_to_string(work.path().join("target.yaml")).unwrap();
        let (before, after) = target.split_once("captcha_token: ").unwrap();
        let after = after.split_once('\n').unwrap().1;
        work.write(
            "target.yaml",
            &format!("{before}captcha_token: {secret:?}\n{after}"),
        );
        let steps = format!(
            "      - http: {{url: \"{{{{ url }}}}/echo\", {argument}}}\n        as: echo\n        expect: {condition:?}\n"
        );
        let file = work.write("a.yaml", &plan(&server.url, "", &steps));
        let ended = work
            .run(&["run", &file, "--target", "target.yaml"])
            .expect(1);
        let asked = format!("{:?}", server.asked());
        assert!(asked.contains("s3cret"), "it was not sent: {asked}");
        let report = std::fs::read(work.report_path()).unwrap();
        for output in [ended.out.as_bytes(), ended.err.as_bytes(), &report] {
            assert_absent(output, &["s3cret", "S3CRET"]);
        }
        simulator.stop();
    }
}

#[test]
fn a_step_is_repeated_and_its_results_are_a_list() {
    let (work, server) = (Work::new(), Server::start());
    let steps = r#"
      - http: {url: "{{ url }}/page/{{ round }}"}
        repeat: "{{ pages }}"
        as: pages_read
        expect: pages_read.status == 200 and round <= pages
      - http: {url: "{{ url }}/end/{{ pages_read|length }}/{{ pages_read[0].status }}"}
        name: end
"#;
    let text = plan(&server.url, "", steps).replace("vars: {", "vars: {pages: 2, ");
    let file = work.write("a.yaml", &text);
    work.run(&["run", &file, "--var", "pages=3"]).expect(0);
    let lines: Vec<String> = server.asked().into_iter().map(|asked| asked.line).collect();
    assert_eq!(
        lines,
        [
            "GET /page/1",
            "GET /page/2",
            "GET /page/3",
            "GET /end/3/200"
        ]
    );
    let report = work.report();
    assert_eq!(step(&report, "http")["ok"]["count"], 3);
    assert_eq!(report["totals"]["iterations_ok"], 1);
}

#[test]
fn the_first_round_that_fails_ends_the_step() {
    let (work, server) = (Work::new(), Server::start());
    let steps = r#"
      - http: {url: "{{ url }}/status/{{ 200 if round < 3 else 503 }}"}
        repeat: 5
"#;
    let file = work.write("a.yaml", &plan(&server.url, "", steps));
    work.run(&["run", &file]).expect(1);
    assert_eq!(server.asked().len(), 3);
    let report = work.report();
    let step = step(&report, "http");
    assert_eq!(
        (&step["ok"]["count"], &step["failed"]["count"]),
        (&2.into(), &1.into())
    );
}

#[test]
fn a_step_is_skipped_without_a_trace_unless_its_condition_holds() {
    let (work, server) = (Work::new(), Server::start());
    let steps = r#"
      - http: {url: "{{ url }}/once"}
        name: once
        when: iteration == 1
      - http: {url: "{{ url }}/never"}
        name: never
        when: vu > 1
        check: 1 == 2
      - http: {url: "{{ url }}/always"}
        name: always
"#;
    let file = work.write("a.yaml", &plan(&server.url, "    iterations: 3\n", steps));
    work.run(&["run", &file]).expect(0);
    let report = work.report();
    for (name, count) in [("once", 1), ("never", 0), ("always", 3)] {
        let step = step(&report, name);
        assert_eq!(step["ok"]["count"], count, "{name}");
        assert_eq!(step["failed"]["count"], 0, "{name}");
    }
    assert_eq!(server.asked().len(), 4);
    assert_eq!(report["totals"]["iterations_ok"], 3);
    assert_eq!(report["checks"].as_array().unwrap().len(), 0);
}

#[test]
fn a_step_whose_condition_or_number_cannot_be_told_has_failed() {
    for beside in ["when: vars_of.x", "repeat: \"{{ vars_of.n }}\""] {
        let (work, server) = (Work::new(), Server::start());
        let steps = format!("      - http: {{url: \"{{{{ url }}}}/x\"}}\n        {beside}\n");
        let text = plan(&server.url, "", &steps).replace("vars: {", "vars: {vars_of: {n: 0}, ");
        let file = work.write("a.yaml", &text);
        work.run(&["run", &file]).expect(1);
        let report = work.report();
        assert_eq!(step(&report, "http")["failed"]["count"], 1, "{beside}");
        assert_eq!(entry(&report["errors"], "step", "http")["kind"], "argument");
        assert_eq!(server.asked().len(), 0);
    }
}

const CHOICE: &str = r#"
      - choose:
          - weight: 3
            name: read
            steps:
              - http: {url: "{{ url }}/read/{{ vu }}/{{ iteration }}"}
              - http: {url: "{{ url }}/more"}
                name: more
          - weight: 1
            steps:
              - http: {url: "{{ url }}/write/{{ vu }}/{{ iteration }}"}
                name: write
                as: written
      - http: {url: "{{ url }}/after"}
        name: after a write
        when: written is defined
      - http: {url: "{{ url }}/end"}
        name: end
"#;

/// Plays [`CHOICE`]; gives the requests, sorted, and the report.
fn play_choice(arguments: &[&str]) -> (Vec<String>, Value) {
    let (work, server) = (Work::new(), Server::start());
    let file = work.write(
        "a.yaml",
        &plan(&server.url, "    vus: 4\n    iterations: 50\n", CHOICE),
    );
    work.run(&[&["run", &file], arguments].concat()).expect(0);
    let mut lines: Vec<String> = server.asked().into_iter().map(|asked| asked.line).collect();
    lines.sort();
    (lines, work.report())
}

#[test]
fn each_iteration_plays_one_alternative_by_weight_and_the_same_again() {
    let (lines, report) = play_choice(&[]);
    let count = |name| step(&report, name)["ok"]["count"].as_u64().unwrap();
    let (read, write) = (count("read http"), count("write"));
    assert_eq!(read + write, 200);
    assert_eq!(count("read more"), read);
    assert_eq!(count("after a write"), write);
    assert_eq!(count("end"), 200);
    // 150 are expected, with a standard deviation of 6.1; the seed is fixed.
    assert!((125..=175).contains(&read), "{read} of 200");
    assert_eq!(play_choice(&[]).0, lines);
    assert_ne!(play_choice(&["--seed", "8"]).0, lines);
}

#[test]
fn a_choice_can_stand_in_setup() {
    let (work, server) = (Work::new(), Server::start());
    let text = plan(&server.url, "", "      - http: {url: \"{{ url }}/main\"}\n").replace(
        "scenarios:",
        "setup:
  - choose:
      - {weight: 1, steps: [{http: {url: \"{{ url }}/a\"}}]}
      - {weight: 1, steps: [{http: {url: \"{{ url }}/b\"}}]}
scenarios:",
    );
    let file = work.write("a.yaml", &text);
    work.run(&["run", &file]).expect(0);
    let mut played = HashMap::new();
    for asked in server.asked() {
        *played.entry(asked.line).or_insert(0) += 1;
    }
    assert_eq!(played.len(), 2, "{played:?}");
    assert_eq!(played["GET /main"], 1);
}

#[test]
fn mistakes_are_found_before_anything_is_sent() {
    for (steps, message) in [
        ("- http: {}", "`http` needs `url`"),
        (
            "- http: {url: example.org}",
            "a URL begins with `http://`, `https://` or `/`",
        ),
        (
            "- http: {url: 'http://ada:pw@localhost/'}",
            "it must hold no user name and no password",
        ),
        (
            "- http: {url: /x, method: FETCH}",
            "expected a method such as `GET`, found `FETCH`",
        ),
        (
            "- http: {url: /x, status: [200, 999]}",
            "expected a status such as `200` or `2xx`",
        ),
        (
            "- http: {url: /x, json: {}, form: {}}",
            "both `json` and `form` are given",
        ),
        (
            "- http: {url: /x, headers: {'a b': c}}",
            "`a b` is not the name of a header",
        ),
        (
            "- http: {url: /x, headers: [a]}",
            "expected a mapping, found a list",
        ),
        (
            "- http: {url: /x, auth: user, headers: {authorization: c}}",
            "both `auth: user` and",
        ),
        (
            "- http: {url: /x, endpoint: '/{{ vu }}'}",
            "`endpoint` cannot be a template",
        ),
        ("- http: {url: '/{{ round }}'}", "there is no `round` here"),
        (
            "- {http: {url: /x}, repeat: 0}",
            "expected a whole number from 1, found 0",
        ),
        (
            "- {http: {url: /x}, when: 'nothing'}",
            "unknown variable `nothing`",
        ),
        (
            "- {choose: [], when: 1 == 1}",
            "`when` cannot stand beside `choose`",
        ),
        ("- {choose: []}", "`choose` needs a list of alternatives"),
        (
            "- choose: [{steps: [{http: {url: /x}}]}]",
            "an alternative needs `weight`",
        ),
        ("- choose: [{weight: 1}]", "an alternative needs `steps`"),
        (
            "- choose: [{weight: 1, steps: [{choose: []}]}]",
            "`choose` needs a list of alternatives",
        ),
        ("- chose: []", "did you mean `choose`?"),
    ] {
        let work = Work::new();
        let file = work.write("a.yaml", &plan("", "", &format!("      {steps}\n")));
        let ended = work.run(&["run", &file]).expect(2);
        assert!(ended.err.contains(message), "{steps}: {}", ended.err);
    }
}
