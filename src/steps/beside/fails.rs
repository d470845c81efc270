//! `fails`: a step that must fail, and why.

use super::judgement::Judging;
use super::kind::{Beside, BesideKind, Draft, Stage};
use crate::document::ReadContext;
use crate::expression::{TextTemplate, Type};
use crate::language::{Key, Node, Read, Shape};
use crate::steps::arguments::text;
use crate::steps::error::StepError;
use crate::steps::step::StepResult;

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
    draft.result = Type::Any;
    if let Some(fails) = Fails::read(node, cx) {
        draft.result = Type::record([("kind", Type::Text), ("message", Type::Text)]);
        draft.answers = false;
        draft.beside.push(Box::new(fails));
    }
}

/// The reason that a step must fail with: some words of its message.
struct Fails(TextTemplate);

impl Fails {
    /// Reads the words. None at all would be in every message.
    fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        if let Some(words) = node.scalar()
            && words.text.trim().is_empty()
        {
            cx.problem(
                node.label(),
                "`fails` needs some words of the reason",
                "any failure would do otherwise, a network that is down too; \
                 for example `fails: 403 Forbidden`",
            );
            return None;
        }
        TextTemplate::read(node, cx).map(Self)
    }
}

impl Beside for Fails {
    fn remark(&self) -> Option<String> {
        Some("must fail".to_owned())
    }

    /// A failure with these words becomes the step's result, everything else a
    /// failure. An argument that cannot be made is a mistake in the scenario,
    /// whatever its message says.
    fn judge<'a>(&'a self, result: StepResult, cx: &mut Judging<'a, '_>) -> StepResult {
        let error = match result {
            Err(mistake @ StepError::Argument { .. }) => return Err(mistake),
            result => result.err(),
        };
        let expected = text("fails", Some(&self.0), &cx.user.scope)?.unwrap_or_default();
        if expected.trim().is_empty() {
            return Err(StepError::Argument {
                argument: "fails",
                reason: "expected some words of the reason, got none".into(),
            });
        }
        let Some(error) = error else {
            return Err(StepError::Succeeded { expected });
        };
        let message = error.to_string();
        if !message.contains(&expected) {
            let reason = Box::new(error);
            return Err(StepError::OtherFailure { expected, reason });
        }
        Ok(minijinja::context! { kind => error.kind(), message => message })
    }
    fn must_fail(&self) -> bool {
        true
    }
}
