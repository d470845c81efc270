//! Data samples and patients' records: changed, shared, deleted, in one session
//! and in a later one.

use serde_json::Value;

use crate::work::{Work, entry};

/// A doctor who is responsible for ada, and a stranger; ada acts.
const PEOPLE: &str = r#"
      - register: {email: "{{ fake.email() }}", role: practitioner}
        as: stranger
      - register: {email: "{{ fake.email() }}", role: practitioner}
        as: doctor
      - register: {email: "{{ fake.email() }}", responsible: "{{ doctor.data_owner_id }}", save: ada}
        as: ada
"#;

/// Plays steps after those of [`PEOPLE`]; gives the report and what was printed.
#[track_caller]
fn play(steps: &str, code: i32) -> (Value, String) {
    let work = Work::new();
    let plan = format!("name: data\nseed: 3\nscenarios:\n  one:\n    steps:{PEOPLE}{steps}");
    let file = work.write("a.yaml", &plan);
    let ended = work.run(&["run", &file]).expect(code);
    (work.report(), ended.out)
}

/// How often a step has asked for an endpoint.
fn asked(report: &Value, name: &str, endpoint: &str) -> u64 {
    let step = entry(&report["steps"], "name", name);
    let parts = step["parts"].as_array().unwrap();
    let mut parts = parts.iter().filter(|part| part["name"] == endpoint);
    let counts = |part: &Value| part["ok"]["count"].as_u64().unwrap();
    parts.next().map_or(0, counts)
}

#[test]
fn a_sample_is_changed_where_this_session_has_stored_it_and_beside_it_later() {
    let (report, _) = play(
        r#"
      - data_sample.create:
          content: {en: {stringValue: old}}
          labels: [{type: T, code: A}]
          identifiers: [{system: mine, value: r-1}]
          value_date: 20220929
          comment: as it was
        as: old
      - data_sample.modify: {id: "{{ old.id }}", content: {en: {stringValue: new}}}
        name: at once
        as: new
        expect:
          - new.id == old.id and new.batch_id == old.batch_id
          - new.content.en.stringValue == "new"
      - data_sample.get: {id: "{{ old.id }}"}
        as: read
        expect:
          - read == new
          - read.labels == old.labels and read.identifiers == [{"system":"mine","value":"r-1"}]
          - read.comment == "as it was" and read.value_date == 20220929
      - reinstantiate: {from: ada}
      - data_sample.modify: {id: "{{ old.id }}", labels: [{type: T, code: B}], comment: changed, value_date: 20230101}
        name: later
        as: later
        expect:
          - later.id == old.id and later.batch_id != old.batch_id
          - later.content.en.stringValue == "new" and later.labels[0].code == "B"
      - data_sample.get: {id: "{{ old.id }}"}
        acting_as: "{{ doctor.login }}"
        as: seen
        expect: seen == later
      - data_sample.modify: {id: "{{ old.id }}", content: {nl: {numberValue: 3}}}
        acting_as: "{{ doctor.login }}"
        as: by_doctor
      - data_sample.get: {id: "{{ old.id }}"}
        as: back
        expect: back == by_doctor and back.content == {"nl":{"numberValue":3}}
thresholds:
  errors: [count == 0]
"#,
        0,
    );
    assert_eq!(asked(&report, "at once", "PUT /contact"), 1);
    assert_eq!(asked(&report, "at once", "POST /contact"), 0);
    assert_eq!(asked(&report, "later", "PUT /contact"), 0);
    assert_eq!(asked(&report, "later", "POST /contact"), 1);
    let step = entry(&report["steps"], "name", "at once");
    let parts = step["parts"].as_array().unwrap();
    let names: Vec<_> = parts.iter().map(|part| part["name"].as_str()).collect();
    assert!(names.contains(&Some("AES-CBC encrypt")), "{names:?}");
}

#[test]
fn a_sample_that_was_deleted_is_deleted_for_everybody() {
    play(
        r#"
      - data_sample.create: {content: {en: {stringValue: gone}}, share_with: "{{ stranger.data_owner_id }}"}
        as: sample
      - data_sample.create: {content: {en: {stringValue: stays}}}
        as: stays
      - reinstantiate: {from: ada}
      - data_sample.delete: {id: "{{ sample.id }}"}
        as: deleted
        expect: deleted.id == sample.id and deleted.deleted_at > 0
      - data_sample.get: {id: "{{ sample.id }}"}
        fails: {kind: deleted, message: was deleted at}
        name: own
      - data_sample.get: {id: "{{ sample.id }}"}
        acting_as: "{{ stranger.login }}"
        fails: {kind: deleted}
        name: shared
      - data_sample.modify: {id: "{{ sample.id }}", comment: x}
        fails: {kind: deleted}
      - data_sample.delete: {id: "{{ sample.id }}"}
        fails: {kind: deleted}
        name: twice
      - data_sample.share: {id: "{{ sample.id }}", with: "{{ doctor.data_owner_id }}"}
        fails: {kind: deleted}
      - data_sample.get_many: {ids: ["{{ sample.id }}", "{{ stays.id }}", unknown]}
        as: some
        expect:
          - some.ids == [stays.id] and some.count == 1
          - some.samples[0].content.en.stringValue == "stays"
          - some.missing == [sample.id, "unknown"]
thresholds:
  errors: [count == 0]
"#,
        0,
    );
}

#[test]
fn what_is_unknown_or_not_shared_is_refused() {
    play(
        r#"
      - data_sample.create: {content: {en: {stringValue: mine}}}
        as: sample
      - data_sample.modify: {id: unknown, comment: x}
        fails: 404
        name: modify unknown
      - data_sample.delete: {id: unknown}
        fails: 404
        name: delete unknown
      - patient.get: {id: unknown}
        fails: 404
      - data_sample.modify: {id: "{{ sample.id }}", comment: x}
        acting_as: "{{ stranger.login }}"
        fails: 403
        name: modify foreign
      - data_sample.delete: {id: "{{ sample.id }}"}
        acting_as: "{{ stranger.login }}"
        fails: 403
        name: delete foreign
      - data_sample.get_many: {ids: "{{ sample.id }}"}
        acting_as: "{{ stranger.login }}"
        as: nothing
        expect: nothing.count == 0 and nothing.missing == [sample.id]
      - patient.get: {id: "{{ ada.data_owner_id }}"}
        acting_as: "{{ stranger.login }}"
        fails: 403
        name: foreign patient
thresholds:
  errors: [count == 0]
"#,
        0,
    );
    let (_, out) = play(
        r#"
      - patient.get: {}
        acting_as: "{{ doctor.login }}"
"#,
        1,
    );
    let reason = "`id`: this user is no patient: say whose record it is";
    assert!(out.contains(reason), "{out}");
}

#[test]
fn a_batch_is_stored_and_read_in_one_request_each() {
    let (report, _) = play(
        r#"
      - data_sample.create_many:
          count: 50
          content: {en: {stringValue: "note {{ round }}"}}
          labels: [{type: T, code: "c{{ round }}"}]
          share_with: "{{ stranger.data_owner_id }}"
        as: batch
        expect: batch.count == 50 and batch.ids|unique|length == 50
      - data_sample.create_many:
          samples:
            - {content: {en: {stringValue: first}}, value_date: 20220929}
            - content: {en: {numberValue: "{{ 1 + 1 }}"}}
              identifiers: [{system: mine, value: r-2}]
        name: listed
        as: listed
        expect: listed.count == 2
      - data_sample.get_many: {ids: "{{ batch.ids + listed.ids }}"}
        as: all
        expect:
          - all.ids|sort == (batch.ids + listed.ids)|sort and all.missing == []
      - data_sample.get: {id: "{{ batch.ids[6] }}"}
        acting_as: "{{ stranger.login }}"
        as: seventh
        expect: seventh.content.en.stringValue == "note 7" and seventh.labels[0].code == "c7"
      - data_sample.get: {id: "{{ listed.ids[1] }}"}
        as: second
        expect: second.content.en.numberValue == 2 and second.identifiers[0].value == "r-2"
thresholds:
  errors: [count == 0]
"#,
        0,
    );
    assert_eq!(
        asked(&report, "data_sample.create_many", "POST /contact"),
        1
    );
    let get = asked(&report, "data_sample.get_many", "POST /contact/service");
    assert_eq!(get, 1);
}

#[test]
fn a_batch_has_a_ceiling() {
    for (step, reason) in [
        (
            "create_many: {count: 1001, content: {en: {stringValue: x}}}",
            "`count`: expected at most 1000 times, got 1001",
        ),
        (
            "create_many: {samples: \"{{ range(1001)|map('string')|list }}\"}",
            "`samples`: expected a list of data samples",
        ),
        (
            "create_many: {samples: []}",
            "`samples`: expected 1 to 1000 of them, got 0",
        ),
        (
            "get_many: {ids: \"{{ range(1001)|map('string')|list }}\"}",
            "`ids`: expected 1000 of them at most, got 1001",
        ),
    ] {
        let (_, out) = play(&format!("\n      - data_sample.{step}\n"), 1);
        assert!(out.contains(reason), "{reason}: {out}");
    }
}

#[test]
fn the_own_record_is_changed_and_shared_with_its_encrypted_note() {
    let (report, _) = play(
        r#"
      - patient.get: {}
        as: before
        expect: before.id == ada.data_owner_id and before.note is none
      - patient.modify: {first_name: Ada, note: for my doctor, date_of_birth: 19700131, gender: female}
        as: changed
        expect:
          - changed.first_name == "Ada" and changed.note == "for my doctor"
          - changed.last_name == before.last_name and changed.rev != before.rev
          - changed.date_of_birth == 19700131 and changed.gender == "female"
      - patient.modify: {rev: "{{ before.rev }}", first_name: Eve}
        name: stale
        fails: 409
      - patient.get: {}
        as: read
        expect: read == changed
      - patient.get: {id: "{{ ada.data_owner_id }}"}
        acting_as: "{{ doctor.login }}"
        as: seen
        expect: seen.note == "for my doctor"
      - patient.share: {with: "{{ stranger.data_owner_id }}"}
        as: shared
        expect: stranger.data_owner_id in shared.shared_with
      - patient.get: {id: "{{ ada.data_owner_id }}"}
        acting_as: "{{ stranger.login }}"
        name: by a stranger
        as: seen
        expect: seen.note == "for my doctor"
      # Another one writes; what the own session knows is old, and read anew.
      - patient.modify: {id: "{{ ada.data_owner_id }}", note: from your doctor}
        acting_as: "{{ doctor.login }}"
        name: by the doctor
      - patient.modify: {last_name: Lovelace}
        name: again
        as: again
        expect: again.note == "from your doctor" and again.first_name == "Ada"
      # The document that exchange keys are in is the same one.
      - register: {email: "{{ fake.email() }}", role: practitioner}
        as: third
      - data_sample.create: {content: {en: {stringValue: x}}, share_with: "{{ third.data_owner_id }}"}
        acting_as: "{{ ada.login }}"
        as: sample
      - data_sample.get: {id: "{{ sample.id }}"}
        expect: sample.content.en.stringValue == "x"
thresholds:
  errors: [count == 0]
"#,
        0,
    );
    assert_eq!(asked(&report, "patient.share", "PUT /patient"), 1);
    assert_eq!(asked(&report, "patient.get", "GET /patient/{id}"), 3);
}

#[test]
fn what_is_wrong_with_these_steps_is_told_before_anything_is_sent() {
    let work = Work::new();
    let file = work.write(
        "wrong.yaml",
        r"name: wrong
scenarios:
  one:
    steps:
      - data_sample.modify: {id: x}
      - data_sample.modify: {id: x, contents: {}}
      - data_sample.create_many: {count: 2}
      - data_sample.create_many: {samples: [{contents: {}}], count: 2}
      - data_sample.create_many: {samples: [{content: {en: {stringvalue: x}}}]}
      - patient.modify: {rev: 1-a}
      - patient.modify: {name: Ada}
      - patient.share: {}
      - data_sample.delete: {}
      - data_sample.filter: {label: {type: T}}
      - data_sample.filter: {limit: 1001}
      - data_sample.match: {limit: 10}
      - data_sample.filter: {identifier: r-1}
      - data_sample.attach: {id: x}
      - data_sample.attach: {id: x, text: a, size: 1KiB}
      - data_sample.attach: {id: x, size: 65MiB}
      - data_sample.attach: {id: x, file: no-such-file}
",
    );
    let ended = work.run(&["check", &file]).expect(2);
    for message in [
        "`data_sample.modify` changes nothing",
        "unknown key `contents` in `data_sample.modify`",
        "`data_sample.create_many` needs `count` and `content`, or `samples`",
        "`count` beside `samples`",
        "unknown key `contents` in a data sample",
        "unknown key `stringvalue` in a content",
        "`patient.modify` changes nothing",
        "unknown key `name` in `patient.modify`",
        "`patient.share` needs `with`",
        "`data_sample.delete` needs `id`",
        "a code needs `code`",
        "expected 1000 at most, found 1001",
        "unknown key `limit` in `data_sample.match`",
        "`data_sample.attach` needs `file`, `text` or `size`",
        "`size` beside `text`",
        "expected from 1 byte to 64 MiB",
        "cannot read no-such-file",
    ] {
        let said = format!("{}{}", ended.out, ended.err);
        assert!(said.contains(message), "{message}: {said}");
    }
}

#[test]
fn samples_are_found_by_whatever_is_known_of_them() {
    let (report, _) = play(
        r#"
      - data_sample.create:
          content: {en: {stringValue: one}}
          labels: [{type: T, code: A}]
          codes: [{type: LOINC, code: "1"}]
          identifiers: [{system: mine, value: r-1}]
          value_date: 20220101
        as: one
      - data_sample.create:
          content: {en: {stringValue: two}}
          labels: [{type: T, code: A}]
          health_elements: he-1
          value_date: 20220201
        as: two
      - data_sample.create: {content: {en: {stringValue: three}}, labels: [{type: T, code: B}], value_date: 20220301}
        as: three
      - data_sample.filter: {label: {type: T, code: A}}
        name: label
        as: found
        expect: found.ids == [one.id, two.id] and found.count == 2 and found.next is none
      - data_sample.filter: {code: {type: LOINC, code: "1"}, label: {type: T, code: A}, patient: "{{ ada.data_owner_id }}"}
        as: found
        expect: found.ids == [one.id] and found.samples[0].content.en.stringValue == "one"
      - data_sample.filter: {from: 20220115, until: 20220215}
        as: found
        expect: found.ids == [two.id]
      - data_sample.filter: {label: {type: T, code: A}, from: 20220115}
        as: found
        expect: found.ids == [two.id]
      - data_sample.filter: {identifier: {system: mine, value: r-1}}
        as: found
        expect: found.ids == [one.id]
      - data_sample.filter: {health_element: [he-1, he-2]}
        as: found
        expect: found.ids == [two.id]
      - data_sample.filter: {health_element: he-1, identifier: {system: mine, value: r-1}}
        as: found
        expect: found.ids == [] and found.count == 0
      - data_sample.filter: {limit: 2}
        as: page
        expect: page.ids == [one.id, two.id] and page.next == three.id
      - data_sample.filter: {limit: 2, start: "{{ page.next }}"}
        as: rest
        expect: rest.ids == [three.id] and rest.next is none
      - data_sample.match: {patient: "{{ ada.data_owner_id }}"}
        as: matched
        expect: matched.ids == [one.id, two.id, three.id] and matched.count == 3
thresholds:
  errors: [count == 0]
"#,
        0,
    );
    assert_eq!(asked(&report, "label", "POST /contact/service/filter"), 1);
    let matched = asked(&report, "data_sample.match", "POST /contact/service/match");
    assert_eq!(matched, 1);
}

#[test]
fn samples_are_found_by_those_who_may_read_them_until_they_are_deleted() {
    let (report, _) = play(
        r#"
      - data_sample.create: {content: {en: {stringValue: one}}, labels: [{type: T, code: A}], value_date: 20220101}
        as: one
      - data_sample.create: {content: {en: {stringValue: two}}, labels: [{type: T, code: A}], value_date: 20220201}
        as: two
      - data_sample.create: {content: {en: {stringValue: three}}, labels: [{type: T, code: B}], value_date: 20220301}
        as: three
      # The doctor finds them by the patient's secret ids, a stranger nothing.
      - data_sample.match: {patient: "{{ ada.data_owner_id }}", from: 20220201}
        acting_as: "{{ doctor.login }}"
        as: matched
        expect: matched.ids == [two.id, three.id]
      - data_sample.match: {}
        acting_as: "{{ stranger.login }}"
        as: matched
        expect: matched.count == 0
      - data_sample.match: {patient: "{{ ada.data_owner_id }}"}
        acting_as: "{{ stranger.login }}"
        name: foreign
        fails: 403
      - data_sample.delete: {id: "{{ one.id }}"}
      - data_sample.filter: {label: {type: T, code: A}}
        name: after
        as: found
        expect: found.ids == [two.id]
thresholds:
  errors: [count == 0]
"#,
        0,
    );
    let matched = asked(&report, "data_sample.match", "POST /contact/service/match");
    assert_eq!(matched, 2);
    let (_, out) = play(
        r#"
      - data_sample.match: {from: 20220201}
        acting_as: "{{ doctor.login }}"
"#,
        1,
    );
    let reason =
        "`patient`: this user is no patient: say whose data samples are looked for by date";
    assert!(out.contains(reason), "{out}");
}

#[test]
fn bytes_are_attached_read_back_and_shared_with_their_sample() {
    let (report, _) = play(
        r#"
      - data_sample.create: {content: {en: {stringValue: skin}}}
        as: sample
      - data_sample.attachment: {id: "{{ sample.id }}"}
        name: none yet
        fails: {kind: no attachment}
      - data_sample.attach: {id: "{{ sample.id }}", size: 100KiB, name: skin.jpg, uti: public.jpeg}
        as: photo
        expect: photo.size == 102400 and photo.batch_id == sample.batch_id
      - data_sample.attach: {id: "{{ sample.id }}", text: "a letter, größer", language: nl}
        name: second
        as: letter
      - data_sample.get: {id: "{{ sample.id }}"}
        as: read
        expect:
          - read.content.en.stringValue == "skin" and read.content.en.documentId == photo.document_id
          - read.content.nl.documentId == letter.document_id
      - reinstantiate: {from: ada}
      - data_sample.attachment: {id: "{{ sample.id }}", document: "{{ photo.document_id }}"}
        as: seen
        expect:
          - seen.sha256 == photo.sha256 and seen.size == 102400 and seen.text is none
          - seen.name == "skin.jpg" and seen.uti == "public.jpeg"
      - data_sample.attachment: {id: "{{ sample.id }}", document: "{{ letter.document_id }}"}
        as: seen
        expect: seen.text == "a letter, größer" and seen.sha256 == letter.sha256 and seen.size == 18
      - data_sample.attachment: {id: "{{ sample.id }}", document: another}
        name: another
        fails: {kind: no attachment}
      - data_sample.attachment: {id: "{{ sample.id }}"}
        acting_as: "{{ doctor.login }}"
        name: by the doctor
      - data_sample.attachment: {id: "{{ sample.id }}"}
        acting_as: "{{ stranger.login }}"
        name: by a stranger
        fails: 403
      - data_sample.share: {id: "{{ sample.id }}", with: "{{ stranger.data_owner_id }}"}
      - data_sample.attachment: {id: "{{ sample.id }}", document: "{{ photo.document_id }}"}
        acting_as: "{{ stranger.login }}"
        name: shared
        as: seen
        expect: seen.sha256 == photo.sha256
      # The simulator takes 16 MiB.
      - data_sample.attach: {id: "{{ sample.id }}", size: 16MiB}
        name: too large
        fails: 413
      - data_sample.attach: {id: unknown, text: x}
        name: unknown
        fails: 404
thresholds:
  errors: [count == 0]
"#,
        0,
    );
    for (name, endpoint) in [
        ("second", "POST /document"),
        ("second", "PUT /document/{id}/attachment"),
        ("shared", "GET /document/{id}/attachment"),
        ("data_sample.share", "PUT /contact"),
    ] {
        assert_eq!(asked(&report, name, endpoint), 1, "{name}: {endpoint}");
    }
    assert_eq!(asked(&report, "data_sample.share", "PUT /document"), 2);
}

#[test]
fn a_practitioner_writes_samples_of_a_patient() {
    let (report, _) = play(
        r#"
      - data_sample.create: {content: {en: {stringValue: by ada}}}
        as: own
      - data_sample.create:
          patient: "{{ ada.data_owner_id }}"
          content: {en: {stringValue: for the file}}
        acting_as: "{{ doctor.login }}"
        name: kept
        as: kept
      - data_sample.create_many:
          count: 2
          patient: "{{ ada.data_owner_id }}"
          share_with: "{{ ada.data_owner_id }}"
          content: {en: {stringValue: "told {{ round }}"}}
        acting_as: "{{ doctor.login }}"
        as: told
      # It is the patient's, for whoever can read it.
      - data_sample.match: {patient: "{{ ada.data_owner_id }}"}
        acting_as: "{{ doctor.login }}"
        as: matched
        expect: matched.ids == [own.id, kept.id] + told.ids
      - data_sample.filter: {patient: "{{ ada.data_owner_id }}"}
        as: found
        expect:
          - found.ids == [own.id] + told.ids
          - found.samples[2].content.en.stringValue == "told 2"
      - data_sample.get: {id: "{{ kept.id }}"}
        acting_as: "{{ doctor.login }}"
        as: read
        expect: read.content.en.stringValue == "for the file"
      - data_sample.get: {id: "{{ kept.id }}"}
        name: not shared
        fails: 403
      - data_sample.share: {id: "{{ kept.id }}", with: "{{ ada.data_owner_id }}"}
        acting_as: "{{ doctor.login }}"
      - data_sample.get: {id: "{{ kept.id }}"}
        name: shared
      # Somebody who does not know the patient writes nothing of it.
      - data_sample.create: {patient: "{{ ada.data_owner_id }}", content: {en: {stringValue: x}}}
        acting_as: "{{ stranger.login }}"
        name: foreign
        fails: 403
thresholds:
  errors: [count == 0]
"#,
        0,
    );
    assert_eq!(asked(&report, "kept", "GET /patient/{id}"), 1);
    assert_eq!(asked(&report, "kept", "POST /contact"), 1);
}
