//! Health elements and notifications: what the steps do, and what is refused of
//! them.

use serde_json::Value;

use crate::work::{Ended, Work, entry};

/// Plays these steps once against the simulator of its process, after a doctor and
/// a patient of theirs have registered. The patient acts.
#[track_caller]
fn play(steps: &str, code: i32) -> (Work, Ended) {
    let work = Work::new();
    let text = format!("name: entities\nscenarios:\n  one:\n    steps:\n{PEOPLE}{steps}");
    let file = work.write("entities.yaml", &text);
    let ended = work.run(&["run", &file]).expect(code);
    (work, ended)
}

const PEOPLE: &str = r#"
      - register: {email: "{{ fake.email() }}", role: practitioner}
        name: register the doctor
        as: doctor
      - register: {email: "{{ fake.email() }}", responsible: "{{ doctor.data_owner_id }}"}
        as: patient
"#;

fn parts(report: &Value, name: &str) -> Vec<String> {
    let parts = entry(&report["steps"], "name", name)["parts"].clone();
    let parts = parts.as_array().unwrap().iter();
    parts
        .map(|part| part["name"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_health_element_is_shared_with_the_responsible_and_changed_by_either() {
    let (work, _) = play(
        r#"
      - health_element.create:
          labels: [{type: IC-TEST, code: ALLERGY}]
          codes: [{type: SNOMEDCT, code: "21719001"}]
          description: Hay fever
          note: since childhood
          opening_date: 20200401000000
        as: made
        expect: made.description == "Hay fever" and made.labels[0].code == "ALLERGY"
      - health_element.get: {id: "{{ made.id }}"}
        acting_as: "{{ doctor.login }}"
        as: seen
        expect:
          - seen.description == made.description and seen.note == made.note
          - seen.codes == made.codes and seen.opening_date == 20200401000000
      - health_element.modify: {id: "{{ made.id }}", note: better, closing_date: 20240401000000}
        acting_as: "{{ doctor.login }}"
        as: changed
        expect: changed.rev != made.rev
      - health_element.get: {id: "{{ made.id }}"}
        name: read again
        as: again
        expect:
          - again.description == "Hay fever" and again.note == "better"
          - again.labels == made.labels and again.closing_date == 20240401000000
"#,
        0,
    );
    let report = work.report();
    let create = parts(&report, "health_element.create");
    for part in ["POST /helement", "AES-CBC encrypt"] {
        assert!(create.contains(&part.to_owned()), "{part}: {create:?}");
    }
    let modify = parts(&report, "health_element.modify");
    for part in ["GET /helement/{id}", "PUT /helement", "AES-CBC decrypt"] {
        assert!(modify.contains(&part.to_owned()), "{part}: {modify:?}");
    }
}

#[test]
fn health_elements_are_found_by_label_code_patient_and_date() {
    play(
        r#"
      - health_element.create:
          labels: [{type: IC-TEST, code: A}]
          codes: [{type: SNOMEDCT, code: "1"}]
          opening_date: 20200101000000
        as: first
      - health_element.create:
          labels: [{type: IC-TEST, code: A}, {type: IC-TEST, code: B}]
          opening_date: 20210101000000
        as: second
      - health_element.create: {description: undated}
        as: third
        expect: third.opening_date > 20260101000000
      - health_element.filter: {label: {type: IC-TEST, code: A}}
        as: found
        expect: found.ids == [first.id, second.id] and found.count == 2
      - health_element.filter: {code: {type: SNOMEDCT, code: "1"}}
        as: found
        expect: found.ids == [first.id]
      - health_element.filter: {label: {type: IC-TEST, code: B}, code: {type: SNOMEDCT, code: "1"}}
        as: found
        expect: found.ids == []
      - health_element.filter: {label: {type: IC-TEST, code: A}, from: 20200601000000}
        as: found
        expect: found.ids == [second.id]
      - health_element.filter: {from: 20200601000000, until: 20211231000000}
        as: found
        expect: found.ids == [second.id]
      - health_element.filter: {limit: 2}
        as: page
        expect: page.ids == [first.id, second.id] and page.next == third.id
      - health_element.filter: {limit: 2, start: "{{ page.next }}"}
        as: page
        expect: page.ids == [third.id] and not page.next

      # The doctor: one of its own that is about nobody, one of the patient.
      - health_element.create: {description: of nobody}
        acting_as: "{{ doctor.login }}"
      - health_element.create: {patient: "{{ patient.data_owner_id }}", description: by the doctor, share_with: "{{ patient.data_owner_id }}"}
        acting_as: "{{ doctor.login }}"
        as: fourth
      - health_element.filter: {patient: "{{ patient.data_owner_id }}"}
        acting_as: "{{ doctor.login }}"
        as: found
        expect: found.ids == [first.id, second.id, third.id, fourth.id]
      - health_element.filter: {patient: "{{ patient.data_owner_id }}"}
        as: found
        expect: found.health_elements[3].description == "by the doctor"
"#,
        0,
    );
}

#[test]
fn what_is_not_there_or_not_ones_own_is_refused() {
    play(
        r#"
      - health_element.get: {id: nothing}
        fails: 404
      - health_element.modify: {id: nothing, note: x}
        fails: 404
      - stop_sharing: {with: "{{ doctor.data_owner_id }}"}
      - health_element.create: {description: secret}
        as: own
      - health_element.get: {id: "{{ own.id }}"}
        acting_as: "{{ doctor.login }}"
        fails: 403
      - health_element.modify: {id: "{{ own.id }}", note: x}
        acting_as: "{{ doctor.login }}"
        fails: 403
      - register: {email: "{{ fake.email() }}", role: practitioner}
        as: stranger
      - health_element.create: {patient: "{{ patient.data_owner_id }}"}
        fails: 403
      - notification.update: {id: nothing, status: completed}
        fails: 404
"#,
        0,
    );
}

#[test]
fn a_notification_is_asked_found_and_answered() {
    let (work, _) = play(
        r#"
      - notification.create:
          to: "{{ doctor.data_owner_id }}"
          properties: {reason: Please call back}
        as: asked
        expect: asked.status == "pending" and asked.from == patient.data_owner_id
      - notification.list: {type: OTHER, status: pending}
        acting_as: "{{ doctor.login }}"
        as: found
        expect:
          - found.notifications|length == 1
          - found.notifications[0].id == asked.id
          - found.notifications[0].properties.reason == "Please call back"
      - notification.list: {type: KEY_PAIR_UPDATE}
        acting_as: "{{ doctor.login }}"
        as: found
        expect: found.notifications == []
      - notification.update: {id: "{{ asked.id }}", status: ongoing}
        acting_as: "{{ doctor.login }}"
        as: taken
        expect: taken.status == "ongoing" and taken.rev != asked.rev
      - notification.list: {status: pending}
        as: found
        expect: found.notifications == []
      - notification.list: {since: 1h}
        as: found
        expect: found.notifications[0].status == "ongoing"
      - sleep: 20ms
      - notification.list: {since: 1ms}
        as: found
        expect: found.notifications == []
      - register: {email: "{{ fake.email() }}", role: practitioner}
        as: stranger
      - notification.update: {id: "{{ asked.id }}", status: completed}
        fails: 403
"#,
        0,
    );
    let report = work.report();
    let list = parts(&report, "notification.list");
    assert!(
        list.contains(&"POST /maintenancetask/filter".to_owned()),
        "{list:?}"
    );
}

#[test]
fn wrong_fields_are_told_before_anything_is_played() {
    let work = Work::new();
    for (step, told) in [
        ("health_element.create: {lables: []}", "labels"),
        ("health_element.filter: {limit: 0}", "a whole number from 1"),
        (
            "health_element.filter: {label: [x]}",
            "expected a mapping, found a list",
        ),
        ("health_element.modify: {note: x}", "needs `id`"),
        (
            "notification.update: {id: x, status: done}",
            "`pending`, `ongoing`, `cancelled` or `completed`",
        ),
        (
            "notification.create: {to: x, properties: [1]}",
            "reason: Please call back",
        ),
        ("notification.create: {properties: {a: b}}", "needs `to`"),
    ] {
        let text = format!("name: wrong\nscenarios:\n  one:\n    steps:\n      - {step}\n");
        let file = work.write("wrong.yaml", &text);
        let ended = work.run(&["check", &file]).expect(2);
        let all = format!("{}{}", ended.out, ended.err);
        assert!(all.contains(told), "{told}: {all}");
    }
}
