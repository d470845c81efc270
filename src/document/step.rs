//! A step as it is written: its kind with arguments, and what stands beside.

use super::context::ReadContext;
use super::marks::Marks;
use super::model::Known;
use crate::language::form::levels;
use crate::language::inline::inline;
use crate::language::meant;
use crate::language::names::{list, nearest};
use crate::language::node::{Node, Text, Value};
use crate::language::problem::Problem;
use crate::language::read::{Read, duration_shape};
use crate::language::shape::Shape;

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
        let arguments = Node::empty(word.span).beside(known.beside);
        check_kind(word, &arguments, known, cx);
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
    if let Some(meant) = named_inside(node.items()) {
        let message = "a name stands before what is captured under it";
        let form = inline(&node.clone().holding(meant.clone()));
        cx.problem(node.label(), message, format!("write\n  capture: {form}"));
        return meant;
    }
    if !node.is_mapping() || node.entries().next().is_none() {
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

/// `{json: $.id, as: id}`, where the name is one of the settings: the names and what
/// belongs below them.
pub(super) fn named_inside(items: &[Node]) -> Option<Vec<(Text, Node)>> {
    const SOURCES: [(&str, &str); 6] = [
        ("json", "jsonpath"),
        ("jsonpath", "jsonpath"),
        ("regex", "regex"),
        ("regexp", "regex"),
        ("header", "header"),
        ("cookie", "cookie"),
    ];
    let part = |item: &Node| {
        let name = item.entry("as").or_else(|| item.entry("name"))?.scalar()?;
        let found = SOURCES.iter().find_map(|(foreign, key)| {
            let value = item.entry(foreign)?;
            value.scalar().map(|_| (Text::bare(*key), value.clone()))
        });
        Some((name.clone(), Node::empty(item.span).holding(vec![found?])))
    };
    let all: Option<Vec<_>> = items.iter().map(part).collect();
    all.filter(|all| !all.is_empty())
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
        let beside = node.entries().next();
        let help = beside.map(|(key, node)| format!("{}: {}", key.text, inline(node)));
        let help = help.map_or_else(|| known.one_of(), |line| beside_a_step(&line));
        cx.problem(node.span, "this step does nothing", help);
        return None;
    };
    check_kind(kind, arguments, known, cx);
    let strays: Vec<(&Text, &Node)> = candidates
        .iter()
        .filter(|(key, _)| !std::ptr::eq(*key, kind))
        .copied()
        .collect();
    let none_is_known = !strays.iter().any(|(key, _)| is_known(key));
    if arguments.is_nothing() && is_known(kind) && none_is_known && !strays.is_empty() {
        return Some((kind, not_indented(kind, &strays, cx)));
    }
    // Of a step that there is not, nobody knows what belongs to it.
    let is_meant = is_known(kind) || nearest(&kind.text, known.steps).is_some();
    for (key, node) in strays.into_iter().filter(|_| is_meant) {
        cx.push(stray((key, node), (kind, arguments), known));
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

fn stray(
    (key, node): (&Text, &Node),
    (kind, arguments): (&Text, &Node),
    known: &Known<'_>,
) -> Problem {
    if known.steps.contains(&key.as_str()) {
        let message = format!("`{}` is a second step in one list item", key.text);
        return Problem::new(key.span, message, "begin each step with its own `- `");
    }
    let line = |name: &str, node: &Node| format!("{name}: {}", inline(node));
    let inside = || arguments.entries().map(|(key, node)| line(&key.text, node));
    let help = if let Some(name) = meant_beside(&key.text, known) {
        format!("here it is\n  {}", line(name, node))
    } else if let Some((word, form)) = meant(&key.text, node, known) {
        format!("did you mean `{word}`? It is an item of its own\n  - {form}")
    } else if let Some(name) = nearest(&key.text, known.beside) {
        format!("did you mean `{name}`?")
    } else {
        let inside: Vec<String> = inside().chain([line(&key.text, node)]).collect();
        format!(
            "beside a step there are {}; its arguments are indented below it\n{}",
            list(known.beside),
            levels(&kind.text, &inside, &[])
        )
    };
    Problem::new(
        key.span,
        format!("unknown key `{}` beside `{}`", key.text, kind.text),
        help,
    )
}

/// What other tools call a key beside a step.
const FOREIGN_BESIDE: &[(&str, &[&str])] = &[
    (
        "expect",
        &["assert", "asserts", "assertions", "validate", "should"],
    ),
    ("capture", &["captures", "extract"]),
    ("as", &["id", "register_as", "save_as"]),
    ("retry", &["retries", "attempts"]),
    ("repeat", &["count", "times"]),
    ("name", &["title", "description"]),
];

/// The key beside a step for what another tool calls `name`.
fn meant_beside(name: &str, known: &Known<'_>) -> Option<&'static str> {
    let mut all = FOREIGN_BESIDE.iter();
    let (key, _) = all.find(|(_, names)| names.contains(&name))?;
    known.beside.contains(key).then_some(*key)
}

/// What other tools call a step or a block; how it is written here, with `$` for what
/// stands after the colon; and an example of that.
const FOREIGN: &[(&[&str], &str, &str)] = &[
    (
        &["wait", "think", "think_time", "pause", "delay"],
        "sleep: $",
        "2s",
    ),
    (
        &["print", "echo", "debug", "say", "puts"],
        "log: $",
        "hello",
    ),
    (&["throw", "raise", "error"], "fail: $", "this must not be"),
    (&["stop", "exit"], "abort: $", "no use to go on"),
    (
        &["request", "get", "fetch", "curl"],
        "http: {url: $}",
        "/path",
    ),
    (&["post"], "http: {method: POST, url: $}", "/path"),
    (&["put"], "http: {method: PUT, url: $}", "/path"),
    (&["patch"], "http: {method: PATCH, url: $}", "/path"),
    (&["delete"], "http: {method: DELETE, url: $}", "/path"),
    (
        &["otp", "get_otp", "read_otp"],
        "otp.read: {of: $}",
        "ada@example.org",
    ),
    (&["import", "use"], "include: {file: $}", "lib.yaml"),
    (
        &["loop", "for", "foreach", "for_each"],
        "repeat: {times: 3, steps: […]}",
        "",
    ),
    (
        &["switch", "random"],
        "choose: [{weight: 1, steps: […]}]",
        "",
    ),
];

/// The word for what another tool calls `name`, and how it is written.
fn meant(name: &str, node: &Node, known: &Known<'_>) -> Option<(&'static str, String)> {
    let mut all = FOREIGN.iter();
    let (_, form, example) = all.find(|(names, ..)| names.contains(&name))?;
    let (word, _) = form.split_once(':')?;
    let shape = match word {
        "sleep" => duration_shape(),
        _ => Shape::Text,
    };
    let written = node.scalar().and_then(|_| meant::meant(&shape, node));
    let written = written.filter(|it| !it.is_empty());
    let form = match inline(node) {
        // A request with its arguments.
        all if word == "http" && all.starts_with("{url: ") => {
            form.replace("{url: $}", &all).replace("url: $}", &all[1..])
        }
        _ => form.replace('$', written.as_deref().unwrap_or(example)),
    };
    known.words().contains(&word).then_some((word, form))
}

fn check_kind(kind: &Text, arguments: &Node, known: &Known<'_>, cx: &mut ReadContext) {
    if known.steps.contains(&kind.text.as_str()) {
        return;
    }
    let mut problem = Problem::unknown(kind, "step", &known.words());
    if let Some((word, form)) = meant(&kind.text, arguments, known) {
        problem.help = Some(format!("did you mean `{word}`? It is written\n  - {form}"));
    } else if let Some(key) = meant_beside(&kind.text, known) {
        let key = format!("{key}: {}", inline(arguments));
        problem.help = Some(beside_a_step(&key));
    } else if known.is_beside(kind) {
        problem.help = Some(beside_a_step(&format!("{}: …", kind.text)));
    }
    cx.push(problem);
}

/// How a key is written that cannot stand alone.
fn beside_a_step(line: &str) -> String {
    let step = levels("http", &["url: /path".to_owned()], &[line.to_owned()]);
    format!("it stands beside a step\n{step}")
}
