//! The dashboard for Grafana asks for nothing that is not there.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use regex::Regex;
use serde_json::Value;

use crate::server::Server;
use crate::work::Work;

const DASHBOARD: &str = include_str!("../../docs/grafana-dashboard.json");
/// What Prometheus adds to each series that it scrapes.
const ADDED: [&str; 2] = ["job", "instance"];

/// Values of each label of each metric.
type Exported = HashMap<String, BTreeMap<String, BTreeSet<String>>>;

/// Every metric of a run in which there was something of everything.
fn exported() -> Exported {
    let (work, server) = (Work::new(), Server::start());
    let file = work.write(
        "a.yaml",
        &format!(
            "scenarios:
  s:
    executor: constant_arrival_rate
    rate: 20/s
    duration: 3s
    pre_allocated_vus: 1
    max_vus: 1
    steps:
      - register: {{email: \"{{{{ fake.email() }}}}\", responsible: \"{{{{ target.responsible }}}}\"}}
      - data_sample.create: {{content: {{en: {{stringValue: x}}}}}}
      - http: {{url: \"{}/status/500\"}}
        when: iteration == 1
thresholds: {{errors: [count < 1000]}}
",
            server.url
        ),
    );
    work.run(&["run", &file, "--no-history"]).expect(0);
    // What the endpoint serves in the end is this file: `live` has a test.
    let file = work.report_path().with_file_name("metrics.prom");
    let text = std::fs::read_to_string(file).unwrap();
    let label = Regex::new(r#"([a-z_]+)="((?:[^"\\]|\\.)*)""#).unwrap();
    let mut exported = Exported::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (series, _) = line.rsplit_once(' ').unwrap();
        let (name, labels) = series.split_once('{').unwrap_or((series, ""));
        let known = exported.entry(name.to_owned()).or_default();
        for found in label.captures_iter(labels) {
            let values = known.entry(found[1].to_owned()).or_default();
            values.insert(found[2].to_owned());
        }
    }
    exported
}

/// Every text in which something is asked for.
fn queries(dashboard: &Value) -> Vec<String> {
    let panels = dashboard["panels"].as_array().unwrap().iter();
    let targets = panels.flat_map(|panel| panel["targets"].as_array().unwrap());
    let mut all: Vec<String> = targets
        .map(|target| target["expr"].as_str().unwrap().to_owned())
        .collect();
    let variables = dashboard["templating"]["list"].as_array().unwrap().iter();
    // `label_values(metric, label)`, written as a selector.
    let asked = variables.filter_map(|variable| variable["query"]["query"].as_str());
    all.extend(asked.map(|query| {
        let inside = query.strip_prefix("label_values(").unwrap();
        let (metric, label) = inside.trim_end_matches(')').split_once(", ").unwrap();
        format!("{metric}{{{label}=~\".*\"}}")
    }));
    all
}

/// What is wrong with a query.
fn problems(query: &str, exported: &Exported) -> Vec<String> {
    let name = Regex::new(r"rehearse_[a-z0-9_]+").unwrap();
    let selector = Regex::new(r"(rehearse_[a-z0-9_]+)\{([^}]*)\}").unwrap();
    let matcher = Regex::new(r#"([a-z_]+)\s*(=~|!~|!=|=)\s*"([^"]*)""#).unwrap();
    let by = Regex::new(r"by \(([^)]*)\)").unwrap();
    let mut problems = Vec::new();
    for metric in name.find_iter(query).map(|found| found.as_str()) {
        if !exported.contains_key(metric) {
            problems.push(format!("there is no `{metric}`"));
        }
    }
    let mut labels = BTreeSet::from(ADDED);
    for found in selector.captures_iter(query) {
        let Some(known) = exported.get(&found[1]) else {
            continue;
        };
        labels.extend(known.keys().map(String::as_str));
        for wanted in matcher.captures_iter(&found[2]) {
            let (label, text) = (&wanted[1], &wanted[3]);
            match known.get(label) {
                None if ADDED.contains(&label) => {}
                None => problems.push(format!("`{}` has no label `{label}`", &found[1])),
                // A variable of the dashboard, or anything.
                Some(_) if text.starts_with('$') || text == ".*" => {}
                Some(values) => {
                    let missing = text.split('|').filter(|value| !values.contains(*value));
                    problems.extend(
                        missing.map(|value| {
                            format!("`{label}` of `{}` is never `{value}`", &found[1])
                        }),
                    );
                }
            }
        }
    }
    if selector.find_iter(query).count() != name.find_iter(query).count() {
        problems.push("a metric without braces".to_owned());
    }
    for found in by.captures_iter(query) {
        let wanted = found[1].split(',').map(str::trim);
        let missing = wanted.filter(|label| !labels.contains(label));
        problems.extend(missing.map(|label| format!("nothing here has a label `{label}`")));
    }
    problems
}

#[test]
fn every_query_of_the_dashboard_is_about_what_is_exported() {
    let dashboard: Value = serde_json::from_str(DASHBOARD).unwrap();
    let exported = exported();
    let queries = queries(&dashboard);
    assert!(queries.len() > 25, "{}", queries.len());
    for query in &queries {
        let problems = problems(query, &exported);
        assert!(problems.is_empty(), "{query}: {problems:#?}");
    }
    // The source of the data is the user's to choose.
    let sources = DASHBOARD.matches("\"uid\": \"${datasource}\"").count();
    assert_eq!(
        sources,
        DASHBOARD.matches("\"type\": \"prometheus\"").count()
    );
    // It does find something wrong.
    for (query, wrong) in [
        (
            "sum(rehearse_iteration_total{})",
            "there is no `rehearse_iteration_total`",
        ),
        ("rehearse_vus{step=\"x\"}", "has no label `step`"),
        (
            "rehearse_iterations_total{outcome=\"good\"}",
            "is never `good`",
        ),
        ("sum by (place) (rehearse_vus{})", "a label `place`"),
        ("rehearse_vus", "without braces"),
    ] {
        let found = problems(query, &exported).join("\n");
        assert!(found.contains(wrong), "{query}: {found}");
    }
}
