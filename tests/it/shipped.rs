//! The scenarios that come with the tool keep working.

use std::collections::BTreeSet;
use std::path::Path;

use crate::work::{Work, shipped};

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What makes a scenario short enough for a test.
fn reduced(name: &str) -> &'static [&'static str] {
    match name {
        "login-storm.yaml" => &["--var", "people=3"],
        // Half of it is warm-up, and thresholds do not look at that.
        "reinstantiate-soak.yaml" => &["--vus", "2", "--duration", "4s"],
        // Long enough that each alternative is drawn; see the seed below.
        "data-access.yaml" => &["--duration", "3s"],
        "data-mixed.yaml" => &["--var", "people=2", "--duration", "4s"],
        _ => &[],
    }
}

#[test]
fn every_shipped_scenario_passes() {
    let folder = std::fs::read_dir(repository().join("scenarios")).unwrap();
    let names: Vec<String> = folder
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(names.len() >= 7, "{names:?}");
    // Two at a time: they wait more than they work, but their thresholds on
    // latency mean something only while the machine is not overrun.
    for pair in names.chunks(2) {
        std::thread::scope(|scope| {
            for name in pair {
                scope.spawn(move || passes(name));
            }
        });
    }
}

fn passes(name: &str) {
    let work = Work::new();
    let file = shipped(name);
    let mut arguments = vec!["run", &file, "--quiet", "--seed", "1"];
    arguments.extend(reduced(name));
    // It uses what an earlier run has saved.
    let before = match name {
        "reinstantiate.yaml" => Some("tutorial.yaml"),
        "second-visit.yaml" => Some("first-visit.yaml"),
        _ => None,
    };
    let _simulator = before.map(|_| work.simulate(&[]));
    if let Some(before) = before {
        let before = shipped(before);
        let earlier = [
            "run",
            &before,
            "--target",
            "target.yaml",
            "--reports",
            "earlier",
        ];
        work.run(&earlier).expect(0);
        arguments.extend(["--target", "target.yaml"]);
    }
    let ended = work.run(&arguments);
    assert_eq!(ended.code, Some(0), "{name}\n{}{}", ended.out, ended.err);
    let report = work.report();
    let steps = report["steps"].as_array().unwrap();
    assert!(!steps.is_empty(), "{name}");
    for step in steps {
        assert_eq!(step["failed"]["count"], 0, "{name}: {step:#}");
    }
    assert_eq!(report["errors"].as_array().unwrap().len(), 0, "{name}");
    let played = report["totals"]["iterations_ok"].as_u64().unwrap();
    assert!(played > 0, "{name}");
}

/// `rehearse report reports/example` brings it up to date.
#[test]
fn the_example_is_what_this_version_makes_of_its_measurements() {
    let work = Work::new();
    let example = repository().join("reports/example");
    let names = |folder: &Path| {
        let entries = std::fs::read_dir(folder).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name());
        names.collect::<BTreeSet<_>>()
    };
    std::fs::create_dir(work.path().join("example")).unwrap();
    let measured = "example/measurements.json";
    let from = example.join("measurements.json");
    std::fs::copy(from, work.path().join(measured)).unwrap();
    work.run(&["report", "example"]).expect(0);
    assert_eq!(names(&example), names(&work.path().join("example")));
    for name in names(&example) {
        let [kept, made] = [&example, &work.path().join("example")]
            .map(|folder| std::fs::read(folder.join(&name)).unwrap());
        assert!(kept == made, "reports/example/{} is old", name.display());
    }
}
