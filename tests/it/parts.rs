//! The authentication in its parts, and what must be refused of it.

use serde_json::Value;

use crate::secrets::assert_no_code;
use crate::server::Server;
use crate::work::{Ended, Work, entry, shipped};

fn plan(work: &Work, steps: &str) -> String {
    let text = format!("name: parts\nscenarios:\n  one:\n    steps:\n{steps}");
    work.write("parts.yaml", &text)
}

/// Plays these steps once against the simulator of its process.
#[track_caller]
fn play(steps: &str, code: i32) -> (Work, Ended) {
    let work = Work::new();
    let file = plan(&work, steps);
    let ended = work.run(&["run", &file]).expect(code);
    (work, ended)
}

/// Ada asks for a code, and reads it.
const ASKED: &str = r#"
      - auth.start: {email: "{{ fake.email() }}", responsible: "{{ target.responsible }}"}
        as: started
      - otp.read: {}
        as: otp
"#;

#[test]
fn ten_refusals_and_more_are_told_from_what_is_let_in() {
    let work = Work::new();
    let file = shipped("refusals.yaml");
    let ended = work.run(&["run", &file]).expect(0);
    let expected = ended.out.matches("failed as expected").count();
    // Thirteen, and the wrong codes before the one too many.
    assert_eq!(expected, 14, "{}", ended.out);
    let report = work.report();
    assert_eq!(report["totals"]["users"], 1);
    for step in report["steps"].as_array().unwrap() {
        assert_eq!(step["failed"]["count"], 0, "{step}");
    }
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(!text.contains(" http:"), "no request of its own");
}

#[test]
fn a_code_that_has_expired_is_refused() {
    let work = Work::new();
    let simulator = work.simulate(&["--otp-lifetime", "1"]);
    let file = plan(
        &work,
        &format!(
            "{ASKED}
      - sleep: 1100ms
      - auth.validate: {{code: \"{{{{ otp.code }}}}\"}}
        fails: {{status: 410, kind: http 410, message: the code has expired}}
      - auth.complete: {{code: \"{{{{ otp.code }}}}\"}}
        fails: 410
"
        ),
    );
    work.run(&["run", &file, "--target", "target.yaml"])
        .expect(0);
    simulator.stop();
}

#[test]
fn the_parts_together_are_what_register_and_login_are() {
    let steps = format!(
        r#"{ASKED}
      - auth.validate: {{of: "{{{{ started.request_id }}}}", code: "{{{{ otp.code }}}}"}}
      - auth.complete: {{code: "{{{{ otp.code }}}}", validate: false}}
        as: first
        expect: first.login == started.login and first.key_pairs|length == 1
      - data_sample.create: {{content: {{en: {{stringValue: hello}}}}}}
        as: sample
      # The same person again: the key pair that there is.
      - auth.start: {{email: "{{{{ first.login }}}}", responsible: "{{{{ target.responsible }}}}"}}
        name: again
      - otp.read: {{}}
        as: otp
      - auth.complete: {{code: "{{{{ otp.code }}}}"}}
        as: second
        expect:
          - second.user_id == first.user_id and second.token != first.token
          - second.key_pairs == first.key_pairs
      - data_sample.get: {{id: "{{{{ sample.id }}}}"}}
      # And another one, as on another device.
      - auth.start: {{email: "{{{{ first.login }}}}", responsible: "{{{{ target.responsible }}}}"}}
        name: once more
      - otp.read: {{}}
        as: otp
      - auth.complete: {{code: "{{{{ otp.code }}}}", new_key: true}}
        as: third
        expect: third.key_pairs != first.key_pairs
      - login: {{email: "{{{{ first.login }}}}"}}
"#
    );
    let (work, _) = play(&steps, 0);
    let report = work.report();
    assert_eq!(report["totals"]["users"], 1);
    let parts = |name: &str| -> Vec<String> {
        let step = entry(&report["steps"], "name", name);
        let parts = step["parts"].as_array().unwrap().iter();
        let names = parts.map(|part| part["name"].as_str().unwrap().to_owned());
        names.collect()
    };
    assert_eq!(parts("otp.read"), ["wait for the one-time password"]);
    assert_eq!(
        parts("auth.start"),
        ["POST gateway /process/{processId}/{requestId}"]
    );
    assert_eq!(
        parts("auth.validate"),
        ["GET gateway /process/validate/{requestId}-{code}"]
    );
    assert!(parts("auth.complete").contains(&"POST /user/token/{userId}/{key}".to_owned()));
}

#[test]
fn a_code_is_read_once_and_of_a_process_that_was_started() {
    for (steps, told) in [
        (
            "      - otp.read: {}\n".to_owned(),
            "no process was started in this iteration: put `auth.start` before",
        ),
        (
            "      - auth.validate: {code: '1234'}\n".to_owned(),
            "no process was started in this iteration",
        ),
        (
            format!("{ASKED}      - otp.read: {{}}\n        name: twice\n"),
            "was read before: keep it with `as`",
        ),
        (
            format!("{ASKED}      - auth.complete: {{of: r-1, code: '1234'}}\n"),
            "no process `r-1` was started in this iteration",
        ),
        // A process that was refused is none.
        (
            "      - auth.start: {email: a@example.org, captcha: none}\n        fails: 400\n      - otp.read: {}\n".to_owned(),
            "no process was started in this iteration",
        ),
    ] {
        let (work, ended) = play(&steps, 1);
        assert!(ended.out.contains(told), "{told}: {}", ended.out);
        assert_eq!(work.report()["errors"][0]["kind"], "no process", "{told}");
    }
}

#[test]
fn branches_share_the_processes_of_their_user() {
    let steps = r#"
      - auth.start: {email: "{{ fake.email() }}", responsible: "{{ target.responsible }}"}
        as: ada
      - auth.start: {email: "{{ fake.email() }}", responsible: "{{ target.responsible }}"}
        as: bob
      - parallel:
          - - otp.read: {of: "{{ ada.request_id }}"}
              as: of_ada
          - - otp.read: {of: "{{ bob.request_id }}"}
              as: of_bob
      - auth.validate: {of: "{{ ada.request_id }}", code: "{{ of_ada.code }}"}
      - auth.complete: {of: "{{ bob.request_id }}", code: "{{ of_bob.code }}"}
        as: me
        expect: me.login == bob.login
"#;
    play(steps, 0);
}

#[test]
fn a_code_is_shown_nowhere() {
    let steps = format!(
        r#"{ASKED}
      - auth.validate: {{code: "{{{{ otp.code }}}}"}}
      - auth.validate: {{code: "{{{{ otp.code }}}}"}}
        name: used
        fails: 410
        as: refusal
      - http: {{url: /rest/v2/user/current, headers: {{X-Code: "{{{{ otp.code }}}}"}}}}
        name: shown
        fails: 401
      - auth.complete: {{of: "{{{{ started.request_id }}}}", code: "{{{{ otp.code }}}}", validate: false}}
        as: me
        expect: otp.code == 'x' or refusal.message ~ otp == 'y'
"#
    );
    let work = Work::new();
    let simulator = work.simulate(&[]);
    let file = plan(&work, &steps);
    let arguments = ["run", &file, "--target", "target.yaml"];
    let ended = work.run(&arguments).expect(1);
    let report = std::fs::read_to_string(work.report_path()).unwrap();
    let traced = work.run(&[&arguments[..], &["--trace", "*"]].concat());
    let page = simulator.get("/_simulator/outbox?after=0&wait=0");
    let page: Value = serde_json::from_str(&page).unwrap();
    let bodies = page["messages"].as_array().unwrap().iter();
    let codes: Vec<String> = bodies
        .flat_map(|message| {
            let body = message["body"].as_str().unwrap();
            body.split(|c: char| !c.is_ascii_digit())
        })
        .filter(|run| run.len() == 6)
        .map(str::to_owned)
        .collect();
    assert_eq!(codes.len(), 2);
    simulator.stop();
    for text in [&ended.out, &ended.err, &report, &traced.out, &traced.err] {
        assert_no_code(text, &codes);
    }
    let shown = format!("{}{}", traced.out, traced.err);
    assert!(shown.contains("x-code: [secret]"), "{shown}");
    assert!(shown.contains("/process/validate/"), "{shown}");
}

#[test]
fn fails_tells_statuses_kinds_and_words_apart() {
    let server = Server::start();
    let work = Work::new();
    let one = |fails: &str| {
        let file = plan(
            &work,
            &format!(
                "      - http: {{url: \"{}/status/403\", endpoint: /closed}}\n        fails: {fails}\n        as: why\n        expect: why.status == 403 and why.kind == 'http 403'\n",
                server.url
            ),
        );
        let ended = work.run(&["run", &file, "--allow-host", "127.0.0.1"]);
        let _ = std::fs::remove_dir_all(work.path().join("reports"));
        ended
    };
    for good in [
        "403",
        "4xx",
        "'403'",
        "http 403",
        "403 Forbidden",
        "{status: [401, 403]}",
        "{kind: http 403}",
        "{message: \"got {{ 400 + 3 }}\"}",
        "{status: 4xx, kind: http 403, message: Forbidden}",
    ] {
        let ended = one(good);
        assert_eq!(ended.code, Some(0), "{good}: {}{}", ended.out, ended.err);
    }
    for (bad, told) in [
        ("404", "must fail with `status 404`"),
        ("5xx", "must fail with `status 5xx`"),
        ("http 404", "must fail with `http 404`"),
        (
            "{status: 403, kind: timeout}",
            "must fail with `status 403, kind timeout`",
        ),
        (
            "{status: 403, message: closed for ever}",
            "`status 403, closed for ever`",
        ),
    ] {
        let ended = one(bad).expect(1);
        assert!(ended.out.contains(told), "{bad}: {}", ended.out);
        assert!(
            ended.out.contains("got 403 Forbidden"),
            "{bad}: {}",
            ended.out
        );
    }
    // What has no answer has no status.
    let steps = "      - http: {url: \"http://127.0.0.1:1/\"}\n        fails: 4xx\n";
    let (_, ended) = play(steps, 1);
    assert!(
        ended
            .out
            .contains("must fail with `status 4xx`, and failed otherwise: GET "),
        "{}",
        ended.out
    );
}

#[test]
fn what_can_be_wrong_is_told_before_anything_is_sent() {
    let work = Work::new();
    let file = plan(
        &work,
        r#"      - auth.start: {role: practitioner}
        fails: {}
      - auth.start: {email: a@example.org, phone: "+32470123456"}
        fails: {status: 777}
      - auth.start: {email: a@example.org, captcha: nothing, code_length: 3}
        fails: {kind: refusd}
      - auth.validate: {}
        fails: {words: no}
      - otp.read: {timeout: soon}
      - auth.complete: {code: "{{ otp.code }}", process: x}
        acting_as: a@example.org
      - register: {email: a@example.org, role: practitioner, code: [1]}
      - http: {url: "/{{ target.processes.patients }}"}
"#,
    );
    let ended = work.run(&["run", &file]).expect(2);
    insta::assert_snapshot!(ended.err);
}
