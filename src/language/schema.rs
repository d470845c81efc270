//! The language as JSON Schema (draft 7, which editors know best).

use serde_json::{Map, Value as Json, json};

use super::shape::{Key, Keyed, Kind, Language, Shape, Tagged};

/// Which kind of file a schema is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SchemaOf {
    /// Scenario files.
    Scenario,
    /// Libraries of steps.
    Library,
    /// Target files.
    Target,
}

/// The JSON Schema of a kind of file.
pub fn schema(language: &Language, of: SchemaOf) -> Json {
    let (root, title) = match of {
        SchemaOf::Scenario => (&language.scenario, "A scenario file of rehearse"),
        SchemaOf::Library => (&language.library, "A library of steps of rehearse"),
        SchemaOf::Target => (&language.target, "A target file of rehearse"),
    };
    let mut schema = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": title,
    });
    join(&mut schema, render(root));
    let definitions: Map<String, Json> = language
        .named
        .iter()
        .filter(|named| is_used(named.name, root, language, &mut Vec::new()))
        .map(|named| (named.name.to_owned(), render(&named.shape)))
        .collect();
    join(&mut schema, json!({ "definitions": definitions }));
    schema
}

/// Whether a shape names something, or what it names does.
fn is_used(
    name: &'static str,
    shape: &Shape,
    language: &Language,
    seen: &mut Vec<&'static str>,
) -> bool {
    let mut names = Vec::new();
    names_in(shape, &mut names);
    names.into_iter().any(|other| {
        if other == name {
            return true;
        }
        if seen.contains(&other) {
            return false;
        }
        seen.push(other);
        let mut parts = language.named.iter();
        let found = parts.find(|part| part.name == other);
        found.is_some_and(|found| is_used(name, &found.shape, language, seen))
    })
}

/// Every name in a shape.
fn names_in(shape: &Shape, names: &mut Vec<&'static str>) {
    let mut in_keys = |keys: &[Key]| keys.iter().for_each(|key| names_in(&key.shape(), names));
    match shape {
        Shape::Named(name) => names.push(name),
        Shape::List(inner) | Shape::Entries(inner) => names_in(inner, names),
        Shape::Either(shapes) => shapes.iter().for_each(|shape| names_in(shape, names)),
        Shape::Mapping(keys) | Shape::Layer(keys, _) => in_keys(keys),
        Shape::Tagged(tagged) => {
            in_keys(&tagged.common);
            let kinds = tagged.kinds.iter();
            kinds.for_each(|kind| names_in(&kind.shape, names));
        }
        Shape::Keyed(keyed) => {
            in_keys(&keyed.beside);
            let kinds = keyed.steps.iter().chain(&keyed.blocks);
            kinds.for_each(|kind| names_in(&kind.shape, names));
        }
        _ => {}
    }
}

fn join(schema: &mut Json, other: Json) {
    if let (Json::Object(schema), Json::Object(other)) = (schema, other) {
        schema.extend(other);
    }
}

fn render(shape: &Shape) -> Json {
    match shape {
        Shape::Any => json!({}),
        Shape::Text | Shape::Condition => json!({"type": ["string", "number", "boolean"]}),
        Shape::Whole(least) => json!({"type": "integer", "minimum": least}),
        Shape::Number => json!({"type": "number"}),
        Shape::Bool => json!({"type": "boolean"}),
        Shape::Form(pattern, ..) => json!({"type": "string", "pattern": pattern}),
        Shape::Expression => json!({"type": "string", "pattern": r"\{\{"}),
        Shape::Words(words) => {
            json!({ "enum": words.iter().flat_map(|word| as_read(word)).collect::<Vec<_>>() })
        }
        Shape::List(item) => json!({"type": "array", "items": render(item)}),
        Shape::Entries(value) => {
            json!({"type": "object", "additionalProperties": render(value)})
        }
        Shape::Mapping(keys) => mapping(keys),
        Shape::Either(shapes) => json!({ "anyOf": shapes.iter().map(render).collect::<Vec<_>>() }),
        Shape::Nothing => json!({"type": "null"}),
        Shape::Named(name) => json!({ "$ref": format!("#/definitions/{name}") }),
        Shape::Tagged(tagged) => render_tagged(tagged),
        Shape::Keyed(keyed) => render_keyed(keyed),
        Shape::Layer(keys, layer) => {
            let mut all = keys.clone();
            all.push(*layer);
            let mut schema = mapping(&all);
            if let Json::Object(schema) = &mut schema
                && let Some(required) = schema.remove("required")
            {
                let over = json!({"required": [layer.name]});
                schema.insert("if".to_owned(), json!({ "not": over }));
                schema.insert("then".to_owned(), json!({ "required": required }));
            }
            schema
        }
    }
}

/// A word as readers of YAML may take it: `1` is a number to them.
fn as_read(word: &'static str) -> Vec<Json> {
    let number = word.parse::<u64>().ok().map(Json::from);
    std::iter::once(Json::from(word)).chain(number).collect()
}

fn mapping(keys: &[Key]) -> Json {
    let mut schema = json!({
        "type": "object",
        "additionalProperties": false,
        "properties": properties(keys),
    });
    let required = required(keys);
    if !required.is_empty() {
        join(&mut schema, json!({ "required": required }));
    }
    let patterns = keys.iter().filter_map(|key| Some((key.prefix()?, key)));
    let patterns: Map<String, Json> = patterns
        .map(|(prefix, key)| (format!("^{prefix}."), property(key)))
        .collect();
    if !patterns.is_empty() {
        join(&mut schema, json!({ "patternProperties": patterns }));
    }
    schema
}

fn required(keys: &[Key]) -> Vec<&'static str> {
    let keys = keys.iter().filter(|key| key.is_required());
    keys.map(|key| key.name).collect()
}

fn properties(keys: &[Key]) -> Map<String, Json> {
    let keys = keys.iter().filter(|key| key.prefix().is_none());
    keys.map(|key| (key.name.to_owned(), property(key)))
        .collect()
}

fn property(key: &Key) -> Json {
    let mut schema = described(key.about, &key.shape());
    if let Some(default) = key.default() {
        join(&mut schema, json!({ "default": default }));
    }
    let example = key.example_of_its_own();
    if let Some(example) = example.and_then(|it| serde_yaml::from_str::<Json>(it).ok()) {
        join(&mut schema, json!({ "examples": [example] }));
    }
    schema
}

/// A schema with a description. Beside a `$ref` nothing else counts.
fn described(about: &str, shape: &Shape) -> Json {
    let mut schema = json!({ "description": sentence(about) });
    let own = match shape {
        Shape::Named(_) => json!({ "allOf": [render(shape)] }),
        _ => render(shape),
    };
    join(&mut schema, own);
    schema
}

/// With a capital letter and a full stop.
pub(crate) fn sentence(about: &str) -> String {
    let mut letters = about.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    format!("{}{}.", first.collect::<String>(), letters.as_str())
}

fn render_tagged(tagged: &Tagged) -> Json {
    let names: Vec<&str> = tagged.kinds.iter().map(|kind| kind.name).collect();
    let about: Vec<String> = tagged
        .kinds
        .iter()
        .map(|kind| format!("- `{}`: {}", kind.name, kind.about))
        .collect();
    let mut word = json!({
        "description": format!("{}\n\n{}", sentence(tagged.tag.about), about.join("\n")),
        "enum": names,
    });
    if let Some(default) = tagged.default {
        join(&mut word, json!({ "default": default }));
    }
    let mut all: Map<String, Json> = Map::new();
    all.insert(tagged.tag.name.to_owned(), word);
    all.extend(properties(&tagged.common));
    for key in tagged.kinds.iter().flat_map(|kind| kind.shape.keys()) {
        all.entry(key.name)
            .or_insert_with(|| of_kinds(key.name, &tagged.kinds));
    }
    let cases = tagged.kinds.iter().map(|kind| case(kind, tagged));
    let cases: Vec<Json> = cases.collect();
    let mut needed = required(&tagged.common);
    if tagged.default.is_none() {
        needed.push(tagged.tag.name);
    }
    json!({
        "type": "object",
        "additionalProperties": false,
        "properties": all,
        "required": needed,
        "allOf": cases,
    })
}

/// A key that some kinds have, each in its way.
fn of_kinds(name: &str, kinds: &[Kind]) -> Json {
    let having = kinds.iter().filter_map(|kind| {
        let mut keys = kind.shape.keys().iter();
        Some((kind.name, keys.find(|key| key.name == name)?))
    });
    let having: Vec<(&str, &Key)> = having.collect();
    let mut variants: Vec<Json> = Vec::new();
    for (_, key) in &having {
        let schema = property(key);
        if !variants.contains(&schema) {
            variants.push(schema);
        }
    }
    let words: Vec<String> = having.iter().map(|(kind, _)| format!("`{kind}`")).collect();
    let with = format!("With {}.", words.join(", "));
    match (&mut variants[..], having.first()) {
        ([one], Some((_, key))) => {
            let about = format!("{} {with}", sentence(key.about));
            join(one, json!({ "description": about }));
            one.take()
        }
        (several, _) => json!({ "description": with, "anyOf": several }),
    }
}

/// What holds of one kind alone.
fn case(kind: &Kind, tagged: &Tagged) -> Json {
    let tag = tagged.tag.name;
    let word = json!({ tag: {"const": kind.name} });
    let when = if tagged.default == Some(kind.name) {
        json!({ "properties": word })
    } else {
        json!({ "properties": word, "required": [tag] })
    };
    let own = kind.shape.keys();
    let mut then = properties(own);
    let others = tagged.kinds.iter().flat_map(|kind| kind.shape.keys());
    for key in others {
        // What is somebody else's is nothing here.
        then.entry(key.name).or_insert(Json::Bool(false));
    }
    json!({
        "if": when,
        "then": {"properties": then, "required": required(own)},
    })
}

fn render_keyed(keyed: &Keyed) -> Json {
    let mut all = Map::new();
    for kind in keyed.steps.iter().chain(&keyed.blocks) {
        all.insert(kind.name.to_owned(), body(kind));
    }
    for key in &keyed.beside {
        match all.get_mut(key.name) {
            // A block of its own, and a key beside a step.
            Some(block) => {
                let beside = property(key);
                *block = json!({ "anyOf": [beside, block.take()] });
            }
            None => {
                all.insert(key.name.to_owned(), property(key));
            }
        }
    }
    let any_step = any_of(&keyed.steps);
    let steps = keyed
        .steps
        .iter()
        .map(|kind| json!({ "required": [kind.name] }));
    let blocks = keyed.blocks.iter().map(|kind| {
        let mut refused = Map::new();
        for key in &keyed.beside {
            let beside = keyed
                .beside_blocks
                .iter()
                .any(|other| other.name == key.name);
            if !beside && key.name != kind.name {
                refused.insert(key.name.to_owned(), Json::Bool(false));
            }
        }
        json!({ "required": [kind.name], "properties": refused, "not": any_step })
    });
    let kinds: Vec<Json> = steps.chain(blocks).collect();
    let bare = keyed.steps.iter().filter(|kind| kind.can_be_bare());
    let bare: Vec<&str> = bare.map(|kind| kind.name).collect();
    json!({
        "anyOf": [
            {
                "type": "object",
                "additionalProperties": false,
                "properties": all,
                "oneOf": kinds,
            },
            {"enum": bare},
        ],
    })
}

fn any_of(kinds: &[Kind]) -> Json {
    let any: Vec<Json> = kinds
        .iter()
        .map(|kind| json!({ "required": [kind.name] }))
        .collect();
    json!({ "anyOf": any })
}

/// What stands below a kind; nothing, where nothing must.
fn body(kind: &Kind) -> Json {
    if kind.can_be_bare() {
        let shape = kind.shape.clone().or(Shape::Nothing);
        return described(kind.about, &shape);
    }
    described(kind.about, &kind.shape)
}
