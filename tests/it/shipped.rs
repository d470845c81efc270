//! What comes with the tool keeps working: scenarios, and examples in documents.

use std::path::{Path, PathBuf};

use rehearse::engine::{Overrides, Plan, PlanError, Selection};
use rehearse::scenario::Look;

use crate::work::{Ended, Work, shipped};

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
    let simulator = (name == "reinstantiate.yaml").then(|| work.simulate(&[]));
    if simulator.is_some() {
        let before = shipped("tutorial.yaml");
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

/// The fenced blocks of YAML that are whole scenario files, with their lines.
fn examples(path: &Path) -> Vec<(usize, String)> {
    let mut blocks = blocks(path);
    blocks.retain(|(_, block)| block.contains("scenarios:"));
    blocks
}

/// All fenced blocks of YAML, with their lines.
fn blocks(path: &Path) -> Vec<(usize, String)> {
    let text = std::fs::read_to_string(path).unwrap();
    let mut blocks = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (line, content) in text.lines().enumerate() {
        match &mut open {
            None if content == "```yaml" => open = Some((line + 2, String::new())),
            None => {}
            Some(_) if content == "```" => blocks.extend(open.take()),
            Some((_, block)) => block.extend([content, "\n"]),
        }
    }
    blocks
}

#[test]
fn every_example_of_a_target_is_read() {
    use std::os::unix::fs::PermissionsExt;

    let work = Work::new();
    work.write("ask.yaml", "scenarios: {s: {steps: [{http: {url: /}}]}}\n");
    let staging = repository().join("fixtures/targets/staging.yaml");
    std::fs::copy(staging, work.path().join("staging.yaml")).unwrap();
    let pair = crate::tls::pair("localhost");
    work.write("company-ca.pem", &pair.certificate);
    work.write("me.pem", &pair.certificate);
    let key = work.path().join(work.write("me.key", &pair.key));
    std::fs::set_permissions(key, PermissionsExt::from_mode(0o600)).unwrap();
    let mut seen = 0;
    for (line, block) in blocks(&repository().join("docs/target.md")) {
        // Some show one part of a target.
        let whole = block.contains("api_url:") || block.contains("extends:");
        let rest = if whole { "" } else { "extends: staging.yaml\n" };
        work.write("target.yaml", &format!("{rest}{block}"));
        let mut command =
            work.rehearse(&["run", "ask.yaml", "--dry-run", "--target", "target.yaml"]);
        for name in [
            "CAPTCHA_TOKEN",
            "ICURE_CAPTCHA_TOKEN",
            "ICURE_MAILBOX_PASSWORD",
        ] {
            command.env(name, "x");
        }
        let ended = Ended::new(&command.output().unwrap());
        assert_eq!(ended.code, Some(0), "docs/target.md:{line}\n{}", ended.err);
        seen += 1;
    }
    assert!(seen >= 3, "{seen}");
}

#[test]
fn every_example_in_the_documents_can_be_played() {
    let mut documents: Vec<PathBuf> = std::fs::read_dir(repository().join("docs"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    documents.push(repository().join("README.md"));
    documents.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    let work = Work::new();
    let mut seen = 0;
    for document in documents {
        for (line, block) in examples(&document) {
            let place = format!("{}:{line}", document.display());
            work.write("example.yaml", &block);
            let file = work.path().join("example.yaml");
            match Plan::load(
                &file,
                None,
                Overrides::default(),
                &[],
                &Selection::default(),
            ) {
                Ok(plan) => assert!(!plan.scenarios.is_empty(), "{place}"),
                Err(PlanError::Problems { file, problems }) => {
                    panic!("{place}\n{}", problems.render(&file, Look::Plain))
                }
                Err(error) => panic!("{place}: {error}"),
            }
            seen += 1;
        }
    }
    assert!(seen >= 2, "only {seen} examples");
}
