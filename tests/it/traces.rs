//! What requests say of traces, and where a report names them.

use std::collections::{HashMap, HashSet};

use crate::server::{Asked, Server};
use crate::work::Work;

const ZERO: &str = "0000000000000000";

/// Trace id, span id and flags of each request that had them, by its line.
fn told(asked: &[Asked]) -> Vec<(String, [String; 3])> {
    let told = asked.iter().filter_map(|asked| {
        let headers = asked.headers.iter();
        let mut found = headers.filter_map(|header| header.strip_prefix("traceparent: "));
        let value = found.next()?;
        assert!(found.next().is_none(), "two of them: {:?}", asked.headers);
        let parts: Vec<&str> = value.split('-').collect();
        let [version, trace, span, flags] = parts[..] else {
            panic!("{value}")
        };
        assert_eq!(
            (version, trace.len(), span.len()),
            ("00", 32, 16),
            "{value}"
        );
        let parts = [trace, span, flags].map(str::to_owned);
        Some((asked.line.clone(), parts))
    });
    told.collect()
}

/// Two users, three iterations each, of three requests; the last one fails.
fn plan(work: &Work, server: &Server, head: &str) -> String {
    let url = &server.url;
    work.write(
        "a.yaml",
        &format!(
            "name: traced
seed: 7
{head}
scenarios:
  s:
    vus: 2
    iterations: 3
    steps:
      - http: {{url: \"{url}/one\"}}
        name: one
      - http: {{url: \"{url}/to/302?/two\", redirects: follow}}
        name: two
      - http: {{url: \"{url}/status/500\"}}
        name: three
"
        ),
    )
}

#[test]
fn an_iteration_is_a_trace_and_a_request_a_span_that_the_report_names() {
    let (work, server) = (Work::new(), Server::start());
    let file = plan(&work, &server, "traceparent: 4/s");
    work.run(&["run", &file, "--no-history"]).expect(1);
    let told = told(&server.asked());
    // The redirect is a request too.
    assert_eq!(told.len(), 24);
    let spans: HashSet<_> = told.iter().map(|(_, [_, span, _])| span).collect();
    assert_eq!(spans.len(), 24, "each request has an id of its own");
    assert!(!spans.contains(&ZERO.to_owned()));
    let mut traces: HashMap<&str, Vec<(&str, &str)>> = HashMap::new();
    for (line, [trace, _, flags]) in &told {
        traces.entry(trace).or_default().push((line, flags));
    }
    assert_eq!(traces.len(), 6, "each iteration has one id");
    for requests in traces.values() {
        let lines: Vec<&str> = requests.iter().map(|(line, _)| *line).collect();
        let expected = [
            "GET /one",
            "GET /to/302?/two",
            "GET /two",
            "GET /status/500",
        ];
        assert_eq!(lines, expected);
        assert!(requests.iter().all(|(_, flags)| *flags == requests[0].1));
    }
    let kept = traces.values().filter(|requests| requests[0].1 == "01");
    // All of them begin within one second, or, on a busy machine, within two.
    assert!((4..=6).contains(&kept.count()));
    let report = work.report();
    let slowest = report["slowest"].as_array().unwrap();
    assert_eq!(slowest.len(), 5);
    for slow in slowest {
        let id = slow["trace"]["id"].as_str().unwrap();
        let flags = traces[id][0].1;
        assert_eq!(slow["trace"]["sampled"], flags == "01", "{slow}");
    }
    let id = report["errors"][0]["trace"]["id"].as_str().unwrap();
    assert!(traces.contains_key(id));
    let page = work.report_path().with_file_name("report.html");
    let page = std::fs::read_to_string(page).unwrap();
    let first = slowest.iter().find(|slow| slow["trace"]["sampled"] == true);
    let first = first.unwrap()["trace"]["id"].as_str().unwrap();
    assert!(page.contains(&format!("trace {first}, marked as sampled")));
}

#[test]
fn two_runs_with_one_seed_are_different_traces() {
    let server = Server::start();
    for _ in 0..2 {
        let work = Work::new();
        let file = plan(&work, &server, "");
        work.run(&["run", &file, "--traceparent", "100%"]).expect(1);
    }
    let told = told(&server.asked());
    let traces: HashSet<_> = told.iter().map(|(_, [trace, ..])| trace).collect();
    assert_eq!(traces.len(), 12);
    assert!(told.iter().all(|(_, [_, _, flags])| flags == "01"));
}

#[test]
fn it_can_be_switched_off_and_a_scenario_can_say_its_own() {
    let (work, server) = (Work::new(), Server::start());
    let file = plan(&work, &server, "");
    work.run(&["run", &file, "--traceparent", "off"]).expect(1);
    assert!(told(&server.asked()).is_empty());
    assert!(work.report()["slowest"][0].get("trace").is_none());
    let (work, server) = (Work::new(), Server::start());
    let own = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let file = work.write(
        "b.yaml",
        &format!(
            "traceparent: 0%
scenarios:
  s:
    steps:
      - http: {{url: \"{0}/one\", headers: {{Traceparent: {own}}}}}
      - http: {{url: \"{0}/two\"}}
        name: two
",
            server.url
        ),
    );
    work.run(&["run", &file]).expect(0);
    let told = told(&server.asked());
    assert_eq!(told[0].1.join("-"), own["00-".len()..]);
    assert_ne!(told[1].1[0], told[0].1[0]);
    assert_eq!(told[1].1[2], "00");
}

#[test]
fn what_it_cannot_mean_is_told_where_it_stands() {
    let (work, server) = (Work::new(), Server::start());
    let file = plan(&work, &server, "traceparent: sometimes");
    let ended = work.run(&["run", &file]).expect(2);
    assert!(ended.err.contains("[a.yaml:3:14]"), "{}", ended.err);
    assert!(ended.err.contains("a share such as `1%`"), "{}", ended.err);
    let ended = work.run(&["run", &file, "--traceparent", "200%"]).expect(2);
    assert!(ended.err.contains("`10/s`"), "{}", ended.err);
    assert!(server.asked().is_empty());
}
