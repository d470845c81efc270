//! What can be written at a place, from the tables that read it, with the words that the
//! JSON Schema has for it.

use std::fmt::Write;

use super::cursor::Step;
use crate::language::schema::sentence;
use crate::language::{FileKind, Key, Keyed, Kind, Language, Node, Shape, Tagged, Text};

/// How often a name may stand for another one.
const MOST_NAMES: usize = 8;

/// A key or a word that can be written.
pub(super) struct Choice {
    pub(super) name: String,
    /// What it is, in Markdown.
    pub(super) about: String,
    /// What stands below it: nothing, for a word.
    pub(super) shape: Option<Shape>,
    pub(super) required: bool,
}

impl Choice {
    fn key(key: &Key) -> Self {
        // Writing to a text does not fail.
        let mut about = sentence(key.about);
        if let Some(default) = key.default() {
            let _ = write!(about, "\n\nIf left out: `{}`", plain(&default));
        }
        if let Some(example) = key.example_of_its_own() {
            let _ = write!(about, "\n\nExample: `{}: {example}`", key.name);
        }
        Self {
            name: key.name.to_owned(),
            about,
            shape: Some(key.shape()),
            required: key.is_required(),
        }
    }

    fn kind(kind: &Kind) -> Self {
        Self {
            name: kind.name.to_owned(),
            about: sentence(kind.about),
            shape: Some(kind.shape.clone()),
            required: false,
        }
    }

    fn word(name: &str, about: &str) -> Self {
        Self {
            name: name.to_owned(),
            about: about.to_owned(),
            shape: None,
            required: false,
        }
    }
}

/// What the file as a whole can be.
pub(super) fn root(language: &Language, kind: FileKind) -> Shape {
    match kind {
        FileKind::Scenario => language.scenario.clone(),
        FileKind::Library => language.library.clone(),
        FileKind::Target => language.target.clone(),
    }
}

/// What can be at the end of a way from the top.
pub(super) fn at(language: &Language, kind: FileKind, trail: &[Step<'_>]) -> Vec<Shape> {
    let mut shapes = flat(&root(language, kind), language);
    for step in trail {
        shapes = shapes
            .iter()
            .flat_map(|shape| inside(shape, step))
            .flat_map(|shape| flat(&shape, language))
            .collect();
    }
    shapes
}

/// The forms that a value can have: what is named or one of several is put in.
fn flat(shape: &Shape, language: &Language) -> Vec<Shape> {
    let mut shapes = vec![shape.clone()];
    for _ in 0..MOST_NAMES {
        let put = |shape: Shape| match shape {
            Shape::Either(shapes) => shapes,
            Shape::Named(name) => {
                let mut named = language.named.iter();
                let found = named.find(|named| named.name == name);
                found.map(|named| named.shape.clone()).into_iter().collect()
            }
            other => vec![other],
        };
        shapes = shapes.into_iter().flat_map(put).collect();
    }
    shapes
}

fn inside(shape: &Shape, step: &Step<'_>) -> Vec<Shape> {
    match (shape, step) {
        (Shape::List(item), Step::Item) => vec![(**item).clone()],
        (Shape::Entries(value), Step::Key(..)) => vec![(**value).clone()],
        (_, Step::Key(node, name)) => {
            let keys = keys_of(shape, node).into_iter();
            let named = keys.filter(|choice| choice.name == **name);
            named.filter_map(|choice| choice.shape).collect()
        }
        (_, Step::Item) => Vec::new(),
    }
}

/// The keys that a mapping can have.
pub(super) fn keys(shapes: &[Shape], node: &Node) -> Vec<Choice> {
    let all = shapes.iter().flat_map(|shape| keys_of(shape, node));
    once(all)
}

fn keys_of(shape: &Shape, node: &Node) -> Vec<Choice> {
    match shape {
        Shape::Mapping(keys) => keys.iter().map(Choice::key).collect(),
        Shape::Layer(keys, layer) => keys.iter().chain([layer]).map(Choice::key).collect(),
        Shape::Tagged(tagged) => tagged_keys(tagged, node),
        Shape::Keyed(keyed) => keyed_keys(keyed, node),
        _ => Vec::new(),
    }
}

/// Those of the kind whose word is written; of all, where none is known.
fn tagged_keys(tagged: &Tagged, node: &Node) -> Vec<Choice> {
    let written = node.entry(tagged.tag.name).and_then(Node::scalar);
    let word = written.map(Text::as_str).or(tagged.default);
    let known = |word: &str| tagged.kinds.iter().any(|kind| kind.name == word);
    let word = word.filter(|word| known(word));
    let of_kind = |kind: &&Kind| word.is_none_or(|word| kind.name == word);
    let mut tag = Choice::key(&tagged.tag);
    let kinds = tagged.kinds.iter();
    tag.shape = Some(Shape::Words(kinds.map(|kind| kind.name).collect()));
    for kind in &tagged.kinds {
        let _ = write!(tag.about, "\n- `{}`: {}", kind.name, kind.about);
    }
    let common = tagged.common.iter().map(Choice::key);
    let kinds = tagged.kinds.iter().filter(of_kind);
    let own = kinds.flat_map(|kind| kind.shape.keys()).map(Choice::key);
    std::iter::once(tag).chain(common).chain(own).collect()
}

/// What a step or block is, or what stands beside it.
fn keyed_keys(keyed: &Keyed, node: &Node) -> Vec<Choice> {
    let has = |kinds: &[Kind]| kinds.iter().any(|kind| node.entry(kind.name).is_some());
    let beside = |keys: &[Key]| keys.iter().map(Choice::key).collect::<Vec<_>>();
    let (steps, blocks) = (keyed.steps.iter(), keyed.blocks.iter());
    let written = |kind: &&Kind| node.entry(kind.name).is_some();
    if has(&keyed.steps) {
        let kind = steps.filter(written).map(Choice::kind);
        return kind.chain(beside(&keyed.beside)).collect();
    }
    if has(&keyed.blocks) {
        let kind = blocks.filter(written).map(Choice::kind);
        return kind.chain(beside(&keyed.beside_blocks)).collect();
    }
    let kinds = steps.chain(blocks).map(Choice::kind);
    kinds.chain(beside(&keyed.beside)).collect()
}

/// The words that a value can be.
pub(super) fn words(shapes: &[Shape], language: &Language) -> Vec<Choice> {
    once(shapes.iter().flat_map(|shape| match shape {
        Shape::Words(words) => {
            let words = words.iter();
            words
                .map(|word| Choice::word(word, &about_word(word, language)))
                .collect()
        }
        Shape::Bool => ["true", "false"].map(|word| Choice::word(word, "")).into(),
        Shape::Keyed(keyed) => {
            let bare = keyed.steps.iter().filter(|kind| kind.can_be_bare());
            bare.map(|kind| Choice::word(kind.name, &sentence(kind.about)))
                .collect()
        }
        _ => Vec::new(),
    }))
}

/// What a word means that says which keys are beside it.
fn about_word(word: &str, language: &Language) -> String {
    let kinds = language.named.iter().flat_map(|named| match &named.shape {
        Shape::Tagged(tagged) => tagged.kinds.as_slice(),
        _ => &[],
    });
    let mut kinds = kinds.filter(|kind| kind.name == word);
    kinds
        .next()
        .map(|kind| sentence(kind.about))
        .unwrap_or_default()
}

/// Each name once: the first of it.
fn once(choices: impl Iterator<Item = Choice>) -> Vec<Choice> {
    let mut all: Vec<Choice> = Vec::new();
    for choice in choices {
        if all.iter().all(|known| known.name != choice.name) {
            all.push(choice);
        }
    }
    all
}

fn plain(value: &serde_json::Value) -> String {
    let text = value.as_str().map(str::to_owned);
    text.unwrap_or_else(|| value.to_string())
}
