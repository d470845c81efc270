//! The books balance: what was planned is finished, failed, skipped, cut or dropped, and
//! what is counted here as a request is what the server has read.

use std::fmt::Write;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;

use crate::misbehaving::{Door, Misbehaving};
use crate::work::Work;

/// Ten iterations of two users.
const TEN: &str = "vus: 2, iterations: 5, failure_backoff: off";
/// One arrival each 100 ms, for one user.
const OPEN: &str = "executor: constant_arrival_rate, rate: 10/s, duration: 1s, pre_allocated_vus: 1, graceful_stop: 200ms";
/// The same for users enough, also on a slow machine.
const MANNED: &str =
    "executor: constant_arrival_rate, rate: 10/s, duration: 1s, pre_allocated_vus: 10";
/// Time for the first iteration of each user, which does not end.
const LIMITED: &str = "vus: 2, iterations: 5, max_duration: 500ms, graceful_stop: 200ms";

/// What goes wrong, in words; at the door; settings; steps. `U` is the server.
type Fault = (&'static str, Door, &'static str, &'static str);

const FAULTS: &[Fault] = &[
    ("nothing", Door::Open, TEN, "{http: {url: U/ok}}"),
    (
        "204 without a body",
        Door::Open,
        TEN,
        "{http: {url: U/no-content}}",
    ),
    ("chunked answer", Door::Open, TEN, "{http: {url: U/chunks}}"),
    (
        "100 and 103 before the answer",
        Door::Open,
        TEN,
        "{http: {url: U/patience}}",
    ),
    (
        "`Connection: close`",
        Door::Open,
        TEN,
        "{http: {url: U/closing}}",
    ),
    (
        "HTTP/1.0, body until the end",
        Door::Open,
        TEN,
        "{http: {url: U/until-the-end}}",
    ),
    ("404", Door::Open, TEN, "{http: {url: U/not-found}}"),
    ("500", Door::Open, TEN, "{http: {url: U/broken}}"),
    ("429", Door::Open, TEN, "{http: {url: U/too-many}}"),
    (
        "redirect not followed",
        Door::Open,
        TEN,
        "{http: {url: U/moved}}",
    ),
    (
        "redirect followed",
        Door::Open,
        TEN,
        "{http: {url: U/moved, redirects: follow}}",
    ),
    (
        "redirects in a circle",
        Door::Open,
        TEN,
        "{http: {url: U/circle, redirects: 3}}",
    ),
    (
        "HTML where JSON is captured",
        Door::Open,
        TEN,
        "{http: {url: U/html}, capture: {a: {jsonpath: $.a}}}",
    ),
    (
        "empty body where JSON is captured",
        Door::Open,
        TEN,
        "{http: {url: U/empty}, capture: {a: {jsonpath: $.a}}}",
    ),
    (
        "expectation does not hold",
        Door::Open,
        TEN,
        "{http: {url: U/ok}, as: r, expect: r.status == 201}",
    ),
    (
        "skipped after a request",
        Door::Open,
        TEN,
        "{http: {url: U/ok}, as: r}, {if: {condition: r.status == 200, then: [{skip_iteration: enough}]}}, {http: {url: U/broken}}",
    ),
    (
        "skipped every other time",
        Door::Open,
        "vus: 1, iterations: 10",
        "{if: {condition: 'iteration % 2 == 0', then: [{skip_iteration: an even one}]}}, {http: {url: U/ok}}",
    ),
    (
        "503 every other time, tried again",
        Door::Open,
        "vus: 1, iterations: 10",
        "{http: {url: U/flaky}, retry: {times: 3, backoff: 1ms}}",
    ),
    (
        "500 each time, tried again twice",
        Door::Open,
        TEN,
        "{http: {url: U/broken}, retry: {times: 2, backoff: 1ms}}",
    ),
    (
        "500 that must come",
        Door::Open,
        TEN,
        "{http: {url: U/broken}, fails: http 500}",
    ),
    (
        "body shorter than said",
        Door::Open,
        TEN,
        "{http: {url: U/short}}",
    ),
    (
        "chunk shorter than said",
        Door::Open,
        TEN,
        "{http: {url: U/short-chunk}}",
    ),
    (
        "length of a chunk is no number",
        Door::Open,
        TEN,
        "{http: {url: U/bad-chunk}}",
    ),
    (
        "half a head, then closed",
        Door::Open,
        TEN,
        "{http: {url: U/half-a-head}}",
    ),
    ("garbage", Door::Open, TEN, "{http: {url: U/garbage}}"),
    ("HTTP/9.7", Door::Open, TEN, "{http: {url: U/old}}"),
    (
        "two lengths",
        Door::Open,
        TEN,
        "{http: {url: U/two-lengths}}",
    ),
    (
        "negative length",
        Door::Open,
        TEN,
        "{http: {url: U/no-length}}",
    ),
    (
        "space in the name of a header",
        Door::Open,
        TEN,
        "{http: {url: U/bad-header}}",
    ),
    (
        "head without end",
        Door::Open,
        TEN,
        "{http: {url: U/huge-head}}",
    ),
    (
        "closed instead of an answer",
        Door::Open,
        TEN,
        "{http: {url: U/nothing}}",
    ),
    (
        "reset instead of an answer",
        Door::Open,
        TEN,
        "{http: {url: U/reset}}",
    ),
    (
        "reset in the body",
        Door::Open,
        TEN,
        "{http: {url: U/reset-body}}",
    ),
    (
        "413 before the body is read",
        Door::Open,
        TEN,
        "{http: {url: U/early, body: hello}}",
    ),
    (
        "no answer in time",
        Door::Open,
        TEN,
        "{http: {url: U/never, timeout: 200ms}}",
    ),
    (
        "slow head, out of time",
        Door::Open,
        TEN,
        "{http: {url: U/slow-head, timeout: 200ms}}",
    ),
    (
        "slow body, out of time",
        Door::Open,
        TEN,
        "{http: {url: U/slow-body, timeout: 200ms}}",
    ),
    (
        "body without end, out of time",
        Door::Open,
        TEN,
        "{http: {url: U/endless, timeout: 200ms}}",
    ),
    ("refused", Door::Shut, TEN, "{http: {url: U/ok}}"),
    (
        "closed at the door",
        Door::Slammed,
        TEN,
        "{http: {url: U/ok}}",
    ),
    ("reset at the door", Door::Reset, TEN, "{http: {url: U/ok}}"),
    (
        "closed in the request's head",
        Door::Impatient,
        TEN,
        "{http: {url: U/ok}}",
    ),
    (
        "nobody accepts, out of time",
        Door::Full,
        TEN,
        "{http: {url: U/ok, timeout: 200ms}}",
    ),
    (
        "TLS to one who speaks none",
        Door::Slammed,
        TEN,
        "{http: {url: S/ok}}",
    ),
    (
        "never answers, cut",
        Door::Open,
        LIMITED,
        "{http: {url: U/never}}",
    ),
    (
        "half an answer, cut",
        Door::Open,
        LIMITED,
        "{http: {url: U/slow-body}}",
    ),
    (
        "second request cut",
        Door::Open,
        LIMITED,
        "{http: {url: U/ok}}, {http: {url: U/never}}",
    ),
    (
        "nobody accepts, cut",
        Door::Full,
        LIMITED,
        "{http: {url: U/ok}}",
    ),
    (
        "both branches of `parallel` cut",
        Door::Open,
        LIMITED,
        "{parallel: [[{http: {url: U/never}}], [{http: {url: U/slow-head}}]]}",
    ),
    (
        "a branch of `parallel` given up",
        Door::Open,
        TEN,
        "{parallel: [[{http: {url: U/broken-later}}], [{http: {url: U/never}}]]}",
    ),
    (
        "branches of `parallel` that had no turn",
        Door::Open,
        TEN,
        "{parallel: {at_once: 1, branches: [[{http: {url: U/broken}}], [{http: {url: U/ok}}]]}}",
    ),
    (
        "argument that cannot be made",
        Door::Open,
        TEN,
        "{http: {url: 'U/{{ 1 // (vu - vu) }}'}}",
    ),
    (
        "open model, never answers",
        Door::Open,
        OPEN,
        "{http: {url: U/never}}",
    ),
    (
        "open model, all good",
        Door::Open,
        MANNED,
        "{http: {url: U/soon}}",
    ),
    (
        "open model, 500",
        Door::Open,
        MANNED,
        "{http: {url: U/broken}}",
    ),
];

/// One line of the table.
#[derive(Debug, PartialEq, Eq)]
struct Line {
    planned: u64,
    finished: u64,
    failed: u64,
    skipped: u64,
    cut: u64,
    dropped: u64,
    here: u64,
    there: u64,
}

/// Plays scenarios `s0`, `s1`, … at once, each against a server of its own, and
/// reads the books of each.
fn play(scenarios: &[(Door, String, String)]) -> Vec<Line> {
    let work = Work::new();
    let servers: Vec<Misbehaving> = scenarios
        .iter()
        .map(|(door, ..)| Misbehaving::start(*door))
        .collect();
    let mut text = String::from("name: books\nscenarios:\n");
    for (number, ((_, settings, steps), server)) in scenarios.iter().zip(&servers).enumerate() {
        let url = server.url();
        let steps = steps.replace("U/", &format!("{url}/"));
        let steps = steps.replace("S/", &format!("{}/", url.replace("http:", "https:")));
        writeln!(text, "  s{number}: {{{settings}, steps: [{steps}]}}").unwrap();
    }
    let file = work.write("books.yaml", &text);
    let ended = work.run(&["run", &file, "--quiet", "--no-history"]);
    assert_ne!(ended.code, Some(2), "{}", ended.err);
    let report = work.report();
    let planned = |settings: &str| {
        if settings.contains("vus: 1, iterations: 3") {
            3
        } else {
            10
        }
    };
    let lines = scenarios.iter().zip(&servers).enumerate();
    lines
        .map(|(number, ((_, settings, _), server))| {
            let iterations = |outcome| sum(&report, "iterations", number, Some(outcome));
            // What was sent twice is one request, which the server has read twice.
            let here =
                sum(&report, "http_reqs", number, None) + sum(&report, "http_resent", number, None);
            Line {
                planned: planned(settings),
                finished: iterations("ok"),
                failed: iterations("failed"),
                skipped: iterations("skipped"),
                cut: iterations("cut"),
                dropped: sum(&report, "dropped_iterations", number, None),
                here,
                there: server.requests_of(here),
            }
        })
        .collect()
}

/// Sum of a counter over the series of scenario `s{number}`.
fn sum(report: &Value, metric: &str, number: usize, outcome: Option<&str>) -> u64 {
    let scenario = format!("s{number}");
    let metrics = report["metrics"].as_array().unwrap().iter();
    let of = metrics.filter(|series| {
        let tags = &series["tags"];
        series["metric"] == metric
            && tags["scenario"] == scenario.as_str()
            && outcome.is_none_or(|outcome| tags["outcome"] == outcome)
    });
    of.map(|series| series["sum"].as_u64().unwrap()).sum()
}

#[test]
fn the_table_of_faults_is_what_happens() {
    let scenarios = FAULTS
        .iter()
        .map(|(_, door, settings, steps)| (*door, (*settings).into(), (*steps).into()));
    let lines = play(&scenarios.collect::<Vec<_>>());
    let mut table = String::from(
        "| fault | planned | finished | failed | skipped | cut | dropped | requests here | requests there |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for ((name, door, ..), line) in FAULTS.iter().zip(lines) {
        let Line {
            planned,
            finished,
            failed,
            skipped,
            cut,
            dropped,
            here,
            there,
        } = line;
        assert_eq!(
            planned,
            finished + failed + skipped + cut + dropped,
            "{name}: {line:?}"
        );
        // Whoever is not let in has asked all the same.
        if *door == Door::Open {
            assert_eq!(here, there, "{name}: {line:?}");
        }
        writeln!(
            table,
            "| {name} | {planned} | {finished} | {failed} | {skipped} | {cut} | {dropped} | {here} | {there} |"
        )
        .unwrap();
    }
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/measuring.md");
    let text = std::fs::read_to_string(page).unwrap();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        let (before, rest) = text.split_once("| fault |").unwrap();
        let (_, after) = rest.split_once("\n\n").unwrap();
        std::fs::write(page, format!("{before}{table}\n{after}")).unwrap();
        return;
    }
    assert!(
        text.contains(&table),
        "the table of docs/measuring.md is another one; UPDATE_DOCS=1 writes it anew:\n{table}"
    );
}

/// Steps of a random flow: what it asks for ends, unless it is cut, and some end
/// the iteration on purpose.
fn steps() -> impl Strategy<Value = String> {
    let request = prop::sample::select(vec![
        "/ok",
        "/no-content",
        "/chunks",
        "/closing",
        "/until-the-end",
        "/soon",
        "/flaky",
        "/broken",
        "/short",
        "/bad-chunk",
        "/garbage",
        "/nothing",
        "/reset",
        "/reset-body",
        "/never",
        "/slow-head",
        "/slow-body",
        "/html",
        "/moved",
    ]);
    let retry = prop::sample::select(vec!["", ", retry: {times: 2, backoff: 1ms, on: any}"]);
    let body = prop::sample::select(vec!["", ", body: hello"]);
    let timeout = prop::sample::select(vec!["", ", timeout: 60ms"]);
    let step = (request, body, timeout, retry).prop_map(|(path, body, timeout, retry)| {
        format!("{{http: {{url: U{path}{body}{timeout}}}{retry}}}")
    });
    let skip = prop::sample::select(vec![
        "{skip_iteration: enough}",
        "{if: {condition: iteration == 2, then: [{skip_iteration: the second}]}}",
    ]);
    let step = prop_oneof![8 => step, 1 => skip.prop_map(str::to_owned)];
    step.prop_recursive(3, 12, 3, |inner| {
        let list = prop::collection::vec(inner, 1..4).prop_map(|steps| steps.join(", "));
        prop_oneof![
            list.clone(),
            (1..4_u8, list.clone()).prop_map(|(times, steps)| format!(
                "{{repeat: {{times: {times}, steps: [{steps}]}}}}"
            )),
            list.clone()
                .prop_map(|steps| format!("{{group: {{name: g, steps: [{steps}]}}}}")),
            list.clone().prop_map(|steps| format!(
                "{{while: {{condition: 'true', max: 2, at_limit: go_on, steps: [{steps}]}}}}"
            )),
            (list.clone(), list)
                .prop_map(|(one, other)| format!("{{parallel: [[{one}], [{other}]]}}")),
        ]
    })
}

#[test]
fn random_flows_with_random_faults_balance() {
    // Many flows at once in each of few runs.
    let flows = prop::collection::vec(steps(), 24);
    let mut runner = TestRunner::new(Config {
        cases: 3,
        max_shrink_iters: 8,
        ..Config::default()
    });
    let settings =
        "vus: 1, iterations: 3, max_duration: 1s, graceful_stop: 300ms, failure_backoff: off";
    let outcome = runner.run(&flows, |flows| {
        let scenarios: Vec<_> = flows
            .iter()
            .map(|steps| (Door::Open, settings.to_owned(), steps.clone()))
            .collect();
        for (line, steps) in play(&scenarios).iter().zip(&flows) {
            let ended = line.finished + line.failed + line.skipped + line.cut + line.dropped;
            prop_assert_eq!(line.planned, ended, "{:?} of {}", line, steps);
            prop_assert_eq!(line.here, line.there, "{:?} of {}", line, steps);
        }
        Ok(())
    });
    outcome.unwrap();
}

#[test]
fn what_no_connection_took_is_not_sent() {
    let work = Work::new();
    let (unread, shut) = (
        Misbehaving::start(Door::Open),
        Misbehaving::start(Door::Shut),
    );
    // 32 MB, of which the buffers of both sides hold some.
    let text = format!(
        "name: sent
scenarios:
  unread: {{steps: [{{http: {{url: {}/unread, body: '{{{{ \"x\" * 32000000 }}}}', timeout: 1s}}}}]}}
  shut: {{steps: [{{http: {{url: {}/ok, body: hello}}}}]}}
  whole: {{steps: [{{http: {{url: {}/ok, body: hello}}}}]}}
",
        unread.url(),
        shut.url(),
        unread.url(),
    );
    let file = work.write("sent.yaml", &text);
    work.run(&["run", &file, "--quiet"]).expect(1);
    let report = work.report();
    let sent = |scenario: &str| {
        let metrics = report["metrics"].as_array().unwrap().iter();
        let of = metrics.filter(|series| {
            series["metric"] == "data_sent" && series["tags"]["scenario"] == scenario
        });
        of.map(|series| series["sum"].as_u64().unwrap())
            .sum::<u64>()
    };
    let taken = sent("unread");
    assert!((10_000..16_000_000).contains(&taken), "{taken}");
    assert_eq!((sent("shut"), sent("whole")), (0, 5));
}
