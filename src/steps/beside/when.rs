//! `when`: a condition without which a step is skipped.

use super::kind::{BesideKind, Draft, Stage};
use crate::document::ReadContext;
use crate::expression::Expression;
use crate::language::{Key, Node, Read, Shape};

pub(super) const WHEN: BesideKind = BesideKind {
    key: Key::new(
        "when",
        "condition without which the step is skipped: not played, not measured, not failed",
        || Shape::Condition,
    ),
    read: &[(Stage::Turns, read)],
};

fn read(node: &Node, draft: &mut Draft<'_>, cx: &mut ReadContext) {
    let when = Expression::read(node, cx);
    if let Some(when) = &when {
        cx.names.narrow(&when.assures());
        let remark = format!("when {}", when.source());
        draft.beside.remarks.push(remark);
    }
    draft.beside.when = when;
}
