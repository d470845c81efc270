//! An item of `steps`: a step, or a block with steps in it.

use super::model::Known;
use super::step::{StepDoc, read_step};
use crate::expression::context::Context;
use crate::language::names::list;
use crate::language::node::{Node, Text, Value};
use crate::language::problem::Problem;
use crate::language::read::Read;
use crate::language::shape::{Key, Shape, names};
use crate::language::source::Span;

/// An item of a list of steps.
#[derive(Debug)]
pub enum ItemDoc {
    /// One action.
    Step(Box<StepDoc>),
    /// Steps that are played in some way of their own.
    Block(BlockDoc),
}

/// A block, as it is written. What is in it is left to the block's kind.
#[derive(Debug)]
pub struct BlockDoc {
    /// What kind of block.
    pub kind: Text,
    /// What stands below its name.
    pub body: Node,
    /// What decides whether it is played at all.
    pub marks: Marks,
}

/// What decides whether a scenario, a step or a block is played at all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// Words by which the command line selects.
    pub tags: Vec<String>,
    /// Never played; still checked.
    pub skip: bool,
}

/// Keys of [`Marks`], which can stand beside a block.
pub const MARK_KEYS: &[Key; 2] = &[
    Key::new(
        "tags",
        "a word, or a list of them, by which `--tags` selects",
        || Shape::Text.one_or_list(),
    )
    .example("slow"),
    Key::new(
        "skip",
        "whether it is not played, but still checked",
        bool::shape,
    ),
];
const MARKS: &[&str] = &names(MARK_KEYS);

impl Marks {
    pub(crate) fn read(node: &Node, cx: &mut Context<'_>) -> Self {
        let mut marks = Self::default();
        for (key, node) in node.entries() {
            match key.text.as_str() {
                "tags" => marks.tags = read_tags(node, cx),
                "skip" => marks.skip = bool::read(node, cx).unwrap_or_default(),
                _ => {}
            }
        }
        marks
    }
}

/// One word, or a list of them.
fn read_tags(node: &Node, cx: &mut Context<'_>) -> Vec<String> {
    let read = node.items().iter().filter_map(|item| {
        let text = Text::read(item, cx)?;
        let good = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
        if text.text.is_empty() || !text.text.chars().all(good) {
            let message = format!("`{}` is not a tag", text.text);
            let help = "a tag has letters, digits, `_`, `-` and `.`";
            cx.problem(text.span, message, help);
        }
        Some(text.text)
    });
    read.collect()
}

/// Reads the items of a list of steps. Lists in blocks are left to those.
pub fn read_items(node: &Node, known: &Known<'_>, cx: &mut Context<'_>) -> Vec<ItemDoc> {
    let Value::List(items) = &node.value else {
        cx.mismatch(node, "a list of steps, each with its own `- `");
        return Vec::new();
    };
    if items.is_empty() {
        cx.problem(node.label(), "there is no step", one_of(known));
    }
    let read = items.iter().filter_map(|item| match block_in(item, known) {
        None if is_bare_block(item, known) => {
            cx.mismatch(item, "what belongs to the block, after a colon");
            None
        }
        Some((kind, body)) => Some(ItemDoc::Block(read_block(item, kind, body, cx))),
        None => read_step(item, known, cx).map(|step| ItemDoc::Step(Box::new(step))),
    });
    read.collect()
}

fn block_in<'n>(item: &'n Node, known: &Known<'_>) -> Option<(&'n Text, &'n Node)> {
    let found = item
        .entries()
        .find(|(key, _)| known.blocks.contains(&key.text.as_str()))?;
    // `repeat` is a block of its own, and a key beside a step.
    let is_beside = |key: &Text| known.is_beside(key);
    let of_a_step = is_beside(found.0) && item.entries().any(|(key, _)| !is_beside(key));
    (!of_a_step).then_some(found)
}

/// `- sleep`, with nothing in it.
fn is_bare_block(item: &Node, known: &Known<'_>) -> bool {
    item.scalar()
        .is_some_and(|word| known.blocks.contains(&word.text.as_str()))
}

fn read_block(item: &Node, kind: &Text, body: &Node, cx: &mut Context<'_>) -> BlockDoc {
    for (key, _) in item.entries() {
        let is_its_own = std::ptr::eq(key, kind) || MARKS.contains(&key.text.as_str());
        if !is_its_own {
            let message = format!("`{}` cannot stand beside `{}`", key.text, kind.text);
            let help = "put it beside the steps in the block";
            cx.push(Problem::new(key.span, message, help));
        }
    }
    BlockDoc {
        kind: kind.clone(),
        body: body.clone(),
        marks: Marks::read(item, cx),
    }
}

/// What an item of `steps` can be.
pub(crate) fn words<'a>(known: &Known<'a>) -> Vec<&'a str> {
    known.steps.iter().chain(known.blocks).copied().collect()
}

pub(crate) fn one_of(known: &Known<'_>) -> String {
    format!("a step is one of {}", list(&words(known)))
}

/// A name that a step gives to its result, or to a part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Capture {
    /// The name.
    pub(crate) name: String,
    /// Where the name is.
    pub(crate) at: Span,
    /// The step.
    pub(crate) step: Span,
    /// What it is, in a word: two with the same one are alike.
    pub(crate) form: String,
    /// It is of a part of the result, by `capture`.
    pub(crate) part: bool,
}

/// Every capture in a list of steps, those inside blocks included, in the order
/// of the file.
pub(crate) fn captures(steps: &Node, known: &Known<'_>) -> Vec<Capture> {
    let mut found = Vec::new();
    let Value::List(items) = &steps.value else {
        return found;
    };
    for item in items {
        if let Some((_, body)) = block_in(item, known) {
            in_block(body, known, &mut found);
        } else {
            of_step(item, known, &mut found);
        }
    }
    found
}

/// What a step captures, by `as` and by `capture`.
fn of_step(item: &Node, known: &Known<'_>, found: &mut Vec<Capture>) {
    let beside = |key: &Text| known.is_beside(key);
    let kind = item.entries().find(|(key, _)| !beside(key));
    let kind = kind.map_or("", |(key, _)| key.as_str());
    let has = |name| item.entries().any(|(key, _)| key.text == name);
    let form = format!("{kind} {} {}", has("fails"), has("repeat"));
    let mut note = |name: &Text, form: String, part| {
        found.push(Capture {
            name: name.text.clone(),
            at: name.span,
            step: item.span,
            form,
            part,
        });
    };
    for (key, node) in item.entries() {
        match key.text.as_str() {
            "as" => {
                if let Some(name) = node.scalar() {
                    note(name, form.clone(), false);
                }
            }
            // Of a part, nothing is said that could be alike.
            "capture" => node
                .entries()
                .for_each(|(name, _)| note(name, format!("{:?}", name.span), true)),
            _ => {}
        }
    }
}

/// Whatever the block is: lists of steps are the lists in it, at any depth that
/// is not inside a step.
fn in_block(body: &Node, known: &Known<'_>, found: &mut Vec<Capture>) {
    match &body.value {
        Value::List(items) => {
            let is_item = |item: &Node| {
                let words = words(known);
                item.entries()
                    .any(|(key, _)| words.contains(&key.text.as_str()))
            };
            if items.iter().any(is_item) {
                found.extend(captures(body, known));
            } else {
                for item in items {
                    in_block(item, known, found);
                }
            }
        }
        Value::Map(map) => {
            for (_, node) in &map.entries {
                in_block(node, known, found);
            }
        }
        _ => {}
    }
}
