//! A step as it is written: its kind with arguments, and what stands beside.

use super::context::ReadContext;
use super::marks::Marks;
use super::model::Known;
use crate::language::names::{list, nearest};
use crate::language::node::{Node, Text, Value};
use crate::language::problem::Problem;
use crate::language::read::Read;

/// One step.
#[derive(Debug)]
pub struct StepDoc {
    /// What kind of step.
    pub kind: Text,
    /// Its arguments: a mapping, unless the user wrote something else.
    pub arguments: Node,
    /// Variable that takes its result.
    pub as_: Option<Text>,
    /// Variables that take parts of its result, and what is said of each.
    pub capture: Vec<(Text, Node)>,
    /// What stands beside it, as it is written.
    pub beside: Vec<(Text, Node)>,
    /// What decides whether it is played at all.
    pub marks: Marks,
}

impl StepDoc {
    /// A step with nothing beside it.
    pub fn bare(kind: Text, arguments: Node) -> Self {
        Self {
            kind,
            arguments,
            as_: None,
            capture: Vec::new(),
            beside: Vec::new(),
            marks: Marks::default(),
        }
    }

    /// The status that `expect` says in a mapping, where it is one.
    pub fn expected_status(&self) -> Option<&Node> {
        let items = self.beside("expect").map(Node::items).unwrap_or_default();
        let mut keys = items.iter().flat_map(Node::entries);
        let found = keys.find(|(key, _)| key.text == "status");
        found.map(|(_, node)| node)
    }

    /// What stands beside it under a key.
    pub fn beside(&self, name: &str) -> Option<&Node> {
        let mut beside = self.beside.iter();
        let found = beside.find(|(key, _)| key.text == name);
        found.map(|(_, node)| node)
    }
}

/// Reads an item that is no block.
pub(crate) fn read_step(node: &Node, known: &Known<'_>, cx: &mut ReadContext) -> Option<StepDoc> {
    if let Some(word) = node.scalar() {
        check_kind(word, known, cx);
        let arguments = Node::empty(word.span).beside(known.beside);
        return Some(StepDoc::bare(word.clone(), arguments));
    }
    if !matches!(node.value, Value::Map(_)) {
        cx.mismatch(node, "a step such as `register: {…}`");
        return None;
    }
    let (kind, arguments) = find_kind(node, known, cx)?;
    let beside = node.entries().filter(|(key, _)| known.is_beside(key));
    let beside = beside.map(|(key, node)| (key.clone(), node.clone()));
    let arguments = match arguments.value {
        // `register:` with nothing after it.
        Value::Nothing => Node::empty(kind.span),
        _ => arguments,
    };
    let mut step = StepDoc {
        beside: beside.collect(),
        marks: Marks::read(node, &mut cx.problems),
        ..StepDoc::bare(kind.clone(), arguments.beside(known.beside))
    };
    let as_ = step.beside("as").and_then(|node| Text::read(node, cx));
    let as_ = as_.filter(|name| cx.names.check(name, "a capture", &mut cx.problems));
    let capture = step.beside("capture");
    let capture = capture.map(|node| read_capture(node, as_.as_ref(), cx));
    step.capture = capture.unwrap_or_default();
    step.as_ = as_;
    Some(step)
}

/// Names below `capture`. What is said of each is for whoever knows the result.
fn read_capture(node: &Node, as_: Option<&Text>, cx: &mut ReadContext) -> Vec<(Text, Node)> {
    if !matches!(node.value, Value::Map(_)) || node.entries().next().is_none() {
        let expected = "a mapping from names to where their values come from";
        cx.problem(
            node.label(),
            format!("expected {expected}, found {}", described(node)),
            "for example `capture: {id: {jsonpath: $.id}}`; `as` gives the whole result a name",
        );
        return Vec::new();
    }
    let mut read = Vec::new();
    for (name, node) in node.entries() {
        if as_.is_some_and(|as_| as_.text == name.text) {
            let message = format!("this step captures `{}` twice", name.text);
            cx.problem(name.span, message, "give one of the two another name");
        } else if cx.names.check(name, "a capture", &mut cx.problems) {
            read.push((name.clone(), node.clone()));
        }
    }
    read
}

fn described(node: &Node) -> &'static str {
    match &node.value {
        Value::Map(_) => "an empty one",
        _ => node.kind(),
    }
}

/// The key that is the step's kind. Every other key that has no meaning is a
/// problem.
fn find_kind<'n>(
    node: &'n Node,
    known: &Known<'_>,
    cx: &mut ReadContext,
) -> Option<(&'n Text, Node)> {
    let candidates: Vec<(&Text, &Node)> = node
        .entries()
        .filter(|(key, _)| !known.is_beside(key))
        .collect();
    let is_known = |key: &Text| known.steps.contains(&key.text.as_str());
    let Some(&(kind, arguments)) = candidates
        .iter()
        .find(|(key, _)| is_known(key))
        .or_else(|| {
            let guess = |key: &Text| nearest(&key.text, known.steps).is_some();
            candidates.iter().find(|(key, _)| guess(key))
        })
        .or(candidates.first())
    else {
        cx.problem(node.span, "this step does nothing", known.one_of());
        return None;
    };
    check_kind(kind, known, cx);
    let strays: Vec<(&Text, &Node)> = candidates
        .iter()
        .filter(|(key, _)| !std::ptr::eq(*key, kind))
        .copied()
        .collect();
    let none_is_known = !strays.iter().any(|(key, _)| is_known(key));
    if arguments.is_nothing() && is_known(kind) && none_is_known && !strays.is_empty() {
        return Some((kind, not_indented(kind, &strays, cx)));
    }
    for (key, _) in strays {
        cx.push(stray(key, kind, known));
    }
    Some((kind, arguments.clone()))
}

/// Arguments that stand beside the step, with nothing below it: one mistake,
/// however many there are.
fn not_indented(kind: &Text, strays: &[(&Text, &Node)], cx: &mut ReadContext) -> Node {
    let names: Vec<&str> = strays.iter().map(|(key, _)| key.as_str()).collect();
    let (first, _) = strays[0];
    let message = format!("the arguments of `{}` are not indented", kind.text);
    let help = format!("indent {} more than `{}`", list(&names), kind.text);
    cx.push(Problem::new(first.span, message, help));
    let entries = strays
        .iter()
        .map(|(key, node)| ((*key).clone(), (*node).clone()));
    Node::empty(kind.span).holding(entries.collect())
}

fn stray(key: &Text, kind: &Text, known: &Known<'_>) -> Problem {
    let beside = known.beside;
    if known.steps.contains(&key.as_str()) {
        let message = format!("`{}` is a second step in one list item", key.text);
        return Problem::new(key.span, message, "begin each step with its own `- `");
    }
    let help = match (meant(&key.text, known), nearest(&key.text, beside)) {
        (Some((word, form)), _) => {
            format!("did you mean `{word}`? It is an item of its own:\n  - {form}")
        }
        (None, Some(name)) => format!("did you mean `{name}`?"),
        (None, None) => format!(
            "arguments of `{}` are indented below it; beside it there are {}",
            kind.text,
            list(beside)
        ),
    };
    Problem::new(
        key.span,
        format!("unknown key `{}` beside `{}`", key.text, kind.text),
        help,
    )
}

/// What other tools call a step or a block, and how it is written here.
const FOREIGN: &[(&str, &str)] = &[
    ("wait", "sleep: 2s"),
    ("think", "sleep: 2s"),
    ("think_time", "sleep: 2s"),
    ("pause", "sleep: 2s"),
    ("delay", "sleep: 2s"),
    ("request", "http: {url: /path}"),
    ("get", "http: {url: /path}"),
    ("post", "http: {url: /path, method: POST}"),
    ("loop", "repeat: {times: 3, steps: […]}"),
    ("for", "repeat: {times: 3, steps: […]}"),
];

/// The word for what another tool calls `name`, and how it is written.
fn meant(name: &str, known: &Known<'_>) -> Option<(&'static str, &'static str)> {
    let (_, form) = FOREIGN.iter().find(|(foreign, _)| *foreign == name)?;
    let (word, _) = form.split_once(':')?;
    known.words().contains(&word).then_some((word, form))
}

fn check_kind(kind: &Text, known: &Known<'_>, cx: &mut ReadContext) {
    if known.steps.contains(&kind.text.as_str()) {
        return;
    }
    let mut problem = Problem::unknown(kind, "step", &known.words());
    if let Some((word, form)) = meant(&kind.text, known) {
        problem.help = Some(format!("did you mean `{word}`? It is written\n  - {form}"));
    }
    cx.push(problem);
}
