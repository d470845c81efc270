//! Blocks of steps: what is played, in which order, and how it is measured.

use serde_json::Value;

use crate::server::Server;
use crate::work::{Work, entry};

/// A plan of one scenario with these steps, and the variables `url` and `n`.
fn plan(url: &str, steps: &str) -> String {
    format!(
        "name: flow\nseed: 7\nvars: {{url: {url:?}, n: 2}}\nscenarios:\n  one:\n    steps:\n{steps}"
    )
}

struct Played {
    report: Value,
    /// Paths, in the order in which they were asked for.
    paths: Vec<String>,
}

fn play(steps: &str, code: i32) -> Played {
    let (work, server) = (Work::new(), Server::start());
    play_in(&work, &server, steps, code)
}

fn play_in(work: &Work, server: &Server, steps: &str, code: i32) -> Played {
    let file = work.write("a.yaml", &plan(&server.url, steps));
    work.run(&["run", &file, "--quiet"]).expect(code);
    let paths = server.asked().into_iter().map(|asked| {
        let (_, path) = asked.line.split_once(' ').unwrap();
        path.to_owned()
    });
    Played {
        report: work.report(),
        paths: paths.collect(),
    }
}

impl Played {
    fn step(&self, name: &str) -> &Value {
        entry(&self.report["steps"], "name", name)
    }

    /// Series of a metric.
    fn series(&self, metric: &str) -> Vec<&Value> {
        let all = self.report["metrics"].as_array().unwrap();
        let all = all.iter();
        all.filter(|series| series["metric"] == metric).collect()
    }
}

/// What is said of steps that are wrong.
fn refused(steps: &str) -> String {
    let work = Work::new();
    let file = work.write("a.yaml", &plan("http://127.0.0.1:9", steps));
    let ended = work.run(&["run", &file]).expect(2);
    assert!(!work.path().join("reports").exists());
    ended.err
}

#[test]
fn a_group_is_measured_as_a_whole_and_names_its_steps() {
    let played = play(
        r#"
      - group:
          name: check out
          steps:
            - http: {url: "{{ url }}/slow/30"}
              name: cart
            - group:
                name: pay
                steps:
                  - http: {url: "{{ url }}/b"}
"#,
        0,
    );
    assert_eq!(played.step("check out cart")["ok"]["count"], 1);
    assert_eq!(played.step("check out pay http")["ok"]["count"], 1);
    let groups = played.series("group_duration");
    let names: Vec<&Value> = groups.iter().map(|group| &group["tags"]["group"]).collect();
    assert_eq!(names, ["check out pay", "check out"]);
    assert!(groups[1]["min_ms"].as_f64().unwrap() >= 30.0);
    assert!(groups[0]["max_ms"].as_f64() <= groups[1]["max_ms"].as_f64());
}

#[test]
fn a_block_is_repeated_and_the_last_pass_is_what_is_captured() {
    let played = play(
        r#"
      - repeat:
          times: "{{ n + 1 }}"
          steps:
            - http: {url: "{{ url }}/a/{{ round }}"}
              as: answer
            - http: {url: "{{ url }}/b/{{ round }}"}
              repeat: 2
            - http: {url: "{{ url }}/c/{{ round }}"}
      - http: {url: "{{ url }}/{{ answer.status }}"}
"#,
        0,
    );
    let round = |n: u32| {
        [
            format!("/a/{n}"),
            "/b/1".to_owned(),
            "/b/2".to_owned(),
            format!("/c/{n}"),
        ]
    };
    let mut expected: Vec<String> = (1..=3).flat_map(round).collect();
    expected.push("/200".to_owned());
    assert_eq!(played.paths, expected);
}

#[test]
fn a_condition_decides_between_two_lists() {
    let played = play(
        r#"
      - if:
          condition: n == 2
          then:
            - http: {url: "{{ url }}/then"}
              as: answer
          else:
            - http: {url: "{{ url }}/else"}
              as: answer
      - if: {condition: answer.status == 404, then: [{http: {url: "{{ url }}/never"}}]}
      - http: {url: "{{ url }}/{{ answer.status }}"}
"#,
        0,
    );
    assert_eq!(played.paths, ["/then", "/200"]);
}

#[test]
fn a_loop_goes_on_until_its_condition_no_longer_holds() {
    let played = play(
        r#"
      - while:
          condition: seen is not defined or seen.status != 200
          max: 10
          steps:
            - http: {url: "{{ url }}/flaky/2", status: [200, 503]}
              as: seen
              name: poll
      - http: {url: "{{ url }}/done"}
"#,
        0,
    );
    assert_eq!(played.paths, ["/flaky/2", "/flaky/2", "/flaky/2", "/done"]);
    assert_eq!(played.step("poll")["ok"]["count"], 3);
}

#[test]
fn a_loop_at_its_bound_has_failed_unless_it_may_go_on() {
    let endless = |more: &str| {
        format!(
            "      - while: {{condition: n == 2, max: 3, {more} steps: [{{http: {{url: \"{{{{ url }}}}/a\"}}}}]}}
      - http: {{url: \"{{{{ url }}}}/end\"}}\n"
        )
    };
    let failed = play(&endless(""), 1);
    assert_eq!(failed.paths, ["/a"; 3]);
    let error = entry(&failed.report["errors"], "step", "while");
    assert_eq!(error["kind"], "endless loop");
    assert_eq!(error["sample"], "`n == 2` still holds after 3 passes");
    let good = play(&endless("at_limit: go_on,"), 0);
    assert_eq!(good.paths, ["/a", "/a", "/a", "/end"]);
    let timed = endless("").replace("max: 3", "timeout: 100ms");
    let failed = play(&timed, 1);
    let error = entry(&failed.report["errors"], "step", "while");
    assert_eq!(error["sample"], "`n == 2` still holds after 100ms");
}

#[test]
fn a_choice_in_a_choice_in_a_loop_is_drawn_each_time() {
    let steps = r#"
      - repeat:
          times: 60
          steps:
            - choose:
                - {weight: 1, name: a, steps: [{http: {url: "{{ url }}/a"}}]}
                - weight: 1
                  name: b
                  steps:
                    - choose:
                        - {weight: 1, name: c, steps: [{http: {url: "{{ url }}/c"}}]}
                        - {weight: 1, name: d, steps: [{http: {url: "{{ url }}/d"}}]}
"#;
    let played = play(steps, 0);
    let count = |name| played.step(name)["ok"]["count"].as_u64().unwrap();
    let (a, c, d) = (count("a http"), count("b c http"), count("b d http"));
    assert_eq!(a + c + d, 60);
    assert!(a > 15 && c > 4 && d > 4, "{a} {c} {d}");
    assert_eq!(play(steps, 0).paths, played.paths);
}

#[test]
fn a_sleep_is_in_the_iteration_and_in_no_step() {
    let played = play(
        r#"
      - http: {url: "{{ url }}/a"}
      - sleep: 300ms
      - sleep: "{{ n * 50 }}ms"
      - http: {url: "{{ url }}/b"}
"#,
        0,
    );
    let step = played.step("http");
    assert_eq!(step["ok"]["count"], 2);
    assert!(step["ok"]["max_ms"].as_f64().unwrap() < 300.0);
    let iteration = played.series("iteration_duration")[0];
    assert!(iteration["min_ms"].as_f64().unwrap() >= 400.0);
    assert_eq!(played.report["steps"].as_array().unwrap().len(), 1);
    let failed = play("      - sleep: \"{{ n }}\"\n", 1);
    let error = entry(&failed.report["errors"], "step", "sleep");
    let sample = error["sample"].as_str().unwrap();
    assert!(sample.contains("expected a duration"), "{sample}");
}

#[test]
fn a_step_is_tried_again_and_its_duration_is_that_of_all_attempts() {
    let steps = |retry: &str| {
        format!(
            "      - http: {{url: \"{{{{ url }}}}/flaky/2\"}}
        as: found
        name: flaky
        expect: found.status == 200
        retry: {retry}\n"
        )
    };
    let good = play(&steps("{times: 3, backoff: 60ms}"), 0);
    assert_eq!(good.paths.len(), 3);
    let step = good.step("flaky");
    assert_eq!(
        (&step["ok"]["count"], &step["failed"]["count"]),
        (&1.into(), &0.into())
    );
    assert!(step["ok"]["min_ms"].as_f64().unwrap() >= 120.0);
    // The requests themselves are told apart: two failed, one did not.
    let part = entry(&step["parts"], "name", "GET {url}/flaky/2");
    assert_eq!(
        (&part["ok"]["count"], &part["failed"]["count"]),
        (&1.into(), &2.into())
    );
    let attempts: Vec<(&str, &str, u64)> = good
        .series("step_attempts")
        .into_iter()
        .map(|series| {
            let tag = |key: &str| series["tags"][key].as_str().unwrap_or_default();
            (tag("outcome"), tag("kind"), series["sum"].as_u64().unwrap())
        })
        .collect();
    assert_eq!(attempts, [("failed", "http 503", 2), ("ok", "", 1)]);
    assert_eq!(good.report["errors"].as_array().unwrap().len(), 0);
    // One further attempt is one too few, and a timeout is no 503.
    for (retry, asked) in [
        ("{times: 1, backoff: 0s}", 2),
        ("{times: 5, on: timeout}", 1),
    ] {
        let failed = play(&steps(retry), 1);
        assert_eq!(failed.paths.len(), asked, "{retry}");
        assert_eq!(failed.step("flaky")["failed"]["count"], 1);
        let error = entry(&failed.report["errors"], "step", "flaky");
        assert_eq!(error["count"], 1);
    }
}

#[test]
fn an_expectation_can_be_worth_another_attempt_and_counts_only_at_the_last_one() {
    let steps = "      - http: {url: \"{{ url }}/flaky/1\", status: [200, 503]}
        as: found
        expect: found.status == 200
        retry: {times: 2, backoff: 1ms, on: expect}\n";
    let played = play(steps, 0);
    assert_eq!(played.paths.len(), 2);
    let check = &played.report["checks"][0];
    assert_eq!((&check["held"], &check["total"]), (&1.into(), &1.into()));
}

#[test]
fn branches_are_played_at_once_and_what_they_capture_is_there_afterwards() {
    let played = play(
        r#"
      - parallel:
          - - http: {url: "{{ url }}/slow/400"}
              as: one
          - - http: {url: "{{ url }}/slow/400"}
              as: two
            - http: {url: "{{ url }}/after"}
              name: after
      - http: {url: "{{ url }}/{{ one.status }}/{{ two.status }}"}
        name: joined
"#,
        0,
    );
    assert_eq!(played.paths[2..], ["/after", "/200/200"]);
    assert_eq!(played.step("http")["ok"]["count"], 2);
    let iteration = played.series("iteration_duration")[0];
    assert!(iteration["max_ms"].as_f64().unwrap() < 780.0, "{iteration}");
    let limited = play(
        r#"
      - parallel:
          at_once: 1
          branches:
            - [{http: {url: "{{ url }}/slow/100"}}]
            - [{http: {url: "{{ url }}/b"}}]
"#,
        0,
    );
    let iteration = limited.series("iteration_duration")[0];
    assert!(iteration["min_ms"].as_f64().unwrap() >= 100.0);
    assert_eq!(limited.paths, ["/slow/100", "/b"]);
}

#[test]
fn a_branch_that_fails_cuts_the_others() {
    let played = play(
        r#"
      - parallel:
          - - http: {url: "{{ url }}/slow/3000"}
              name: slow
          - - http: {url: "{{ url }}/status/500"}
              name: bad
      - http: {url: "{{ url }}/never"}
"#,
        1,
    );
    assert!(!played.paths.contains(&"/never".to_owned()));
    assert_eq!(played.step("bad")["failed"]["count"], 1);
    let slow = played.step("slow");
    assert_eq!(
        (&slow["ok"]["count"], &slow["failed"]["count"]),
        (&0.into(), &0.into())
    );
    let iteration = played.series("iteration_duration")[0];
    assert!(iteration["max_ms"].as_f64().unwrap() < 2500.0);
}

#[test]
fn branches_invent_the_same_whichever_is_faster() {
    let branch = |wait: u32| {
        format!(
            "          - [{{sleep: {wait}ms}}, {{http: {{url: \"{{{{ url }}}}/{wait}/{{{{ fake.uuid() }}}}/{{{{ fake.email() }}}}\"}}}}]\n"
        )
    };
    let steps = |first, second| {
        let branches = format!("{}{}", branch(first), branch(second));
        format!(
            "      - parallel:\n{branches}      - http: {{url: \"{{{{ url }}}}/after/{{{{ fake.uuid() }}}}\"}}\n"
        )
    };
    let invented = |first, second| {
        let mut paths = play(&steps(first, second), 0).paths;
        let after = paths.pop().unwrap();
        // By branch: the wait is what tells them apart.
        paths.sort_by_key(|path| !path.starts_with(&format!("/{first}/")));
        let names: Vec<String> = paths
            .iter()
            .map(|path| path.splitn(3, '/').last().unwrap().to_owned())
            .collect();
        (names, after)
    };
    let (names, after) = invented(1, 80);
    assert_eq!((names.clone(), after), invented(90, 2));
    assert_ne!(names[0], names[1]);
}

#[test]
fn a_data_sample_can_be_read_by_two_branches_of_one_session() {
    let work = Work::new();
    let file = work.write(
        "a.yaml",
        r#"
scenarios:
  one:
    steps:
      - register: {email: "{{ fake.email() }}", responsible: "{{ target.responsible }}"}
      - parallel:
          - - data_sample.create: {content: {en: {stringValue: one}}}
              as: one
          - - sleep: 1ms
      - data_sample.create: {content: {en: {stringValue: two}}}
        as: two
      - parallel:
          - - data_sample.get: {id: "{{ one.id }}"}
              as: first
          - - data_sample.get: {id: "{{ two.id }}"}
              as: second
      - http: {url: /rest/v2/user/current, auth: user}
        expect:
          - first.content.en.stringValue == "one"
          - second.content.en.stringValue == "two"
"#,
    );
    work.run(&["run", &file, "--quiet"]).expect(0);
}

#[test]
fn a_library_has_parameters_and_gives_what_it_captures() {
    let (work, server) = (Work::new(), Server::start());
    std::fs::create_dir_all(work.path().join("lib")).unwrap();
    work.write(
        "lib/fetch.yaml",
        r#"
params:
  url:
  what:
  path: "{{ what }}-{{ vu }}"
steps:
  - http: {url: "{{ url }}/{{ path }}"}
    as: fetched
  - include: {file: more.yaml, with: {url: "{{ url }}"}}
"#,
    );
    work.write(
        "lib/more.yaml",
        "params: {url: }\nsteps: [{http: {url: \"{{ url }}/more\"}, name: more}]\n",
    );
    let played = play_in(
        &work,
        &server,
        r#"
      - include: {file: lib/fetch.yaml, with: {url: "{{ url }}", what: "{{ 'thing' }}"}}
      - include: {file: lib/fetch.yaml, name: again, with: {url: "{{ url }}", what: x, path: y}}
      - http: {url: "{{ url }}/{{ fetched.status }}"}
"#,
        0,
    );
    assert_eq!(played.paths, ["/thing-1", "/more", "/y", "/more", "/200"]);
    assert_eq!(played.step("again more")["ok"]["count"], 1);
}

#[test]
fn what_is_wrong_in_a_library_is_shown_there() {
    let work = Work::new();
    work.write(
        "lib.yaml",
        "params: {email: }\nsteps:\n  - http: {url: \"/{{ emial }}/{{ n }}\"}\n",
    );
    work.write("self.yaml", "steps:\n  - include: {file: self.yaml}\n");
    let file = work.write(
        "a.yaml",
        &plan(
            "",
            "      - include: {file: lib.yaml, with: {mail: x}}
      - include: {file: self.yaml}
      - include: {file: nowhere.yaml}\n",
        ),
    );
    insta::assert_snapshot!(work.run(&["run", &file]).expect(2).err, @r#"
 × `lib.yaml` needs the parameter `email`
  ╭─[a.yaml:7:25]
7 │       - include: {file: lib.yaml, with: {mail: x}}
  ·                         ────────
  ╰────
 help: add it below `with:`, as in `with: {email: …}`

 × unknown parameter `mail`
  ╭─[a.yaml:7:42]
7 │       - include: {file: lib.yaml, with: {mail: x}}
  ·                                          ──┬─
  ·                                            ╰── no such parameter
  ╰────
 help: did you mean `email`?

 × cannot include nowhere.yaml: No such file or directory (os error 2)
  ╭─[a.yaml:9:25]
9 │       - include: {file: nowhere.yaml}
  ·                         ────────────
  ╰────
 help: the path is relative to the file that it is written in

 × unknown variable `emial`
  ╭─[lib.yaml:3:22]
3 │   - http: {url: "/{{ emial }}/{{ n }}"}
  ·                      ──┬──
  ·                        ╰── no such variable here
  ╰────
 help: did you mean `email`?

 × unknown variable `n`
  ╭─[lib.yaml:3:34]
3 │   - http: {url: "/{{ emial }}/{{ n }}"}
  ·                                  ┬
  ·                                  ╰── no such variable here
  ╰────
 help: one of `email`, `vu`, `iteration`, `scenario`, `target`, `fake`, `run`, `env`, `now`, `range`,
       `dict`, `uuid`, `random_int`

 × cannot include self.yaml: it includes itself
  ╭─[self.yaml:2:21]
2 │   - include: {file: self.yaml}
  ·                     ─────────
  ╰────
 help: a library cannot be a part of itself
"#);
}

#[test]
fn mistakes_in_blocks_are_found_before_anything_is_sent() {
    for (steps, message) in [
        (
            "- group: {steps: [{http: {url: /x}}]}",
            "`group` needs `name`",
        ),
        ("- group: {name: a}", "`group` needs `steps`"),
        ("- group: {name: a, steps: []}", "there is no step"),
        (
            "- repeat: {steps: [{http: {url: /x}}]}",
            "`repeat` needs `times`",
        ),
        (
            "- repeat: {times: 0, steps: [{http: {url: /x}}]}",
            "expected a whole number from 1, found 0",
        ),
        (
            "- while: {condition: n == 2, steps: [{http: {url: /x}}]}",
            "`while` needs `max` or `timeout`",
        ),
        (
            "- while: {condition: n == 2, max: 2, at_limit: stop, steps: [{http: {url: /x}}]}",
            "expected `fail` or `go_on`, found `stop`",
        ),
        ("- if: {condition: n == 2}", "`if` needs `then`"),
        (
            "- if: {condition: n == 2, then: [{http: {url: /x}}], otherwise: []}",
            "unknown key `otherwise` in `if`",
        ),
        ("- parallel: []", "`parallel` needs a list of branches"),
        (
            "- parallel: [[{reinstantiate: {from: a}}]]",
            "`reinstantiate` cannot be played beside other steps",
        ),
        (
            "- parallel: [[{http: {url: /x}, as: a}], [{http: {url: '/{{ a.status }}'}}]]",
            "`a` is captured in another branch",
        ),
        (
            "- if: {condition: n == 2, then: [{http: {url: '/{{ b.status }}'}}], else: [{http: {url: /x}, as: b}]}",
            "`b` is captured by a later step",
        ),
        ("- sleep: 5", "`5` is not a duration"),
        ("- sleep", "expected a duration such as"),
        ("- sleep: ", "expected a duration such as"),
        (
            "- {sleep: 1s, when: n == 2}",
            "`when` cannot stand beside `sleep`",
        ),
        ("- include: {}", "`include` needs `file`"),
        (
            "- {http: {url: /x}, retry: 0}",
            "expected a whole number from 1, found 0",
        ),
        (
            "- {http: {url: /x}, retry: {times: 1, on: [timeot]}}",
            "did you mean `timeout`?",
        ),
        (
            "- {http: {url: /x}, retry: {times: 1, backoff: {factor: 0}}}",
            "`factor` is out of range",
        ),
        ("- {http: {url: /x}, tags: [a b]}", "`a b` is not a tag"),
        ("- gruop: {}", "did you mean `group`?"),
    ] {
        let err = refused(&format!("      {steps}\n"));
        assert!(err.contains(message), "{steps}: {err}");
    }
}

#[test]
fn a_scenario_is_selected_by_its_tags_and_the_others_are_named() {
    let (work, server) = (Work::new(), Server::start());
    let url = &server.url;
    let file = work.write(
        "a.yaml",
        &format!(
            "vars: {{url: {url:?}}}
scenarios:
  quick: {{tags: smoke, steps: [{{http: {{url: '{{{{ url }}}}/quick'}}}}, {{http: {{url: '{{{{ url }}}}/slow-part'}}, tags: slow}}]}}
  long: {{tags: [smoke, slow], steps: [{{http: {{url: '{{{{ url }}}}/long'}}}}]}}
  other: {{steps: [{{http: {{url: '{{{{ url }}}}/other'}}}}, {{http: {{url: '{{{{ url }}}}/skipped'}}, skip: true}}]}}
  never: {{skip: true, steps: [{{http: {{url: '{{{{ url }}}}/never'}}}}]}}
"
        ),
    );
    let play = |arguments: &[&str]| {
        let before = server.asked().len();
        let ended = work.run(&[&["run", &file, "--quiet"], arguments].concat());
        let mut lines: Vec<String> = server.asked()[before..]
            .iter()
            .map(|asked| asked.line.split('/').next_back().unwrap().to_owned())
            .collect();
        lines.sort();
        (ended, lines)
    };
    let (ended, lines) = play(&["--tags", "smoke,!slow"]);
    assert_eq!(lines, ["quick"]);
    insta::assert_snapshot!(ended.expect(0).err, @r"
    rehearse: `long` is not played: by its tags
    rehearse: `other` is not played: by its tags
    rehearse: `never` is not played: it has `skip`
    ");
    assert_eq!(play(&["--tags", "smoke"]).1, ["long", "quick", "slow-part"]);
    assert_eq!(play(&[]).1, ["long", "other", "quick", "slow-part"]);
    let (ended, lines) = play(&["--tags", "nothing"]);
    assert!(lines.is_empty());
    let err = ended.expect(2).err;
    assert!(err.contains("no scenario of a.yaml is played"), "{err}");
}

#[test]
fn of_scenarios_some_can_be_the_only_ones() {
    let (work, server) = (Work::new(), Server::start());
    let url = &server.url;
    let file = work.write(
        "a.yaml",
        &format!(
            "vars: {{url: {url:?}}}
scenarios:
  a: {{steps: [{{http: {{url: '{{{{ url }}}}/a'}}}}]}}
  b: {{only: true, steps: [{{http: {{url: '{{{{ url }}}}/b'}}}}]}}
"
        ),
    );
    let ended = work.run(&["run", &file, "--quiet"]).expect(0);
    assert_eq!(server.asked().len(), 1);
    assert_eq!(
        ended.err,
        "rehearse: `a` is not played: others have `only`\n"
    );
}
