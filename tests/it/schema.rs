//! The published schemas and the reference: what editors complete, and what they
//! underline.

use std::path::{Path, PathBuf};

use jsonschema::Validator;
use serde_json::Value;

use crate::work::{Work, shipped};

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn printed(arguments: &[&str]) -> String {
    let arguments = [&["schema"], arguments].concat();
    Work::new().run(&arguments).expect(0).out.clone()
}

fn schema(what: &str) -> Validator {
    let schema: Value = serde_json::from_str(&printed(&[what])).unwrap();
    jsonschema::draft7::meta::validate(&schema).unwrap();
    jsonschema::draft7::new(&schema).unwrap()
}

/// As editors read it: not with our reader.
fn yaml(text: &str) -> Value {
    serde_yaml::from_str(text).unwrap()
}

/// What is wrong with a document, with its place.
fn problems(schema: &Validator, document: &Value) -> Vec<String> {
    let errors = schema.iter_errors(document);
    errors
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

fn files_in(folder: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(repository().join(folder)).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "yaml")
    });
    files.sort();
    files
}

#[test]
fn what_is_published_is_what_the_tool_prints() {
    let published = [
        ("docs/scenario.schema.json", printed(&[])),
        ("docs/library.schema.json", printed(&["library"])),
        ("docs/target.schema.json", printed(&["target"])),
        ("docs/report.schema.json", printed(&["report"])),
        ("docs/reference.md", printed(&["--markdown"])),
    ];
    for (name, text) in published {
        let path = repository().join(name);
        if std::env::var_os("INSTA_UPDATE").is_some_and(|update| update == "always") {
            std::fs::write(&path, &text).unwrap();
        }
        let there = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            there == text,
            "{name} is old; write it anew with INSTA_UPDATE=always"
        );
    }
}

#[test]
fn every_shipped_scenario_is_valid_and_names_its_schema() {
    let schema = schema("scenario");
    let files = files_in("scenarios");
    assert!(files.len() >= 14, "{files:?}");
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let first = text.lines().next();
        let line = "# yaml-language-server: $schema=../docs/scenario.schema.json";
        assert_eq!(first, Some(line), "{}", file.display());
        let wrong = problems(&schema, &yaml(&text));
        assert!(wrong.is_empty(), "{}: {wrong:#?}", file.display());
    }
}

#[test]
fn every_shipped_target_is_valid_and_names_its_schema() {
    let schema = schema("target");
    for file in files_in("fixtures/targets") {
        let text = std::fs::read_to_string(&file).unwrap();
        let first = text.lines().next();
        let line = "# yaml-language-server: $schema=../../docs/target.schema.json";
        assert_eq!(first, Some(line), "{}", file.display());
        let wrong = problems(&schema, &yaml(&text));
        assert!(wrong.is_empty(), "{}: {wrong:#?}", file.display());
    }
}

#[test]
fn what_init_writes_is_valid_against_the_schemas_that_it_writes() {
    let templates = Work::new().run(&["init", "--list"]).out.clone();
    let names: Vec<&str> = templates
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(names.len() >= 4, "{names:?}");
    for name in names {
        let work = Work::new();
        work.run(&["init", "mine", "--template", name]).expect(0);
        let mine = work.path().join("mine");
        for (file, of) in [
            ("scenario.yaml", "schemas/scenario.json"),
            ("targets/staging.yaml", "schemas/target.json"),
            ("targets/mine.yaml", "schemas/target.json"),
        ] {
            let text = std::fs::read_to_string(mine.join(file)).unwrap();
            let first = text.lines().next().unwrap();
            let path = first.strip_prefix("# yaml-language-server: $schema=");
            let path = mine.join(file).parent().unwrap().join(path.unwrap());
            assert_eq!(
                path.canonicalize().unwrap(),
                mine.join(of).canonicalize().unwrap()
            );
            let schema: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
            let schema = jsonschema::draft7::new(&schema).unwrap();
            let wrong = problems(&schema, &yaml(&text));
            assert!(wrong.is_empty(), "{name} {file}: {wrong:#?}");
        }
    }
}

/// A scenario with one step, or with other keys.
fn with_step(step: &str) -> String {
    format!("scenarios:\n  s:\n    steps:\n      - {step}\n")
}

#[test]
fn what_an_editor_should_underline_is_not_valid() {
    let schema = schema("scenario");
    let good = [
        with_step("http: {url: /}"),
        with_step("reload"),
        with_step("reload:"),
        with_step("{http: {url: /}, repeat: 3, as: x, tags: [a, b]}"),
        with_step("repeat: {times: 2, steps: [reload]}"),
        with_step("parallel: [[reload], [{sleep: 1s}]]"),
        with_step("{http: {url: /, status: [2xx, 404]}, retry: {times: 2, on: 5xx}}"),
        "scenarios: {s: {executor: constant_arrival_rate, rate: 10/s, duration: 1m, \
         pre_allocated_vus: 3, steps: [reload]}}"
            .to_owned(),
    ];
    for text in good {
        let wrong = problems(&schema, &yaml(&text));
        assert!(wrong.is_empty(), "{text}: {wrong:#?}");
    }
    let bad = [
        "scenario: {}".to_owned(),
        "name: nothing".to_owned(),
        with_step("htpp: {url: /}"),
        with_step("http: {uri: /}"),
        with_step("http: {}"),
        with_step("http"),
        with_step("{http: {url: /}, reload: }"),
        with_step("{http: {url: /}, as_: x}"),
        with_step("{http: {url: /, method: FETCH}}"),
        with_step("{http: {url: /, timeout: 5}}"),
        with_step("{http: {url: /, timeout: 5 seconds}}"),
        with_step("{http: {url: /, status: 2yy}}"),
        with_step("{http: {url: /}, repeat: 0}"),
        with_step("{group: {name: g, steps: [reload]}, as: x}"),
        with_step("group: {name: g}"),
        with_step("choose: [{weight: heavy, steps: [reload]}]"),
        "scenarios: {s: {executor: constant_vus, iterations: 3, duration: 1m, steps: [reload]}}"
            .to_owned(),
        "scenarios: {s: {executor: constant_vus, steps: [reload]}}".to_owned(),
        "scenarios: {s: {executor: ramping_vus, stages: [{duration: 1m}], steps: [reload]}}"
            .to_owned(),
        "scenarios: {s: {duration: 1m, steps: [reload]}}".to_owned(),
        "scenarios: {s: {steps: [reload]}}\nthresholds: {checks: [{when: x}]}".to_owned(),
        "scenarios: {s: {steps: [reload]}}\nfeeders: {f: {csv: x.csv, order: shuffled}}".to_owned(),
    ];
    for text in bad {
        assert!(!schema.is_valid(&yaml(&text)), "{text}");
    }
}

#[test]
fn every_key_is_documented() {
    for what in ["scenario", "library", "target"] {
        let schema: Value = serde_json::from_str(&printed(&[what])).unwrap();
        let mut seen = 0;
        described(&schema, what, &mut seen);
        assert!(seen > 20, "{what}: {seen}");
    }
}

/// Every property that is not refused says what it is for.
fn described(schema: &Value, place: &str, seen: &mut usize) {
    match schema {
        Value::Object(entries) => {
            for (key, value) in entries {
                let place = format!("{place}.{key}");
                if key == "properties" {
                    for (name, property) in value.as_object().unwrap() {
                        let told = property["description"].is_string()
                            || property.get("const").is_some()
                            || property["anyOf"][0]["description"].is_string()
                            || property == &Value::Bool(false);
                        assert!(told, "{place}.{name}: {property}");
                        *seen += 1;
                        // A property may be called `properties` itself.
                        described(property, &format!("{place}.{name}"), seen);
                    }
                } else {
                    described(value, &place, seen);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| described(item, place, seen)),
        _ => {}
    }
}

#[test]
fn the_first_line_that_the_readme_shows_is_that_of_the_scenarios() {
    let readme = std::fs::read_to_string(repository().join("README.md")).unwrap();
    assert!(readme.contains("# yaml-language-server: $schema="));
    let tutorial = std::fs::read_to_string(shipped("tutorial.yaml")).unwrap();
    assert!(tutorial.starts_with("# yaml-language-server: $schema="));
}

/// What has a section of its own in a part of the reference.
pub fn in_reference(part: &str) -> Vec<String> {
    let page = Work::new().run(&["schema", "--markdown"]).expect(0).out;
    let part = page.split(&format!("\n## {part}\n")).nth(1).unwrap();
    let part = part.split("\n## ").next().unwrap();
    let titles = part.lines().filter_map(|line| line.strip_prefix("### `"));
    titles
        .map(|title| title.trim_end_matches('`').to_owned())
        .collect()
}

#[test]
fn every_step_and_block_is_in_the_documents() {
    for (document, part) in [
        ("docs/scenario.md", "Steps"),
        ("docs/scenario.md", "Blocks"),
        ("README.md", "Steps"),
        ("README.md", "Blocks"),
    ] {
        let text = std::fs::read_to_string(repository().join(document)).unwrap();
        let names = in_reference(part);
        assert!(names.len() > 10, "{names:?}");
        let lacking = names.iter().filter(|name| {
            // A section of its own, or a row of a table.
            let of_it = |line: &str| line.starts_with("### ") || line.starts_with("| `");
            let mut lines = text.lines();
            let word = format!("`{name}`");
            let in_words = document == "README.md" && part == "Blocks";
            !lines.any(|line| (of_it(line) || in_words) && line.contains(&word))
        });
        let lacking: Vec<&String> = lacking.collect();
        assert!(lacking.is_empty(), "{document} lacks {lacking:?}");
    }
}
