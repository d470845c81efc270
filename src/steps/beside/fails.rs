//! `fails`: a step that must fail, and why.

use super::kind::{BesideKind, Draft, Stage};
use crate::expression::{Context, Type};
use crate::language::{Key, Node, Read, Text};
use crate::steps::fails::{self, Fails};

pub(super) const FAILS: BesideKind = BesideKind {
    key: Key::new(
        "fails",
        "words of the reason with which the step must fail",
        Text::shape,
    )
    .example("403 Forbidden"),
    read: &[(Stage::Play, plan)],
};

fn plan(node: &Node, draft: &mut Draft<'_>, cx: &mut Context<'_>) {
    let fails = Fails::read(node, cx);
    draft.result = fails.as_ref().map_or(Type::Any, |_| fails::result());
    draft.answers &= fails.is_none();
    let remark = fails.as_ref().map(|_| "must fail".to_owned());
    draft.beside.remarks.extend(remark);
    draft.beside.fails = fails;
}
