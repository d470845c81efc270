//! `fails`: a step that must fail, and why.

use super::kind::{BesideKind, Draft, Stage};
use crate::document::ReadContext;
use crate::expression::Type;
use crate::language::{Key, Node, Shape};
use crate::steps::fails::{self, Fails};

pub(super) const FAILS: BesideKind = BesideKind {
    key: Key::new(
        "fails",
        "words of the reason with which the step must fail",
        || Shape::Text,
    )
    .example("403 Forbidden"),
    read: &[(Stage::Play, plan)],
};

fn plan(node: &Node, draft: &mut Draft<'_>, cx: &mut ReadContext) {
    let fails = Fails::read(node, cx);
    draft.result = fails.as_ref().map_or(Type::Any, |_| fails::result());
    draft.answers &= fails.is_none();
    let remark = fails.as_ref().map(|_| "must fail".to_owned());
    draft.beside.remarks.extend(remark);
    draft.beside.fails = fails;
}
