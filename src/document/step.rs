//! A step as it is written: its kind with arguments, and what stands beside.

use super::item::{Marks, one_of, words};
use super::model::Known;
use super::read::check_name;
use crate::expression::context::Context;
use crate::language::names::{list, nearest};
use crate::language::node::{Node, Text, Value};
use crate::language::problem::Problem;
use crate::language::read::Read;
use crate::language::shape::{Key, Shape, names};

/// Keys that stand beside a step's kind.
pub(crate) const BESIDE: &[&str] = &names(BESIDE_KEYS);

/// The same with what they are for.
pub const BESIDE_KEYS: &[Key; 12] = &[
    Key::new(
        "as",
        "variable that takes the step's result, for the rest of the iteration",
        Text::shape,
    )
    .example("answer"),
    Key::new(
        "capture",
        "variables that take parts of the result, and where each of them is in it",
        || Shape::Named("capture").entries(),
    )
    .example("{id: {jsonpath: $.id}}"),
    Key::new(
        "name",
        "what reports and thresholds call the step; its kind otherwise",
        Text::shape,
    ),
    Key::new(
        "when",
        "condition without which the step is skipped: not played, not measured, not failed",
        || Shape::Condition,
    ),
    Key::new(
        "repeat",
        "how often the step is played in a row, from 1",
        times_shape,
    ),
    Key::new("retry", "how it is tried again when it fails", || {
        Shape::Named("retry")
    })
    .example("3"),
    Key::new(
        "acting_as",
        "login of the account that plays the step, when it is not the current one",
        Text::shape,
    ),
    Key::new(
        "fails",
        "words of the reason with which the step must fail",
        Text::shape,
    )
    .example("403 Forbidden"),
    Key::new(
        "expect",
        "condition, or list of conditions; one that does not hold fails the step",
        conditions_shape,
    ),
    Key::new(
        "check",
        "condition, or list of conditions, that are only recorded",
        conditions_shape,
    ),
    Key::new(
        "tags",
        "a word, or a list of them: the step is left out when `--tags` has one of them with `!`",
        || Shape::Text.one_or_list(),
    )
    .example("slow"),
    Key::new(
        "skip",
        "whether it is not played, but still checked",
        bool::shape,
    ),
];

fn conditions_shape() -> Shape {
    Shape::Condition.one_or_list()
}

/// A number from 1, or an expression that gives one.
pub fn times_shape() -> Shape {
    Shape::Whole(1).or(Shape::Expression)
}

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
    /// How reports call it.
    pub name: Option<Text>,
    /// Condition without which the step is skipped.
    pub when: Option<Node>,
    /// How often the step is played in a row.
    pub repeat: Option<Node>,
    /// Login of the account that plays it, where it is not the current one.
    pub acting_as: Option<Node>,
    /// Why the step must fail.
    pub fails: Option<Node>,
    /// Conditions that fail the step.
    pub expect: Vec<Node>,
    /// Conditions that are recorded.
    pub check: Vec<Node>,
    /// How it is tried again when it fails.
    pub retry: Option<Node>,
    /// What decides whether it is played at all.
    pub marks: Marks,
}

impl StepDoc {
    /// A step that is in no file, with nothing beside it.
    pub fn bare(kind: &str, arguments: &Node) -> Self {
        Self {
            kind: Text::bare(kind),
            arguments: arguments.clone(),
            as_: None,
            capture: Vec::new(),
            name: None,
            when: None,
            repeat: None,
            acting_as: None,
            fails: None,
            expect: Vec::new(),
            check: Vec::new(),
            retry: None,
            marks: Marks::default(),
        }
    }
}

/// Reads an item that is no block.
pub(crate) fn read_step(node: &Node, known: &Known<'_>, cx: &mut Context<'_>) -> Option<StepDoc> {
    if let Some(word) = node.scalar() {
        check_kind(word, known, cx);
        return Some(StepDoc {
            kind: word.clone(),
            ..StepDoc::bare("", &Node::empty(word.span).beside(BESIDE))
        });
    }
    if !matches!(node.value, Value::Map(_)) {
        cx.mismatch(node, "a step such as `register: {…}`");
        return None;
    }
    let (kind, arguments) = find_kind(node, known, cx)?;
    let beside = |name: &str| {
        let mut entries = node.entries();
        entries
            .find(|(key, _)| key.text == name)
            .map(|(_, node)| node)
    };
    let as_ = beside("as").and_then(|node| Text::read(node, cx));
    let as_ = as_.filter(|name| check_name(name, "a capture", cx));
    let capture = beside("capture").map(|node| read_capture(node, as_.as_ref(), cx));
    let name = beside("name").and_then(|node| Text::read(node, cx));
    let conditions = |name: &str| beside(name).map_or_else(Vec::new, |node| node.items().to_vec());
    Some(StepDoc {
        kind: kind.clone(),
        arguments: match arguments.value {
            // `register:` with nothing after it.
            Value::Nothing => Node::empty(kind.span).beside(BESIDE),
            _ => arguments.beside(BESIDE),
        },
        as_,
        capture: capture.unwrap_or_default(),
        name,
        when: beside("when").cloned(),
        repeat: beside("repeat").cloned(),
        acting_as: beside("acting_as").cloned(),
        fails: beside("fails").cloned(),
        expect: conditions("expect"),
        check: conditions("check"),
        retry: beside("retry").cloned(),
        marks: Marks::read(node, cx),
    })
}

/// Names below `capture`. What is said of each is for whoever knows the result.
fn read_capture(node: &Node, as_: Option<&Text>, cx: &mut Context<'_>) -> Vec<(Text, Node)> {
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
        } else if check_name(name, "a capture", cx) {
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
    cx: &mut Context<'_>,
) -> Option<(&'n Text, Node)> {
    let candidates: Vec<(&Text, &Node)> = node
        .entries()
        .filter(|(key, _)| !BESIDE.contains(&key.text.as_str()))
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
        cx.problem(node.span, "this step does nothing", one_of(known));
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
        cx.push(stray(key, kind, is_known(key)));
    }
    Some((kind, arguments.clone()))
}

/// Arguments that stand beside the step, with nothing below it: one mistake,
/// however many there are.
fn not_indented(kind: &Text, strays: &[(&Text, &Node)], cx: &mut Context<'_>) -> Node {
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

fn stray(key: &Text, kind: &Text, is_step: bool) -> Problem {
    if is_step {
        let message = format!("`{}` is a second step in one list item", key.text);
        return Problem::new(key.span, message, "begin each step with its own `- `");
    }
    let help = match nearest(&key.text, BESIDE) {
        Some(name) => format!("did you mean `{name}`?"),
        None => format!(
            "arguments of `{}` are indented below it; beside it there are {}",
            kind.text,
            list(BESIDE)
        ),
    };
    Problem::new(
        key.span,
        format!("unknown key `{}` beside `{}`", key.text, kind.text),
        help,
    )
}

fn check_kind(kind: &Text, known: &Known<'_>, cx: &mut Context<'_>) {
    if !known.steps.contains(&kind.text.as_str()) {
        cx.push(Problem::unknown(kind, "step", &words(known)));
    }
}
