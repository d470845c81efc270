//! Mistakes that newcomers make, and what they are told.

use std::fmt::Write;
use std::path::Path;

use crate::work::Work;

/// Each with a file that has it.
#[expect(
    clippy::needless_raw_string_hashes,
    reason = "all files are written alike"
)]
const MISTAKES: &[(&str, &str)] = &[
    (
        "a misspelt step",
        r#"scenarios:
  ada:
    steps:
      - registr: {email: "{{ fake.email() }}"}
"#,
    ),
    (
        "a misspelt argument",
        r#"scenarios:
  ada:
    steps:
      - register: {e_mail: "{{ fake.email() }}", responsible: x}
"#,
    ),
    (
        "arguments that are not indented",
        r#"scenarios:
  ada:
    steps:
      - register:
        email: "{{ fake.email() }}"
        responsible: x
"#,
    ),
    (
        "a text that begins with a template",
        r#"scenarios:
  ada:
    steps:
      - log: {{ vu }} is here
"#,
    ),
    (
        "a template in a value in braces",
        r#"scenarios:
  ada:
    steps:
      - http:
          url: /rest/v2/user/current
          headers: {Authorization: Bearer {{ me.token }}, X-Other: b}
"#,
    ),
    (
        "`as` among the arguments",
        r#"scenarios:
  ada:
    steps:
      - register:
          email: "{{ fake.email() }}"
          responsible: x
          as: me
"#,
    ),
    (
        "an argument left out",
        r#"scenarios:
  ada:
    steps:
      - register: {email: "{{ fake.email() }}", responsible: "{{ target.responsible }}"}
      - data_sample.get:
"#,
    ),
    (
        "a tab",
        r#"scenarios:
  ada:
    steps:
      - http:
	url: /
"#,
    ),
    (
        "a quote that is not closed",
        r#"scenarios:
  ada:
    steps:
      - http: {url: "/rest}
      - reload
"#,
    ),
    (
        "an expression without quotes",
        r#"scenarios:
  ada:
    steps:
      - login: {email: {{ registered.login }}}
"#,
    ),
    (
        "an expression without quotes, after a colon",
        r#"scenarios:
  ada:
    steps:
      - login:
          email: {{ registered.login }}
"#,
    ),
    (
        "an expression that is not closed",
        r#"scenarios:
  ada:
    steps:
      - login: {email: "{{ registered.login }"}
"#,
    ),
    (
        "a misspelt variable",
        r#"vars: {greeting: Hello}
scenarios:
  ada:
    steps:
      - http: {url: "/{{ greting }}"}
"#,
    ),
    (
        "a capture before its step",
        r#"scenarios:
  ada:
    steps:
      - http: {url: "/rest/v2/user/{{ me.user_id }}"}
      - register: {email: "{{ fake.email() }}", responsible: "{{ target.responsible }}"}
        as: me
"#,
    ),
    (
        "braces in a condition",
        r#"scenarios:
  ada:
    steps:
      - http: {url: /}
        as: page
        expect: "{{ page.status == 200 }}"
"#,
    ),
    (
        "one `=` in a condition",
        r#"scenarios:
  ada:
    steps:
      - http: {url: /}
        as: page
        expect: page.status = 200
"#,
    ),
    (
        "a duration without a unit",
        r#"scenarios:
  ada:
    executor: constant_vus
    duration: 30
    steps: [{http: {url: /}}]
"#,
    ),
    (
        "a unit that does not exist",
        r#"scenarios:
  ada:
    executor: constant_vus
    duration: 30sec
    steps: [{http: {url: /}}]
"#,
    ),
    (
        "a rate in words",
        r#"scenarios:
  ada:
    executor: constant_arrival_rate
    rate: 100 per second
    duration: 1m
    pre_allocated_vus: 10
    steps: [{http: {url: /}}]
"#,
    ),
    (
        "a setting of another executor",
        r#"scenarios:
  ada:
    executor: constant_vus
    duration: 30s
    iterations: 10
    steps: [{http: {url: /}}]
"#,
    ),
    (
        "a setting left out",
        r#"scenarios:
  ada:
    executor: constant_arrival_rate
    rate: 100/s
    duration: 1m
    steps: [{http: {url: /}}]
"#,
    ),
    (
        "an executor as k6 writes it",
        r#"scenarios:
  ada:
    executor: constant-arrival-rate
    rate: 100/s
    duration: 1m
    pre_allocated_vus: 1
    steps: [{http: {url: /}}]
"#,
    ),
    (
        "a number in quotes",
        r#"scenarios:
  ada:
    vus: "5"
    steps: [{http: {url: /}}]
"#,
    ),
    (
        "steps without dashes",
        r#"scenarios:
  ada:
    steps:
      http: {url: /}
"#,
    ),
    (
        "two steps in one item",
        r#"scenarios:
  ada:
    steps:
      - register: {email: "{{ fake.email() }}", responsible: "{{ target.responsible }}"}
        data_sample.get: {id: x}
"#,
    ),
    (
        "a key twice",
        r#"scenarios:
  ada:
    steps:
      - http: {url: /}
scenarios:
  bob:
    steps: [{http: {url: /}}]
"#,
    ),
    (
        "a threshold without a unit",
        r#"scenarios:
  ada:
    steps:
      - http: {url: /}
thresholds:
  step_duration{step=http}: [p95 < 2]
"#,
    ),
    (
        "a threshold over a step that is not there",
        r#"scenarios:
  ada:
    steps:
      - http: {url: /}
thresholds:
  step_duration{step=login}: [p95 < 2s]
"#,
    ),
    (
        "a metric as k6 calls it",
        r#"scenarios:
  ada:
    steps:
      - http: {url: /}
thresholds:
  http_req_failed: [rate < 1%]
"#,
    ),
    (
        "a statement in a template",
        r#"scenarios:
  ada:
    steps:
      - http: {url: "/{% if vu == 1 %}a{% endif %}"}
"#,
    ),
    (
        "a function that does not exist",
        r#"scenarios:
  ada:
    steps:
      - register: {email: "{{ fake.mail() }}", responsible: x}
"#,
    ),
    (
        "a filter that does not exist",
        r#"scenarios:
  ada:
    steps:
      - http: {url: "/{{ vu|upcase }}"}
"#,
    ),
    (
        "a capture with the name of something built in",
        r#"scenarios:
  ada:
    steps:
      - register: {email: "{{ fake.email() }}", responsible: "{{ target.responsible }}"}
        as: target
"#,
    ),
    (
        "a patient without a practitioner",
        r#"scenarios:
  ada:
    steps:
      - register: {email: "{{ fake.email() }}"}
"#,
    ),
    (
        "a library that is not there",
        r#"scenarios:
  ada:
    steps:
      - include: {file: lib/login.yaml}
"#,
    ),
    (
        "a target that is not there",
        r#"target: targets/stagging.yaml
scenarios:
  ada:
    steps:
      - http: {url: /}
"#,
    ),
    (
        "a file of rows that is not there",
        r#"feeders: {people: {csv: people.csv}}
scenarios:
  ada:
    feed: people
    steps:
      - http: {url: "/{{ people.name }}"}
"#,
    ),
    (
        "a feeder that is not declared",
        r#"scenarios:
  ada:
    feed: people
    steps: [{http: {url: /}}]
"#,
    ),
    (
        "a status that does not exist",
        r#"scenarios:
  ada:
    steps:
      - http: {url: /, status: 2000}
"#,
    ),
    (
        "an address without a scheme",
        r#"scenarios:
  ada:
    steps:
      - http: {url: www.example.org}
"#,
    ),
    (
        "a text compared with a number",
        r#"feeders: {people: {rows: [{temp: "39.5"}, {temp: "36.6"}]}}
scenarios:
  ada:
    feed: people
    steps:
      - http: {url: /}
        when: people.temp > 38
"#,
    ),
    (
        "a misspelt part of an answer",
        r#"scenarios:
  ada:
    steps:
      - http: {url: /}
        as: answer
        expect: answer.statuss == 200
"#,
    ),
    (
        "a column that is not there",
        r#"feeders: {people: {rows: [{name: Ada, age: 36}]}}
scenarios:
  ada:
    feed: people
    steps:
      - http: {url: "/{{ people.first_name }}"}
"#,
    ),
    (
        "`if` as a line",
        r#"scenarios:
  ada:
    steps:
      - if: vu == 1
        then: [reload]
"#,
    ),
    (
        "a request as a line",
        r#"scenarios:
  ada:
    steps:
      - http: GET /x
"#,
    ),
    (
        "a captcha as another word",
        r#"scenarios:
  ada:
    steps:
      - register: {email: "{{ fake.email() }}", responsible: x, captcha: off}
"#,
    ),
    (
        "`repeat` with `steps` beside it",
        r#"scenarios:
  ada:
    steps:
      - repeat: 3
        steps: [reload]
"#,
    ),
    (
        "`while` with `steps` beside it",
        r#"scenarios:
  ada:
    steps:
      - while: vu == 1
        steps: [reload]
"#,
    ),
    (
        "`group` with `steps` beside it",
        r#"scenarios:
  ada:
    steps:
      - group: writing
        steps: [reload]
"#,
    ),
    (
        "`repeat` without steps",
        r#"scenarios:
  ada:
    steps:
      - repeat: 3
"#,
    ),
    (
        "a misnamed list of steps",
        r#"scenarios:
  ada:
    steps:
      - if: {condition: vu == 1, steps: [reload]}
"#,
    ),
    (
        "a count with another name",
        r#"scenarios:
  ada:
    steps:
      - repeat: {count: 3, steps: [reload]}
"#,
    ),
    (
        "a status that is nowhere",
        r#"scenarios:
  ada:
    steps:
      - http: {url: /}
        expect: status == 401
"#,
    ),
    (
        "a part of a result that has a name",
        r#"scenarios:
  ada:
    steps:
      - http: {url: /}
        as: page
        expect: status == 401
"#,
    ),
    (
        "a template in the middle of a condition",
        r#"scenarios:
  ada:
    steps:
      - http: {url: /}
        as: page
        expect: page.body == "{{ vu }}"
"#,
    ),
    (
        "a template in a regular expression",
        r#"scenarios:
  ada:
    steps:
      - http: {url: /}
        capture: {id: {regex: "id={{ vu }}"}}
        check: id is defined
"#,
    ),
    (
        "a number as a word",
        r#"scenarios:
  ada:
    vus: "ten"
    steps: [reload]
"#,
    ),
    (
        "a sleep without a unit",
        r#"scenarios:
  ada:
    steps:
      - sleep: 5
"#,
    ),
    (
        "a sleep as a mapping",
        r#"scenarios:
  ada:
    steps:
      - sleep: {duration: 5s}
"#,
    ),
    (
        "what other tools call `sleep`",
        r#"scenarios:
  ada:
    steps:
      - wait: 5s
"#,
    ),
    (
        "a branch that is a step",
        r#"scenarios:
  ada:
    steps:
      - parallel:
          - reload
          - http: {url: /}
"#,
    ),
    (
        "branches with another name",
        r#"scenarios:
  ada:
    steps:
      - parallel: {steps: [reload]}
"#,
    ),
    (
        "an alternative without a weight",
        r#"scenarios:
  ada:
    steps:
      - choose:
          - [reload]
"#,
    ),
    (
        "a library as a line",
        r#"scenarios:
  ada:
    steps:
      - include: lib.yaml
"#,
    ),
    (
        "a capture as a line",
        r#"scenarios:
  ada:
    steps:
      - http: {url: /}
        capture: {id: $.id}
        check: id is defined
"#,
    ),
    (
        "a condition as a mapping",
        r#"scenarios:
  ada:
    steps:
      - http: {url: /}
        when: {vu: 1}
"#,
    ),
    (
        "a failure of any kind",
        r#"scenarios:
  ada:
    steps:
      - http: {url: /}
        fails: true
"#,
    ),
    (
        "a body that is no text",
        r#"scenarios:
  ada:
    steps:
      - http: {url: /, body: {a: 1}}
"#,
    ),
    (
        "headers as a list",
        r#"scenarios:
  ada:
    steps:
      - http: {url: /, headers: ["Accept: text/plain"]}
"#,
    ),
    (
        "an argument as a line",
        r#"scenarios:
  ada:
    steps:
      - data_sample.get: "{{ vu }}"
"#,
    ),
    (
        "a content without its kind",
        r#"scenarios:
  ada:
    steps:
      - data_sample.create: {content: {en: hello}}
"#,
    ),
    (
        "one code that is no list",
        r#"scenarios:
  ada:
    steps:
      - data_sample.create: {content: {en: {stringValue: a}}, labels: {type: a, code: b}}
"#,
    ),
    (
        "setup without dashes",
        r#"setup:
  register: {email: "{{ fake.email() }}", responsible: "{{ target.responsible }}"}
scenarios: {ada: {steps: [reload]}}
"#,
    ),
    (
        "an executor as a mapping",
        r#"scenarios:
  ada:
    executor: {type: constant_vus, duration: 3s}
    steps: [reload]
"#,
    ),
    (
        "a think time without its distribution",
        r#"scenarios:
  ada:
    think_time: {min: 1s, max: 3s}
    steps: [reload]
"#,
    ),
    (
        "a template in a setting",
        r#"scenarios:
  ada:
    vus: "{{ n }}"
    steps: [reload]
"#,
    ),
    (
        "a threshold that is a step",
        r#"scenarios: {ada: {steps: [{register: {email: "{{ fake.email() }}", responsible: "{{ target.responsible }}"}}]}}
thresholds: {register: [p95 < 2s]}
"#,
    ),
    (
        "a threshold with half a tag",
        r#"scenarios: {ada: {steps: [{register: {email: "{{ fake.email() }}", responsible: "{{ target.responsible }}"}}]}}
thresholds: {"step_duration{registr}": [p95 < 2s]}
"#,
    ),
    (
        "a threshold with half a name",
        r#"scenarios: {ada: {steps: [{register: {email: "{{ fake.email() }}", responsible: "{{ target.responsible }}"}}]}}
thresholds: {duration: [p95 < 2s]}
"#,
    ),
    (
        "a threshold without a metric",
        r#"scenarios: {ada: {steps: [{register: {email: "{{ fake.email() }}", responsible: "{{ target.responsible }}"}}]}}
thresholds: {p95: 2s}
"#,
    ),
    (
        "a check that says nothing",
        r#"scenarios:
  ada:
    steps:
      - http: {url: /}
        check: {status: 200}
"#,
    ),
    (
        "a request on one line",
        r#"scenarios:
  ada:
    steps:
      - http: GET /x
"#,
    ),
    (
        "a line of a log as a mapping",
        r#"scenarios:
  ada:
    steps:
      - log: {message: hello, level: info}
"#,
    ),
    (
        "an `if` beside a step, as CI systems have it",
        r#"scenarios:
  ada:
    steps:
      - http: {url: /}
        if: vu == 1
"#,
    ),
    (
        "`when` beside a block",
        r#"scenarios:
  ada:
    steps:
      - log: hello
        when: vu == 1
"#,
    ),
    (
        "`expect` and `when` one level too deep",
        r#"scenarios:
  ada:
    steps:
      - http:
          url: /
          when: vu == 1
          expect: iteration == 1
"#,
    ),
    (
        "a condition as names and values",
        r#"scenarios:
  ada:
    steps:
      - while: {condition: {vu: 1, scenario: ada}, max: 3, steps: [reload]}
"#,
    ),
    (
        "two steps in one item",
        r#"scenarios:
  ada:
    steps:
      - http: {url: /}
        sleep: 5s
"#,
    ),
    (
        "a block with nothing in it",
        r#"scenarios:
  ada:
    steps:
      - fail
"#,
    ),
    (
        "what other tools call `log`",
        r#"scenarios:
  ada:
    steps:
      - print: hello
"#,
    ),
    (
        "what other tools call `expect`",
        r#"scenarios:
  ada:
    steps:
      - http: {url: /}
        asserts: [vu == 1]
"#,
    ),
    (
        "a request named by its method",
        r#"scenarios:
  ada:
    steps:
      - post: {url: /, json: {a: 1}}
"#,
    ),
    (
        "what other tools call arguments",
        r#"scenarios:
  ada:
    steps:
      - http: {path: /x}
"#,
    ),
    (
        "what other tools call `query`",
        r#"scenarios:
  ada:
    steps:
      - http: {url: /, params: {a: 1}}
"#,
    ),
    (
        "an argument beside the step",
        r#"scenarios:
  ada:
    steps:
      - http: {url: /}
        timeout: 5s
"#,
    ),
    (
        "a capture with its name inside",
        r#"scenarios:
  ada:
    steps:
      - http: {url: /}
        capture: {json: $.id, as: id}
        check: id is defined
"#,
    ),
    (
        "a capture as a query",
        r#"scenarios:
  ada:
    steps:
      - http: {url: /}
        capture: {id: jsonpath "$.id"}
        check: id is defined
"#,
    ),
    (
        "`contains` between two values",
        r#"scenarios:
  ada:
    steps:
      - http: {url: /}
        as: page
        expect: page.body contains "x"
"#,
    ),
    (
        "a variable as a shell has it",
        r#"scenarios:
  ada:
    steps:
      - http: {url: "${BASE}/x"}
"#,
    ),
    (
        "a text with a colon in it",
        r#"scenarios:
  ada:
    steps:
      - log: status: {{ vu }}
"#,
    ),
    (
        "a name that is a word of expressions",
        r#"scenarios:
  ada:
    steps:
      - http: {url: /}
        as: none
"#,
    ),
    (
        "milliseconds without their unit",
        r#"scenarios:
  ada:
    steps:
      - http: {url: /, timeout: 500}
"#,
    ),
    (
        "a number as people write it",
        r#"scenarios:
  ada:
    iterations: 1_000
    steps: [reload]
"#,
    ),
    (
        "`yes` for `true`",
        r#"scenarios:
  ada:
    only: yes
    steps: [reload]
"#,
    ),
    (
        "a rate without an executor",
        r#"scenarios:
  ada:
    rate: 5/s
    duration: 1m
    steps: [reload]
"#,
    ),
    (
        "`vus` with a rate",
        r#"scenarios:
  ada:
    executor: constant_arrival_rate
    rate: 5/s
    duration: 1m
    vus: 5
    steps: [reload]
"#,
    ),
    (
        "settings at the top, as k6 has them",
        r#"options: {vus: 5, iterations: 10}
scenarios:
  ada:
    steps: [reload]
"#,
    ),
    (
        "stages of two values",
        r#"scenarios:
  ada:
    executor: ramping_vus
    stages: [[30s, 20]]
    steps: [reload]
"#,
    ),
    (
        "setup in a scenario",
        r#"scenarios:
  ada:
    setup: [reload]
    steps: [reload]
"#,
    ),
    (
        "what other tools call `setup`",
        r#"before: [reload]
scenarios:
  ada:
    steps: [reload]
"#,
    ),
    (
        "what other tools call `scenarios`",
        r#"jobs:
  ada:
    steps: [reload]
"#,
    ),
    (
        "what other tools call `steps`",
        r#"scenarios:
  ada:
    flow: [reload]
"#,
    ),
    (
        "scenarios as a list",
        r#"scenarios:
  - name: ada
    steps: [reload]
"#,
    ),
    (
        "a weight of a scenario",
        r#"scenarios:
  ada:
    weight: 3
    steps: [reload]
"#,
    ),
    (
        "variables as a list",
        r#"vars: [greeting=hello]
scenarios:
  ada:
    steps: [{log: "{{ greeting }}"}]
"#,
    ),
    (
        "a feeder as a line",
        r#"feeders: {people: people.csv}
scenarios:
  ada:
    steps: [reload]
"#,
    ),
    (
        "a feeder that no scenario is fed with",
        r#"feeders: {people: {rows: [{name: Ada}]}}
scenarios:
  ada:
    steps:
      - log: "{{ people.name }}"
"#,
    ),
    (
        "an address for a target",
        r#"target: https://api.example.org
scenarios:
  ada:
    steps: [reload]
"#,
    ),
    (
        "a role that there is not",
        r#"scenarios:
  ada:
    steps:
      - register: {email: "{{ fake.email() }}", role: doctor}
"#,
    ),
    (
        "a threshold below the name of a step",
        r#"scenarios: {ada: {steps: [{register: {email: "{{ fake.email() }}", responsible: "{{ target.responsible }}"}}]}}
thresholds:
  step_duration: {register: [p95 < 2s]}
"#,
    ),
    (
        "a threshold in two parts",
        r#"scenarios: {ada: {steps: [reload]}}
thresholds:
  step_duration: {p95: 2s, max: 5s}
"#,
    ),
    (
        "a share of 1, as k6 has it",
        r#"scenarios:
  ada:
    steps:
      - http: {url: /}
        check: vu == 1
thresholds:
  checks: ["rate>0.95"]
"#,
    ),
    ("an empty file", r#""#),
    (
        "a status that is good and must fail",
        r#"scenarios:
  ada:
    steps:
      - http: {url: /rest/v2/user/current, status: 401}
        fails: 401
"#,
    ),
    (
        "a success that must fail",
        r#"scenarios:
  ada:
    steps:
      - http: {url: /rest/v2/user/current}
        fails: 200
"#,
    ),
    (
        "a matcher that there is not",
        r#"scenarios:
  ada:
    steps:
      - http: {url: /rest/v2/user/current}
        expect: {status: 200, json: {name: {begins_with: A}}}
"#,
    ),
    (
        "a number where a header is a text",
        r#"scenarios:
  ada:
    steps:
      - http: {url: /rest/v2/user/current}
        expect: {header: {Content-Length: 12}}
"#,
    ),
    (
        "a mapping in `expect` beside another step",
        r#"scenarios:
  ada:
    steps:
      - reload: {}
        expect: {json: {name: Ada}}
"#,
    ),
];

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/mistakes.md");

#[test]
fn each_mistake_is_told_where_it_is_with_how_to_mend_it() {
    let work = Work::new();
    std::fs::create_dir(work.path().join("targets")).unwrap();
    work.write("targets/staging.yaml", "extends: simulator\n");
    let mut page = String::from(
        "# Mistakes, and what is said of them\n\n\
         What `rehearse check mine.yaml` prints for mistakes that everybody makes once. Made by \
         `tests/it/mistakes.rs`; a mistake that stops a file from being read at all is told alone, \
         all others together.\n",
    );
    for (number, (title, text)) in (1..).zip(MISTAKES) {
        work.write("mine.yaml", text);
        let ended = work.run(&["check", "mine.yaml"]);
        assert_eq!(ended.code, Some(2), "{title}\n{}", ended.out);
        assert!(ended.out.contains("mine.yaml:"), "{title}\n{}", ended.out);
        assert!(
            ended.out.contains("help: ") || ended.out.contains("expected"),
            "{title}\n{}",
            ended.out
        );
        // Nothing but the mistake itself.
        assert!(
            ended.out.contains("1 file: 1 error"),
            "{title}\n{}",
            ended.out
        );
        let said = ended
            .out
            .trim_end()
            .rsplit_once("\n\n")
            .map_or("", |(said, _)| said);
        let _ = write!(
            page,
            "\n## {number}. {title}\n\n```text\n{}\n```\n\n```text\n{said}\n```\n",
            text.trim_end()
        );
    }
    assert!(MISTAKES.len() >= 120, "{}", MISTAKES.len());
    if std::env::var_os("INSTA_UPDATE").is_some_and(|update| update == "always") {
        std::fs::write(PAGE, &page).unwrap();
    }
    let there = std::fs::read_to_string(Path::new(PAGE)).unwrap_or_default();
    assert!(
        there == page,
        "docs/mistakes.md is old; write it anew with INSTA_UPDATE=always"
    );
}
