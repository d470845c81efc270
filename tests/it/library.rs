//! Whoever plays a scenario through the library gets the verdict of the
//! command line.

use std::path::Path;

use rehearse::engine::{Overrides, Plan, RunOptions, Selection, Stop, run};
use rehearse::language::{Environment, Permissions, Source};
use rehearse::record::Record;
use rehearse::report::Report;
use rehearse::target::TargetArguments;

use crate::server::Server;
use crate::work::Work;

/// Plays a file as a program would that has this library.
fn play(file: &Path) -> Report {
    let selection = Selection::default();
    let source = Source::read(file).unwrap();
    let plan = Plan::of_source(
        &source,
        &Environment::default(),
        &TargetArguments::default(),
        Overrides::default(),
        &[],
        &selection,
    )
    .unwrap_or_else(|error| panic!("{error}"));
    let (options, stop) = (RunOptions::default(), Stop::new());
    let mut record = Record::new(&plan, &options, &stop);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let played = run(&plan, options, &stop, &mut record);
    let outcome = runtime.block_on(played).unwrap();
    record.report(outcome)
}

/// Plays a file both ways and compares what is said of it.
fn both_say(text: &str, code: i32, told: &str) {
    let work = Work::new();
    let file = work.write("v.yaml", text);
    let report = play(&work.path().join(&file));
    let by_library = report.verdict().to_string();
    assert!(by_library.starts_with(told), "{by_library}");
    assert_eq!(i32::from(report.exit_code()), code, "{by_library}");
    work.run(&["run", &file, "--quiet"]).expect(code);
    let by_binary = work.report();
    assert_eq!(by_binary["verdict_text"], by_library);
    let thresholds = by_binary["thresholds"].as_array().unwrap();
    let passed = thresholds.iter().map(|line| line["passed"].as_bool());
    let of_library = report.thresholds.iter();
    let of_library = of_library.map(|line| Some(line.verdict.passed));
    assert!(passed.eq(of_library), "{thresholds:?}");
}

#[test]
fn the_library_says_of_a_run_what_the_command_line_says() {
    let server = Server::start();
    let url = &server.url;
    let scenario = |path: &str, rest: &str| {
        format!(
            "name: v
scenarios:
  a: {{iterations: 3, steps: [{{http: {{url: \"{url}{path}\"}}}}]}}
{rest}"
        )
    };
    both_say(&scenario("/ok", ""), 0, "passed");
    both_say(&scenario("/status/503", ""), 1, "failed");
    let missed = "thresholds: {http_reqs: [count < 3], errors: [count < 1]}\n";
    both_say(&scenario("/ok", missed), 1, "failed: 1 of 2 thresholds");
}

#[test]
fn a_threshold_ends_a_run_of_the_library_too() {
    let server = Server::start();
    let text = format!(
        "name: v
scenarios:
  a: {{executor: constant_vus, duration: 1h, pacing: 100ms, steps: [{{http: {{url: \"{}/ok\"}}}}]}}
thresholds:
  http_req_duration: [{{condition: p95 < 1us, abort_on_fail: true}}]
",
        server.url
    );
    both_say(&text, 1, "failed: 1 of 1 threshold");
}

/// A program that plays files with this library permits nothing by saying nothing.
#[test]
fn the_library_permits_nothing_unless_it_is_told() {
    let work = Work::new();
    work.write("rows.csv", "a\n1\n");
    let file = work.write(
        "s.yaml",
        "name: s\nfeeders: {f: {csv: rows.csv}}\nscenarios: {a: {feed: f, steps: [{http: {url: 'http://other.invalid/', body: '{{ env.HOME }}'}}]}}\n",
    );
    let load = |environment: &Environment| {
        let plan = Plan::of_source(
            &Source::read(&work.path().join(&file)).unwrap(),
            environment,
            &TargetArguments::default(),
            Overrides::default(),
            &[],
            &Selection::default(),
        );
        plan.err().map(|error| format!("{error:?}"))
    };
    let refused = load(&Environment::of_process(Permissions::default())).unwrap();
    for said in ["is not below the file root", "may not read `HOME`"] {
        assert!(refused.contains(said), "{said}: {refused}");
    }
    assert_eq!(load(&Environment::of_process(Permissions::all())), None);
}
