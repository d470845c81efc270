//! `as` and `capture`: names for the result, and for parts of it.

use super::kind::{BesideKind, Draft, Stage};
use crate::document::ReadContext;
use crate::language::{Key, Node, Shape};
use crate::steps::capture::{self, Capture};

pub(super) const AS: BesideKind = BesideKind {
    key: Key::new(
        "as",
        "variable that takes the step's result, for the rest of the iteration",
        || Shape::Text,
    )
    .example("answer"),
    read: &[(Stage::Names, name_result)],
};

pub(super) const CAPTURE: BesideKind = BesideKind {
    key: Key::new(
        "capture",
        "variables that take parts of the result, and where each of them is in it",
        || Shape::Named("capture").entries(),
    )
    .example("{id: {jsonpath: $.id}}"),
    read: &[(Stage::Result, read_parts), (Stage::Names, name_parts)],
};

fn name_result(_: &Node, draft: &mut Draft<'_>, cx: &mut ReadContext) {
    if let Some(name) = &draft.document.as_ {
        cx.names.capture(&name.text, draft.result.clone());
        draft.beside.as_ = Some(name.text.as_str().into());
    }
}

fn read_parts(_: &Node, draft: &mut Draft<'_>, cx: &mut ReadContext) {
    draft.beside.captures = capture::read(draft.document, draft.answers, cx);
}

fn name_parts(_: &Node, draft: &mut Draft<'_>, cx: &mut ReadContext) {
    for (name, _) in &draft.document.capture {
        let mut read = draft.beside.captures.iter();
        let read = read.find(|capture| **capture.name() == *name.text);
        cx.names
            .capture(&name.text, read.map(Capture::of).unwrap_or_default());
    }
}
