//! `as` and `capture`: names for the result, and for parts of it.

use std::sync::Arc;

use super::judgement::Judging;
use super::kind::{Beside, BesideKind, Draft, Stage};
use crate::document::ReadContext;
use crate::language::{Key, Node, Shape};
use crate::steps::capture::{self, Capture};
use crate::steps::step::StepResult;

pub(super) const AS: BesideKind = BesideKind {
    key: Key::new(
        "as",
        "variable that takes the step's result, for the rest of the iteration",
        || Shape::Text,
    )
    .example("answer"),
    read: &[(Stage::Result, take_result), (Stage::Names, name_result)],
};

pub(super) const CAPTURE: BesideKind = BesideKind {
    key: Key::new(
        "capture",
        "variables that take parts of the result, and where each of them is in it",
        || Shape::Named("capture").entries(),
    )
    .example("{id: {jsonpath: $.id}}"),
    read: &[(Stage::Result, read_parts)],
};

/// Takes the whole result.
struct As(Arc<str>);

impl Beside for As {
    fn judge<'a>(&'a self, result: StepResult, cx: &mut Judging<'a, '_>) -> StepResult {
        if let Ok(value) = &result {
            cx.user.scope.set(&self.0, value.clone());
        }
        result
    }

    fn names(&self) -> Vec<&Arc<str>> {
        vec![&self.0]
    }
}

/// Take parts of it.
struct Captures(Vec<Capture>);

impl Beside for Captures {
    fn judge<'a>(&'a self, result: StepResult, cx: &mut Judging<'a, '_>) -> StepResult {
        let result = result?;
        for capture in &self.0 {
            let mut secrets = Vec::new();
            let value = capture.take(&result, &cx.user.scope, &mut secrets)?;
            cx.user.scope.set(capture.name(), value);
            for secret in secrets {
                cx.user.services.platform.http().keep_secret(secret);
            }
        }
        Ok(result)
    }

    fn names(&self) -> Vec<&Arc<str>> {
        self.0.iter().map(Capture::name).collect()
    }
}

fn take_result(_: &Node, draft: &mut Draft<'_>, _: &mut ReadContext) {
    let name = draft.document.as_.iter();
    let name = name.map(|name| Box::new(As(name.text.as_str().into())) as Box<dyn Beside>);
    draft.beside.extend(name);
}

fn name_result(_: &Node, draft: &mut Draft<'_>, cx: &mut ReadContext) {
    if let Some(name) = &draft.document.as_ {
        cx.names.capture(&name.text, draft.result.clone());
    }
}

fn read_parts(_: &Node, draft: &mut Draft<'_>, cx: &mut ReadContext) {
    let read = capture::read(draft.document, draft.answers, cx);
    for (name, _) in &draft.document.capture {
        let found = read.iter().find(|capture| **capture.name() == *name.text);
        let of = found.map(Capture::of).unwrap_or_default();
        cx.names.capture(&name.text, of);
    }
    draft.beside.push(Box::new(Captures(read)));
}
