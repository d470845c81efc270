//! An item of `steps`: a step, or a block with steps in it.

use super::context::ReadContext;
use super::marks::{MARKS, Marks};
use super::model::Known;
use super::sites::{block_in, capture_sites};
use super::step::{StepDoc, read_step};
use crate::language::inline::inline;
use crate::language::node::{Node, Text, Value};
use crate::language::problem::Problem;

/// Most steps that are repeated in a message.
const MOST: usize = 3;

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
    /// What stands beside its name and does not belong there.
    pub strays: Vec<(Text, Node)>,
}

impl BlockDoc {
    /// Says of what stands beside it that it does not belong there. Two steps in one
    /// item are one mistake, and nothing more is to be said of them.
    pub fn refuse_strays(&self, known: &Known<'_>, cx: &mut ReadContext) {
        let is_step = |key: &Text| !known.is_beside(key) && known.words().contains(&key.as_str());
        if let Some((key, node)) = self.strays.iter().find(|(key, _)| is_step(key)) {
            return cx.push(self.two_steps(key, node));
        }
        for (key, node) in &self.strays {
            let message = format!("`{}` cannot stand beside `{}`", key.text, self.kind.text);
            cx.push(Problem::new(key.span, message, self.instead(key, node)));
        }
    }

    /// Whether a step or another block stands beside it.
    pub fn is_with_a_step(&self, known: &Known<'_>) -> bool {
        let mut strays = self.strays.iter();
        strays.any(|(key, _)| !known.is_beside(key) && known.words().contains(&key.as_str()))
    }

    fn two_steps(&self, key: &Text, node: &Node) -> Problem {
        let line = |name: &Text, node: &Node| format!("{}: {}", name.text, inline(node));
        let kind = &self.kind;
        // Other tools have a condition beside a step.
        if kind.text == "if" && self.body.scalar().is_some() {
            let message = format!("`if` cannot stand beside `{}`", key.text);
            let (step, condition) = (line(key, node), inline(&self.body));
            let help = format!("beside a step it is\n  - {step}\n    when: {condition}");
            return Problem::new(kind.span, message, help);
        }
        let (own, other) = ((kind, &self.body), (key, node));
        let ((first, before), (second, after)) = if key.span.start < kind.span.start {
            (other, own)
        } else {
            (own, other)
        };
        let message = format!("`{}` is a second step in one list item", second.text);
        let (before, after) = (line(first, before), line(second, after));
        let help = format!("begin each step with its own `- `\n  - {before}\n  - {after}");
        Problem::new(second.span, message, help)
    }

    /// What is written in place of a key beside a block.
    fn instead(&self, key: &Text, node: &Node) -> String {
        let block = format!("{}: {}", self.kind.text, inline(&self.body));
        match key.as_str() {
            "when" => format!(
                "a block is played on a condition so\n  - if:\n      condition: {}\n      \
                 then:\n        - {block}",
                inline(node)
            ),
            "repeat" => format!(
                "a block is repeated so\n  - repeat:\n      times: {}\n      steps:\n        \
                 - {block}",
                inline(node)
            ),
            _ if self.body.scalar().is_some() => format!(
                "`{}` has no result, and no settings: remove `{}`",
                self.kind.text, key.text
            ),
            _ => "put it beside the steps in the block".to_owned(),
        }
    }

    /// The same block with these keys below its name.
    #[must_use]
    pub fn holding(&self, entries: Vec<(Text, Node)>) -> Self {
        Self {
            kind: self.kind.clone(),
            body: Node::empty(self.kind.span).holding(entries),
            marks: self.marks.clone(),
            strays: Vec::new(),
        }
    }
}

/// Begins to read a list of steps, blocks and what is in them included.
pub fn begin_steps(steps: &Node, known: &Known<'_>, cx: &mut ReadContext) {
    cx.names.visible.begin(capture_sites(steps, known));
}

/// Reads the items of a list of steps. Lists in blocks are left to those.
pub fn read_items(node: &Node, known: &Known<'_>, cx: &mut ReadContext) -> Vec<ItemDoc> {
    let Value::List(items) = &node.value else {
        let mut problem = Problem::mismatch(node, "a list of steps, each with its own `- `");
        let steps: Vec<String> = match node.scalar() {
            _ if node.is_nothing() => vec!["http: {url: /path}".to_owned()],
            Some(_) => vec![inline(node)],
            None => {
                let each = node.entries().take(MOST);
                each.map(|(key, node)| format!("{}: {}", key.text, inline(node)))
                    .collect()
            }
        };
        if !steps.is_empty() {
            problem.help = Some(format!("write\n  - {}", steps.join("\n  - ")));
        }
        cx.push(problem);
        return Vec::new();
    };
    if items.is_empty() {
        cx.problem(node.label(), "there is no step", known.one_of());
    }
    let read = items.iter().filter_map(|item| match block_in(item, known) {
        Some((kind, body)) => Some(ItemDoc::Block(read_block(item, kind, body, cx))),
        None => match bare_block(item, known) {
            Some(block) => Some(ItemDoc::Block(block)),
            None => read_step(item, known, cx).map(|step| ItemDoc::Step(Box::new(step))),
        },
    });
    read.collect()
}

/// `- sleep`, with nothing in it: the block's kind says what belongs there.
fn bare_block(item: &Node, known: &Known<'_>) -> Option<BlockDoc> {
    let kind = item.scalar()?;
    known.blocks.contains(&kind.as_str()).then(|| BlockDoc {
        kind: kind.clone(),
        body: Node {
            value: Value::Nothing,
            ..item.clone()
        },
        marks: Marks::default(),
        strays: Vec::new(),
    })
}

fn read_block(item: &Node, kind: &Text, body: &Node, cx: &mut ReadContext) -> BlockDoc {
    let is_its_own = |key: &Text| std::ptr::eq(key, kind) || MARKS.contains(&key.as_str());
    let strays = item.entries().filter(|(key, _)| !is_its_own(key));
    BlockDoc {
        strays: strays
            .map(|(key, node)| (key.clone(), node.clone()))
            .collect(),
        kind: kind.clone(),
        body: body.clone().beside(MARKS),
        marks: Marks::read(item, &mut cx.problems),
    }
}
