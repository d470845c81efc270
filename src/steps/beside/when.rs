//! `when`: a condition without which a step is skipped.

use super::kind::{Beside, BesideKind, Draft, Stage, Turns};
use crate::document::ReadContext;
use crate::expression::{Expression, Scope};
use crate::language::{Key, Node, Read, Shape};
use crate::steps::error::StepError;

pub(super) const WHEN: BesideKind = BesideKind {
    key: Key::new(
        "when",
        "condition without which the step is skipped: not played, not measured, not failed",
        || Shape::Condition,
    ),
    read: &[(Stage::Turns, read)],
};

fn read(node: &Node, draft: &mut Draft<'_>, cx: &mut ReadContext) {
    if let Some(when) = Expression::read(node, cx) {
        cx.names.narrow(&when.assures());
        draft.beside.push(Box::new(When(when)));
    }
}

struct When(Expression);

impl Beside for When {
    fn remark(&self) -> Option<String> {
        Some(format!("when {}", self.0.source()))
    }

    fn turns(&self, scope: &Scope) -> Result<Turns, StepError> {
        let holds = self.0.holds(scope).map_err(StepError::argument("when"))?;
        Ok(if holds { Turns::Once } else { Turns::Skip })
    }
}
