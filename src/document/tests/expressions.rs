//! What is told about names and expressions that are wrong.

use insta::assert_snapshot;

use super::{messages, messages_of_step};

#[test]
fn an_unknown_variable() {
    assert_snapshot!(messages_of_step("      - data_sample.get: {id: \"{{ greting }}\"}\n      - data_sample.get:\n          id: 'x-{{ vu }}-{{ nothing.like.this }}'"), @r##"
     × unknown variable `greting`
      ╭─[mine.yaml:7:35]
    7 │       - data_sample.get: {id: "{{ greting }}"}
      ·                                   ───┬───
      ·                                      ╰── no such variable here
      ╰────
     help: did you mean `greeting`?

     × unknown variable `nothing`
      ╭─[mine.yaml:9:30]
    9 │           id: 'x-{{ vu }}-{{ nothing.like.this }}'
      ·                              ───┬───
      ·                                 ╰── no such variable here
      ╰────
     help: one of `greeting`, `registered`, `vu`, `iteration`, `scenario`, `target`, `fake`, `run`, `env`,
           `now`, `range`, `dict`, `uuid`, `random_int`
    "##);
}

#[test]
fn a_capture_that_comes_later_or_elsewhere() {
    assert_snapshot!(messages("setup:\n  - login: {email: \"{{ other.login }}\"}\nscenarios:\n  a:\n    steps:\n      - data_sample.get: {id: \"{{ found.id }}\"}\n        as: found\n      - data_sample.get: {id: \"{{ other.id ~ last.id }}\"}\n      - login\n      - login: {}\n        as: last\n  b:\n    steps:\n      - login: {}\n        as: other\n"), @r##"
     × `other` is captured in scenario `b`
      ╭─[mine.yaml:2:24]
    2 │   - login: {email: "{{ other.login }}"}
      ·                        ─────
      ╰────
     help: captures are a scenario's own; `vars` and what `setup` captures are common to all

     × `found` is the result of this same step
      ╭─[mine.yaml:6:35]
    6 │       - data_sample.get: {id: "{{ found.id }}"}
      ·                                   ─────
      ╰────
     help: arguments are made before the step is played; conditions come after it

     × `other` is captured in scenario `b`
      ╭─[mine.yaml:8:35]
    8 │       - data_sample.get: {id: "{{ other.id ~ last.id }}"}
      ·                                   ─────
      ╰────
     help: captures are a scenario's own; `vars` and what `setup` captures are common to all

     × `last` is captured by a later step
      ╭─[mine.yaml:8:46]
    8 │       - data_sample.get: {id: "{{ other.id ~ last.id }}"}
      ·                                              ────
      ╰────
     help: a capture is there once its step has been played: move this below it
    "##);
}

#[test]
fn a_capture_of_a_step_that_is_wrong_is_not_reported_twice() {
    let shown = messages(
        "scenarios:\n  a:\n    steps:\n      - regster: {}\n        as: me\n      - data_sample.get: {id: \"{{ me.id }}\"}\n",
    );
    assert_eq!(shown.matches('×').count(), 1, "{shown}");
}

#[test]
fn bad_expressions() {
    assert_snapshot!(messages_of_step("      - login: {}\n        expect:\n          - registered.login = greeting\n          - registered.login == greeting && vu == 1\n          - vu ==\n          - vu == (1\n          - registered.login|uper == 'A'\n          - registered.login is defind\n          - \"{{ vu }} == 1\"\n          - fake.emial() == 'x'\n          - target.responsibel == 'x'\n          - 'it''s'\n          - [1]"), @r##"
     × `=` is no operator here
      ╭─[mine.yaml:9:30]
    9 │           - registered.login = greeting
      ·                              ─
      ╰────
     help: compare with `==`

     × `&&` is no operator here
       ╭─[mine.yaml:10:42]
    10 │           - registered.login == greeting && vu == 1
       ·                                          ──
       ╰────
     help: write `and`

     × this is not an expression: unexpected end of input, expected expression
       ╭─[mine.yaml:11:16]
    11 │           - vu ==
       ·                ──
       ╰────
     help: for example `found.content.en.stringValue == greeting`

     × this is not an expression: unexpected end of input, expected `)`
       ╭─[mine.yaml:12:20]
    12 │           - vu == (1
       ·                    ─
       ╰────
     help: for example `found.content.en.stringValue == greeting`

     × unknown filter `uper`
       ╭─[mine.yaml:13:30]
    13 │           - registered.login|uper == 'A'
       ·                              ────
       ╰────
     help: did you mean `upper`?

     × unknown test `defind`
       ╭─[mine.yaml:14:33]
    14 │           - registered.login is defind
       ·                                 ──────
       ╰────
     help: did you mean `defined`?

     × `{{ }}` in a condition
       ╭─[mine.yaml:15:14]
    15 │           - "{{ vu }} == 1"
       ·              ──
       ╰────
     help: a condition is an expression already, without braces:
             vu == 1

     × unknown kind of invented data `emial`
       ╭─[mine.yaml:16:18]
    16 │           - fake.emial() == 'x'
       ·                  ─────
       ╰────
     help: did you mean `email`?

     × unknown setting of a target `responsibel`
       ╭─[mine.yaml:17:20]
    17 │           - target.responsibel == 'x'
       ·                    ───────────
       ╰────
     help: did you mean `responsible`?

     × this is not an expression: unexpected end of string
       ╭─[mine.yaml:18:13]
    18 │           - 'it''s'
       ·             ───────
       ╰────
     help: for example `found.content.en.stringValue == greeting`

     × expected a condition such as `found.id == sample.id`, found a list
       ╭─[mine.yaml:19:13]
    19 │           - [1]
       ·             ───
       ╰────
    "##);
}

#[test]
fn bad_templates() {
    assert_snapshot!(messages_of_step("      - login:\n          email: \"{{ vu\"\n          phone: \"{% if vu %}1{% endif %}\"\n          content: {\"{{ vu }}\": \"{{ }}\"}"), @r##"
     × this `{{` is not closed
      ╭─[mine.yaml:8:19]
    8 │           email: "{{ vu"
      ·                   ──
      ╰────
     help: close it with `}}`

     × templates have no statements
      ╭─[mine.yaml:9:19]
    9 │           phone: "{% if vu %}1{% endif %}"
      ·                   ──
      ╰────
     help: use an expression, such as `{{ a if b else c }}`

     × a key cannot be a template
       ╭─[mine.yaml:10:22]
    10 │           content: {"{{ vu }}": "{{ }}"}
       ·                      ──
       ╰────
     help: templates are for values: write the key out

     × there is no expression here
       ╭─[mine.yaml:10:36]
    10 │           content: {"{{ vu }}": "{{ }}"}
       ·                                    ─
       ╰────
     help: write an expression, such as a variable's name
    "##);
}
