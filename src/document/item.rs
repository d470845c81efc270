//! An item of `steps`: a step, or a block with steps in it.

use super::context::ReadContext;
use super::marks::{MARKS, Marks};
use super::model::Known;
use super::sites::{block_in, capture_sites};
use super::step::{StepDoc, read_step};
use crate::language::node::{Node, Text, Value};
use crate::language::problem::Problem;

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
    /// Says of what stands beside it that it does not belong there.
    pub fn refuse_strays(&self, cx: &mut ReadContext) {
        for (key, _) in &self.strays {
            let message = format!("`{}` cannot stand beside `{}`", key.text, self.kind.text);
            let help = "put it beside the steps in the block";
            cx.push(Problem::new(key.span, message, help));
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
        if let Some((key, _)) = node.entries().next() {
            problem.help = Some(format!("write\n  - {}: …", key.text));
        }
        cx.push(problem);
        return Vec::new();
    };
    if items.is_empty() {
        cx.problem(node.label(), "there is no step", known.one_of());
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

/// `- sleep`, with nothing in it.
fn is_bare_block(item: &Node, known: &Known<'_>) -> bool {
    item.scalar()
        .is_some_and(|word| known.blocks.contains(&word.text.as_str()))
}

fn read_block(item: &Node, kind: &Text, body: &Node, cx: &mut ReadContext) -> BlockDoc {
    let is_its_own = |key: &Text| std::ptr::eq(key, kind) || MARKS.contains(&key.as_str());
    let strays = item.entries().filter(|(key, _)| !is_its_own(key));
    BlockDoc {
        strays: strays
            .map(|(key, node)| (key.clone(), node.clone()))
            .collect(),
        kind: kind.clone(),
        body: body.clone(),
        marks: Marks::read(item, &mut cx.problems),
    }
}
