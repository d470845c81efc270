//! From the text of a file to a [`Node`] with places. Syntax errors, duplicate
//! keys and YAML's odder features are found here.

use std::collections::HashMap;

// The event parser below `serde-saphyr`, which gives the place of keys too.
use serde_yaml::granit_parser::{Event, Parser, ScalarStyle, ScanError, Span as Place, options};

use super::node::{Elsewhere, Map, Node, Scalar, Text, Value};
use super::problem::{Problem, Problems};
use super::source::{Source, Span};
use super::yaml_help::{hint, quoted};
use crate::ceilings;
use crate::numbers::size;

/// How deep values may be nested.
const MAX_DEPTH: usize = 64;
/// How many values a file may have once its aliases are resolved.
const MAX_NODES: usize = 100_000;

/// Reads a file of one YAML document. `None` when there is nothing to go on
/// with; the reason is among the problems then.
pub(crate) fn load(source: &Source, problems: &mut Problems) -> Option<Node> {
    let options = options! { emit_comments: false };
    let mut loader = Loader {
        source: source.text(),
        events: Box::new(Parser::new_from_str_with_options(source.text(), options)),
        problems,
        anchors: HashMap::new(),
        nodes: 0,
        bytes: 0,
        aliased: 0,
    };
    match loader.document() {
        Ok(node) => node,
        Err(problem) => {
            loader.problems.push(problem);
            None
        }
    }
}

/// The same of a file that comes after `base` bytes of others.
pub(crate) fn load_after(base: usize, source: &Source, problems: &mut Problems) -> Option<Node> {
    let mut own = Problems::default();
    let root = load(source, &mut own);
    for problem in &own {
        problems.push(problem.clone().moved(base));
    }
    Some(root?.moved(base))
}

type Events<'s> = Box<dyn Iterator<Item = Result<(Event<'s>, Place), ScanError>> + 's>;

struct Loader<'s, 'p> {
    source: &'s str,
    events: Events<'s>,
    problems: &'p mut Problems,
    /// Anchored nodes, each with its height and size.
    anchors: HashMap<usize, (Node, Extent)>,
    nodes: usize,
    /// Bytes of keys and texts, of those that aliases stand for too.
    bytes: usize,
    /// Those that aliases stand for.
    aliased: usize,
}

/// Entries of a mapping that is being read.
#[derive(Default)]
struct Entries {
    list: Vec<(Text, Node)>,
    /// Where each key is.
    places: HashMap<String, Span>,
}

impl Entries {
    fn first(&self, key: &Text) -> Option<Span> {
        self.places.get(&key.text).copied()
    }

    fn push(&mut self, key: Text, node: Node) {
        self.places.insert(key.text.clone(), key.span);
        self.list.push((key, node));
    }
}

/// How big a node is.
#[derive(Clone, Copy, Default)]
struct Extent {
    height: usize,
    nodes: usize,
    /// Of its keys and texts.
    bytes: usize,
}

impl<'s> Loader<'s, '_> {
    fn next(&mut self) -> Result<(Event<'s>, Span), Problem> {
        match self.events.next() {
            Some(Ok((event, place))) => Ok((event, self.span(&place))),
            Some(Err(error)) => Err(self.syntax(&error)),
            None => Ok((Event::StreamEnd, self.end())),
        }
    }

    fn document(&mut self) -> Result<Option<Node>, Problem> {
        let mut root = None;
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamEnd => break,
                Event::DocumentStart(..) if root.is_some() => {
                    return Err(Problem::new(
                        span,
                        "a second YAML document begins here",
                        "one file holds one document: remove the `---`, or use two files",
                    ));
                }
                event if event.is_node() => root = Some(self.node(event, span, 0)?.0),
                _ => {}
            }
        }
        match root {
            Some(node) if !matches!(node.value, Value::Nothing) => Ok(Some(node)),
            _ => Err(Problem::new(
                Span::default(),
                "the file is empty",
                "write at least a `scenarios:` mapping; scenarios/tutorial.yaml is an example",
            )),
        }
    }

    fn node(
        &mut self,
        event: Event<'s>,
        span: Span,
        depth: usize,
    ) -> Result<(Node, Extent), Problem> {
        self.nodes += 1;
        if depth > MAX_DEPTH || self.nodes > MAX_NODES {
            return Err(too_big(span));
        }
        if event.tag().is_some() {
            self.problems.push(Problem::new(
                span,
                "YAML tags (`!…`) have no meaning here",
                "remove the tag; a text that begins with `!` is put in quotes",
            ));
        }
        let anchor = event.anchor_id();
        let before = (self.nodes, self.bytes);
        let (value, span, height) = match event {
            Event::Alias(id) => return self.alias(id, span, depth),
            Event::Scalar(text, style, ..) => (self.scalar(&text, style, span), span, 0),
            Event::SequenceStart(..) => self.list(span, depth)?,
            Event::MappingStart(..) => self.mapping(span, depth)?,
            _ => (Value::Nothing, span, 0),
        };
        let node = Node {
            span,
            at: span,
            value,
        };
        let extent = Extent {
            height,
            nodes: self.nodes - before.0 + 1,
            bytes: self.bytes - before.1,
        };
        if let Some(id) = anchor {
            self.anchors.insert(id, (node.clone(), extent));
        }
        Ok((node, extent))
    }

    /// A copy of what was anchored; what stands in it keeps its own place.
    fn alias(&mut self, id: usize, span: Span, depth: usize) -> Result<(Node, Extent), Problem> {
        let Some((node, extent)) = self.anchors.get(&id) else {
            return Err(Problem::new(
                span,
                "this alias refers to the value that it is in",
                "write the value out",
            ));
        };
        let extent = *extent;
        self.nodes += extent.nodes;
        self.bytes += extent.bytes;
        self.aliased += extent.bytes;
        if self.aliased > ceilings::ALIASES {
            let most = size(ceilings::ALIASES as u64);
            return Err(Problem::new(
                span,
                format!("aliases stand for more than {most} of this file"),
                "write less into what is anchored, or use it less often",
            ));
        }
        if depth + extent.height > MAX_DEPTH || self.nodes > MAX_NODES {
            return Err(too_big(span));
        }
        Ok((node.clone(), extent))
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, span: Span) -> Value {
        self.bytes += text.len();
        let plain = style == ScalarStyle::Plain;
        if plain && matches!(text, "" | "~" | "null" | "Null" | "NULL") {
            return Value::Nothing;
        }
        Value::Scalar(Scalar {
            text: self.text(text, span),
            plain,
        })
    }

    fn text(&self, text: &str, span: Span) -> Text {
        let written = self.source.get(span.start..span.end).unwrap_or_default();
        let quote = usize::from(written.starts_with(['"', '\'']) && !written.starts_with(text));
        let verbatim = written
            .get(quote..)
            .is_some_and(|inner| inner.starts_with(text) && inner.len() <= text.len() + quote);
        Text {
            text: text.to_owned(),
            span,
            verbatim: verbatim.then_some(span.start + quote),
        }
    }

    fn list(&mut self, start: Span, depth: usize) -> Result<(Value, Span, usize), Problem> {
        let mut items = Vec::new();
        let mut height = 0;
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::SequenceEnd => {
                    let span = join(start, span, items.last());
                    return Ok((Value::List(items), span, height + 1));
                }
                event if event.is_node() => {
                    let (item, extent) = self.node(event, span, depth + 1)?;
                    height = height.max(extent.height);
                    items.push(item);
                }
                _ => return Err(cut_short(span)),
            }
        }
    }

    fn mapping(&mut self, start: Span, depth: usize) -> Result<(Value, Span, usize), Problem> {
        let mut entries = Entries::default();
        let mut height = 0;
        let mut merged = None;
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::MappingEnd => {
                    let last = entries.list.last().map(|(_, node)| node);
                    let span = join(start, span, last.or(merged.as_ref()));
                    if let Some(node) = &merged {
                        self.merge(&mut entries, node);
                    }
                    let map = Map {
                        entries: entries.list,
                        elsewhere: Elsewhere::default(),
                    };
                    return Ok((Value::Map(map), span, height + 1));
                }
                event if event.is_node() => {
                    let key = self.key(event, span, depth + 1)?;
                    let (event, span) = self.next()?;
                    let (mut node, extent) = self.node(event, span, depth + 1)?;
                    height = height.max(extent.height);
                    let Some((key, is_merge)) = key else { continue };
                    node.at = key.span;
                    if !is_merge {
                        self.entry(&mut entries, key, node);
                    } else if merged.is_some() {
                        let help = "write one, with a list: `<<: [*a, *b]`";
                        let problem = Problem::new(key.span, "`<<` is given twice", help);
                        self.problems.push(problem);
                    } else {
                        merged = Some(node);
                    }
                }
                _ => return Err(cut_short(span)),
            }
        }
    }

    /// Adds what `<<` stands for: the entries of a mapping, or of each of a list
    /// of them. What is there already stays, and the first one goes first.
    fn merge(&mut self, entries: &mut Entries, node: &Node) {
        for map in node.items() {
            let Value::Map(map) = &map.value else {
                let message = format!("`<<` takes a mapping, found {}", map.kind());
                let help = "an alias of a mapping, as in `<<: *name`, or a list of them";
                self.problems.push(Problem::new(map.label(), message, help));
                continue;
            };
            for (key, node) in &map.entries {
                if entries.first(key).is_none() {
                    entries.push(key.clone(), node.clone());
                }
            }
        }
    }

    fn entry(&mut self, entries: &mut Entries, key: Text, node: Node) {
        if let Some(first) = entries.first(&key) {
            let line = if self.problems.are_too_many() {
                0
            } else {
                self.source[..first.start].matches('\n').count() + 1
            };
            self.problems.push(
                Problem::new(
                    key.span,
                    format!("`{}` is given twice", key.text),
                    format!("it is on line {line} already: keep one of the two"),
                )
                .labelled("given again"),
            );
        } else {
            entries.push(key, node);
        }
    }

    /// A key, which must be a word or text, and whether it is `<<`. `None` when
    /// it is not.
    fn key(
        &mut self,
        event: Event<'s>,
        span: Span,
        depth: usize,
    ) -> Result<Option<(Text, bool)>, Problem> {
        let (node, _) = self.node(event, span, depth)?;
        if let Value::Scalar(scalar) = &node.value {
            let is_merge = scalar.plain && scalar.text.text == "<<";
            return Ok(Some((scalar.text.clone(), is_merge)));
        }
        let written = self.source.get(node.span.start..).unwrap_or_default();
        let braces = self.source[..node.span.start].ends_with('{') && written.starts_with('{');
        if braces {
            // Whatever is said of this mapping would lead away from the reason.
            return Err(Problem::new(
                span,
                "a template without quotes is a mapping to YAML",
                format!("put it in quotes: {}", quoted(self.source, node.span.start)),
            ));
        }
        let message = format!("a key must be a text, found {}", node.kind());
        self.problems.push(Problem::new(span, message, ""));
        Ok(None)
    }

    fn span(&self, place: &Place) -> Span {
        let range = place.byte_range().unwrap_or_default();
        // Plain and block scalars may end after the line break.
        let written = self.source.get(range.clone()).unwrap_or_default();
        Span {
            start: range.start,
            end: range.start + written.trim_end().len(),
        }
    }

    fn end(&self) -> Span {
        Span {
            start: self.source.len(),
            end: self.source.len(),
        }
    }

    /// What the parser says, with help for what is most often the reason.
    fn syntax(&self, error: &ScanError) -> Problem {
        let text = self.source;
        let mut at = error
            .marker()
            .byte_offset()
            .unwrap_or(text.len())
            .min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        if error.kind().to_string().contains(" tab") {
            // The parser points at what comes before it.
            at += text[at..].find('\t').unwrap_or(0);
        }
        let width = text[at..].chars().next().map_or(0, char::len_utf8);
        let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let line = text[start..].lines().next().unwrap_or_default();
        let span = Span {
            start: at,
            end: at + width,
        };
        Problem::new(
            span,
            format!("this is not YAML: {}", error.kind()),
            hint(error, line),
        )
    }
}

/// From the start of a collection to its end; block collections end where
/// their last value does.
fn join(start: Span, end: Span, last: Option<&Node>) -> Span {
    let last = last.map_or(start.end, |node| node.span.end);
    Span {
        start: start.start,
        end: end.end.max(last).max(start.start),
    }
}

fn cut_short(span: Span) -> Problem {
    Problem::new(
        span,
        "this is not YAML: a value ends before it is complete",
        "",
    )
}

fn too_big(span: Span) -> Problem {
    Problem::new(
        span,
        "this file is nested too deep, or has too many values",
        format!("at most {MAX_DEPTH} levels and {MAX_NODES} values, aliases included"),
    )
}
