//! Redirects, cookies, time limits and what is found in answers, in steps of
//! kind `http`.

use serde_json::Value;

use crate::server::Server;
use crate::work::{Ended, Work, entry};

/// Plays these steps once against `server`.
pub fn play(work: &Work, server: &Server, steps: &str) -> Ended {
    let text = format!(
        "name: http\nvars: {{url: {:?}}}\nscenarios:\n  s:\n    steps:\n{steps}",
        server.url
    );
    let file = work.write("http.yaml", &text);
    work.run(&["run", &file, "--quiet"])
}

fn lines(server: &Server) -> Vec<String> {
    server.asked().into_iter().map(|asked| asked.line).collect()
}

/// The first error's message.
pub fn error(report: &Value) -> &str {
    report["errors"][0]["sample"].as_str().unwrap()
}

#[test]
fn redirects_are_followed_when_asked_and_each_is_measured() {
    let (work, server) = (Work::new(), Server::start());
    let steps = r#"      - http: {url: "{{ url }}/to/302?/to/307?/end", json: {a: 1}, redirects: follow}
        as: end
        expect: end.json.list[1].deep == "x"
      - http: {url: "{{ url }}/to/307?/kept", json: {a: 1}, redirects: 1}
      - http: {url: "{{ url }}/to/302?/unseen", status: 302}
      # Nobody says where to go: an answer like any other.
      - http: {url: "{{ url }}/to/302", status: 302, redirects: follow}
"#;
    play(&work, &server, steps).expect(0);
    assert_eq!(
        lines(&server),
        [
            "POST /to/302?/to/307?/end",
            "GET /to/307?/end",
            "GET /end",
            "POST /to/307?/kept",
            "POST /kept",
            "GET /to/302?/unseen",
            "GET /to/302",
        ]
    );
    assert_eq!(server.asked()[4].body, r#"{"a":1}"#);
    let report = work.report();
    let parts = report["steps"][0]["parts"].to_string();
    assert!(parts.contains("POST {url}/to/302"), "{parts}");
    assert!(parts.contains("(redirected)"), "{parts}");
}

#[test]
fn a_redirect_that_leads_nowhere_or_elsewhere_fails_the_step() {
    let other = Server::start();
    for (step, expected) in [
        (
            "{url: \"{{ url }}/to/302?/to/302?/to/302?/end\", redirects: 2}".to_owned(),
            "expected 2xx, got 302",
        ),
        (
            "{url: \"{{ url }}/to/301\", redirects: follow}".to_owned(),
            "expected 2xx, got 301 Moved Permanently",
        ),
        (
            format!(
                "{{url: \"{{{{ url }}}}/to/302?{}/x\", redirects: follow, headers: {{X-Key: \"{{{{ target.captcha_token }}}}\"}}}}",
                other.url
            ),
            "and the request holds secrets: they go to nobody else",
        ),
        (
            "{url: \"{{ url }}/to/302?ftp://localhost/x\", redirects: follow}".to_owned(),
            "the `Location` of 302 Found is no URL",
        ),
    ] {
        let (work, server) = (Work::new(), Server::start());
        play(&work, &server, &format!("      - http: {step}\n")).expect(1);
        let report = work.report();
        assert!(error(&report).contains(expected), "{}", error(&report));
    }
    assert!(other.asked().is_empty());
}

#[test]
fn credentials_stay_behind_when_a_redirect_leads_elsewhere() {
    let (work, server, other) = (Work::new(), Server::start(), Server::start());
    let step = |to: &str| {
        format!(
            "      - http: {{url: '{{{{ url }}}}/to/302?{to}/end', redirects: follow, headers: {{Authorization: Bearer s3cret, Cookie: a=s3cret, Proxy-Authorization: s3cret, X-Kept: y}}}}\n"
        )
    };
    play(&work, &server, &(step("") + &step(&other.url))).expect(0);
    let sent = |server: &Server, header: &str| {
        let asked = server.asked().into_iter();
        asked
            .filter(|asked| asked.headers.iter().any(|sent| sent.contains(header)))
            .count()
    };
    assert_eq!(
        (sent(&server, "s3cret"), sent(&server, "x-kept: y")),
        (3, 3)
    );
    assert_eq!((sent(&other, "s3cret"), sent(&other, "x-kept: y")), (0, 1));
}

#[test]
fn cookies_are_kept_by_the_user_and_sent_to_their_server() {
    let (work, server) = (Work::new(), Server::start());
    let steps = r#"      - http: {url: "{{ url }}/cookie?SID=a1"}
        as: set
        expect: set.cookies.SID == "a1"
      - http: {url: "{{ url }}/echo"}
        as: echo
        expect: "'cookie: SID=a1' in echo.body"
      - http: {url: "{{ url }}/echo", cookies: false}
        as: without
        expect: "'SID' not in without.body"
"#;
    play(&work, &server, steps).expect(0);
}

#[test]
fn a_request_has_a_time_limit_of_its_own() {
    let (work, server) = (Work::new(), Server::start());
    let steps = r#"      - http: {url: "{{ url }}/slow", timeout: 200ms}
        name: slow
"#;
    play(&work, &server, steps).expect(1);
    let report = work.report();
    assert!(
        error(&report).contains("no answer within 200ms"),
        "{}",
        error(&report)
    );
    assert_eq!(report["errors"][0]["kind"], "timeout");
    let step = entry(&report["steps"], "name", "slow");
    let took = step["failed"]["max_ms"].as_f64().unwrap();
    assert!((200.0..900.0).contains(&took), "{took}");
    assert_eq!(step["ok"]["count"], 0);
}

#[test]
fn what_is_in_an_answer_can_be_found_and_expected() {
    let (work, server) = (Work::new(), Server::start());
    let steps = r#"      - http: {url: "{{ url }}/things"}
        as: answer
        expect:
          - answer.json|jsonpath("$.list[*].deep")|first == "x"
          - answer.body|regex('"message". "([a-z]+)') == "here"
          - answer.body is matching("here you")
          - answer.headers["x-test"] == "One, two"
          - answer.duration < 900
          - answer.bytes == 55
"#;
    play(&work, &server, steps).expect(0);
    let steps = r#"      - http: {url: "{{ url }}/things"}
        as: answer
        expect: answer.bytes < 10
"#;
    let work = Work::new();
    play(&work, &server, steps).expect(1);
    let report = work.report();
    assert_eq!(
        error(&report),
        "expected `answer.bytes < 10`, but `answer.bytes` is 55"
    );
}
