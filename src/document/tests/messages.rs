//! What is told about files that are wrong, letter by letter.

use insta::assert_snapshot;
use proptest::prelude::*;

use super::{messages, messages_of_step, read};

#[test]
fn an_unknown_step() {
    assert_snapshot!(messages("name: x\nscenarios:\n  a:\n    vus: 2\n    steps:\n      - registr: {email: \"ada@example.org\"}\n"), @r##"
     × unknown step `registr`
      ╭─[mine.yaml:6:9]
    6 │       - registr: {email: "ada@example.org"}
      ·         ───┬───
      ·            ╰── no such step
      ╰────
     help: did you mean `register`?
    "##);
}

#[test]
fn an_unknown_key_at_each_level() {
    assert_snapshot!(messages("nam: x\nscenarios:\n  a:\n    vuss: 2\n    step: []\n    steps:\n      - register: {emial: a}\n        expct: [vu == 1]\n"), @r##"
     × unknown key `nam` in a scenario file
      ╭─[mine.yaml:1:1]
    1 │ nam: x
      · ─┬─
      ·  ╰── no such key
      ╰────
     help: did you mean `name`?

     × unknown key `vuss` in a scenario
      ╭─[mine.yaml:4:5]
    4 │     vuss: 2
      ·     ──┬─
      ·       ╰── no such key
      ╰────
     help: did you mean `vus`?

     × unknown key `step` in a scenario
      ╭─[mine.yaml:5:5]
    5 │     step: []
      ·     ──┬─
      ·       ╰── no such key
      ╰────
     help: did you mean `steps`?

     × unknown key `emial` in `register`
      ╭─[mine.yaml:7:20]
    7 │       - register: {emial: a}
      ·                    ──┬──
      ·                      ╰── no such key
      ╰────
     help: did you mean `email`?

     × unknown key `expct` beside `register`
      ╭─[mine.yaml:8:9]
    8 │         expct: [vu == 1]
      ·         ─────
      ╰────
     help: did you mean `expect`?
    "##);
}

#[test]
fn what_belongs_beside_a_step_but_stands_in_it() {
    assert_snapshot!(messages_of_step("      - data_sample.get:\n          id: x\n          expect: vu == 1"), @r##"
     × unknown key `expect` in `data_sample.get`
      ╭─[mine.yaml:9:11]
    9 │           expect: vu == 1
      ·           ───┬──
      ·              ╰── no such key
      ╰────
     help: `expect` stands beside `data_sample.get`, not in it
             - data_sample.get:
                 id: x
               expect: vu == 1
    "##);
}

#[test]
fn a_missing_argument() {
    assert_snapshot!(messages_of_step("      - data_sample.get:\n        as: found\n      - data_sample.get"), @r##"
     × `data_sample.get` needs `id`
      ╭─[mine.yaml:7:9]
    7 │       - data_sample.get:
      ·         ───────────────
      ╰────
     help: add `id:` with a text

     × `data_sample.get` needs `id`
      ╭─[mine.yaml:9:9]
    9 │       - data_sample.get
      ·         ───────────────
      ╰────
     help: add `id:` with a text
    "##);
}

#[test]
fn wrong_types() {
    assert_snapshot!(messages("seed: yes\nscenarios:\n  a:\n    vus: many\n    iterations: 0\n    steps:\n      - register: {code_length: \"6\", again: no, phone: [1], email: {a: b}}\n      - login: ada\n"), @r##"
     × expected a whole number, found a text
      ╭─[mine.yaml:1:7]
    1 │ seed: yes
      ·       ───
      ╰────
     help: for example
             seed: 0

     × expected a whole number, found a text
      ╭─[mine.yaml:4:10]
    4 │     vus: many
      ·          ────
      ╰────
     help: for example
             vus: 1

     × expected a whole number from 1, found 0
      ╭─[mine.yaml:5:17]
    5 │     iterations: 0
      ·                 ─
      ╰────
     help: for example
             iterations: 1

     × expected a whole number, found a text
      ╭─[mine.yaml:7:33]
    7 │       - register: {code_length: "6", again: no, phone: [1], email: {a: b}}
      ·                                 ───
      ╰────
     help: remove the quotes
             code_length: 6

     × expected `true` or `false`, found a text
      ╭─[mine.yaml:7:45]
    7 │       - register: {code_length: "6", again: no, phone: [1], email: {a: b}}
      ·                                             ──
      ╰────
     help: `yes`, `no`, `on` and `off` are texts in YAML 1.2
             again: false

     × expected a text, found a list
      ╭─[mine.yaml:7:49]
    7 │       - register: {code_length: "6", again: no, phone: [1], email: {a: b}}
      ·                                                 ─────
      ╰────
     help: write
             phone: 1

     × expected a text, found a mapping
      ╭─[mine.yaml:7:61]
    7 │       - register: {code_length: "6", again: no, phone: [1], email: {a: b}}
      ·                                                             ─────
      ╰────
     help: write
             email: b

     × expected a mapping, found a text
      ╭─[mine.yaml:8:16]
    8 │       - login: ada
      ·                ───
      ╰────
     help: write
             login:
               email: ada
    "##);
}

#[test]
fn a_duplicate_key() {
    assert_snapshot!(messages("name: a\nscenarios:\n  a: {steps: [login]}\nname: b\n"), @r##"
     × `name` is given twice
      ╭─[mine.yaml:4:1]
    4 │ name: b
      · ──┬─
      ·   ╰── given again
      ╰────
     help: it is on line 1 already: keep one of the two
    "##);
}

#[test]
fn syntax_errors() {
    for (text, expected) in [
        ("name: x\n\tvars: {}\n", "tabs"),
        ("name: {{ x\nscenarios: {}\n", "templates in quotes"),
        (
            "scenarios:\n  a:\n    steps:\n      - login: {}\n        expect: \"a\" == b\n",
            "whole condition",
        ),
        ("scenarios: {a: [}\n", "brackets"),
        ("name: *x\n", "alias"),
        ("name: \"x\nscenarios:\n", "quotes"),
        ("a: b: c\n", "`: `"),
        ("a:\n  - b\n c: d\n", "indentation"),
    ] {
        let shown = messages(text);
        assert!(shown.contains("this is not YAML"), "{text}\n{shown}");
        let flat = shown.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(expected), "{text}\n{shown}");
    }
}

#[test]
fn a_syntax_error_has_its_place() {
    assert_snapshot!(messages("name: x\nscenarios:\n  a:\n    steps:\n      - login: {email: \"a\"\n      - register\n"), @r##"
     × this is not YAML: "-" is only valid inside a block
      ╭─[mine.yaml:6:7]
    6 │       - register
      ·       ─
      ╰────
     help: look at the indentation, at brackets and quotes that are not closed, and at texts with `: ` or ` #`
           in them that need quotes
    "##);
}

#[test]
fn a_template_without_quotes() {
    assert_snapshot!(messages_of_step("      - data_sample.get: {id: {{ greeting }}}"), @r##"
     × a template without quotes is a mapping to YAML
      ╭─[mine.yaml:7:32]
    7 │       - data_sample.get: {id: {{ greeting }}}
      ·                                ─
      ╰────
     help: put it in quotes: "{{ greeting }}"
    "##);
}

#[test]
fn files_that_hold_no_scenario() {
    assert_snapshot!([messages(""), messages("# nothing\n"), messages("- a\n"), messages("name: x\n"), messages("scenarios: {}\n"), messages("scenarios: {a: {}}\n"), messages("scenarios: {a: {steps: []}}\n"), messages("scenarios: {a: {steps: [login]}}\n---\nb: c\n")].concat(), @r##"
     × the file is empty
      ╭─[mine.yaml:1:1]
      ╰────
     help: write at least a `scenarios:` mapping; scenarios/tutorial.yaml is an example
     × the file is empty
      ╭─[mine.yaml:1:1]
    1 │ # nothing
      · ▲
      ╰────
     help: write at least a `scenarios:` mapping; scenarios/tutorial.yaml is an example
     × expected a mapping, found a list
      ╭─[mine.yaml:1:1]
    1 │ - a
      · ───
      ╰────
     help: a scenario file takes the keys `name`, `target`, `seed`, `traceparent`, `vars`, `setup`, `teardown`,
           `rate_limits`, `keys`, `feeders`, `scenarios`, `thresholds`, `x-…`:
             scenarios: {signup: {steps: [{login: {email: ada@example.org}}]}}
     × a scenario file needs `scenarios`
      ╭─[mine.yaml:1:1]
    1 │ name: x
      · ───────
      ╰────
     help: add `scenarios:` with a name, and `steps:` below it
     × there is no scenario
      ╭─[mine.yaml:1:1]
    1 │ scenarios: {}
      · ─────────
      ╰────
     help: add a name, and `steps:` below it
     × scenario `a` needs `steps`
      ╭─[mine.yaml:1:13]
    1 │ scenarios: {a: {}}
      ·             ─
      ╰────
     help: add `steps:` with a list of steps
             steps:
               - http: {url: /path}
     × there is no step
      ╭─[mine.yaml:1:17]
    1 │ scenarios: {a: {steps: []}}
      ·                 ─────
      ╰────
     help: a step is one of `register`, `login`, `reinstantiate`, `data_sample.create`, `data_sample.get`,
           `data_sample.share`, `share`, `stop_sharing`, `request_access`, `give_access`, `reload`, `http`,
           `choose`
     × a second YAML document begins here
      ╭─[mine.yaml:2:1]
    2 │ ---
      · ───
      ╰────
     help: one file holds one document: remove the `---`, or use two files
    "##);
}

#[test]
fn a_bad_duration() {
    assert_snapshot!(messages_of_step("      - login: {otp_timeout: 30}\n      - login: {otp_timeout: 1.5s}\n      - login: {otp_timeout: 10 minutes}"), @r##"
     × `30` is not a duration
      ╭─[mine.yaml:7:30]
    7 │       - login: {otp_timeout: 30}
      ·                              ──
      ╰────
     help: write the unit: `30s` is seconds, `30ms` milliseconds
             otp_timeout: 30s

     × `1.5s` is not a duration
      ╭─[mine.yaml:8:30]
    8 │       - login: {otp_timeout: 1.5s}
      ·                              ────
      ╰────
     help: a duration has whole numbers: write `1500ms` for one second and a half
             otp_timeout: 1500ms

     × `10 minutes` is not a duration
      ╭─[mine.yaml:9:30]
    9 │       - login: {otp_timeout: 10 minutes}
      ·                              ──────────
      ╰────
     help: the units are `d`, `h`, `m`, `s` and `ms`, as in `500ms`, `2s` or `1m30s`
             otp_timeout: 10m
    "##);
}

#[test]
fn names_that_cannot_be() {
    assert_snapshot!(messages("vars: {vu: 1, a-b: 2, ok: 3, late: \"{{ iteration }}\"}\nscenarios:\n  a:\n    executor: constant_vu\n    steps:\n      - login: {}\n        as: ok\n      - login: {}\n        as: not\n      - login: {}\n        register: {}\n      - as: x\n      - [login]\n"), @r##"
     × `vu` is built in already
      ╭─[mine.yaml:1:8]
    1 │ vars: {vu: 1, a-b: 2, ok: 3, late: "{{ iteration }}"}
      ·        ──
      ╰────
     help: give a variable another name

     × `a-b` cannot name a variable
      ╭─[mine.yaml:1:15]
    1 │ vars: {vu: 1, a-b: 2, ok: 3, late: "{{ iteration }}"}
      ·               ───
      ╰────
     help: letters, digits and `_`, and no digit first, so that expressions can use it, as in `a_b`

     × there is no `iteration` here
      ╭─[mine.yaml:1:40]
    1 │ vars: {vu: 1, a-b: 2, ok: 3, late: "{{ iteration }}"}
      ·                                        ─────────
      ╰────
     help: this is read once, before any user starts

     × unknown executor `constant_vu`
      ╭─[mine.yaml:4:15]
    4 │     executor: constant_vu
      ·               ─────┬─────
      ·                    ╰── no such executor
      ╰────
     help: did you mean `constant_vus`?

     × `ok` is a variable already
      ╭─[mine.yaml:7:13]
    7 │         as: ok
      ·             ──
      ╰────
     help: give a capture another name, or `vars` would be out of reach

     × `not` cannot name a capture
      ╭─[mine.yaml:9:13]
    9 │         as: not
      ·             ───
      ╰────
     help: it is a word of the expression language: give a capture another name

     × `register` is a second step in one list item
       ╭─[mine.yaml:11:9]
    11 │         register: {}
       ·         ────────
       ╰────
     help: begin each step with its own `- `

     × this step does nothing
       ╭─[mine.yaml:12:9]
    12 │       - as: x
       ·         ─────
       ╰────
     help: it stands beside a step
             - http:
                 url: /path
               as: x

     × expected a step such as `register: {…}`, found a list
       ╭─[mine.yaml:13:9]
    13 │       - [login]
       ·         ───────
       ╰────
    "##);
}

#[test]
fn yaml_that_is_too_clever() {
    let bomb = "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e]\n";
    for (text, expected) in [
        (bomb, "too many values"),
        ("a: &a [*a]\n", "refers to the value that it is in"),
        ("name: !x y\nscenarios: {}\n", "tags"),
        ("? [a]\n: b\n", "a key must be a text, found a list"),
    ] {
        let shown = messages(text);
        assert!(shown.contains(expected), "{text}\n{shown}");
    }
    let deep = format!("name: {}{}\n", "[".repeat(100), "]".repeat(100));
    assert!(messages(&deep).contains("too deep"));
}

#[test]
fn an_alias_stands_for_its_value() {
    let shown = messages("scenarios:\n  a: {steps: &s [{login: {email: x}}]}\n  b: {steps: *s}\n");
    assert_eq!(shown, "");
}

#[test]
fn a_merge_key_adds_what_is_not_there() {
    let text = "
vars:
  base: &base {a: 1, b: 2}
  more: &more {b: 3, c: 4, d: 5}
  own: {d: 6, <<: [*base, *more], e: 7}
  quoted: {\"<<\": x}
scenarios: {a: {steps: [{login: {}}]}}
";
    let (_, document, cx) = read(text);
    assert!(cx.problems.is_empty(), "{}", cx.problems);
    let scope = document
        .unwrap()
        .globals(&super::target().values(), 1, &crate::clock::Clock::real())
        .unwrap()
        .scope(&"a".into(), 1, 1);
    let own = scope.root().get_attr("own").unwrap();
    assert_eq!(
        serde_json::to_string(&own).unwrap(),
        r#"{"d":6,"e":7,"a":1,"b":2,"c":4}"#
    );
    let quoted = scope.root().get_attr("quoted").unwrap();
    assert_eq!(serde_json::to_string(&quoted).unwrap(), r#"{"<<":"x"}"#);
    assert_snapshot!(messages("vars: {x: {<<: 3}, a: {<<: {b: 1}, <<: {c: 1}}}\nscenarios: {a: {steps: [{login: {}}]}}\n"), @r##"
     × `<<` takes a mapping, found a number
      ╭─[mine.yaml:1:16]
    1 │ vars: {x: {<<: 3}, a: {<<: {b: 1}, <<: {c: 1}}}
      ·                ─
      ╰────
     help: an alias of a mapping, as in `<<: *name`, or a list of them

     × `<<` is given twice
      ╭─[mine.yaml:1:36]
    1 │ vars: {x: {<<: 3}, a: {<<: {b: 1}, <<: {c: 1}}}
      ·                                    ──
      ╰────
     help: write one, with a list: `<<: [*a, *b]`
    "##);
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC{0,200}") {
        let _ = messages(&text);
    }

    #[test]
    fn no_text_that_looks_like_yaml_makes_the_reader_panic(
        text in "([a-z{}\\[\\]:,\"'|>&*!%#\\- \n\t?]|scenarios|steps|login|vars|\\{\\{|\\}\\}|é){0,60}",
    ) {
        let (source, _, cx) = read(&text);
        for problem in &cx.problems {
            let span = problem.span();
            prop_assert!(source.text().get(span.start..span.end).is_some(), "{:?}", problem);
        }
        let _ = messages(&text);
    }

    #[test]
    fn no_expression_makes_the_reader_panic(text in "[a-z.|(){}\"'=!<>~ 0-9+*-]{0,40}") {
        let quoted = text.replace('\'', "''");
        let _ = messages_of_step(&format!("      - login: {{email: '{{{{{quoted}}}}}'}}\n        expect: '{quoted}'"));
    }
}
