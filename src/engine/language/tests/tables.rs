//! What holds of every table of fields: the whole language is walked, and each
//! key is written where it belongs, with its example.

use std::collections::HashSet;

use super::super::language;
use crate::engine::executor::Overrides;
use crate::engine::parsed_plan::ParsedPlan;
use crate::engine::selection::Selection;
use crate::language::{Environment, Key, Language, Permissions, Problem, Problems, Shape, Source};
use crate::target::Layers;

/// Reads a file of some kind.
type Reader = fn(&Source) -> Problems;

fn checked() -> Environment {
    Environment::default().with(Permissions::all()).to_check()
}

fn scenario(source: &Source) -> Problems {
    let all = Selection::default();
    let (_, cx) = ParsedPlan::read(source, None, Overrides::default(), &all, &checked());
    cx.problems
}

fn target(source: &Source) -> Problems {
    let files = Layers::check(source, true, &checked()).into_iter();
    files
        .map(|(_, problems)| problems)
        .next()
        .unwrap_or_default()
}

/// Where a value stands: what is before and after it in a file.
#[derive(Clone)]
struct Place {
    before: String,
    after: String,
}

impl Place {
    fn inside(&self, before: &str, after: &str) -> Self {
        Self {
            before: format!("{}{before}", self.before),
            after: format!("{after}{}", self.after),
        }
    }

    /// What is wrong with a key and its value here.
    fn refused(&self, key: &str, value: &str, read: Reader) -> Vec<String> {
        let text = format!("{}{key}: {value}{}", self.before, self.after);
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/one.yaml");
        let range = self.before.len()..text.len() - self.after.len();
        let problems = read(&Source::new(folder, text.as_str()));
        let here = |problem: &&Problem| range.contains(&problem.span().start);
        // A file of that name need not be there.
        let other = |problem: &&Problem| !problem.message().contains("No such file");
        let of_others = |problem: &&Problem| {
            let named = |name| problem.message() == format!("unknown variable `{name}`");
            !CAPTURED.iter().any(named)
        };
        let told = problems.iter().filter(here).filter(other).filter(of_others);
        told.map(|problem| format!("{}\n{text}", problem.message()))
            .collect()
    }
}

/// Keys that mean something only with another one that is not needed: a preset,
/// a feeder.
const NOT_ALONE: &[&str] = &["account", "inbox", "mailbox", "feed"];

/// What examples call the results of other steps, of which there is none here.
const CAPTURED: &[&str] = &["attached", "batch", "made", "page", "patient", "told"];

struct Walk<'a> {
    language: &'a Language,
    read: Reader,
    seen: HashSet<&'static str>,
    wrong: Vec<String>,
}

impl Walk<'_> {
    fn shape(&mut self, shape: &Shape, place: &Place) {
        match shape {
            Shape::List(item) => self.shape(item, &place.inside("[", "]")),
            Shape::Entries(value) => {
                let metrics = place.before.ends_with("thresholds: ");
                let name = if metrics {
                    "{step_duration: "
                } else {
                    "{name: "
                };
                self.shape(value, &place.inside(name, "}"));
            }
            Shape::Either(shapes) => shapes.iter().for_each(|shape| self.shape(shape, place)),
            Shape::Mapping(keys) | Shape::Layer(keys, _) => self.mapping("", keys, place),
            Shape::Named(name) if self.seen.insert(name) => {
                let named = self.language.named.iter();
                if let Some(named) = named.clone().find(|named| named.name == *name) {
                    self.shape(&named.shape, place);
                }
            }
            Shape::Tagged(tagged) => {
                for kind in &tagged.kinds {
                    let tag = format!("{}: {}, ", tagged.tag.name, kind.name);
                    let keys = [&tagged.common, kind.shape.keys()].concat();
                    self.mapping(&tag, &keys, place);
                }
            }
            Shape::Keyed(keyed) => {
                for kind in keyed.steps.iter().chain(&keyed.blocks) {
                    let inside = place.inside(&format!("{{{}: ", kind.name), "}");
                    self.shape(&kind.shape, &inside);
                }
                self.mapping("http: {url: /a}, ", &keyed.beside, place);
                self.mapping(
                    "group: {name: a, steps: [reload]}, ",
                    &keyed.beside_blocks,
                    place,
                );
            }
            _ => {}
        }
    }

    fn mapping(&mut self, first: &str, keys: &[Key], place: &Place) {
        let mut names = HashSet::new();
        for key in keys {
            let name = &*key.name.replace('…', "anchors");
            assert!(
                names.insert(name.to_owned()),
                "`{name}` is twice in {names:?}"
            );
            let about = key.about;
            assert!(
                !about.is_empty() && !about.ends_with('.'),
                "{name}: {about}"
            );
            let beside = |wanted: fn(&Key) -> bool| {
                let others = keys
                    .iter()
                    .filter(|other| other.name != name && wanted(other));
                let others = others.map(|other| format!("{}: {}, ", other.name, other.written()));
                let before = format!("{{{first}{}", others.collect::<String>());
                place.inside(&before, "}")
            };
            let shown = beside(Key::is_shown);
            let mut wrong = shown.refused(name, &key.written(), self.read);
            if !wrong.is_empty() {
                let alone = beside(Key::is_required);
                wrong = alone.refused(name, &key.written(), self.read);
            }
            if !NOT_ALONE.contains(&name) {
                self.wrong.extend(wrong);
            }
            self.shape(&key.shape(), &shown.inside(&format!("{name}: "), ""));
        }
    }
}

fn wrong(shape: &Shape, read: Reader, language: &Language) -> Vec<String> {
    let mut walk = Walk {
        language,
        read,
        seen: HashSet::new(),
        wrong: Vec::new(),
    };
    let file = Place {
        before: String::new(),
        after: "\n".to_owned(),
    };
    walk.shape(shape, &file);
    walk.wrong
}

#[test]
fn every_key_has_a_doc_a_name_of_its_own_and_an_example_that_its_reader_takes() {
    let language = language();
    let mut found = wrong(&language.scenario, scenario, &language);
    found.extend(wrong(&language.target, target, &language));
    assert!(found.is_empty(), "{}", found.join("\n\n"));
}
