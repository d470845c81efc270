//! Rows of data for virtual users, as somebody who writes a scenario sees them.

use crate::work::Work;

/// A scenario that looks at its row and asks the simulator for a sign of life.
fn scenario(feeders: &str, settings: &str, check: &str) -> String {
    format!(
        "name: fed\nfeeders:\n{feeders}scenarios:\n  s:\n    feed: person\n{settings}    steps:\n\
         \x20     - http: {{url: /}}\n        check: {check}\n"
    )
}

#[test]
fn each_row_once_and_then_a_failure_that_says_so() {
    let work = Work::new();
    work.write("people.csv", "name,age\nada,36\nbob,41\n");
    let text = scenario(
        "  person: {csv: people.csv, order: once}\n",
        "    iterations: 3\n",
        "person.name in ['ada', 'bob'] and person.age|int > 30",
    );
    let file = work.write("fed.yaml", &text);
    let ended = work.run(&["run", &file]).expect(1);
    let report = work.report();
    assert_eq!(report["totals"]["iterations_ok"], 2, "{}", ended.out);
    assert_eq!(report["totals"]["iterations_failed"], 1);
    assert_eq!(report["checks"][0]["held"], 2);
    let error = &report["errors"][0];
    assert_eq!(
        (&error["step"], &error["kind"]),
        (&"feed".into(), &"feeder".into())
    );
    let sample = error["sample"].as_str().unwrap();
    assert!(
        sample.starts_with("the feeder `person`: all 2 rows were handed out, each once"),
        "{sample}"
    );
}

#[test]
fn each_user_has_a_row_of_its_own() {
    let work = Work::new();
    work.write("people.jsonl", "{\"vu\": 1}\n{\"vu\": 2}\n{\"vu\": 3}\n");
    let text = scenario(
        "  person: {json_lines: people.jsonl, order: unique_per_vu}\n",
        "    vus: 3\n    iterations: 4\n",
        "person.vu == vu",
    );
    let file = work.write("fed.yaml", &text);
    work.run(&["run", &file]).expect(0);
    let check = &work.report()["checks"][0];
    assert_eq!(
        (check["held"].as_u64(), check["total"].as_u64()),
        (Some(12), Some(12))
    );
}

#[test]
fn an_empty_vault_feeds_nobody_and_says_why() {
    let work = Work::new();
    let text = scenario("  person: {vault: \"gone-*\"}\n", "", "person.name == 'x'");
    let file = work.write("fed.yaml", &text);
    let ended = work.run(&["run", &file]).expect(1);
    assert!(
        ended
            .out
            .contains("the vault holds no credentials named `gone-*`"),
        "{}",
        ended.out
    );
}

#[test]
fn what_is_wrong_is_told_where_it_is() {
    let work = Work::new();
    work.write("people.csv", "name,age\nada\n");
    for (feeders, extra, expected) in [
        (
            "  person: {csv: people.csv}\n",
            "",
            &[
                "[fed.yaml:3:17]",
                "line 2: there are 2 columns, and 1 values",
            ][..],
        ),
        (
            "  people: {rows: [{a: 1}]}\n",
            "",
            &[
                "[fed.yaml:6:11]",
                "unknown feeder `person`",
                "there is only `people`",
            ],
        ),
        (
            "  person: {rows: [{a: 1}], order: unique_per_vu}\n",
            "  t: {feed: person, steps: [{http: {url: /}}]}\n",
            &[
                "[fed.yaml:10:13]",
                "feeds `s` already",
                "make a feeder for each",
            ],
        ),
        (
            "  person: {rows: [{a: 1}]}\n",
            "  t: {steps: [{http: {url: \"/{{ person.a }}\"}}]}\n",
            &[
                "[fed.yaml:10:33]",
                "`person` is a feeder, and there is no row",
                "feed: person",
            ],
        ),
        (
            "  person: {rows: [{a: 1}]}\n",
            "  t: {feed: person, steps: [{http: {url: /}, as: person}]}\n",
            &["[fed.yaml:10:50]", "`person` is a variable already"],
        ),
    ] {
        let text = scenario(feeders, "", "person.a is defined") + extra;
        let file = work.write("fed.yaml", &text);
        let ended = work.run(&["run", &file]).expect(2);
        for words in expected {
            assert!(ended.err.contains(words), "{words}\n{}", ended.err);
        }
    }
}
