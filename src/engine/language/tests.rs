//! The schema and the reader, held against one another.

mod stand_ins;
mod tables;

use std::sync::LazyLock;

use jsonschema::Validator;
use proptest::prelude::*;
use serde_json::Value;

use super::super::executor::Overrides;
use super::super::parsed_plan::ParsedPlan;
use super::super::selection::Selection;
use super::language;
use crate::language::{Environment, SchemaOf, Shape, Source, schema};

static SCHEMA: LazyLock<Validator> = LazyLock::new(|| {
    let schema = schema(&language(), SchemaOf::Scenario);
    jsonschema::draft7::new(&schema).unwrap()
});

/// The shipped scenarios, as others read YAML.
static SHIPPED: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios");
    let files = std::fs::read_dir(folder).unwrap();
    let mut files: Vec<_> = files.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let texts = files
        .iter()
        .map(|path| std::fs::read_to_string(path).unwrap());
    texts
        .map(|text| serde_yaml::from_str(&text).unwrap())
        .collect()
});

/// What the reader says: the rules of its errors.
fn errors(document: &Value) -> Vec<(String, &'static str)> {
    let name = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/changed.yaml");
    let source = Source::new(name, document.to_string());
    let all = Selection::default();
    let environment = Environment::default().to_check();
    let (_, cx) = ParsedPlan::read(&source, None, Overrides::default(), &all, &environment);
    let problems = cx.problems.iter();
    problems
        .map(|problem| (problem.message().to_owned(), problem.rule()))
        .collect()
}

/// Every place in a document, as a JSON pointer.
fn places(document: &Value, here: String, all: &mut Vec<String>) {
    match document {
        Value::Object(entries) => {
            for (key, value) in entries {
                let key = key.replace('~', "~0").replace('/', "~1");
                places(value, format!("{here}/{key}"), all);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                places(item, format!("{here}/{index}"), all);
            }
        }
        _ => {}
    }
    all.push(here);
}

/// What else can stand somewhere.
fn other() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        Just(Value::from(true)),
        Just(Value::from(0)),
        Just(Value::from(3)),
        Just(Value::from(-1)),
        Just(Value::from(1.5)),
        Just(Value::from("")),
        Just(Value::from("x")),
        Just(Value::from("2s")),
        Just(Value::from("10/s")),
        Just(Value::from("{{ vu }}")),
        Just(serde_json::json!([])),
        Just(serde_json::json!({})),
        Just(serde_json::json!([{}])),
        Just(serde_json::json!({"x": 1})),
        Just(serde_json::json!(["reload"])),
    ]
}

#[derive(Clone, Debug)]
enum Change {
    /// Another value.
    Replace(Value),
    /// Another key.
    Rename,
    /// One key less.
    Remove,
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        3 => other().prop_map(Change::Replace),
        1 => Just(Change::Rename),
        1 => Just(Change::Remove),
    ]
}

/// A document with something changed; `None` where that cannot be done.
fn changed(document: &Value, place: &str, change: &Change) -> Option<Value> {
    let mut document = document.clone();
    match change {
        Change::Replace(value) => *document.pointer_mut(place)? = value.clone(),
        Change::Rename | Change::Remove => {
            let (parent, key) = place.rsplit_once('/')?;
            let key = key.replace("~1", "/").replace("~0", "~");
            let entries = document.pointer_mut(parent)?.as_object_mut()?;
            let value = entries.remove(&key)?;
            if matches!(change, Change::Rename) {
                entries.insert(format!("{key}_"), value);
            }
        }
    }
    Some(document)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: ProptestConfig::default().cases.max(2000),
        ..ProptestConfig::default()
    })]

    /// Whatever the reader takes is valid, and a key or word that it does not
    /// know is not.
    #[test]
    fn the_schema_and_the_reader_agree(
        which in any::<prop::sample::Index>(),
        place in any::<prop::sample::Index>(),
        change in change(),
    ) {
        let document = &SHIPPED[which.index(SHIPPED.len())];
        let mut all = Vec::new();
        places(document, String::new(), &mut all);
        let place = &all[place.index(all.len())];
        let Some(document) = changed(document, place, &change) else {
            return Ok(());
        };
        let errors = errors(&document);
        let wrong: Vec<String> = SCHEMA.iter_errors(&document).map(|e| e.to_string()).collect();
        if errors.is_empty() {
            prop_assert!(wrong.is_empty(), "{place} {change:?}: {wrong:?}");
        }
        let unknown = |(_, rule): &(String, &str)| matches!(*rule, "unknown-key" | "unknown-word");
        // A name of the user's own is no word of the language.
        let own = |(message, _): &(String, &str)| {
            ["feeder", "scenario", "metric"].iter().any(|what| message.contains(&format!("unknown {what} ")))
        };
        if errors.iter().any(|error| unknown(error) && !own(error)) {
            prop_assert!(!wrong.is_empty(), "{place} {change:?}: {errors:?}");
        }
    }
}

/// Every mapping has its keys: none is taken for anything.
#[test]
fn nothing_in_the_language_is_left_out() {
    let language = language();
    let mut roots: Vec<(&str, &Shape)> = vec![
        ("scenario", &language.scenario),
        ("library", &language.library),
        ("target", &language.target),
    ];
    let named = language.named.iter();
    roots.extend(named.map(|named| (named.name, &named.shape)));
    for (name, shape) in roots {
        let kinds: Vec<(&str, &Shape)> = match shape {
            Shape::Tagged(tagged) => {
                let kinds = tagged.kinds.iter();
                kinds.map(|kind| (kind.name, &kind.shape)).collect()
            }
            Shape::Keyed(keyed) => {
                let kinds = keyed.steps.iter().chain(&keyed.blocks);
                kinds.map(|kind| (kind.name, &kind.shape)).collect()
            }
            other => vec![(name, other)],
        };
        for (kind, shape) in kinds {
            assert_ne!(shape, &Shape::Any, "{name} {kind}");
        }
    }
}

#[test]
fn defaults_are_those_of_the_reader() {
    let language = language();
    let scenario = language.named.iter().find(|named| named.name == "scenario");
    let Some(Shape::Tagged(scenario)) = scenario.map(|named| &named.shape) else {
        panic!("a scenario has an executor");
    };
    let grace = scenario
        .common
        .iter()
        .find(|key| key.name == "graceful_stop");
    assert_eq!(grace.unwrap().default(), Some(Value::from("30s")));
    assert_eq!(scenario.default, Some("per_vu_iterations"));
}
