//! `expect` and `check`: conditions on what a step has found.

use super::judgement::{Judgement, Judging};
use super::kind::{Beside, BesideKind, Stage};
use crate::document::ReadContext;
use crate::expression::Expression;
use crate::language::{Key, Node, Read, Shape};
use crate::steps::error::StepError;
use crate::steps::step::StepResult;

pub(super) const EXPECT: BesideKind = BesideKind {
    key: Key::new(
        "expect",
        "condition, or list of conditions; one that does not hold fails the step",
        shape,
    ),
    read: &[(Stage::Conditions, |node, draft, cx| {
        draft.beside.push(Box::new(Expect(read(node, cx))));
    })],
};

pub(super) const CHECK: BesideKind = BesideKind {
    key: Key::new(
        "check",
        "condition, or list of conditions, that are only recorded",
        shape,
    ),
    read: &[(Stage::Checks, |node, draft, cx| {
        draft.beside.push(Box::new(Check(read(node, cx))));
    })],
};

fn shape() -> Shape {
    Shape::Condition.one_or_list()
}

fn read(node: &Node, cx: &mut ReadContext) -> Vec<Expression> {
    let items = node.items().iter();
    items
        .filter_map(|item| Expression::read(item, cx))
        .collect()
}

struct Check(Vec<Expression>);

impl Beside for Check {
    fn judge<'a>(&'a self, result: StepResult, cx: &mut Judging<'a, '_>) -> StepResult {
        let result = result?;
        for condition in &self.0 {
            let held = condition.holds(&cx.user.scope);
            cx.judgements.push(Judgement {
                kind: CHECK.key.name,
                condition,
                mistake: held.as_ref().err().map(ToString::to_string),
                held: held.unwrap_or(false),
            });
        }
        Ok(result)
    }

    fn conditions(&self) -> (&'static str, &[Expression]) {
        (CHECK.key.name, &self.0)
    }
}

struct Expect(Vec<Expression>);

impl Beside for Expect {
    /// The first that does not hold is the error.
    fn judge<'a>(&'a self, result: StepResult, cx: &mut Judging<'a, '_>) -> StepResult {
        let result = result?;
        let mut failure = None;
        for condition in &self.0 {
            let held = condition.holds(&cx.user.scope);
            cx.judgements.push(Judgement {
                kind: EXPECT.key.name,
                condition,
                mistake: None,
                held: matches!(held, Ok(true)),
            });
            let seen = match held {
                Ok(true) => continue,
                Ok(false) => condition.explain(&cx.user.scope),
                Err(error) => Some(error.to_string()),
            };
            failure.get_or_insert(StepError::Expectation {
                expected: condition.source().to_owned(),
                seen: seen.map_or_else(String::new, |seen| format!(", but {seen}")),
            });
        }
        failure.map_or(Ok(result), Err)
    }

    fn conditions(&self) -> (&'static str, &[Expression]) {
        (EXPECT.key.name, &self.0)
    }
}
