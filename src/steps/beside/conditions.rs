//! `expect` and `check`: conditions on what a step has found.

use super::kind::{BesideKind, Stage};
use crate::document::ReadContext;
use crate::expression::Expression;
use crate::language::{Key, Node, Read, Shape};

pub(super) const EXPECT: BesideKind = BesideKind {
    key: Key::new(
        "expect",
        "condition, or list of conditions; one that does not hold fails the step",
        shape,
    ),
    read: &[(Stage::Conditions, |node, draft, cx| {
        draft.beside.expect = read(node, cx);
    })],
};

pub(super) const CHECK: BesideKind = BesideKind {
    key: Key::new(
        "check",
        "condition, or list of conditions, that are only recorded",
        shape,
    ),
    read: &[(Stage::Conditions, |node, draft, cx| {
        draft.beside.check = read(node, cx);
    })],
};

fn shape() -> Shape {
    Shape::Condition.one_or_list()
}

fn read(node: &Node, cx: &mut ReadContext) -> Vec<Expression> {
    let items = node.items().iter();
    items
        .filter_map(|item| Expression::read(item, cx))
        .collect()
}
