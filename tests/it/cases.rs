//! The tutorial's other cases: steps that must fail, several people in one user,
//! a new key pair, access given back, sharing.

use serde_json::Value;

use crate::server::Server;
use crate::work::{Work, entry, shipped};

/// A plan of one scenario with these steps, and a variable `url`.
fn plan(url: &str, steps: &str) -> String {
    format!("name: cases\nvars: {{url: {url:?}}}\nscenarios:\n  one:\n    steps:\n{steps}")
}

fn step<'a>(report: &'a Value, name: &str) -> &'a Value {
    entry(&report["steps"], "name", name)
}

/// Counts of good and failed plays of a step.
fn counts(report: &Value, name: &str) -> (u64, u64) {
    let step = step(report, name);
    let count = |outcome: &str| step[outcome]["count"].as_u64().unwrap();
    (count("ok"), count("failed"))
}

/// A doctor, and a patient who has written a data sample.
const PEOPLE: &str = r#"
      - register: {email: "{{ fake.email() }}", role: practitioner}
        as: doctor
      - register: {email: "{{ fake.email() }}", responsible: "{{ doctor.data_owner_id }}", save: old}
        as: ada
      - data_sample.create: {content: {en: {stringValue: old}}}
        as: sample
"#;

/// Plays steps after those of [`PEOPLE`].
#[track_caller]
fn play(steps: &str, code: i32) -> (Work, String) {
    let work = Work::new();
    let file = work.write("a.yaml", &plan("", &format!("{PEOPLE}{steps}")));
    let ended = work.run(&["run", &file]).expect(code);
    (work, ended.out)
}

#[test]
fn a_step_that_fails_as_expected_is_neither_good_nor_failed() {
    let (work, server) = (Work::new(), Server::start());
    let steps = r#"
      - http: {url: "{{ url }}/status/403", endpoint: /closed}
        name: closed
        fails: "got {{ 400 + 3 }}"
        repeat: 2
        as: refusal
        expect:
          - refusal.kind == "http 403"
          - refusal.message is startingwith "GET /closed"
      - http: {url: "{{ url }}/after"}
        name: after
        when: refusal|length == 2
thresholds:
  step_duration{step=closed}: [count == 0, error_rate == 0%]
  step_duration{step=closed, outcome=failed as expected}: [count == 2]
  errors: [count == 0]
"#;
    let file = work.write("a.yaml", &plan(&server.url, steps));
    work.run(&["run", &file]).expect(0);
    assert_eq!(server.asked().len(), 3);
    let report = work.report();
    assert_eq!(report["totals"]["iterations_ok"], 1);
    assert_eq!(report["errors"].as_array().unwrap().len(), 0);
    assert_eq!(counts(&report, "closed"), (0, 0));
    assert_eq!(counts(&report, "after"), (1, 0));
    // It happened all the same, and the request was refused.
    let parts = &step(&report, "closed")["parts"];
    assert_eq!(entry(parts, "name", "failed as expected")["ok"]["count"], 2);
    assert_eq!(entry(parts, "name", "GET /closed")["failed"]["count"], 2);
}

#[test]
fn a_step_that_must_fail_and_does_not_or_does_otherwise_has_failed() {
    for (path, kind, message) in [
        (
            "/fine",
            "no failure",
            "this step must fail with `403 Forbidden`, and succeeded",
        ),
        (
            "/status/404",
            "http 404",
            "this step must fail with `403 Forbidden`, and failed otherwise: GET /x: expected 2xx, got 404",
        ),
    ] {
        let (work, server) = (Work::new(), Server::start());
        let steps = format!(
            "      - http: {{url: \"{{{{ url }}}}{path}\", endpoint: /x}}\n        fails: 403 Forbidden\n      - http: {{url: \"{{{{ url }}}}/never\"}}\n        name: never\n"
        );
        let file = work.write("a.yaml", &plan(&server.url, &steps));
        let ended = work.run(&["run", &file]).expect(1);
        assert!(ended.out.contains(message), "{}", ended.out);
        let report = work.report();
        assert_eq!(counts(&report, "http"), (0, 1));
        assert_eq!(counts(&report, "never"), (0, 0));
        assert_eq!(entry(&report["errors"], "step", "http")["kind"], kind);
    }
}

#[test]
fn a_mistake_in_the_scenario_is_no_expected_failure() {
    for (argument, words) in [
        // The argument cannot be made, and the message holds the words.
        ("\"{{ url }}/{{ missing.x }}\"", "missing"),
        // No words are left: any failure would do.
        ("\"{{ url }}/status/500\"", "\"{{ '' }}\""),
    ] {
        let (work, server) = (Work::new(), Server::start());
        let steps =
            format!("      - http: {{url: {argument}, endpoint: /x}}\n        fails: {words}\n");
        let text = plan(&server.url, &steps).replace("vars: {", "vars: {missing: {}, ");
        let file = work.write("a.yaml", &text);
        work.run(&["run", &file]).expect(1);
        let report = work.report();
        assert_eq!(counts(&report, "http"), (0, 1), "{words}");
        assert_eq!(entry(&report["errors"], "step", "http")["kind"], "argument");
    }
}

#[test]
fn what_can_be_wrong_is_told_before_anything_is_sent() {
    let work = Work::new();
    let file = work.write(
        "mine.yaml",
        r#"name: mine
scenarios:
  one:
    steps:
      - register: {email: a@example.org, role: practitioner}
        acting_as: a@example.org
        fails: ""
        as: me
      - give_access: {to: "{{ me.data_owner_id }}"}
      - give_access: {public_key: "{{ me.key_pairs[0].public_key }}"}
      - share: {data: medical}
      - request_access: {to: x}
"#,
    );
    let ended = work.run(&["run", &file]).expect(2);
    insta::assert_snapshot!(ended.err, @r#"
 × `acting_as` beside `register`
  ╭─[mine.yaml:6:20]
6 │         acting_as: a@example.org
  ·                    ─────────────
  ╰────
 help: this step decides itself who acts from here on; `acting_as` is for those after it

 × `fails` needs some words of the reason
  ╭─[mine.yaml:7:16]
7 │         fails: ""
  ·                ──
  ╰────
 help: any failure would do otherwise, a network that is down too; for example `fails: 403 Forbidden`

 × `to` without `public_key`
  ╭─[mine.yaml:9:27]
9 │       - give_access: {to: "{{ me.data_owner_id }}"}
  ·                           ────────────────────────
  ╰────
 help: say which key pair gets access, for example `public_key: "{{ again.key_pairs[0].public_key }}"`

 × `public_key` without `to`
   ╭─[mine.yaml:10:35]
10 │       - give_access: {public_key: "{{ me.key_pairs[0].public_key }}"}
   ·                                   ──────────────────────────────────
   ╰────
 help: say whose key it is, for example `to: "{{ registered.data_owner_id }}"`

 × `share` needs `with`
   ╭─[mine.yaml:11:9]
11 │       - share: {data: medical}
   ·         ─────
   ╰────
 help: add `with:` with an id or a list of them

 × expected `all` or `medical_information`, found `medical`
   ╭─[mine.yaml:11:23]
11 │       - share: {data: medical}
   ·                       ───────
   ╰────
 help: write
         data: medical_information

 × unknown key `to` in `request_access`
   ╭─[mine.yaml:12:26]
12 │       - request_access: {to: x}
   ·                          ─┬
   ·                           ╰── no such key
   ╰────
 help: `request_access` takes no arguments
"#);
}

#[test]
fn nobody_acts_who_is_not_logged_in() {
    let (work, out) = play(
        "      - data_sample.get: {id: \"{{ sample.id }}\"}\n        acting_as: bob@example.org\n",
        1,
    );
    assert!(
        out.contains("nobody is logged in as `bob@example.org`, whom `acting_as` names"),
        "{out}"
    );
    assert!(out.contains("in this iteration there are `"), "{out}");
    let errors = &work.report()["errors"];
    assert_eq!(errors[0]["kind"], "not logged in");
}

#[test]
fn a_step_that_is_lent_to_another_account_leaves_the_current_one_as_it_was() {
    let steps = r#"
      - http: {url: /rest/v2/user/current, auth: user}
        name: whoami
        acting_as: "{{ doctor.login }}"
        as: lent
        expect: lent.json.id == doctor.user_id
      - http: {url: /rest/v2/user/current, auth: user}
        as: mine
        expect: mine.json.id == ada.user_id
      # Also after it has failed.
      - data_sample.get: {id: nothing}
        name: nothing
        acting_as: "{{ doctor.login }}"
        fails: 404 Not Found
      - http: {url: /rest/v2/user/current, auth: user}
        name: still
        as: still
        expect: still.json.id == ada.user_id
      # The current one can be named as well.
      - http: {url: /rest/v2/user/current, auth: user}
        name: myself
        acting_as: "{{ ada.login }}"
        as: myself
        expect: myself.json.id == ada.user_id
"#;
    play(steps, 0);
}

#[test]
fn whoever_else_was_logged_in_is_gone_in_the_next_iteration() {
    let work = Work::new();
    let steps = r#"
      - register: {email: doctor@example.org, role: practitioner}
        when: iteration == 1
      - register: {email: ada@example.org, responsible: "{{ target.responsible }}"}
        name: ada
        when: iteration == 1
      - http: {url: /rest/v2/user/current, auth: user}
        name: mine
        as: mine
        expect: mine.json.login == "ada@example.org"
      - http: {url: /rest/v2/user/current, auth: user}
        name: theirs
        acting_as: doctor@example.org
"#;
    let text = plan("", steps).replace("    steps:", "    iterations: 2\n    steps:");
    let file = work.write("a.yaml", &text);
    let ended = work.run(&["run", &file]).expect(1);
    let report = work.report();
    assert_eq!(counts(&report, "mine"), (2, 0));
    assert_eq!(counts(&report, "theirs"), (1, 1));
    let message = "nobody is logged in as `doctor@example.org`, whom `acting_as` names: \
                   in this iteration there are `ada@example.org`";
    assert!(ended.out.contains(message), "{}", ended.out);
}

#[test]
fn access_is_asked_for_and_given_as_the_sdk_does() {
    let work = Work::new();
    work.run(&["run", &shipped("second-device.yaml")]).expect(0);
    let report = work.report();
    for (name, parts) in [
        (
            "login on the second phone",
            &["PUT /patient", "POST /maintenancetask", "RSA-2048 generate"][..],
        ),
        ("request_access", &["POST /maintenancetask"]),
        (
            "give_access",
            &[
                "POST /maintenancetask/filter",
                "GET /dataowner/{id}",
                "RSA-OAEP decrypt",
                "RSA-OAEP encrypt",
                "PUT /patient",
                "GET /maintenancetask/{id}",
                "PUT /maintenancetask",
            ],
        ),
        ("reload", &["GET /user/current", "GET /dataowner/current"]),
    ] {
        for part in parts {
            let part = entry(&step(&report, name)["parts"], "name", part);
            assert!(part["ok"]["count"].as_u64() >= Some(1), "{name}: {part}");
        }
    }
    // One for each notification: of the log-in, and of the step.
    let parts = &step(&report, "give_access")["parts"];
    let completed = entry(parts, "name", "PUT /maintenancetask");
    assert_eq!(completed["ok"]["count"], 2);
    assert_eq!(entry(parts, "name", "PUT /patient")["ok"]["count"], 1);
}

#[test]
fn many_people_lose_their_keys_at_once_and_nothing_is_mixed_up() {
    for name in ["second-device.yaml", "lost-key.yaml", "stop-sharing.yaml"] {
        let work = Work::new();
        let arguments = ["run", &shipped(name), "--vus", "4", "--iterations", "2"];
        work.run(&arguments).expect(0);
        assert_eq!(work.report()["totals"]["iterations_ok"], 8, "{name}");
    }
}

#[test]
fn a_request_is_answered_once() {
    let steps = r#"
      - login: {email: "{{ ada.login }}", new_key: true}
      - request_access:
      - give_access:
        acting_as: "{{ doctor.login }}"
        as: first
        expect: first.given|length == 1
      - give_access:
        name: again
        acting_as: "{{ doctor.login }}"
        as: second
        expect: second.given == []
"#;
    play(steps, 0);
}

#[test]
fn the_old_device_gives_the_new_one_access_and_then_reads_what_that_wrote() {
    let steps = r#"
      # Nobody else can help: what follows is shared with nobody.
      - stop_sharing: {with: ["{{ doctor.data_owner_id }}"]}
      - data_sample.create: {content: {en: {stringValue: mine alone}}}
        name: write
        as: secret
      - login: {email: "{{ ada.login }}", new_key: true, save: new}
        as: new
      - data_sample.create: {content: {en: {stringValue: new}}}
        name: write with the new key
        as: newer
      - data_sample.get: {id: "{{ secret.id }}"}
        name: too early
        fails: "missing is the private key of `{{ ada.key_pairs[0].fingerprint }}`"
      - reinstantiate: {from: old}
        as: old
        expect: old.key_pairs == ada.key_pairs
      - data_sample.get: {id: "{{ newer.id }}"}
        name: the other way round
        fails: "missing is the private key of `{{ new.key_pairs[0].fingerprint }}`"
      - give_access: {to: "{{ ada.data_owner_id }}", public_key: "{{ new.key_pairs[0].fingerprint }}"}
        as: given
        expect: given.given[0].exchange_keys == 1
      - reinstantiate: {from: new}
        name: new device
      - data_sample.get: {id: "{{ secret.id }}"}
        name: at last
        as: found
        expect: found.content.en.stringValue == "mine alone"
      # And the other way round.
      - give_access: {to: "{{ ada.data_owner_id }}", public_key: "{{ ada.key_pairs[0].fingerprint }}"}
        name: give back
      - reinstantiate: {from: old}
        name: old device
      - data_sample.get: {id: "{{ newer.id }}"}
        name: at last there too
        as: read
        expect: read.content.en.stringValue == "new"
"#;
    play(steps, 0);
}

#[test]
fn what_others_have_shared_with_a_lost_key_is_given_back_too() {
    let steps = r#"
      - data_sample.create:
          content: {en: {stringValue: from the doctor}}
          share_with: ["{{ ada.data_owner_id }}"]
        name: prescribe
        acting_as: "{{ doctor.login }}"
        as: note
      - data_sample.get: {id: "{{ note.id }}"}
        name: before
      - login: {email: "{{ ada.login }}", new_key: true}
      - data_sample.get: {id: "{{ note.id }}"}
        name: too early
        fails: missing is the private key
      # One exchange key from the doctor, and one to the doctor.
      - give_access:
        acting_as: "{{ doctor.login }}"
        as: answer
        expect: answer.given[0].exchange_keys == 2
      - reload:
      - data_sample.get: {id: "{{ note.id }}"}
        name: after
        as: found
        expect: found.content == note.content
"#;
    play(steps, 0);
}

#[test]
fn who_shares_with_a_lost_key_is_asked_too_and_practitioners_ask_no_patients() {
    let steps = r#"
      # A colleague shares with the doctor, who shares with a patient alone.
      - register: {email: "{{ fake.email() }}", role: practitioner}
        name: colleague
        as: colleague
      - data_sample.create:
          content: {en: {stringValue: for a colleague}}
          share_with: ["{{ doctor.data_owner_id }}"]
        name: refer
        as: letter
      - data_sample.create:
          content: {en: {stringValue: for a patient}}
          share_with: ["{{ ada.data_owner_id }}"]
        name: prescribe
        acting_as: "{{ doctor.login }}"
      - login: {email: "{{ doctor.login }}", new_key: true}
        name: lose the key
      - data_sample.get: {id: "{{ letter.id }}"}
        name: too early
        fails: missing is the private key
      - give_access:
        name: no patient is asked
        acting_as: "{{ ada.login }}"
        as: patient
        expect: patient.given == []
      - give_access:
        name: the colleague is asked
        acting_as: "{{ colleague.login }}"
        as: answer
        expect: answer.given[0].to == doctor.data_owner_id and answer.given[0].exchange_keys == 1
      - reload:
      - data_sample.get: {id: "{{ letter.id }}"}
        name: after
        as: found
        expect: found.content == letter.content
"#;
    let (work, _) = play(steps, 0);
    let report = work.report();
    let parts = &step(&report, "lose the key")["parts"];
    let asked = entry(parts, "name", "GET /hcparty/{id}/aesExchangeKeys");
    assert_eq!(asked["ok"]["count"], 1);
    assert_eq!(
        entry(parts, "name", "POST /maintenancetask")["ok"]["count"],
        1
    );
    // A first key pair asks nobody.
    let parts = &step(&report, "colleague")["parts"];
    let mut names = parts.as_array().unwrap().iter().map(|part| &part["name"]);
    assert!(!names.any(|name| name.as_str().unwrap().contains("aesExchangeKeys")));
}

#[test]
fn a_device_keeps_its_own_key_pair_when_another_has_logged_in() {
    let steps = r#"
      - login: {email: "{{ ada.login }}", new_key: true}
        as: new
      - reinstantiate: {from: old}
      - login: {email: "{{ ada.login }}"}
        name: again
        as: again
        expect:
          - again.key_pairs == ada.key_pairs
          - again.key_pairs != new.key_pairs
"#;
    play(steps, 0);
}

#[test]
fn access_is_given_to_nobody_elses_key_and_not_without_anything_in_common() {
    let steps = r#"
      - login: {email: "{{ ada.login }}", new_key: true}
        as: again
      - give_access: {to: "{{ ada.data_owner_id }}", public_key: "{{ doctor.key_pairs[0].public_key }}"}
        name: foreign
        acting_as: "{{ doctor.login }}"
        fails: "`{{ ada.data_owner_id }}` has not published a public key with the fingerprint `{{ doctor.key_pairs[0].fingerprint }}`"
      - register: {email: "{{ fake.email() }}", role: practitioner}
        name: stranger
      - give_access: {to: "{{ ada.data_owner_id }}", public_key: "{{ again.key_pairs[0].public_key }}"}
        fails: there is nothing that access could be given back to
"#;
    play(steps, 0);
}

#[test]
fn a_delegate_that_has_read_before_reads_what_a_new_key_has_sealed() {
    let steps = r#"
      # The doctor keeps the exchange key that opens this.
      - data_sample.get: {id: "{{ sample.id }}"}
        name: before
        acting_as: "{{ doctor.login }}"
      - login: {email: "{{ ada.login }}", new_key: true}
      - data_sample.create: {content: {en: {stringValue: new}}}
        name: write
        as: newer
      - data_sample.get: {id: "{{ newer.id }}"}
        name: after
        acting_as: "{{ doctor.login }}"
        as: seen
        expect: seen.content == newer.content
"#;
    play(steps, 0);
}

#[test]
fn what_access_was_given_back_to_is_not_sealed_with_the_lost_key() {
    // A third device has only the lost key pair: it must not read what is new.
    let steps = r#"
      - login: {email: "{{ ada.login }}", new_key: true, save: new}
      - give_access:
        acting_as: "{{ doctor.login }}"
      - reload
      - data_sample.get: {id: "{{ sample.id }}"}
        name: old
      - data_sample.create: {content: {en: {stringValue: new}}}
        name: write
        as: newer
      - reinstantiate: {from: old}
      - data_sample.get: {id: "{{ sample.id }}"}
        name: with the lost key
      - data_sample.get: {id: "{{ newer.id }}"}
        name: new with the lost key
        fails: missing is the private key
"#;
    play(steps, 0);
}

#[test]
fn whom_one_shares_with_is_said_in_one_form_or_another() {
    let steps = r#"
      - share: {with: ["{{ doctor.data_owner_id }}", other]}
        as: shared
        expect: shared.all == [doctor.data_owner_id, "other"]
      - share: {with: other}
        name: once more
        as: same
        expect: same == shared
      - stop_sharing: {with: "{{ doctor.data_owner_id }}", data: all}
        as: less
        expect:
          - less.all == ["other"]
          - less.medical_information == [doctor.data_owner_id]
      - stop_sharing: {with: [other, "{{ doctor.data_owner_id }}"]}
        name: nobody
        as: nobody
        expect: nobody.all == [] and nobody.medical_information == []
      - share: {with: []}
        name: no one named
"#;
    let (_, out) = play(steps, 1);
    assert!(
        out.contains("`with`: expected an id or a list of them, got none"),
        "{out}"
    );
}

#[test]
fn somebody_unknown_is_refused_and_signed_up_by_a_process() {
    let work = Work::new();
    let steps = r#"
      - login: {email: "{{ fake.email() }}"}
        fails: {kind: no key pair}
      - http:
          url: /rest/v2/auth/login
          json: {username: "{{ fake.email() }}", password: not-a-token}
          status: 401
      - login: {email: ada@example.org, new_key: true}
        as: ada
      - http: {url: /rest/v2/user/current, auth: user}
        as: user
        expect: user.json.id == ada.user_id
      - http:
          url: /rest/v2/auth/login
          json: {username: ada@example.org, password: not-a-token}
          status: 401
      - http:
          url: /rest/v2/auth/login
          json: {username: ada@example.org, password: "{{ ada.token }}"}
"#;
    let file = work.write("unknown.yaml", &plan("", steps));
    work.run(&["run", &file]).expect(0);
}

#[test]
fn somebody_unknown_logs_in_only_with_a_new_key() {
    let work = Work::new();
    let simulator = work.simulate(&[]);
    let steps = |login: &str| {
        let register = "      - register: {email: ada@example.org, responsible: \"{{ target.responsible }}\"}\n        when: iteration == 2\n";
        plan("", &format!("{register}      - login: {login}\n"))
    };
    let first = work.write(
        "first.yaml",
        &steps(
            "{email: ada@example.org, responsible: \"{{ target.responsible }}\", new_key: true}",
        ),
    );
    work.run(&["run", &first, "--target", "target.yaml"])
        .expect(0);
    let second = work.write("second.yaml", &steps("{email: ada@example.org}"));
    let ended = work
        .run(&["run", &second, "--target", "target.yaml"])
        .expect(1);
    let message = "signs up whoever has no account yet";
    assert!(ended.out.contains(message), "{}", ended.out);
    simulator.stop();
}
