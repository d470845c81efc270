//! What was still under way when the grace at the end ran out.

use serde_json::Value;

use crate::misbehaving::{Door, Misbehaving};
use crate::work::{Ended, Work, entry};

const LIMITED: &str = "vus: 2, iterations: 2, max_duration: 300ms, graceful_stop: 200ms";

fn play(steps: &str, options: &[&str]) -> (Ended, Value) {
    let (work, server) = (Work::new(), Misbehaving::start(Door::Open));
    let steps = steps.replace("U/", &format!("{}/", server.url()));
    let text = format!("name: cut\nscenarios:\n  s: {{{LIMITED}, steps: [{steps}]}}\n");
    let file = work.write("cut.yaml", &text);
    let ended = work.run(&[&["run", &file, "--quiet"], options].concat());
    (ended.expect(1), work.report())
}

/// The message of the only kind of error.
fn sample(report: &Value) -> &str {
    let errors = report["errors"].as_array().unwrap();
    let [error] = &errors[..] else {
        panic!("{errors:?}");
    };
    assert_eq!(
        (&error["kind"], &error["count"]),
        (&"unfinished".into(), &2.into())
    );
    error["sample"].as_str().unwrap()
}

#[test]
fn the_request_that_was_waited_for_is_named_with_its_time() {
    let steps = "{http: {url: U/ok}}, {http: {url: U/never}, name: patient}";
    let (ended, report) = play(steps, &[]);
    assert_eq!(report["verdict"], "failed");
    assert_eq!(report["errors"][0]["step"], "patient");
    let sample = sample(&report);
    assert!(sample.starts_with("not finished after "), "{sample}");
    assert!(sample.contains("waiting for GET /never, sent "), "{sample}");
    assert!(
        ended.out.contains("patient, unfinished: 2 times"),
        "{}",
        ended.out
    );
    // It took at least as long as it was let.
    let requests = report["metrics"].as_array().unwrap().iter().find(|series| {
        series["metric"] == "http_req_duration" && series["tags"]["outcome"] == "cut"
    });
    let requests = requests.unwrap();
    assert_eq!(requests["tags"]["status"], "unfinished");
    assert_eq!(requests["count"], 2);
    assert!(requests["min_ms"].as_f64().unwrap() > 300.0, "{requests}");
}

#[test]
fn other_waits_are_named_as_well() {
    let (_, report) = play(
        "{http: {url: U/ok}}, {http: {url: U/ok}}",
        &["--rps", "0.1"],
    );
    let text = sample(&report);
    assert!(
        text.contains("waiting for a permit of the rate limit, for "),
        "{text}"
    );
    let (_, report) = play("{sleep: 1h}", &[]);
    assert_eq!(report["errors"][0]["step"], "sleep");
    let text = sample(&report);
    assert!(
        text.ends_with("when the grace at the end ran out"),
        "{text}"
    );
}

#[test]
fn a_group_and_a_failing_branch_leave_what_they_should() {
    let steps = "{group: {name: visit, steps: [{http: {url: U/never}}]}}";
    let (_, report) = play(steps, &[]);
    let groups = entry(&report["metrics"], "metric", "group_duration");
    assert_eq!(
        (&groups["tags"]["outcome"], &groups["count"]),
        (&"cut".into(), &2.into())
    );
    // A branch that is given up has not failed, and is not unfinished.
    let steps =
        "{parallel: [[{http: {url: U/broken-later}}], [{http: {url: U/never}, name: other}]]}";
    let (_, report) = play(steps, &[]);
    assert_eq!(report["errors"].as_array().unwrap().len(), 1);
    assert_eq!(report["errors"][0]["kind"], "http 500");
    let other =
        report["metrics"].as_array().unwrap().iter().find(|series| {
            series["metric"] == "step_duration" && series["tags"]["step"] == "other"
        });
    assert_eq!(other.unwrap()["tags"]["outcome"], "abandoned");
}
