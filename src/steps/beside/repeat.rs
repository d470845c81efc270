//! `repeat`: a step several times in a row.

use super::kind::{BesideKind, Draft, Stage};
use crate::document::ReadContext;
use crate::language::{Key, Node, Read};
use crate::steps::times::Times;

pub(super) const REPEAT: BesideKind = BesideKind {
    key: Key::new(
        "repeat",
        "how often the step is played in a row, from 1",
        Times::shape,
    ),
    read: &[(Stage::Turns, read), (Stage::End, list_names)],
};

fn read(node: &Node, draft: &mut Draft<'_>, cx: &mut ReadContext) {
    draft.beside.repeat = Times::read(node, cx);
    let remark = draft.beside.repeat.as_ref().map(|_| "repeated".to_owned());
    draft.beside.remarks.extend(remark);
}

/// After the last play, each name stands for what all have given.
fn list_names(_: &Node, draft: &mut Draft<'_>, cx: &mut ReadContext) {
    let parts = draft.document.capture.iter().map(|(name, _)| name);
    for name in draft.document.as_.iter().chain(parts) {
        cx.names.list_capture(&name.text);
    }
}
