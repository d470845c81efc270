//! Conditions beside a step, and whether they held.

use super::asserts::Assert;
use crate::expression::Expression;
use crate::metrics::{Rate, StepContext, TagKey};
use crate::steps::error::StepError;
use crate::steps::user::VirtualUser;

/// What an attempt is judged with.
pub struct Judging<'a, 'u> {
    /// Who has played it.
    pub user: &'u mut VirtualUser,
    /// What has come of the conditions so far.
    pub judgements: Vec<Judgement<'a>>,
}

/// A condition, and what reports call it.
#[derive(Debug)]
pub struct Condition {
    pub(super) name: String,
    pub(super) holds: Holds,
}

/// What must hold.
#[derive(Debug)]
pub(super) enum Holds {
    Expression(Box<Expression>),
    /// Something at a place of an answer.
    Assert(Assert),
    /// The status of an answer; whoever sent the request has refused others.
    Status,
}

impl Condition {
    pub(super) fn unnamed(holds: Expression) -> Self {
        Self {
            name: holds.source().to_owned(),
            holds: Holds::Expression(Box::new(holds)),
        }
    }

    /// What reports call it: its name, or the condition as written.
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// A condition, and whether it held.
pub struct Judgement<'a> {
    /// `check` or `expect`.
    pub(super) kind: &'static str,
    pub(super) condition: &'a Condition,
    pub(super) held: bool,
    /// Why a check is neither true nor false.
    pub(super) mistake: Option<String>,
}

impl Judgement<'_> {
    /// What is wrong with the condition itself.
    pub(in crate::steps) fn mistake(&self) -> Option<StepError> {
        let reason = self.mistake.clone()?;
        let condition = self.condition.name().to_owned();
        Some(StepError::Check { condition, reason })
    }

    pub(in crate::steps) fn record(self, cx: StepContext<'_>) {
        let text = self.condition.name();
        let tags = [(TagKey::Kind, self.kind), (TagKey::Check, text)];
        cx.record(Rate::CHECKS, &tags, self.held);
    }
}
