//! `rehearse check`: everything that is wrong, in one go, without sending a byte.

use serde_json::Value;

use crate::work::{Work, shipped};

/// One file with a mistake of each kind that only looking at all of it shows.
const WRONG: &str = r#"name: wrong
target: target.yaml
vars: {unused: 1, used: 2}
scenarios:
  one:
    executor: ramping_arrival_rate
    stages:
      - {duration: 10s, target: 5/s}
      - {duration: 0s, target: 5/s}
      - {duration: 0s, target: 50/s}
      - {duration: 0s, target: 20/s}
      - {duration: 1s, target: 20/s}
    warmup: 20s
    pre_allocated_vus: 5
    steps:
      - data_sample.get: {id: "{{ used }}"}
        as: found
        when: iteration == 1
      - http: {url: "/{{ found.id }}", status: 2x}
      - http: {url: "/{{ found.id }}"}
        when: found is defined
      - registr: {}
thresholds:
  step_duration{step=data_sample.gt}: [p95 < 1s]
"#;

const TARGET: &str = "api_url: http://127.0.0.1:1
gateway_url: http://127.0.0.1:1
spec_id: abc
captcha_token: {env: REHEARSE_TEST_UNSET}
otp: {source: imp}
";

#[test]
fn everything_is_told_at_once_for_all_files() {
    let work = Work::new();
    let file = work.write("wrong.yaml", WRONG);
    work.write("target.yaml", TARGET);
    let good = work.write(
        "good.yaml",
        "scenarios: {a: {steps: [{http: {url: /x}}]}}\n",
    );
    let ended = work.run(&["check", &file, &good]).expect(2);
    insta::assert_snapshot!(ended.out);
    assert_eq!(ended.err, "");
}

#[test]
fn thresholds_over_what_nothing_is_measured_by_are_refused() {
    let plan = |threshold: &str| {
        format!(
            "setup: [{{http: {{url: /x}}, name: first}}]
scenarios:
  one:
    steps:
      - http: {{url: /x}}
      - group: {{name: both, steps: [{{http: {{url: /x}}}}]}}
thresholds:
  {threshold}
"
        )
    };
    let work = Work::new();
    for (threshold, message) in [
        (
            "step_duration{step=htp}: [p95 < 1s]",
            "there is no step `htp` here",
        ),
        (
            "step_duration{step=first}: [p95 < 1s]",
            "there is no step `first` here",
        ),
        (
            "step_duration{scenario=two}: [p95 < 1s]",
            "there is no scenario `two` here",
        ),
        (
            "group_duration{group=bth}: [p95 < 1s]",
            "did you mean `both`?",
        ),
        ("otp_wait: [p95 < 1s]", "nothing is measured by `otp_wait`"),
        (
            "crypto_duration: [p95 < 1s]",
            "nothing is measured by `crypto_duration`",
        ),
        (
            "vault_duration: [p95 < 1s]",
            "nothing is measured by `vault_duration`",
        ),
        ("checks: [rate == 100%]", "no step has `check` or `expect`"),
        (
            "iteration_start_lag: [p95 < 1s]",
            "it is measured in open models only",
        ),
        (
            "step_duration{phase=mian}: [p95 < 1s]",
            "did you mean `main`?",
        ),
        (
            "errors{step=htp}: [count == 0]",
            "there is no step `htp` here",
        ),
    ] {
        let file = work.write("a.yaml", &plan(threshold));
        let out = work.run(&["check", &file]).expect(2).out;
        assert!(out.contains(message), "{threshold}: {out}");
    }
    for threshold in [
        "step_duration{step=both http}: [p95 < 1s]",
        "step_duration{step=first, phase=setup}: [p95 < 1s]",
        "errors: [count == 0]",
        "data_sent: [count < 1000]",
        "dropped_iterations: [count == 0]",
        "vus: [max < 5]",
        "http_req_duration: [p95 < 1s]",
    ] {
        let file = work.write("a.yaml", &plan(threshold));
        work.run(&["check", &file]).expect(0);
    }
}

#[test]
fn counts_that_some_steps_have_are_thresholds_of_those() {
    let plan = |step: &str, threshold: &str| {
        format!(
            "setup: [{step}]\nscenarios: {{s: {{steps: [{step}]}}}}\nthresholds:\n  {threshold}\n"
        )
    };
    let register = "{register: {email: a@example.org, role: practitioner}}";
    let given = "{auth.validate: {code: \"1\", of: x}}";
    let work = Work::new();
    for (step, threshold, code) in [
        (register, "otps_read: [count >= 1]", 0),
        (register, "mails_seen: [count >= 1]", 0),
        (register, "keys_generated{step=register}: [count >= 1]", 0),
        (register, "crypto_bytes: [count >= 1]", 0),
        (register, "keys_from_pool: [count == 0]", 0),
        (given, "keys_generated: [count >= 1]", 2),
    ] {
        let file = work.write("a.yaml", &plan(step, threshold));
        let ended = work.run(&["check", &file]);
        assert_eq!(ended.code, Some(code), "{step} {threshold}\n{}", ended.out);
    }
    let otps = "no step that is played waits for a one-time password";
    for (threshold, message) in [
        ("otps_read: [count >= 1]", otps),
        ("mails_seen: [count >= 1]", otps),
        (
            "keys_generated: [count >= 1]",
            "no step that is played takes a new key pair",
        ),
        (
            "crypto_bytes: [count > 1]",
            "nothing is measured by `crypto_bytes`",
        ),
    ] {
        let file = work.write("a.yaml", &plan("{http: {url: /x}}", threshold));
        let out = work.run(&["check", &file]).expect(2).out;
        assert!(out.contains(message), "{threshold}: {out}");
    }
}

#[test]
fn mistakes_of_thresholds_are_told_with_all_others() {
    let text = r"
scenarios:
  one:
    steps:
      - registr: {email: a@example.org}
        name: sign up
      - group: {name: writing, steps: [{http: {url: /x}}]}
  two:
    executor: constant_vus
    steps: [{http: {url: /x}}]
thresholds:
  step_duration{step=sign up}: [p95 < 1s]
  step_duration{step=writing http}: [p95 < 1s]
  step_duration{step=logn}: [p95 < 1s]
  step_duration{scenario=three}: [p95 < 1s]
  step_duration{scenario=two}: [p95 < 1s]
  group_duration{group=writing}: [p95 < 1s]
  otp_wait: [p95 < 1s]
  errors: [cuont == 0]
";
    let work = Work::new();
    let file = work.write("a.yaml", text);
    let out = work.run(&["check", &file]).expect(2).out;
    let told = out
        .lines()
        .filter_map(|line| line.trim().strip_prefix("× "));
    let told: Vec<&str> = told.collect();
    let expected = [
        "unknown step `registr`",
        "a `constant_vus` scenario needs `duration`",
        "there is no step `logn` here",
        "there is no scenario `three` here",
        "`errors` has no statistic `cuont`",
    ];
    assert_eq!(told, expected, "{out}");
    // What is wrong elsewhere hides none of it.
    let whole = text
        .replace("registr:", "register:")
        .replace("constant_vus", "per_vu_iterations");
    let file = work.write(
        "b.yaml",
        &whole.replace(
            "a@example.org}",
            "a@example.org, e_mail: x, role: practitioner}",
        ),
    );
    let out = work.run(&["check", &file]).expect(2).out;
    let told = out
        .lines()
        .filter(|line| line.trim().starts_with("× "))
        .count();
    assert_eq!(told, 4, "{out}");
}

#[test]
fn a_responsible_of_a_practitioner_is_told_to_have_no_effect() {
    let work = Work::new();
    for (step, code) in [
        (
            "register: {email: a@example.org, role: practitioner, responsible: x}",
            2,
        ),
        (
            "login: {email: a@example.org, role: practitioner, responsible: x}",
            2,
        ),
        (
            "auth.start: {email: a@example.org, role: practitioner, responsible: x}",
            2,
        ),
        (
            "register: {email: a@example.org, role: patient, responsible: x}",
            0,
        ),
        ("register: {email: a@example.org, role: practitioner}", 0),
    ] {
        let text = format!("scenarios: {{s: {{steps: [{{{step}}}]}}}}\n");
        let file = work.write("a.yaml", &text);
        let ended = work.run(&["check", "--strict", &file]).expect(code);
        let told = ended.out.contains("a practitioner has no `responsible`");
        assert_eq!(told, code == 2, "{step}\n{}", ended.out);
    }
}

/// What the selectors are about; a line of thresholds is added to it.
const SELECTED: &str = "scenarios:
  one:
    steps:
      - http: {url: \"/people/{{ vu }}\"}
        as: answer
        check: answer.status == 200
      - http: {url: /teapot, method: PUT, status: [200, 418]}
  two:
    duration: 1m
    executor: constant_vus
    warmup: 10s
    steps:
      - http: {url: /other}
        fails: 404 Not Found
thresholds:
  ";

/// Selectors that can never match, and what is told of them.
const NEVER: &[(&str, &str)] = &[
    (
        "http_reqs{endpoint=/peple/{vu}}: [count < 5]",
        "did you mean `/people/{vu}`?",
    ),
    (
        "data_sent{method=DELETE}: [count < 5]",
        "there is no method `DELETE` here",
    ),
    (
        "http_reqs{endpoint=/teapot, method=GET}: [count < 5]",
        "there is no method `GET` here",
    ),
    (
        "http_reqs{status=5o3}: [count < 5]",
        "there is no status `5o3`",
    ),
    (
        "http_req_duration{status=700}: [count < 5]",
        "there is no status `700`",
    ),
    (
        "http_req_duration{status=503, outcome=ok}: [count < 5]",
        "no request that is answered with 503 is `ok` here",
    ),
    (
        "http_req_duration{endpoint=/teapot, status=418, outcome=failed}: [count < 5]",
        "leave `outcome` out",
    ),
    (
        "http_req_duration{status=timeout, outcome=ok}: [count < 5]",
        "no request is `ok` that ended with `timeout`",
    ),
    (
        "http_req_duration{status=200, outcome=cut}: [count < 5]",
        "what was not finished has the status `unfinished`",
    ),
    (
        "http_reqs{status=tiemout}: [count < 5]",
        "did you mean `timeout`?",
    ),
    (
        "http_reqs{status=5xx}: [count < 5]",
        "a number from `100` to `599`, or why there was none",
    ),
    (
        "errors{kind=http_503}: [count == 0]",
        "did you mean `http 503`?",
    ),
    (
        "errors{kind=tiemout}: [count == 0]",
        "did you mean `timeout`?",
    ),
    (
        "errors{status=503}: [count == 0]",
        "`errors` is not told apart by `status`",
    ),
    (
        "iterations{step=http}: [count > 1]",
        "its tags: scenario, phase, outcome",
    ),
    ("vus{scenario=one}: [max < 5]", "leave the braces out"),
    (
        "checks{check=answer.status == 201}: [rate == 100%]",
        "did you mean `answer.status == 200`?",
    ),
    (
        "checks{kind=expect, check=answer.status == 200}: [rate == 100%]",
        "there is no check `answer.status == 200` here",
    ),
    (
        "dropped_iterations{kind=no_user}: [count == 0]",
        "one of `max_duration`, `no_vu`, `stopped`",
    ),
    (
        "iterations{outcome=abandoned}: [count == 0]",
        "there is no outcome `abandoned` here",
    ),
    (
        "step_duration{scenario=one, outcome=failed as expected}: [count == 0]",
        "there is no outcome `failed as expected` here",
    ),
    (
        "errors{phase=setup}: [count == 0]",
        "nothing is played in the phase `setup`",
    ),
    (
        "iterations{scenario=one, phase=warmup}: [count == 0]",
        "no scenario that this is about has a `warmup`",
    ),
    (
        "crypto_bytes{operation=AES}: [count == 0]",
        "there is no operation `AES` here",
    ),
];

/// Selectors that may match.
const PERHAPS: &[&str] = &[
    "http_req_duration{status=503}: [count < 5]",
    "http_req_duration{endpoint=/teapot, status=418, outcome=ok}: [count < 5]",
    "http_req_duration{status=503, outcome=failed}: [count < 5]",
    "http_reqs{status=timeout}: [count == 0]",
    "http_reqs{status=unfinished, outcome=cut}: [count == 0]",
    "errors{kind=http 503, scenario=one}: [count == 0]",
    "errors{kind=timeout}: [count == 0]",
    "iterations{scenario=two, phase=warmup}: [count > 0]",
    "step_duration{outcome=failed as expected}: [count > 0]",
    "checks{kind=check, check=answer.status == 200}: [rate == 100%]",
    "data_sent{method=PUT}: [count > 0]",
];

#[test]
fn selectors_that_never_match_are_refused_with_what_there_is() {
    let work = Work::new();
    let check = |threshold: &str, code| {
        let (selector, condition) = threshold.rsplit_once(": ").unwrap();
        let text = format!("{SELECTED}\"{selector}\": {condition}\n");
        let file = work.write("a.yaml", &text);
        work.run(&["check", &file]).expect(code).out
    };
    for (threshold, message) in NEVER {
        let out = check(threshold, 2);
        assert!(out.contains(message), "{threshold}: {out}");
        assert!(out.contains("a.yaml:16:"), "{threshold}: {out}");
    }
    for threshold in PERHAPS {
        check(threshold, 0);
    }
}

#[test]
fn a_warning_is_no_error_unless_it_is_wanted() {
    let work = Work::new();
    let text = "vars: {unused: 1}\nscenarios: {a: {steps: [{http: {url: /x}}]}}\n";
    let file = work.write("a.yaml", text);
    let ended = work.run(&["check", &file]).expect(0);
    insta::assert_snapshot!(ended.out, @r"
      ⚠ the variable `unused` is never used
       ╭─[a.yaml:1:8]
     1 │ vars: {unused: 1}
       ·        ──────
       ╰────
      help: use it, or remove it

    1 file: 1 warning
    ");
    work.run(&["check", "--strict", &file]).expect(2);
    let gone = work.run(&["check", &file, "nowhere.yaml"]).expect(2);
    assert!(
        gone.err.contains("cannot read nowhere.yaml"),
        "{}",
        gone.err
    );
    assert!(gone.out.contains("1 warning"));
}

#[test]
fn what_is_shipped_has_nothing_to_mend() {
    let work = Work::new();
    let folder = std::fs::read_dir(format!("{}/scenarios", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let names: Vec<String> = folder
        .map(|entry| shipped(entry.unwrap().file_name().to_str().unwrap()))
        .collect();
    let mut arguments = vec!["check", "--strict"];
    arguments.extend(names.iter().map(String::as_str));
    let ended = work.run(&arguments);
    assert_eq!(ended.code, Some(0), "{}", ended.out);
}

#[test]
fn a_library_is_checked_by_itself_and_where_it_is_included_once() {
    let work = Work::new();
    let library = "params: {email: }\nsteps: [{http: {url: '/{{ emial }}'}}]\n";
    work.write("lib.yaml", library);
    let text = "scenarios: {a: {steps: [{include: {file: lib.yaml, with: {email: x}}}]}}\n";
    let file = work.write("a.yaml", text);
    for arguments in [&["lib.yaml"][..], &[&file], &["lib.yaml", &file]] {
        let all = [&["check", "--format", "json"], arguments].concat();
        let out = work.run(&all).expect(2).out;
        let found: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(found["problems"].as_array().unwrap().len(), 1, "{out}");
        assert_eq!(found["problems"][0]["file"], "lib.yaml");
    }
}

#[test]
fn scripts_get_json_of_a_documented_shape() {
    let work = Work::new();
    let file = work.write("a.yaml", "scenarios: {a: {steps: [{htp: {url: é}}]}}\n");
    let out = work
        .run(&["check", "--format", "json", &file])
        .expect(2)
        .out;
    insta::assert_snapshot!(out, @r#"
    {
      "schema": "rehearse/check/1",
      "files": [
        "a.yaml"
      ],
      "errors": 1,
      "warnings": 0,
      "left_out": 0,
      "problems": [
        {
          "severity": "error",
          "rule": "unknown-word",
          "message": "unknown step `htp`",
          "help": "did you mean `http`?",
          "file": "a.yaml",
          "line": 1,
          "column": 26,
          "end_line": 1,
          "end_column": 29,
          "excerpt": "scenarios: {a: {steps: [{htp: {url: é}}]}}"
        }
      ]
    }
    "#);
}

#[test]
fn code_hosts_get_sarif() {
    let work = Work::new();
    let file = work.write("wrong.yaml", WRONG);
    work.write("target.yaml", TARGET);
    let out = work
        .run(&["check", "--format", "sarif", &file])
        .expect(2)
        .out;
    let log: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    assert_eq!(run["tool"]["driver"]["name"], "rehearse");
    let rules: Vec<&Value> = run["tool"]["driver"]["rules"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| &rule["id"])
        .collect();
    let results = run["results"].as_array().unwrap();
    assert!(results.len() >= 6, "{out}");
    for result in results {
        assert!(rules.contains(&&result["ruleId"]), "{result}");
        assert!(["error", "warning"].contains(&result["level"].as_str().unwrap()));
        assert!(!result["message"]["text"].as_str().unwrap().is_empty());
        let place = &result["locations"][0]["physicalLocation"];
        assert!(
            place["artifactLocation"]["uri"]
                .as_str()
                .unwrap()
                .contains(".yaml")
        );
        let region = &place["region"];
        let number = |key: &str| region[key].as_u64().unwrap();
        assert!(number("startLine") >= 1 && number("startColumn") >= 1);
        assert!(number("endLine") >= number("startLine"));
    }
}

#[test]
fn the_environment_is_asked_for_before_anything_is_sent() {
    let work = Work::new();
    let text = "vars: {home: \"{{ env.REHEARSE_TEST_SET }}\"}
scenarios:
  a:
    steps:
      - http: {url: \"{{ home }}/{{ env.REHEARSE_TEST_UNSET }}/{{ uuid() }}/{{ random_int(1, 6) }}/{{ run.seed }}\"}
";
    let file = work.write("a.yaml", text);
    let mut command = work.rehearse(&["run", &file, "--env", "REHEARSE_TEST_SET"]);
    command.env("REHEARSE_TEST_SET", "http://127.0.0.1:1");
    let output = command.output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        err.contains("the environment holds no `REHEARSE_TEST_UNSET`"),
        "{err}"
    );
    assert!(!err.contains("REHEARSE_TEST_SET"), "{err}");
    // Who only checks may be on another machine.
    let out = work.run(&["check", &file]).expect(0).out;
    assert!(out.contains("1 file: 2 warnings"), "{out}");
}

#[test]
fn what_the_environment_lacks_is_told_of_a_layer_too() {
    let work = Work::new();
    work.write(
        "base.yaml",
        "api_url: https://api.example.org\ngateway_url: https://gateway.example.org\nspec_id: ic\n\
         otp: {source: static, code: '${REHEARSE_NO_SUCH_CODE}'}\nload_test_allowed: true\n",
    );
    work.write(
        "mine.yaml",
        "extends: base.yaml\ncaptcha_token: {env: REHEARSE_NO_SUCH_TOKEN}\n",
    );
    insta::assert_snapshot!(work.run(&["check", "mine.yaml"]).expect(0).out, @r"
  ⚠ the environment holds no `REHEARSE_NO_SUCH_TOKEN`
   ╭─[mine.yaml:2:22]
 2 │ captcha_token: {env: REHEARSE_NO_SUCH_TOKEN}
   ·                      ──────────────────────
   ╰────
  help: set the variable before the run

  ⚠ the environment holds no `REHEARSE_NO_SUCH_CODE`
   ╭─[base.yaml:4:29]
 4 │ otp: {source: static, code: '${REHEARSE_NO_SUCH_CODE}'}
   ·                             ──────────────────────────
   ╰────
  help: set the variable before the run

2 files: 2 warnings
");
}

#[test]
fn of_very_many_problems_the_first_are_told_and_the_others_counted() {
    let work = Work::new();
    let wrong = "      - wrong: 1\n".repeat(700);
    let text = format!("scenarios:\n  s:\n    steps:\n{wrong}");
    let file = work.write("a.yaml", &text);
    let ended = work.run(&["check", &file]).expect(2);
    assert_eq!(ended.out.matches("unknown step `wrong`").count(), 500);
    assert!(
        ended
            .out
            .contains("and 200 more problems, told once these are corrected"),
        "{}",
        &ended.out[ended.out.len() - 500..]
    );
    let out = work
        .run(&["check", "--format", "json", &file])
        .expect(2)
        .out;
    let document: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (&document["errors"], &document["left_out"]),
        (&500.into(), &200.into())
    );
}

#[test]
fn a_long_line_is_shown_around_the_place() {
    let work = Work::new();
    let text = format!(
        "scenarios: {{s: {{steps: [{{http: {{url: \"/{}{{{{ nobody }}}}{}\"}}}}]}}}}\n",
        "a".repeat(50_000),
        "z".repeat(50_000)
    );
    let file = work.write("a.yaml", &text);
    let out = work.run(&["check", &file]).expect(2).out;
    assert!(out.len() < 8000, "{}", out.len());
    assert!(
        out.contains("nobody }}zzz") && out.contains("a.yaml:1:50043"),
        "{out}"
    );
}

#[test]
fn a_folder_is_all_that_is_ours_in_it() {
    let work = Work::new();
    for folder in ["all/below", "all/.hidden", "none"] {
        std::fs::create_dir_all(work.path().join(folder)).unwrap();
    }
    work.write("all/one.yaml", ONE_STEP);
    work.write("all/below/two.yml", &ONE_STEP.replace("url", "ulr"));
    work.write("all/.hidden/three.yaml", "scenarios: 1\n");
    work.write("all/compose.yaml", "services: {web: {image: x}}\n");
    let ended = work.run(&["check", "all"]).expect(2);
    assert!(ended.out.contains("did you mean `url`?"), "{}", ended.out);
    assert!(ended.out.contains("2 files: 1 error"), "{}", ended.out);
    work.write("none/compose.yaml", "services: {}\n");
    let ended = work.run(&["check", "none"]).expect(2);
    let told = "there is no scenario, target or library in none";
    assert!(ended.err.contains(told), "{}", ended.err);
    // Of a file that is not there nobody says that it has no problems.
    let ended = work.run(&["check", "nothing.yaml"]).expect(2);
    assert!(
        ended.err.contains("1 file could not be read"),
        "{}",
        ended.err
    );
    assert!(!ended.out.contains("no problems"), "{}", ended.out);
}

/// A scenario without problems.
const ONE_STEP: &str = "scenarios: {s: {steps: [{http: {url: /x}}]}}\n";
