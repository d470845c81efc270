//! Values of another kind than a step takes: told before anything is sent where that
//! is known, and when it is known otherwise.

use std::fmt::Write;

use crate::work::Work;

/// A file with this item after a registration, a list of data samples, and a row of
/// a CSV file.
fn file(item: &str) -> String {
    format!(
        r#"name: typed
vars: {{open: "{{{{ [1, 'words'][1] }}}}"}}
feeders: {{p: {{csv: people.csv}}}}
scenarios:
  s:
    feed: p
    steps:
      - register: {{email: "{{{{ fake.email() }}}}", responsible: "{{{{ target.responsible }}}}"}}
        as: ada
      - patient.get: {{}}
        as: created
      - data_sample.filter: {{}}
        as: found
      - data_sample.create: {{content: {{en: {{stringValue: x}}}}}}
        repeat: 2
        as: samples
      - set: {{own: {{a: "{{{{ open }}}}", b: "{{{{ found.ids }}}}"}}}}
      - {item}
"#
    )
}

fn work(item: &str) -> (Work, String) {
    let work = Work::new();
    work.write("people.csv", "temp,when\n36.6,20220929\n");
    let file = work.write("typed.yaml", &file(item));
    (work, file)
}

/// What `check` says of items that must be wrong, each in one file: one problem each.
fn told(items: &[&str]) -> String {
    let mut all = String::new();
    for item in items {
        let (work, file) = work(item);
        let said = work.run(&["check", &file]).expect(2).out;
        assert!(said.contains("1 file: 1 error"), "{item}\n{said}");
        let mut lines = said.lines().map(str::trim);
        let message = lines.by_ref().find(|line| line.starts_with('×'));
        let help = lines.skip_while(|line| !line.starts_with("help:"));
        let help: Vec<&str> = help.take_while(|line| !line.is_empty()).collect();
        let _ = writeln!(all, "{item}\n  {}\n  {}", message.unwrap(), help.join(" "));
    }
    all
}

#[test]
fn a_whole_result_is_no_id() {
    insta::assert_snapshot!(told(&[
        "patient.get: {id: \"{{ created }}\"}",
        "health_element.create: {patient: \"{{ ada }}\"}",
        "data_sample.filter: {patient: \"{{created}}\"}",
        "data_sample.get: {id: \"{{ samples }}\"}",
        "data_sample.get_many: {ids: \"{{ samples }}\"}",
        "data_sample.create: {content: {en: {stringValue: x}}, share_with: \"{{ ada }}\"}",
        "data_sample.create: {content: {en: {stringValue: x}}, share_with: [\"{{ ada }}\"]}",
        "data_sample.create: {content: {en: {stringValue: \"to {{ created }}\"}}}",
        "patient.get: {id: \"{{ own }}\"}",
        "patient.get: {id: \"{{ found.samples[0] }}\"}",
        "http: {url: \"/rest/v2/patient/{{ created }}\"}",
        "http: {url: /x, headers: {X-Id: \"{{ created }}\"}}",
        "http: {url: /x, query: {id: [a]}}",
        "http: {url: /x, body: \"id={{ found.ids }}\"}",
        "auth.validate: {code: \"{{ created }}\"}",
        "{data_sample.filter: {}, acting_as: \"{{ ada }}\"}",
        "{data_sample.filter: {}, name: x, repeat: \"{{ p.temp }}\"}",
    ]));
}

#[test]
fn values_are_of_the_kind_that_a_step_takes() {
    insta::assert_snapshot!(told(&[
        "data_sample.create: {content: {en: {numberValue: abc}}}",
        "data_sample.create: {content: {en: {numberValue: \"36.6\"}}}",
        "data_sample.create: {content: {en: {numberValue: \"{{ p.temp }}\"}}}",
        "data_sample.create: {content: {en: {numberValue: \"{{ p.temp }} C\"}}}",
        "data_sample.create: {content: {en: {booleanValue: yes}}}",
        "data_sample.create: {content: {en: {booleanValue: \"{{ vu }}\"}}}",
        "data_sample.create: {content: {en: {instantValue: 2022-09-29}}}",
        "data_sample.create: {content: {en: {fuzzyDateValue: 20221345}}}",
        "data_sample.create: {content: {en: {measureValue: 36.6}}}",
        "data_sample.create: {content: {en: {measureValue: {value: warm}}}}",
        "data_sample.create: {content: {en: {compoundValue: {a: b}}}}",
        "data_sample.create: {content: {en: {stringValue: [a]}}}",
        "data_sample.create: {content: {en: {stringValue: a, numberValue: 1}}}",
        "data_sample.create: {content: \"{{ scenario }}\"}",
        "data_sample.create: {content: {en: \"{{ scenario }}\"}}",
        "data_sample.create: {content: {en: {stringValue: x}}, labels: \"{{ created }}\"}",
        "data_sample.create: {content: {en: {stringValue: x}}, opening_date: 2026-11-31}",
        "data_sample.create: {content: {en: {stringValue: x}}, value_date: 29/11/2026}",
        "data_sample.create_many: {samples: [{content: {en: {numberValue: a}}}]}",
        "data_sample.modify: {id: x, content: {en: {numberValue: a}}}",
        "data_sample.filter: {label: \"{{ scenario }}\"}",
        "health_element.create: {opening_date: \"2026-11-29T08:00:00Z\"}",
        "health_element.filter: {from: \"{{ created }}\"}",
        "patient.modify: {date_of_birth: 31.01.1970}",
        "patient.modify: {date_of_birth: \"{{ found.ids }}\"}",
        "notification.create: {to: \"{{ ada.data_owner_id }}\", properties: {a: [b]}}",
    ]));
}

#[test]
fn what_is_only_known_when_it_is_played_fails_the_step() {
    for (item, expected) in [
        (
            "data_sample.create: {content: {en: {numberValue: \"{{ open }}\"}}}",
            "`content`: `en.numberValue`: expected a number, as in `numberValue: 36.6`, got a text",
        ),
        (
            "data_sample.create: {content: \"{{ {'en': {'stringValue': 'a', 'numberValue': vu}} }}\"}",
            "`content`: `en`: both `stringValue` and `numberValue` are given",
        ),
        (
            "data_sample.create_many: {samples: \"{{ [{'content': {'en': {'booleanValue': open}}}] }}\"}",
            "`en.booleanValue`: expected `true` or `false`, as in `booleanValue: true`, got a text",
        ),
        (
            "patient.modify: {date_of_birth: \"{{ open }}\"}",
            "`date_of_birth`: expected a date as `YYYYMMDDhhmmss` or `YYYYMMDD`, such as `20220929083400`: `words` is none",
        ),
        (
            "patient.get: {id: \"{{ [ada, open][0] }}\"}",
            "`id`: `[ada, open][0]` is a mapping, not a text",
        ),
        (
            "share: {with: \"{{ [ada, open][0] }}\"}",
            "`with`: `[ada, open][0]` is a mapping with secrets in it: name the one of its values that is meant",
        ),
    ] {
        let (work, file) = work(item);
        work.run(&["check", &file]).expect(0);
        let ended = work.run(&["run", &file]).expect(1);
        // The lines of the summary fit a width.
        let said: Vec<&str> = ended.out.split_whitespace().collect();
        let said = said.join(" ");
        assert!(said.contains(expected), "{item}\n{}", ended.out);
    }
}

#[test]
fn what_says_the_same_is_taken() {
    let (work, file) = work(
        r#"data_sample.create:
          content:
            en: {stringValue: 5}
            nl: {fuzzyDateValue: 2026-11-29}
            fr: {measureValue: {value: "{{ p.temp|float }}", unit: C}}
          labels: [{type: 1, code: 1.10}]
          identifiers: [{system: mine, value: "{{ vu }}"}]
          opening_date: 2026-11-29
          value_date: 2026-11-29T08:34:00
        as: made
        expect:
          - made.content.en.stringValue == "5"
          - made.content.nl.fuzzyDateValue == 20261129
          - made.content.fr.measureValue.value == 36.6
          - made.labels[0].type == "1" and made.labels[0].code == "1.10"
          - made.identifiers[0].value == "1"
          - made.opening_date == 20261129 and made.value_date == 20261129083400
      - data_sample.modify: {id: "{{ made.id }}", value_date: "{{ p.when }}", content: "{{ made.content }}"}
        as: again
        expect: again.value_date == 20220929 and again.content == made.content
      - health_element.create: {opening_date: "{{ now('%Y%m%d%H%M%S') }}"}
      - log: "{{ made }}"
      - data_sample.get_many: {ids: "{{ found.ids + [made.id] }}"}
      - data_sample.create_many: {samples: [{content: {en: {stringValue: 1}}, labels: [{type: 1, code: 2}], value_date: "2026-11-29"}]}"#,
    );
    work.run(&["check", &file]).expect(0);
    work.run(&["run", &file]).expect(0);
}
