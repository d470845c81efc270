//! `expect` and `check`: conditions on what a step has found.

use super::judgement::{Judgement, Judging};
use super::kind::{Beside, BesideKind, Stage};
use crate::document::ReadContext;
use crate::expression::Expression;
use crate::language::{Key, Node, Read, Shape};
use crate::steps::error::StepError;
use crate::steps::http::Answer;
use crate::steps::step::StepResult;

pub(super) const EXPECT: BesideKind = BesideKind {
    key: Key::new(
        "expect",
        "condition, or list of conditions; one that does not hold fails the step",
        shape,
    ),
    read: &[(Stage::Conditions, |node, draft, cx| {
        draft.beside.push(read(&EXPECT, node, cx));
    })],
};

pub(super) const CHECK: BesideKind = BesideKind {
    key: Key::new(
        "check",
        "condition, or list of conditions, that are only recorded",
        shape,
    ),
    read: &[(Stage::Checks, |node, draft, cx| {
        draft.beside.push(read(&CHECK, node, cx));
    })],
};

fn shape() -> Shape {
    Shape::Condition.one_or_list()
}

fn read(kind: &BesideKind, node: &Node, cx: &mut ReadContext) -> Box<dyn Beside> {
    let items = node.items().iter();
    let all = items.filter_map(|item| Expression::read(item, cx));
    Box::new(Conditions {
        key: kind.key.name,
        all: all.collect(),
    })
}

struct Conditions {
    key: &'static str,
    all: Vec<Expression>,
}

impl Beside for Conditions {
    /// The first expectation that does not hold is the error.
    fn judge<'a>(&'a self, result: StepResult, cx: &mut Judging<'a, '_>) -> StepResult {
        let result = result?;
        let fatal = self.key == EXPECT.key.name;
        let answer = result.downcast_object_ref::<Answer>();
        let cut = |text: &str| answer.map_or_else(|| text.to_owned(), |answer| answer.cut(text));
        let mut failure = None;
        for condition in &self.all {
            let held = condition.holds(&cx.user.scope);
            let mistake = held.as_ref().err().map(|error| cut(&error.to_string()));
            let held = held.unwrap_or(false);
            if fatal && !held && failure.is_none() {
                let seen = mistake.clone();
                let seen = seen.or_else(|| condition.explain(&cx.user.scope, &cut));
                failure = Some(StepError::Expectation {
                    expected: condition.source().to_owned(),
                    seen: seen.map_or_else(String::new, |seen| format!(", but {seen}")),
                });
            }
            cx.judgements.push(Judgement {
                kind: self.key,
                condition,
                held,
                mistake: mistake.filter(|_| !fatal),
            });
        }
        failure.map_or(Ok(result), Err)
    }

    fn conditions(&self) -> (&'static str, &[Expression]) {
        (self.key, &self.all)
    }
}
