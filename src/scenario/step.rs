//! A step as it is written: its kind with arguments, and what stands beside.

use super::context::Context;
use super::document::{Known, check_name};
use super::item::{Marks, one_of, words};
use super::names::{list, nearest};
use super::node::{Node, Text, Value};
use super::problem::Problem;
use super::read::Read;

/// Keys that stand beside a step's kind.
pub(super) const BESIDE: &[&str] = &[
    "as",
    "name",
    "when",
    "repeat",
    "retry",
    "acting_as",
    "fails",
    "expect",
    "check",
    "tags",
    "skip",
];

/// One step.
#[derive(Debug)]
pub struct StepDoc {
    /// What kind of step.
    pub kind: Text,
    /// Its arguments: a mapping, unless the user wrote something else.
    pub arguments: Node,
    /// Variable that takes its result.
    pub as_: Option<Text>,
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

/// Reads an item that is no block.
pub(super) fn read_step(node: &Node, known: &Known<'_>, cx: &mut Context<'_>) -> Option<StepDoc> {
    if let Some(word) = node.scalar() {
        check_kind(word, known, cx);
        return Some(StepDoc {
            kind: word.clone(),
            arguments: Node::empty(word.span).beside(BESIDE),
            as_: None,
            name: None,
            when: None,
            repeat: None,
            acting_as: None,
            fails: None,
            expect: Vec::new(),
            check: Vec::new(),
            retry: None,
            marks: Marks::default(),
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
    let name = beside("name").and_then(|node| Text::read(node, cx));
    let conditions = |name: &str| beside(name).map_or_else(Vec::new, |node| node.items().to_vec());
    Some(StepDoc {
        kind: kind.clone(),
        arguments: match arguments.value {
            // `register:` with nothing after it.
            Value::Nothing => Node::empty(kind.span).beside(BESIDE),
            _ => arguments.clone().beside(BESIDE),
        },
        as_,
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

/// The key that is the step's kind. Every other key that has no meaning is a
/// problem.
fn find_kind<'n>(
    node: &'n Node,
    known: &Known<'_>,
    cx: &mut Context<'_>,
) -> Option<(&'n Text, &'n Node)> {
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
    for (key, _) in candidates {
        if !std::ptr::eq(key, kind) {
            cx.push(stray(key, kind, is_known(key)));
        }
    }
    Some((kind, arguments))
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
