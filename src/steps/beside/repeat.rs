//! `repeat`: a step several times in a row.

use super::kind::{Beside, BesideKind, Draft, Stage, Turns};
use crate::document::ReadContext;
use crate::expression::Scope;
use crate::language::{Key, Node, Read};
use crate::steps::error::StepError;
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
    if let Some(times) = Times::read(node, cx) {
        draft.beside.push(Box::new(Repeat(times)));
    }
}

struct Repeat(Times);

impl Beside for Repeat {
    fn remark(&self) -> Option<String> {
        Some(format!("repeated: {}", self.0))
    }

    fn turns(&self, scope: &Scope) -> Result<Turns, StepError> {
        self.0.get(scope).map(Turns::Rounds)
    }
}

/// After the last play, each name stands for what all have given.
fn list_names(_: &Node, draft: &mut Draft<'_>, cx: &mut ReadContext) {
    let parts = draft.document.capture.iter().map(|(name, _)| name);
    for name in draft.document.as_.iter().chain(parts) {
        cx.names.list_capture(&name.text);
    }
}
