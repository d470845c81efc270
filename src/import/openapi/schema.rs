//! Values that fit a schema: those that it names, else made up.

use serde_json::{Map, Value, json};

use super::document::References;
use super::tree::{Tree, number, scalar};

/// How deep values are made, and how many of one body: schemas refer to
/// themselves.
const MAX_DEPTH: usize = 8;
const OPTIONAL_DEPTH: usize = 4;
const MAX_VALUES: usize = 400;

/// Makes the values of one request.
pub(super) struct Samples<'r, 'a> {
    references: &'r References<'a>,
    required_only: bool,
    made: usize,
    /// Schemas that are being filled, by address.
    within: Vec<*const Tree>,
}

/// What all parts of a schema say together.
#[derive(Default)]
struct Together<'a> {
    properties: Vec<(&'a str, &'a Tree)>,
    required: Vec<&'a str>,
    /// The parts, by address.
    parts: Vec<*const Tree>,
}

impl<'r, 'a> Samples<'r, 'a> {
    pub fn new(references: &'r References<'a>, required_only: bool) -> Self {
        Self {
            references,
            required_only,
            made: 0,
            within: Vec::new(),
        }
    }

    /// The value of a parameter or a body: its own example, else one of its
    /// schema. With whether the description names it.
    pub fn of(&mut self, holder: &'a Tree) -> (Value, bool) {
        let references = self.references;
        let schema = holder
            .get("schema")
            .map(|schema| references.resolve(schema));
        let named = holder
            .get("examples")
            .map(Tree::entries)
            .unwrap_or_default();
        let first = named
            .first()
            .map(|(_, example)| references.resolve(example));
        let own = holder
            .get("example")
            .or(first.and_then(|example| example.get("value")));
        match (own, schema) {
            (Some(example), Some(schema)) => (self.typed(example, schema, 0), true),
            (Some(example), None) => (example.value(), true),
            (None, Some(schema)) => {
                let named = Self::named(schema).is_some();
                (self.sample(schema, 0), named)
            }
            (None, None) => (json!("text"), false),
        }
    }

    /// A value that a schema names.
    fn named(schema: &'a Tree) -> Option<&'a Tree> {
        let first = |key| {
            schema
                .get(key)
                .and_then(|list| list.items().iter().find(|it| it.kind() != "nothing"))
        };
        schema
            .get("example")
            .or_else(|| first("examples"))
            .or_else(|| schema.get("const"))
            .or_else(|| {
                schema
                    .get("default")
                    .filter(|value| value.kind() != "nothing")
            })
            .or_else(|| first("enum"))
    }

    fn sample(&mut self, schema: &'a Tree, depth: usize) -> Value {
        let schema = self.references.resolve(schema);
        self.made += 1;
        if let Some(named) = Self::named(schema) {
            return self.typed(named, schema, depth);
        }
        let address: *const Tree = schema;
        if depth > MAX_DEPTH || self.within.contains(&address) {
            return match self.kind(schema, 0) {
                "array" => json!([]),
                "object" => json!({}),
                _ => Value::Null,
            };
        }
        self.within.push(address);
        let value = self.made(schema, depth);
        self.within.pop();
        value
    }

    fn made(&mut self, schema: &'a Tree, depth: usize) -> Value {
        let kind = self.kind(schema, 0);
        if schema.get("type").is_none()
            && kind != "object"
            && let Some(part) = self.part(schema)
        {
            return self.sample(part, depth + 1);
        }
        match kind {
            "object" => self.object(schema, depth),
            "array" => self.array(schema, depth),
            kind @ ("integer" | "number") => number_of(schema, kind),
            "boolean" => json!(true),
            "string" => json!(text_of(schema)),
            "null" => Value::Null,
            _ => json!("text"),
        }
    }

    /// A part that stands for the whole: the first choice, or what is all of it.
    fn part(&self, schema: &'a Tree) -> Option<&'a Tree> {
        ["oneOf", "anyOf", "allOf"].iter().find_map(|key| {
            let parts = schema.get(key)?.items();
            parts.iter().find(|part| {
                let part = self.references.resolve(part);
                part.text_of("type") != Some("null")
            })
        })
    }

    /// The type that a schema has, said or to be seen.
    fn kind(&self, schema: &'a Tree, depth: usize) -> &'a str {
        let said = match schema.get("type") {
            Some(Tree::List(kinds)) => kinds
                .iter()
                .filter_map(Tree::text)
                .find(|kind| *kind != "null"),
            Some(kind) => kind.text(),
            None => None,
        };
        if let Some(said) = said {
            return said;
        }
        if schema.get("properties").is_some() || schema.get("additionalProperties").is_some() {
            return "object";
        }
        if schema.get("items").is_some() || schema.get("prefixItems").is_some() {
            return "array";
        }
        let parts = ["allOf", "oneOf", "anyOf"]
            .iter()
            .filter_map(|key| schema.get(key));
        let mut parts = parts
            .flat_map(Tree::items)
            .map(|part| self.references.resolve(part));
        let found = (depth < 8).then(|| {
            parts.find_map(|part| {
                let kind = self.kind(part, depth + 1);
                (!kind.is_empty() && kind != "null").then_some(kind)
            })
        });
        if let Some(kind) = found.flatten() {
            return kind;
        }
        match schema {
            _ if schema.get("pattern").is_some() || schema.get("format").is_some() => "string",
            _ if schema.get("minimum").is_some() => "number",
            _ => "",
        }
    }

    /// All properties of an object: its own, those of all parts of `allOf`, and
    /// those of the first choice.
    fn together(&self, schema: &'a Tree, all: &mut Together<'a>, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        let references = self.references;
        all.parts.push(schema);
        for part in schema.get("allOf").map(Tree::items).unwrap_or_default() {
            self.together(references.resolve(part), all, depth + 1);
        }
        let required = schema.get("required").map(Tree::items).unwrap_or_default();
        all.required.extend(required.iter().filter_map(Tree::text));
        for (name, property) in schema
            .get("properties")
            .map(Tree::entries)
            .unwrap_or_default()
        {
            match all.properties.iter_mut().find(|(known, _)| known == name) {
                Some(known) => known.1 = property,
                None => all.properties.push((name, property)),
            }
        }
        for key in ["oneOf", "anyOf"] {
            let choices = schema.get(key).map(Tree::items).unwrap_or_default();
            let choice = choices.iter().map(|choice| references.resolve(choice));
            let mut choice = choice.filter(|choice| choice.text_of("type") != Some("null"));
            if let Some(choice) = choice.next() {
                self.together(choice, all, depth + 1);
            }
        }
    }

    fn object(&mut self, schema: &'a Tree, depth: usize) -> Value {
        let mut all = Together::default();
        self.together(schema, &mut all, 0);
        let mut object = Map::new();
        let outside = self.within.len();
        self.within.extend(&all.parts);
        for (name, property) in &all.properties {
            let required = all.required.contains(name);
            let resolved = self.references.resolve(property);
            let address: *const Tree = resolved;
            let small =
                depth < OPTIONAL_DEPTH && self.made < MAX_VALUES && !self.within.contains(&address);
            let wanted = required || (small && (!self.required_only || all.required.is_empty()));
            if wanted && !resolved.is("readOnly") && !property.is("readOnly") {
                object.insert((*name).to_owned(), self.sample(property, depth + 1));
            }
        }
        self.within.truncate(outside);
        Self::discriminate(schema, &mut object);
        let more = schema
            .get("additionalProperties")
            .filter(|more| more.is_map());
        if let (true, Some(more)) = (object.is_empty() && !self.required_only, more) {
            let value = self.sample(more, depth + 1);
            object.insert("key".to_owned(), value);
        }
        Value::Object(object)
    }

    /// The property that says which choice it is.
    fn discriminate(schema: &'a Tree, object: &mut Map<String, Value>) {
        let Some(discriminator) = schema.get("discriminator") else {
            return;
        };
        let choices = schema.get("oneOf").or(schema.get("anyOf")).map(Tree::items);
        let chosen = choices.and_then(|choices| choices.first()?.text_of("$ref"));
        let (Some(property), Some(chosen)) = (discriminator.text_of("propertyName"), chosen) else {
            return;
        };
        let mapping = discriminator
            .get("mapping")
            .map(Tree::entries)
            .unwrap_or_default();
        let mapped = mapping.iter().find(|(_, to)| to.text() == Some(chosen));
        let name = mapped.map_or_else(
            || chosen.rsplit('/').next().unwrap_or_default(),
            |(name, _)| name,
        );
        object.insert(property.to_owned(), name.into());
    }

    fn array(&mut self, schema: &'a Tree, depth: usize) -> Value {
        let items: Vec<&Tree> = match schema.get("prefixItems") {
            Some(items) => items.items().iter().collect(),
            None => schema.get("items").into_iter().collect(),
        };
        let least = schema.number_of("minItems").unwrap_or(0.0);
        if items.is_empty() || (self.made > MAX_VALUES && least < 1.0) {
            return json!([]);
        }
        if let [one] = items.as_slice() {
            let resolved: *const Tree = self.references.resolve(one);
            if self.within.contains(&resolved) || depth >= MAX_DEPTH {
                return json!([]);
            }
            let value = self.sample(one, depth + 1);
            let count = (1..=10)
                .find(|count| f64::from(*count) >= least)
                .unwrap_or(10);
            return (0..count).map(|_| value.clone()).collect();
        }
        items
            .into_iter()
            .map(|item| self.sample(item, depth + 1))
            .collect()
    }

    /// A value that the description names, as its schema has it: `no` is a text
    /// where the schema says so.
    fn typed(&self, value: &'a Tree, schema: &'a Tree, depth: usize) -> Value {
        let schema = self.references.resolve(schema);
        if depth > 100 {
            return value.value();
        }
        let kind = self.kind(schema, 0);
        match value {
            Tree::Plain(text) if kind == "string" && value.kind() != "nothing" => {
                text.as_str().into()
            }
            Tree::Text(text) => match kind {
                "integer" | "number" => number(text).unwrap_or_else(|| text.as_str().into()),
                "boolean" if text == "true" || text == "false" => scalar(text),
                _ => text.as_str().into(),
            },
            Tree::Plain(text) => match (kind, text.as_str()) {
                ("boolean", "yes" | "Yes" | "YES" | "on" | "On" | "ON") => true.into(),
                ("boolean", "no" | "No" | "NO" | "off" | "Off" | "OFF") => false.into(),
                _ => scalar(text),
            },
            Tree::List(items) => match schema.get("items") {
                Some(of) => items
                    .iter()
                    .map(|item| self.typed(item, of, depth + 1))
                    .collect(),
                None => value.value(),
            },
            Tree::Map(entries) => {
                let mut all = Together::default();
                self.together(schema, &mut all, 0);
                let more = schema
                    .get("additionalProperties")
                    .filter(|more| more.is_map());
                let entries = entries.iter().map(|(name, value)| {
                    let known = all.properties.iter().find(|(known, _)| known == name);
                    let of = known.map(|(_, property)| *property).or(more);
                    let value =
                        of.map_or_else(|| value.value(), |of| self.typed(value, of, depth + 1));
                    (name.clone(), value)
                });
                Value::Object(entries.collect())
            }
        }
    }
}

fn number_of(schema: &Tree, kind: &str) -> Value {
    let step = schema.number_of("multipleOf").filter(|step| *step > 0.0);
    let above = match schema.get("exclusiveMinimum").and_then(Tree::text) {
        Some("true") => schema.number_of("minimum").map(|least| least + 1.0),
        Some(bound) => bound.parse::<f64>().ok().map(|bound| bound + 1.0),
        None => schema.number_of("minimum"),
    };
    let most = schema.number_of("maximum");
    let mut value = above.unwrap_or_else(|| most.filter(|most| *most < 1.0).unwrap_or(1.0));
    if let Some(step) = step {
        value = (value / step).ceil() * step;
    }
    if let Some(most) = most.filter(|most| value > *most) {
        value = most;
    }
    if kind == "integer" || value.fract() == 0.0 {
        return number(&format!("{:.0}", value.ceil())).unwrap_or_else(|| json!(1));
    }
    json!(value)
}

fn text_of(schema: &Tree) -> String {
    let text = match schema.text_of("format") {
        Some("uuid") => "00000000-0000-0000-0000-000000000000",
        Some("date") => "2024-01-31",
        Some("date-time") => "2024-01-31T12:00:00Z",
        Some("time") => "12:00:00Z",
        Some("duration") => "P1D",
        Some("email" | "idn-email") => "ada@example.org",
        Some("uri" | "url" | "iri" | "uri-reference") => "https://example.org/",
        Some("hostname" | "idn-hostname") => "example.org",
        Some("ipv4") => "192.0.2.1",
        Some("ipv6") => "2001:db8::1",
        Some("byte") => "dGV4dA==",
        _ => "text",
    };
    let mut text = text.to_owned();
    let bound = |key| {
        schema
            .text_of(key)
            .and_then(|bound| bound.parse::<usize>().ok())
    };
    if let Some(least) = bound("minLength") {
        let filled = "x".repeat(least.min(10_000).saturating_sub(text.len()));
        text.push_str(&filled);
    }
    if let Some(most) = bound("maxLength") {
        text.truncate(most);
    }
    text
}
