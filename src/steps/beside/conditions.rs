//! `expect` and `check`: conditions on what a step has found.

use super::judgement::{Condition, Judgement, Judging};
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
        "condition, or list of conditions, that are only recorded; a mapping gives them names",
        named_shape,
    )
    .example("{it is found: vu == 1}"),
    read: &[(Stage::Checks, |node, draft, cx| {
        draft.beside.push(read_named(node, cx));
    })],
};

fn shape() -> Shape {
    Shape::Condition.one_or_list()
}

/// Conditions, or what they are called and conditions.
fn named_shape() -> Shape {
    let named = Shape::Condition.entries();
    let list = Shape::Condition.or(named.clone()).list();
    Shape::Condition.or(list).or(named)
}

fn read(kind: &BesideKind, node: &Node, cx: &mut ReadContext) -> Box<dyn Beside> {
    let items = node.items().iter();
    let all = items.filter_map(|item| Expression::read(item, cx));
    Box::new(Conditions {
        key: kind.key.name,
        all: all.map(Condition::unnamed).collect(),
    })
}

/// The same where a mapping says what conditions are called.
fn read_named(node: &Node, cx: &mut ReadContext) -> Box<dyn Beside> {
    let mut all: Vec<Condition> = Vec::new();
    for item in node.items() {
        if !item.is_mapping() {
            all.extend(Expression::read(item, cx).map(Condition::unnamed));
            continue;
        }
        for (name, node) in item.entries() {
            let Some(expression) = Expression::read(node, cx) else {
                continue;
            };
            if expression.is_constant() {
                let message = format!("the check `{}` is always the same", name.text);
                let help = "what stands after the name is a condition:\n  \
                            check: {it is found: answer.status == 200}";
                cx.problem(node.label(), message, help);
            }
            if all.iter().any(|other| other.name() == name.text) {
                let message = format!("this step has a check `{}` already", name.text);
                cx.problem(name.span, message, "give one of the two another name");
            }
            all.push(Condition {
                name: Some(name.text.clone()),
                holds: expression,
            });
        }
    }
    Box::new(Conditions {
        key: CHECK.key.name,
        all,
    })
}

struct Conditions {
    key: &'static str,
    all: Vec<Condition>,
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
            let held = condition.holds.holds(&cx.user.scope);
            let mistake = held.as_ref().err().map(|error| cut(&error.to_string()));
            let held = held.unwrap_or(false);
            if fatal && !held && failure.is_none() {
                let seen = mistake.clone();
                let seen = seen.or_else(|| condition.holds.explain(&cx.user.scope, &cut));
                failure = Some(StepError::Expectation {
                    expected: condition.name().to_owned(),
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

    fn conditions(&self) -> (&'static str, &[Condition]) {
        (self.key, &self.all)
    }
}
