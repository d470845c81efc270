//! `user.invite`: an account that a practitioner makes, and its password that is sent.

use crate::work::{Work, entry};

const DOCTOR: &str = r#"
      - register: {email: "{{ fake.email() }}", role: practitioner}
        name: register the doctor
        as: doctor
"#;

#[track_caller]
fn play(steps: &str, code: i32) -> Work {
    let work = Work::new();
    let text = format!("name: inviting\nscenarios:\n  one:\n    steps:\n{DOCTOR}{steps}");
    let file = work.write("inviting.yaml", &text);
    work.run(&["run", &file]).expect(code);
    work
}

#[test]
fn the_invited_one_logs_in_with_what_arrives_by_mail_or_sms() {
    for address in [r#"email: "{{ fake.email() }}""#, r#"phone: "+32470123456""#] {
        let work = play(
            &format!(
                r#"
      - user.invite: {{{address}, first_name: Ada, last_name: Lovelace}}
        as: invited
      - otp.read: {{of: "{{{{ invited.request_id }}}}"}}
        as: mail
      - auth.complete: {{of: "{{{{ invited.request_id }}}}", code: "{{{{ mail.code }}}}", validate: false}}
        as: patient
        expect:
          - patient.user_id == invited.user_id and patient.data_owner_id == invited.patient_id
          - patient.login == invited.login and patient.token != mail.code
      # The two can share from here on.
      - data_sample.create: {{content: {{en: {{stringValue: hello}}}}}}
        as: sample
      - data_sample.get: {{id: "{{{{ sample.id }}}}"}}
        acting_as: "{{{{ doctor.login }}}}"
      - health_element.create: {{patient: "{{{{ patient.data_owner_id }}}}", share_with: "{{{{ patient.data_owner_id }}}}", description: x}}
        acting_as: "{{{{ doctor.login }}}}"
        as: element
      - health_element.get: {{id: "{{{{ element.id }}}}"}}
"#
            ),
            0,
        );
        let report = work.report();
        assert_eq!(report["totals"]["users"], 2);
        let parts = &entry(&report["steps"], "name", "user.invite")["parts"];
        let way = if address.starts_with("email") {
            "POST gateway /email/to/{address}"
        } else {
            "POST gateway /sms/to/{number}"
        };
        for part in [
            "POST /patient",
            "POST /user/filter",
            "POST /user",
            "AES-CBC encrypt",
            way,
        ] {
            entry(parts, "name", part);
        }
    }
}

#[test]
fn whom_one_cannot_invite_is_told() {
    play(
        r#"
      - user.invite: {email: "{{ fake.email() }}"}
        as: invited
      - user.invite: {email: "{{ fake.email() }}", patient: "{{ invited.patient_id }}"}
        name: the same patient
        fails: {kind: has account}
      - user.invite: {email: "{{ invited.login }}"}
        name: the same address
        fails: 409
      - user.invite: {email: "{{ fake.email() }}", patient: nobody}
        name: a patient that there is not
        fails: 404
      - user.invite: {email: no address}
        name: no address
        fails: 400
      # A password that has expired, and one that is none.
      - user.invite: {email: "{{ fake.email() }}", validity: 1s}
        name: for a second
        as: late
      - otp.read: {of: "{{ late.request_id }}"}
        as: mail
      - sleep: 1100ms
      - auth.complete: {of: "{{ late.request_id }}", code: "{{ mail.code }}", validate: false}
        name: too late
        fails: {kind: credentials refused}
      # A patient invites nobody.
      - register: {email: "{{ fake.email() }}", responsible: "{{ doctor.data_owner_id }}"}
      - user.invite: {email: "{{ fake.email() }}"}
        name: as a patient
        fails: 403
"#,
        0,
    );
}

#[test]
fn an_invitation_goes_to_one_address() {
    let work = Work::new();
    for (step, told) in [
        (
            "{first_name: Ada}",
            "`user.invite` needs `email` or `phone`",
        ),
        (
            "{email: a@example.org, phone: '+32470123456'}",
            "both `email` and `phone`",
        ),
        ("{email: a@example.org, validity: soon}", "validity"),
    ] {
        let text = format!("name: wrong\nscenarios: {{s: {{steps: [{{user.invite: {step}}}]}}}}\n");
        let file = work.write("wrong.yaml", &text);
        let ended = work.run(&["check", &file]).expect(2);
        let all = format!("{}{}", ended.out, ended.err);
        assert!(all.contains(told), "{told}: {all}");
    }
}
