//! The values of a document as they are written: whether `no` is a text or a
//! boolean, the schema says.

use std::collections::HashMap;

use serde_json::Value;
use serde_yaml::granit_parser::{Event, Parser, ScalarStyle, Span, options};

/// Values in values, and values that aliases stand for.
const MAX_DEPTH: usize = 200;
const MAX_NODES: usize = 10_000_000;

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Tree {
    /// Without quotes: a number, a boolean, nothing, or a text.
    Plain(String),
    /// A text.
    Text(String),
    List(Vec<Tree>),
    Map(Vec<(String, Tree)>),
}

impl Tree {
    pub fn get(&self, key: &str) -> Option<&Self> {
        let mut entries = self.entries().iter();
        entries
            .find(|(name, _)| name == key)
            .map(|(_, value)| value)
    }

    pub fn entries(&self) -> &[(String, Self)] {
        match self {
            Self::Map(entries) => entries,
            _ => &[],
        }
    }

    pub fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }

    /// A scalar, as it is written.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Plain(text) | Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn text_of(&self, key: &str) -> Option<&str> {
        self.get(key)?.text()
    }

    pub fn is(&self, key: &str) -> bool {
        self.text_of(key) == Some("true")
    }

    pub fn number_of(&self, key: &str) -> Option<f64> {
        self.text_of(key)?.parse().ok()
    }

    pub fn is_map(&self) -> bool {
        matches!(self, Self::Map(_))
    }

    /// What it is called in messages.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Plain(text) if is_nothing(text) => "nothing",
            Self::Plain(_) | Self::Text(_) => "a single value",
            Self::List(_) => "a list",
            Self::Map(_) => "a mapping",
        }
    }

    /// As JSON, where nothing says what its scalars are (YAML 1.2, 10.3).
    pub fn value(&self) -> Value {
        match self {
            Self::Text(text) => text.as_str().into(),
            Self::Plain(text) => scalar(text),
            Self::List(items) => items.iter().map(Self::value).collect(),
            Self::Map(entries) => {
                let entries = entries.iter();
                Value::Object(
                    entries
                        .map(|(name, value)| (name.clone(), value.value()))
                        .collect(),
                )
            }
        }
    }
}

fn is_nothing(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

/// A scalar without quotes.
pub(super) fn scalar(text: &str) -> Value {
    match text {
        _ if is_nothing(text) => Value::Null,
        "true" | "True" | "TRUE" => true.into(),
        "false" | "False" | "FALSE" => false.into(),
        _ => number(text).unwrap_or_else(|| text.into()),
    }
}

/// A number, unless digits would be lost.
pub(super) fn number(text: &str) -> Option<Value> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let leads = digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.");
    let looks = digits.starts_with(|c: char| c.is_ascii_digit()) && !leads;
    serde_json::from_str::<Value>(text.strip_prefix('+').unwrap_or(text))
        .ok()
        .filter(|value| looks && value.is_number())
}

impl From<Value> for Tree {
    fn from(value: Value) -> Self {
        match value {
            Value::String(text) => Self::Text(text),
            Value::Array(items) => Self::List(items.into_iter().map(Self::from).collect()),
            Value::Object(entries) => {
                let entries = entries.into_iter();
                Self::Map(
                    entries
                        .map(|(name, value)| (name, Self::from(value)))
                        .collect(),
                )
            }
            other => Self::Plain(other.to_string()),
        }
    }
}

/// Why a text is no YAML: line, column and reason.
pub(super) struct NoYaml(pub usize, pub usize, pub String);

pub(super) fn yaml(text: &str) -> Result<Tree, NoYaml> {
    let options = options! { emit_comments: false };
    let mut loader = Loader {
        events: Box::new(Parser::new_from_str_with_options(text, options)),
        anchors: HashMap::new(),
        nodes: 0,
    };
    loop {
        let (event, place) = loader.next()?;
        match event {
            Event::StreamEnd => return Ok(Tree::Plain(String::new())),
            event if event.is_node() => return loader.node(event, place, 0),
            _ => {}
        }
    }
}

type Events<'s> =
    Box<dyn Iterator<Item = Result<(Event<'s>, Span), serde_yaml::granit_parser::ScanError>> + 's>;

struct Loader<'s> {
    events: Events<'s>,
    anchors: HashMap<usize, (Tree, usize)>,
    nodes: usize,
}

impl<'s> Loader<'s> {
    fn next(&mut self) -> Result<(Event<'s>, Span), NoYaml> {
        match self.events.next() {
            Some(Ok(next)) => Ok(next),
            Some(Err(error)) => {
                let place = error.marker();
                Err(NoYaml(place.line(), place.col() + 1, error.info().clone()))
            }
            None => Ok((Event::StreamEnd, Span::default())),
        }
    }

    fn node(&mut self, event: Event<'s>, place: Span, depth: usize) -> Result<Tree, NoYaml> {
        self.nodes += 1;
        let fail =
            |reason: &str| NoYaml(place.start.line(), place.start.col() + 1, reason.to_owned());
        if depth > MAX_DEPTH || self.nodes > MAX_NODES {
            return Err(fail("it is nested too deep, or has too many values"));
        }
        let (anchor, before) = (event.anchor_id(), self.nodes);
        let tree = match event {
            Event::Alias(id) => {
                let (tree, size) = self
                    .anchors
                    .get(&id)
                    .ok_or_else(|| fail("an alias of nothing"))?;
                self.nodes += size;
                if self.nodes > MAX_NODES {
                    return Err(fail("its aliases stand for too many values"));
                }
                return Ok(tree.clone());
            }
            Event::Scalar(text, ScalarStyle::Plain, ..) => Tree::Plain(text.into_owned()),
            Event::Scalar(text, ..) => Tree::Text(text.into_owned()),
            Event::SequenceStart(..) => {
                let mut items = Vec::new();
                loop {
                    let (event, place) = self.next()?;
                    match event {
                        Event::SequenceEnd => break Tree::List(items),
                        event if event.is_node() => {
                            items.push(self.node(event, place, depth + 1)?);
                        }
                        _ => return Err(fail("it is cut short")),
                    }
                }
            }
            _ => self.mapping(place, depth)?,
        };
        if let Some(id) = anchor {
            self.anchors
                .insert(id, (tree.clone(), self.nodes - before + 1));
        }
        Ok(tree)
    }

    fn mapping(&mut self, place: Span, depth: usize) -> Result<Tree, NoYaml> {
        let mut entries: Vec<(String, Tree)> = Vec::new();
        let mut merged = Vec::new();
        loop {
            let (event, at) = self.next()?;
            match event {
                Event::MappingEnd => break,
                event if event.is_node() => {
                    let key = self.node(event, at, depth + 1)?;
                    let (event, at) = self.next()?;
                    let value = self.node(event, at, depth + 1)?;
                    match key {
                        Tree::Plain(key) if key == "<<" => merged.push(value),
                        Tree::Plain(key) | Tree::Text(key) => entries.push((key, value)),
                        _ => {}
                    }
                }
                _ => {
                    let (line, column) = (place.start.line(), place.start.col() + 1);
                    return Err(NoYaml(line, column, "it is cut short".to_owned()));
                }
            }
        }
        for tree in merged {
            let maps = match tree {
                Tree::List(items) => items,
                one => vec![one],
            };
            for (key, value) in maps.into_iter().flat_map(|map| match map {
                Tree::Map(entries) => entries,
                _ => Vec::new(),
            }) {
                if entries.iter().all(|(known, _)| *known != key) {
                    entries.push((key, value));
                }
            }
        }
        Ok(Tree::Map(entries))
    }
}
