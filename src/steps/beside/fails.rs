//! `fails`: a step that must fail, and why.

use super::judgement::Judging;
use super::kind::{Beside, BesideKind, Draft, Stage};
use crate::document::{ReadContext, StepDoc, record};
use crate::expression::{Outline, Scope, TextTemplate, Type};
use crate::http::Statuses;
use crate::language::{Key, Node, Problem, Read, Shape, Text};
use crate::steps::arguments::text;
use crate::steps::error::{StepError, error_kinds, is_error_kind};
use crate::steps::step::{Step, StepResult};

pub(super) const FAILS: BesideKind = BesideKind {
    key: Key::new(
        "fails",
        "how the step must fail: words of the reason, a status, or `{status, kind, message}`",
        Fails::shape,
    )
    .example("403 Forbidden"),
    read: &[(Stage::Play, plan)],
};

fn plan(node: &Node, draft: &mut Draft<'_>, cx: &mut ReadContext) {
    draft.result = Type::Any;
    if let Some(fails) = Fails::read(node, cx) {
        if let Some(good) = draft.step.as_deref().and_then(Step::good_statuses) {
            fails.check_against(good, (node, draft.document), cx);
        }
        draft.result = Type::record([
            ("kind", Type::Text),
            ("message", Type::Text),
            ("status", Type::Number),
        ]);
        draft.answers = false;
        draft.beside.push(Box::new(fails));
    }
}

record! {
    struct Details of "`fails`" expected "words of the reason, or `{status, kind, message}`" {
        /// status of the answer that the platform refuses with: a status, a class such as `4xx`, or a list of them
        status: Statuses, example("403"), also(&["code", "status_code"]);
        /// kind of the error, as reports count it
        kind: Text, example("another target");
        /// words of the reason
        message: TextTemplate, example("the code is wrong");
    }
}

/// The reason that a step must fail with.
enum Fails {
    /// Words of its message, or its kind.
    Words(TextTemplate),
    Details(Details),
}

impl Read<ReadContext> for Fails {
    const EXPECTED: &'static str = Details::EXPECTED;

    /// Reads the reason. None at all would be any.
    fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        let Some(words) = node.scalar() else {
            return read_details(node, cx).map(Self::Details);
        };
        if node.to_json().is_boolean() {
            cx.problem(
                node.label(),
                format!("expected {}, found a boolean", Self::EXPECTED),
                "say how it must fail:\n  fails: 403",
            );
            return None;
        }
        if words.text.trim().is_empty() {
            cx.problem(
                node.label(),
                "`fails` needs some words of the reason",
                "any failure would do otherwise, a network that is down too; \
                 for example `fails: 403 Forbidden`",
            );
            return None;
        }
        if Statuses::parse(std::iter::once(words.as_str())).is_ok() {
            return Some(Self::Details(Details {
                status: Statuses::read(node, cx),
                kind: None,
                message: None,
            }));
        }
        TextTemplate::read(node, cx).map(Self::Words)
    }

    fn shape() -> Shape {
        Shape::Text.or(Shape::Whole(100)).or(Details::shape())
    }
}

fn read_details(node: &Node, cx: &mut ReadContext) -> Option<Details> {
    if node.entries().next().is_none() {
        cx.problem(
            node.label(),
            "`fails` says nothing of the reason",
            "any failure would do otherwise, a network that is down too; \
             for example `fails: {status: 403}`",
        );
        return None;
    }
    let details = Details::read(node, cx)?;
    if let Some(kind) = &details.kind
        && !is_error_kind(&kind.text)
    {
        let kinds = error_kinds().join("`, `");
        let help = format!("`http` and a status, such as `http 403`, or one of `{kinds}`");
        let message = format!("there is no kind of error `{}`", kind.text);
        cx.problem(kind.span, message, help);
        return None;
    }
    Some(details)
}

impl Fails {
    /// The statuses that it names.
    fn statuses(&self) -> Option<Statuses> {
        let one = |kind: &str| Statuses::parse([kind.strip_prefix("http ")?]).ok();
        match self {
            Self::Words(words) => match words.outline().collect::<Vec<_>>()[..] {
                [Outline::Literal(text)] => {
                    let first = text.split_whitespace().next().unwrap_or_default();
                    one(text).or_else(|| Statuses::parse([first]).ok())
                }
                _ => None,
            },
            Self::Details(details) => {
                let kind = details.kind.as_ref().and_then(|kind| one(&kind.text));
                details.status.clone().or(kind)
            }
        }
    }

    /// A status that is a success is no failure, so that a step which must fail with
    /// it could never pass.
    fn check_against(
        &self,
        good: &Statuses,
        (node, step): (&Node, &StepDoc),
        cx: &mut ReadContext,
    ) {
        let Some(named) = self.statuses() else {
            return;
        };
        let written = step
            .arguments
            .entries()
            .any(|(key, _)| key.text == "status");
        let of = if written { "`status`" } else { "default" };
        if let Some(both) = named.covered_by(good) {
            let message = format!("`fails` cannot be {both}: by {of}, {good} is a success");
            let help = if written {
                format!(
                    "it either fails or succeeds with it: leave `status` out\n  http: {{url: …}}\n  fails: {both}"
                )
            } else {
                format!("to expect it, say so without `fails`:\n  http: {{url: …, status: {both}}}")
            };
            cx.problem(node.label(), message, help);
        } else if let Some(status) = named.common(good) {
            let message =
                format!("{status} is a success by {of}, so that it is not what `fails` wants");
            let help = format!(
                "remove {status} from `status`, or name the others in `fails`:\n  fails: {{status: [401, 403]}}"
            );
            let warning = Problem::new(node.label(), message, help);
            cx.warn(warning.of("without-effect"));
        }
    }

    /// What is expected of a failure, in words, and whether this one is as expected.
    fn compare(
        &self,
        error: Option<&StepError>,
        scope: &Scope,
    ) -> Result<(String, bool), StepError> {
        let details = match self {
            Self::Words(words) => {
                let words = rendered(words, scope)?;
                let is_it =
                    |error: &StepError| error.to_string().contains(&words) || error.kind() == words;
                let fits = error.is_some_and(is_it);
                return Ok((words, fits));
            }
            Self::Details(details) => details,
        };
        let mut expected = Vec::new();
        let mut fits = error.is_some();
        if let Some(statuses) = &details.status {
            expected.push(format!("status {statuses}"));
            let status = error.and_then(StepError::status);
            fits &= status.is_some_and(|status| statuses.contain(status));
        }
        if let Some(kind) = &details.kind {
            expected.push(format!("kind {}", kind.text));
            fits &= error.is_some_and(|error| error.kind() == kind.text);
        }
        if let Some(message) = &details.message {
            let words = rendered(message, scope)?;
            fits &= error.is_some_and(|error| error.to_string().contains(&words));
            expected.push(words);
        }
        Ok((expected.join(", "), fits))
    }
}

/// Words that must be in a message; none at all would be in every one.
fn rendered(words: &TextTemplate, scope: &Scope) -> Result<String, StepError> {
    let words = text("fails", Some(words), scope)?.unwrap_or_default();
    if words.trim().is_empty() {
        return Err(StepError::Argument {
            argument: "fails",
            reason: "expected some words of the reason, got none".into(),
        });
    }
    Ok(words)
}

impl Beside for Fails {
    fn remark(&self) -> Option<String> {
        Some("must fail".to_owned())
    }

    /// A failure as expected becomes the step's result, everything else a failure.
    /// An argument that cannot be made is a mistake in the scenario, whatever its
    /// message says.
    fn judge<'a>(&'a self, result: StepResult, cx: &mut Judging<'a, '_>) -> StepResult {
        let error = match result {
            Err(mistake @ StepError::Argument { .. }) => return Err(mistake),
            result => result.err(),
        };
        let (expected, fits) = self.compare(error.as_ref(), &cx.user.scope)?;
        let Some(error) = error else {
            return Err(StepError::Succeeded { expected });
        };
        if !fits {
            let reason = Box::new(error);
            return Err(StepError::OtherFailure { expected, reason });
        }
        Ok(minijinja::context! {
            kind => error.kind(),
            message => error.to_string(),
            status => error.status().map(|status| status.as_u16()),
        })
    }

    fn must_fail(&self) -> bool {
        true
    }
}
