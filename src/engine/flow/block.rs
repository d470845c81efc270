//! Steps and blocks as they are played, and lists of them.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::player::{EarlyEnd, Player};
use crate::steps::PlannedStep;

/// Steps that are played in some way of their own, read and checked.
pub trait Block: Send + Sync {
    /// Plays them.
    fn play<'a>(&'a self, player: &'a mut Player<'_>) -> BoxFuture<'a, Result<(), EarlyEnd>>;

    /// What it is, for `run --dry-run` and for whoever looks for its steps.
    fn outline(&self) -> Outline<'_>;
}

/// A block in words.
pub enum Outline<'a> {
    /// One without steps, and what it does: `sleep 5s`.
    Line(String),
    /// The lists of steps that it has, each with when and how often it is played:
    /// `if found.x == 1`.
    Lists(Vec<(String, &'a [Item])>),
}

/// A line of a flow in words.
pub enum OutlineLine<'a> {
    /// A block, or one of its lists, which comes next.
    Block(String),
    /// What is not played.
    Skipped(&'a str),
    /// A step.
    Step(&'a PlannedStep),
}

/// A step or a block of a list.
pub enum Item {
    /// A step, and its number among those of the flow.
    Step(Box<PlannedStep>, usize),
    /// A block.
    Block(Box<dyn Block>),
    /// What is not played, by `skip` or by its tags, and what it is called.
    Skipped(String),
}

/// The steps of a scenario, of setup or of teardown.
#[derive(Default)]
pub struct Flow {
    items: Vec<Item>,
    labels: Vec<Arc<str>>,
    groups: Vec<Arc<str>>,
}

impl Flow {
    pub(super) fn new(items: Vec<Item>, labels: Vec<Arc<str>>, groups: Vec<Arc<str>>) -> Self {
        Self {
            items,
            labels,
            groups,
        }
    }

    /// A flow of these steps alone, in tests of what plays them.
    #[cfg(test)]
    pub(in crate::engine) fn of(steps: impl Iterator<Item = PlannedStep>) -> Self {
        let items: Vec<Item> = steps
            .enumerate()
            .map(|(number, step)| Item::Step(Box::new(step), number))
            .collect();
        let mut flow = Self {
            items,
            ..Self::default()
        };
        let mut labels = Vec::new();
        flow.each_step(&mut |step| labels.push(Arc::clone(&step.label)));
        flow.labels = labels;
        flow
    }

    /// True when there is nothing to play.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    pub(in crate::engine) fn items(&self) -> &[Item] {
        &self.items
    }

    /// How reports call the steps, by their numbers.
    pub fn labels(&self) -> &[Arc<str>] {
        &self.labels
    }

    /// Names of the groups.
    pub fn groups(&self) -> &[Arc<str>] {
        &self.groups
    }

    /// Every step that is played, those in blocks too.
    pub fn each_step<'a>(&'a self, visit: &mut dyn FnMut(&'a PlannedStep)) {
        each_step(&self.items, visit);
    }

    /// Blocks and steps in order, each with how many blocks it stands in.
    pub fn outline(&self) -> Vec<(usize, OutlineLine<'_>)> {
        let mut outline = Vec::new();
        walk(&self.items, 0, &mut |depth, line| {
            outline.push((depth, line));
        });
        outline
    }

    /// Whether any step saves or reads credentials.
    pub fn needs_vault(&self) -> bool {
        let mut needs = false;
        self.each_step(&mut |step| needs |= step.needs_vault());
        needs
    }
}

/// Every step and block of a list that is played, those in blocks too, with how
/// many blocks it stands in.
fn walk<'a>(items: &'a [Item], depth: usize, visit: &mut dyn FnMut(usize, OutlineLine<'a>)) {
    for item in items {
        match item {
            Item::Step(step, _) => visit(depth, OutlineLine::Step(step)),
            Item::Block(block) => match block.outline() {
                Outline::Line(words) => visit(depth, OutlineLine::Block(words)),
                Outline::Lists(lists) => {
                    for (words, list) in lists {
                        visit(depth, OutlineLine::Block(words));
                        walk(list, depth + 1, visit);
                    }
                }
            },
            Item::Skipped(name) => visit(depth, OutlineLine::Skipped(name)),
        }
    }
}

/// Every step of a list that is played, those in blocks too.
pub(super) fn each_step<'a>(items: &'a [Item], visit: &mut dyn FnMut(&'a PlannedStep)) {
    walk(items, 0, &mut |_, line| {
        if let OutlineLine::Step(step) = line {
            visit(step);
        }
    });
}
