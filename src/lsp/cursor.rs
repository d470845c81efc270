//! What of a file a place is in.

use std::cmp::Reverse;

use crate::language::node::Value;
use crate::language::{Node, Span, Text};

/// A part of a file, and the way to it from the top.
pub(super) struct Cursor<'n> {
    pub(super) trail: Vec<Step<'n>>,
    pub(super) part: Part<'n>,
}

/// One step down.
pub(super) enum Step<'n> {
    /// To what this mapping has under a key.
    Key(&'n Node, &'n str),
    /// To an item of a list.
    Item,
}

pub(super) enum Part<'n> {
    Key(&'n Text),
    Value(&'n Node),
}

impl<'n> Cursor<'n> {
    /// What is at a place of a file.
    pub(super) fn at(root: &'n Node, at: usize) -> Self {
        let mut trail = Vec::new();
        let part = find(root, at, &mut trail);
        Self { trail, part }
    }

    /// The text at the place.
    pub(super) fn scalar(&self) -> Option<&'n Text> {
        match self.part {
            Part::Value(node) => node.scalar(),
            Part::Key(_) => None,
        }
    }

    /// The last keys on the way, the innermost first.
    pub(super) fn keys(&self) -> impl Iterator<Item = &'n str> {
        self.trail.iter().rev().filter_map(|step| match step {
            Step::Key(_, key) => Some(*key),
            Step::Item => None,
        })
    }
}

/// The end counts: that is where a cursor stands after a word.
pub(super) fn has(span: Span, at: usize) -> bool {
    span.start <= at && at <= span.end
}

fn find<'n>(node: &'n Node, at: usize, trail: &mut Vec<Step<'n>>) -> Part<'n> {
    match &node.value {
        Value::Map(map) => {
            let entries = || map.entries.iter();
            if let Some((key, _)) = entries().find(|(key, _)| has(key.span, at)) {
                trail.push(Step::Key(node, &key.text));
                return Part::Key(key);
            }
            if let Some((key, value)) = innermost(entries(), at, |(_, value)| value.span) {
                trail.push(Step::Key(node, &key.text));
                return find(value, at, trail);
            }
        }
        Value::List(items) => {
            if let Some(item) = innermost(items.iter(), at, |item| item.span) {
                trail.push(Step::Item);
                return find(item, at, trail);
            }
        }
        Value::Nothing | Value::Scalar(_) => {}
    }
    Part::Value(node)
}

/// The one that begins last: a block reaches as far as where the next thing begins. Of an
/// anchor and its aliases, which are in one place, the first.
fn innermost<T>(all: impl Iterator<Item = T>, at: usize, span: impl Fn(&T) -> Span) -> Option<T> {
    all.filter(|it| has(span(it), at))
        .min_by_key(|it| Reverse(span(it).start))
}
