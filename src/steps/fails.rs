//! `fails`: a step that must fail, and why.

use minijinja::Value;

use super::StepError;
use super::arguments::text;
use crate::document::ReadContext;
use crate::expression::{Scope, TextTemplate, Type};
use crate::language::{Node, Read};

/// The reason that a step must fail with: some words of its message.
pub(super) struct Fails(TextTemplate);

impl Fails {
    /// Reads the words. None at all would be in every message.
    pub(super) fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
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

    /// A failure with these words becomes the step's result, everything else a
    /// failure.
    ///
    /// # Errors
    /// When the step succeeded, or failed otherwise. An argument that cannot be
    /// made is a mistake in the scenario, whatever its message says.
    pub(super) fn turn_round(
        &self,
        outcome: Result<Value, StepError>,
        scope: &Scope,
    ) -> Result<Value, StepError> {
        let error = match outcome {
            Err(mistake @ StepError::Argument { .. }) => return Err(mistake),
            outcome => outcome.err(),
        };
        let expected = text("fails", Some(&self.0), scope)?.unwrap_or_default();
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
}

/// What [`Fails::turn_round`] gives.
pub(super) fn result() -> Type {
    Type::record([("kind", Type::Text), ("message", Type::Text)])
}
