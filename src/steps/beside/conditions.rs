//! `expect` and `check`: conditions on what a step has found.

use minijinja::Value;

use super::asserts::Asserts;
use super::judgement::{Condition, Holds, Judgement, Judging};
use super::kind::{Beside, BesideKind, Draft, Stage};
use crate::document::{ReadContext, Record};
use crate::expression::{Expression, Scope};
use crate::language::{Key, Node, Read, Shape};
use crate::steps::error::StepError;
use crate::steps::http::Answer;
use crate::steps::step::StepResult;

pub(super) const EXPECT: BesideKind = BesideKind {
    key: Key::new(
        "expect",
        "condition, or list of conditions, or beside `http` a mapping of what the answer must be; \
         one that does not hold fails the step",
        shape,
    )
    .example("{status: 200, json: {name: Ada}}"),
    read: &[(Stage::Conditions, read)],
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
    let one = Shape::Condition.or(Asserts::TABLE.shape());
    let list = one.clone().list();
    one.or(list)
}

/// Conditions, or what they are called and conditions.
fn named_shape() -> Shape {
    let named = Shape::Condition.entries();
    let list = Shape::Condition.or(named.clone()).list();
    Shape::Condition.or(list).or(named)
}

fn read(node: &Node, draft: &mut Draft<'_>, cx: &mut ReadContext) {
    let mut all: Vec<Condition> = Vec::new();
    for item in node.items() {
        if !item.is_mapping() {
            all.extend(Expression::read(item, cx).map(Condition::unnamed));
            continue;
        }
        for condition in asserts(item, draft, cx) {
            if all.iter().any(|other| other.name == condition.name) {
                let message = format!("this step expects `{}` twice", condition.name);
                cx.problem(
                    item.label(),
                    message,
                    "put all that it must be into one mapping",
                );
            }
            all.push(condition);
        }
    }
    draft.beside.push(Box::new(Conditions {
        key: EXPECT.key.name,
        all,
    }));
}

/// What an answer must be; any other result has no status and no headers.
fn asserts(node: &Node, draft: &Draft<'_>, cx: &mut ReadContext) -> Vec<Condition> {
    if !draft.answers {
        let fails = draft.document.beside("fails").is_some();
        let (message, form) = if fails {
            (
                "beside `fails` there is no answer to look at",
                "as: refusal\n  expect: refusal.status == 403",
            )
        } else {
            (
                "`expect` takes a mapping only beside `http`",
                "as: found\n  expect: found.id == \"x\"",
            )
        };
        let help = format!("write a condition:\n  {form}");
        cx.problem(node.label(), message, help);
        return Vec::new();
    }
    let Some(asserts) = Asserts::read_only(node, cx) else {
        return Vec::new();
    };
    let status = asserts.status.is_some().then(|| Condition {
        name: "status".to_owned(),
        holds: Holds::Status,
    });
    let values = asserts.of_values().map(|assert| Condition {
        name: assert.name.clone(),
        holds: Holds::Assert(assert),
    });
    status.into_iter().chain(values).collect()
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
                name: name.text.clone(),
                holds: Holds::Expression(Box::new(expression)),
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

/// How a condition has come out.
struct Looked {
    held: bool,
    /// Why it is neither true nor false.
    mistake: Option<String>,
    /// What was seen instead, for whoever reads what was expected.
    seen: String,
}

impl Condition {
    fn look(&self, result: &Value, scope: &Scope, explain: bool) -> Looked {
        let answer = result.downcast_object_ref::<Answer>();
        let cut = |text: &str| answer.map_or_else(|| text.to_owned(), |answer| answer.cut(text));
        let seen = |seen: Option<String>| seen.map_or_else(String::new, |it| format!(", but {it}"));
        match &self.holds {
            Holds::Status => Looked::held(),
            Holds::Assert(assert) => match assert.look(result, scope, &cut) {
                Ok(()) => Looked::held(),
                Err(seen) => Looked {
                    held: false,
                    mistake: None,
                    seen,
                },
            },
            Holds::Expression(expression) => match expression.holds(scope) {
                Ok(true) => Looked::held(),
                Ok(false) => {
                    let told = explain.then(|| expression.explain(scope, &cut));
                    Looked {
                        held: false,
                        mistake: None,
                        seen: seen(told.flatten()),
                    }
                }
                Err(error) => {
                    let mistake = cut(&error.to_string());
                    Looked {
                        held: false,
                        seen: seen(Some(mistake.clone())),
                        mistake: Some(mistake),
                    }
                }
            },
        }
    }
}

impl Looked {
    fn held() -> Self {
        Self {
            held: true,
            mistake: None,
            seen: String::new(),
        }
    }
}

impl Conditions {
    /// A status that was not expected has failed the request, and does not hold.
    fn refused<'a>(&'a self, error: &StepError, cx: &mut Judging<'a, '_>) {
        let of_status = |condition: &&Condition| matches!(condition.holds, Holds::Status);
        if let (Some(_), Some(condition)) = (error.status(), self.all.iter().find(of_status)) {
            cx.judgements.push(Judgement {
                kind: self.key,
                condition,
                held: false,
                mistake: None,
            });
        }
    }
}

impl Beside for Conditions {
    /// The first expectation that does not hold is the error.
    fn judge<'a>(&'a self, result: StepResult, cx: &mut Judging<'a, '_>) -> StepResult {
        let result = result.inspect_err(|error| self.refused(error, cx))?;
        let fatal = self.key == EXPECT.key.name;
        let mut failure = None;
        for condition in &self.all {
            let first = fatal && failure.is_none();
            let looked = condition.look(&result, &cx.user.scope, first);
            if first && !looked.held {
                failure = Some(StepError::Expectation {
                    expected: condition.name().to_owned(),
                    seen: looked.seen,
                });
            }
            cx.judgements.push(Judgement {
                kind: self.key,
                condition,
                held: looked.held,
                mistake: looked.mistake.filter(|_| !fatal),
            });
        }
        failure.map_or(Ok(result), Err)
    }

    fn conditions(&self) -> (&'static str, &[Condition]) {
        (self.key, &self.all)
    }
}
