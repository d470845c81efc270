//! What a scenario can say beside its steps: names of checks, anchors, variables,
//! lines of a log, and that it has failed.

use serde_json::Value;

use crate::http::play;
use crate::server::Server;
use crate::work::{Work, entry};

#[test]
fn a_check_with_a_name_is_called_so_everywhere() {
    let (work, server) = (Work::new(), Server::start());
    let steps = r#"      - http: {url: "{{ url }}/a"}
        as: answer
        check:
          it is found: answer.status == 200
          it is large: answer.bytes > 1000000
      - http: {url: "{{ url }}/b"}
        as: other
        check:
          - other.status == 200
          - the other is found: other.status == 200
thresholds:
  checks{check=it is found}: [rate == 100%]
"#;
    play(&work, &server, steps).expect(0);
    let report = work.report();
    let checks = &report["checks"];
    assert_eq!(entry(checks, "condition", "it is found")["held"], 1);
    assert_eq!(entry(checks, "condition", "it is large")["held"], 0);
    assert_eq!(entry(checks, "condition", "other.status == 200")["held"], 1);
    assert_eq!(entry(checks, "condition", "the other is found")["held"], 1);
    let junit = work.report_path().with_file_name("junit.xml");
    let junit = std::fs::read_to_string(junit).unwrap();
    assert!(junit.contains("it is large"), "{junit}");
    assert!(!junit.contains("1000000"), "{junit}");
}

#[test]
fn a_name_that_is_twice_and_a_check_that_says_nothing_are_told() {
    let work = Work::new();
    let file = work.write(
        "a.yaml",
        "scenarios:
  a:
    steps:
      - http: {url: /}
        as: answer
        check:
          - found: answer.status == 200
          - found: answer.status == 204
          - status: 200
",
    );
    let told = work.run(&["check", &file]).expect(2);
    for message in [
        "this step has a check `found` already",
        "the check `status` is always the same",
        "2 errors",
    ] {
        assert!(told.out.contains(message), "{message}\n{}", told.out);
    }
}

#[test]
fn anchors_have_a_place_of_their_own_that_nothing_reads() {
    let (work, server) = (Work::new(), Server::start());
    work.write(
        "lib.yaml",
        "x-path: &path /from-a-library\nparams: {url: }\nsteps: [{http: {url: \"{{ url }}/b\", headers: {X: *path}}}]\n",
    );
    let text = format!(
        "x-of-nobody: {{any: [thing, \"{{{{ not read }}}}\"]}}
x-requests:
  usual: &usual {{method: PUT, headers: {{Accept: text/plain}}}}
vars: {{url: {:?}}}
scenarios:
  s:
    steps:
      - http: {{<<: *usual, url: \"{{{{ url }}}}/a\"}}
      - include: {{file: lib.yaml, with: {{url: \"{{{{ url }}}}\"}}}}
",
        server.url
    );
    let file = work.write("a.yaml", &text);
    work.run(&["run", &file, "--quiet"]).expect(0);
    let asked = server.asked();
    assert_eq!(asked[0].line, "PUT /a");
    assert!(asked[1].headers.contains(&"x: /from-a-library".to_owned()));
    let inside = text.replace("  s:\n", "  s:\n    x-inside: 1\n");
    let file = work.write("inside.yaml", &inside);
    let told = work.run(&["check", &file]).expect(2);
    assert!(told.out.contains("unknown key `x-inside`"), "{}", told.out);
}

#[test]
fn what_other_tools_call_a_step_is_understood() {
    let work = Work::new();
    for (item, form) in [
        ("- wait: 2s", "- sleep: 2s"),
        ("- think: 2s", "- sleep: 2s"),
        ("- pause: 2s", "- sleep: 2s"),
        ("- get: /a", "- http: {url: /a}"),
        ("- print: hello", "- log: hello"),
        (
            "- post: {url: /, json: 1}",
            "- http: {method: POST, url: /, json: 1}",
        ),
        ("- {http: {url: /}, think: 2s}", "- sleep: 2s"),
    ] {
        let file = work.write(
            "a.yaml",
            &format!("scenarios:\n  a:\n    steps:\n      {item}\n"),
        );
        let told = work.run(&["check", &file]).expect(2).out;
        assert!(told.contains("did you mean `"), "{told}");
        assert!(told.contains(form) && told.contains("1 error"), "{told}");
    }
}

#[test]
fn a_variable_keeps_its_type_and_is_there_for_the_steps_that_follow() {
    let (work, server) = (Work::new(), Server::start());
    let steps = r#"      - set:
          sum: "{{ 1 + 2 }}"
          large: 18446744073709551615
          small: 1e-7
          who: "user {{ vu }}"
          both: {sum: "{{ sum }}", list: [1, "{{ who }}"]}
      - repeat:
          times: 2
          steps: [{set: {sum: "{{ sum + 1 }}"}}]
      - http: {url: "{{ url }}/echo", json: {sum: "{{ sum }}", large: "{{ large }}", small: "{{ small }}", both: "{{ both }}"}}
        as: answer
        expect: sum == 5
      - http: {url: "{{ url }}/echo", json: {large: 18446744073709551615, small: 1e-7, half: 0.5}}
"#;
    play(&work, &server, steps).expect(0);
    let asked = server.asked();
    assert_eq!(
        asked[0].body,
        r#"{"sum":5,"large":18446744073709551615,"small":1e-7,"both":{"sum":3,"list":[1,"user 1"]}}"#
    );
    assert_eq!(
        asked[1].body,
        r#"{"large":18446744073709551615,"small":1e-7,"half":0.5}"#
    );
}

#[test]
fn a_log_is_on_the_terminal_and_in_the_report_and_floods_nobody() {
    let (work, server) = (Work::new(), Server::start());
    let text = format!(
        r#"name: said
vars: {{url: {:?}}}
scenarios:
  s:
    steps:
      - http: {{url: "{{{{ url }}}}/json", json: {{token: s3cret-of-ada, n: 7}}}}
        as: answer
        capture: {{token: {{jsonpath: $.token}}}}
      - log: "status {{{{ answer.status }}}}, {{{{ answer.json }}}}, {{{{ token }}}}, {{{{ answer.json.token }}}}"
      - repeat:
          times: 500
          steps: [{{log: "round {{{{ round }}}}"}}]
"#,
        server.url
    );
    let file = work.write("said.yaml", &text);
    let ended = work.run(&["run", &file]).expect(0);
    assert!(
        ended
            .err
            .contains("s log, user 1, iteration 1: status 200, {"),
        "{}",
        ended.err
    );
    assert!(ended.err.contains("s log 2: "), "{}", ended.err);
    assert!(ended.err.contains(" withheld"), "{}", ended.err);
    let rounds = ended.err.matches(": round ").count();
    assert!((5..100).contains(&rounds), "{rounds}\n{}", ended.err);
    let report = work.report();
    let first = entry(&report["log"], "item", "log");
    let line = first["lines"][0]["text"].as_str().unwrap();
    assert!(
        line.contains("\"n\":7") && line.contains("[secret]"),
        "{line}"
    );
    let rest = entry(&report["log"], "item", "log 2");
    let kept = rest["lines"].as_array().unwrap().len() as u64;
    assert_eq!(kept + rest["withheld"].as_u64().unwrap(), 500);
    for shown in [&ended.err, &ended.out, &report.to_string()] {
        assert!(!shown.contains("s3cret-of-ada"), "{shown}");
    }
    let page = work.report_path().with_file_name("report.html");
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.contains("round 1"), "the page shows the log");
    assert!(!page.contains("s3cret-of-ada"));
}

#[test]
fn a_scenario_can_say_that_an_iteration_has_failed() {
    let (work, server) = (Work::new(), Server::start());
    let steps = r#"      - if:
          condition: iteration == 2
          then: [{fail: "not {{ iteration }} again"}]
      - http: {url: "{{ url }}/a"}
    iterations: 3
thresholds:
  errors{kind=fail}: [count == 1]
  iterations{outcome=failed}: [count == 1]
  iterations{outcome=ok}: [count == 2]
"#;
    play(&work, &server, steps);
    let report = work.report();
    for threshold in report["thresholds"].as_array().unwrap() {
        assert_eq!(threshold["passed"], true, "{threshold}");
    }
    let error = &report["errors"][0];
    assert_eq!(
        (&error["kind"], &error["step"]),
        (&"fail".into(), &"fail".into())
    );
    assert_eq!(error["sample"], "not 2 again");
    assert_eq!(server.asked().len(), 2);
}

#[test]
fn a_scenario_can_end_the_whole_run() {
    let (work, server) = (Work::new(), Server::start());
    let text = format!(
        "name: ended
vars: {{url: {:?}}}
scenarios:
  first:
    executor: constant_vus
    duration: 1h
    steps:
      - http: {{url: \"{{{{ url }}}}/a\"}}
      - {{if: {{condition: iteration == 3, then: [{{abort: \"no {{{{ iteration }}}}\"}}]}}}}
  other:
    executor: constant_vus
    duration: 1h
    think_time: 10ms
    steps: [{{http: {{url: \"{{{{ url }}}}/b\"}}}}]
teardown:
  - http: {{url: \"{{{{ url }}}}/end\"}}
",
        server.url
    );
    let file = work.write("ended.yaml", &text);
    let ended = work.run(&["run", &file, "--quiet"]).expect(1);
    let told = "stopped by `abort` in scenario `first`: no 3";
    assert!(ended.out.contains("ended: failed"), "{}", ended.out);
    let report = work.report();
    assert_eq!(report["run"]["stopped"], told);
    assert_eq!(report["verdict"], "failed");
    assert_eq!(entry(&report["errors"], "kind", "abort")["count"], 1);
    assert_eq!(server.asked().last().unwrap().line, "GET /end");
}

#[test]
fn a_variable_cannot_hide_another_and_a_text_must_be_there() {
    let work = Work::new();
    let file = work.write(
        "a.yaml",
        "vars: {url: /a}
scenarios:
  a:
    steps:
      - set: {url: /b}
      - set: greeting
      - log:
      - http: {url: \"{{ url }}/{{ later }}\"}
      - set: {later: 1}
",
    );
    let told = work.run(&["check", &file]).expect(2).out;
    for message in [
        "`url` is a variable already",
        "`set` takes names of your own",
        "`log` needs a text",
        "`later` is captured by a later step",
        "4 errors",
    ] {
        assert!(told.contains(message), "{message}\n{told}");
    }
}

#[test]
fn a_value_of_any_shape_is_json_in_a_text_and_whole_in_a_log() {
    let (work, server) = (Work::new(), Server::start());
    let text = format!(
        r#"name: json
vars:
  url: {:?}
  who: {{name: "it's ada", list: [1, null, true], large: 18446744073709551615, small: 1.0e-7, more: "{}"}}
scenarios:
  s:
    steps:
      - http: {{url: "{{{{ url }}}}/json", method: POST, headers: {{Content-Type: application/json}}, body: "{{{{ who|tojson }}}}"}}
      - http: {{url: "{{{{ url }}}}/json", json: {{token: s3cret-of-ada}}}}
        as: answer
      - log: "{{{{ who }}}}"
      - log: "{{{{ answer.json|tojson }}}}"
"#,
        server.url,
        "x".repeat(200)
    );
    let file = work.write("json.yaml", &text);
    work.run(&["run", &file, "--quiet"]).expect(0);
    let sent: Value = serde_json::from_str(&server.asked()[0].body).unwrap();
    assert_eq!(sent["name"], "it's ada");
    assert_eq!(sent["list"], serde_json::json!([1, null, true]));
    assert!(server.asked()[0].body.contains("18446744073709551615"));
    let report = work.report();
    let said = |item: &str| {
        let lines = &entry(&report["log"], "item", item)["lines"];
        lines[0]["text"].as_str().unwrap().to_owned()
    };
    let whole: Value = serde_json::from_str(&said("log")).unwrap();
    assert_eq!(whole, sent);
    // Nobody knows what stands under such a name.
    assert_eq!(said("log 2"), "[secret]");
}

#[test]
fn a_text_of_a_mapping_that_is_no_json_is_told() {
    let work = Work::new();
    let text = "vars: {who: {name: ada}}
scenarios:
  s:
    steps:
      - http: {url: /x, body: \"{{ who|string }}\"}
      - http: {url: /x, body: \"{{ who|tojson }}\"}
      - http: {url: /x, body: \"{{ [1]|tojsn }}\"}
";
    let file = work.write("a.yaml", text);
    let told = work.run(&["check", &file]).expect(2).out;
    for message in [
        "`who|string` is no JSON",
        "write `who|tojson`",
        "unknown filter `tojsn`",
        "did you mean `tojson`?",
    ] {
        assert!(told.contains(message), "{message}\n{told}");
    }
    assert!(told.contains("1 warning"), "{told}");
}

#[test]
fn a_status_is_a_success_or_a_failure_of_a_step() {
    let work = Work::new();
    let file = |step: &str| {
        let text = format!("scenarios:\n  s:\n    steps:\n      - {step}\n");
        work.write("a.yaml", &text)
    };
    for step in [
        "{http: {url: /x, status: 401}, fails: 401}",
        "{http: {url: /x, status: [200, 401]}, fails: http 401}",
        "{http: {url: /x, status: 4xx}, fails: 403 Forbidden}",
        "{http: {url: /x, status: 401}, fails: {kind: http 401}}",
        "{http: {url: /x, status: [401, 403]}, fails: {status: [403, 500]}}",
        "{http: {url: /x}, fails: 204}",
    ] {
        let told = work.run(&["check", &file(step)]).expect(2).out;
        assert!(
            told.contains("a.yaml:4:") && told.contains("is a success"),
            "{step}\n{told}"
        );
    }
    // One of a class, which the others can still be.
    let told = work.run(&["check", &file("{http: {url: /x, status: 404}, fails: 4xx}")]);
    assert!(told.expect(0).out.contains("404 is a success by `status`"));
    for step in [
        "{http: {url: /x, status: [200, 404]}, fails: [401, 403]}",
        "{http: {url: /x}, fails: 401}",
        "{http: {url: /x, status: 201}, fails: 200}",
        "{http: {url: /x, status: 401}, fails: \"{{ vu }}01\"}",
    ] {
        let told = work.run(&["check", &file(step)]).out;
        assert!(!told.contains("is a success"), "{step}\n{told}");
    }
}
