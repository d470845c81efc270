//! A step of a plan: what to do, what to capture, what to expect.

use std::num::NonZeroU64;
use std::sync::Arc;
use std::time::Instant;

use minijinja::Value;

use super::arguments::{text, value};
use super::capture::{self, Capture};
use super::fails::{self, Fails};
use super::retry::Retry;
use super::{STEPS, Step, StepError, VirtualUser};
use crate::document::StepDoc;
use crate::expression::{Context, Expression, Scope, Template, TextTemplate, Type};
use crate::http::Asked;
use crate::language::{Node, Read, Shape};
use crate::metrics::{Meter, Metric, Origin, Outcome, Rate, TagKey, Trend};

/// A step that was read and checked.
pub struct PlannedStep {
    /// How reports call it: its `name`, else its kind.
    pub label: Arc<str>,
    /// Its kind.
    pub kind: &'static str,
    step: Box<dyn Step>,
    /// Takes the whole result.
    as_: Option<Arc<str>>,
    /// Take parts of it.
    captures: Vec<Capture>,
    when: Option<Expression>,
    repeat: Option<Times>,
    acting_as: Option<TextTemplate>,
    fails: Option<Fails>,
    retry: Option<Retry>,
    expect: Vec<Expression>,
    check: Vec<Expression>,
}

/// How often a step is played.
enum Turns {
    Skip,
    Once,
    Rounds(NonZeroU64),
}

/// Reads a step with everything around it. Problems go to the context.
pub fn compile(document: &StepDoc, cx: &mut Context<'_>) -> Option<PlannedStep> {
    // A name that is not in the table was reported by the reader of the file.
    let kind = STEPS
        .iter()
        .find(|kind| kind.name == document.kind.text.as_str())?;
    let when = document.when.as_ref();
    let when = when.and_then(|node| Expression::read(node, cx));
    if let Some(when) = &when {
        cx.assure(&when.assures());
    }
    let repeat = document.repeat.as_ref();
    let repeat = repeat.and_then(|node| Times::read(node, cx));
    let retry = document.retry.as_ref();
    let retry = retry.and_then(|node| Retry::read(node, cx));
    let (step, acting_as, fails, captures, [expect, check]) =
        cx.in_rounds(document.repeat.is_some(), |cx| {
            let step = (kind.compile)(document, cx);
            let acting_as = document.acting_as.as_ref();
            let acting_as =
                acting_as.and_then(|node| read_acting_as(node, document, step.as_deref(), cx));
            let fails = document.fails.as_ref();
            let fails = fails.and_then(|node| Fails::read(node, cx));
            // Of a step that cannot be read, nothing is known of its result.
            let answers = step.as_deref().is_none_or(Step::answers);
            let captures = capture::read(document, answers && fails.is_none(), cx);
            let result = match (&document.fails, &fails) {
                (Some(_), Some(_)) => fails::result(),
                (Some(_), None) => Type::Any,
                (None, _) => (kind.result)(),
            };
            if let Some(name) = &document.as_ {
                cx.capture(&name.text, result);
            }
            for (name, _) in &document.capture {
                let mut read = captures.iter();
                let read = read.find(|capture| **capture.name() == *name.text);
                cx.capture(&name.text, read.map(Capture::of).unwrap_or_default());
            }
            let mut expressions = |nodes: &[Node]| -> Vec<Expression> {
                nodes
                    .iter()
                    .filter_map(|node| Expression::read(node, cx))
                    .collect()
            };
            (
                step,
                acting_as,
                fails,
                captures,
                [&document.expect, &document.check].map(|nodes| expressions(nodes)),
            )
        });
    if document.repeat.is_some() {
        // After the last play, each name stands for what all have given.
        let parts = document.capture.iter().map(|(name, _)| name);
        for name in document.as_.iter().chain(parts) {
            cx.list_capture(&name.text);
        }
    }
    let label = document
        .name
        .as_ref()
        .map_or(kind.name, |name| name.text.as_str());
    Some(PlannedStep {
        label: label.into(),
        kind: kind.name,
        step: step?,
        as_: document.as_.as_ref().map(|name| name.text.as_str().into()),
        captures,
        when,
        repeat,
        acting_as,
        fails,
        retry,
        expect,
        check,
    })
}

/// Whoever logs in is who acts from then on: both at once would mean nothing.
fn read_acting_as(
    node: &Node,
    document: &StepDoc,
    step: Option<&dyn Step>,
    cx: &mut Context<'_>,
) -> Option<TextTemplate> {
    if step.is_some_and(Step::enters) {
        cx.problem(
            node.label(),
            format!("`acting_as` beside `{}`", document.kind.text),
            "this step decides itself who acts from here on; `acting_as` is for those after it",
        );
    }
    TextTemplate::read(node, cx)
}

/// A number from 1, or an expression that gives one.
pub struct Times(Template);

impl Read for Times {
    const EXPECTED: &'static str = "a whole number from 1, or an expression";

    fn read(node: &Node, cx: &mut Context<'_>) -> Option<Self> {
        let expression = node.scalar().is_some_and(|text| text.text.contains("{{"));
        if !expression {
            NonZeroU64::read(node, cx)?;
        }
        Template::read(node, cx).map(Self)
    }

    fn shape() -> Shape {
        Shape::Whole(1).or(Shape::Expression)
    }
}

impl Times {
    /// The number.
    ///
    /// # Errors
    /// When the expression gives something else.
    pub fn get(&self, scope: &Scope) -> Result<NonZeroU64, StepError> {
        value("repeat", NonZeroU64::EXPECTED, &self.0, scope)
    }
}

impl PlannedStep {
    /// What is out of the ordinary about it, in words.
    pub fn remarks(&self) -> Vec<String> {
        let when = self.when.as_ref();
        let when = when.map(|when| format!("when {}", when.source()));
        let has = |there: bool, what: &str| there.then(|| what.to_owned());
        [
            when,
            has(self.repeat.is_some(), "repeated"),
            has(self.retry.is_some(), "with retries"),
            has(self.acting_as.is_some(), "by another account"),
            has(self.fails.is_some(), "must fail"),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// A step that stands for any, in tests of what plays it.
    #[cfg(test)]
    pub(crate) fn double(label: &str, step: Box<dyn Step>) -> Self {
        Self {
            label: label.into(),
            kind: "double",
            step,
            as_: None,
            captures: Vec::new(),
            when: None,
            repeat: None,
            acting_as: None,
            fails: None,
            retry: None,
            expect: Vec::new(),
            check: Vec::new(),
        }
    }

    /// Whether the step saves or reads credentials.
    pub fn needs_vault(&self) -> bool {
        self.step.needs_vault()
    }

    /// Whether somebody else may be logged in after the step.
    pub fn changes_session(&self) -> bool {
        self.step.enters()
    }

    /// The requests that it may send.
    pub fn requests(&self) -> Vec<Asked> {
        self.step.requests()
    }

    /// `check` or `expect`, and the condition as written.
    pub fn conditions(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let checks = self.check.iter().map(|check| ("check", check.source()));
        let expects = self.expect.iter();
        checks.chain(expects.map(|expect| ("expect", expect.source())))
    }

    /// Whether this must fail.
    pub fn must_fail(&self) -> bool {
        self.fails.is_some()
    }

    /// Whether this may be measured with the step, as far as is known before
    /// it is played.
    pub fn may_measure(&self, metric: Metric) -> bool {
        match metric {
            Metric::Checks => !self.expect.is_empty() || !self.check.is_empty(),
            Metric::StepAttempts => self.retry.is_some(),
            Metric::VaultDuration => self.step.needs_vault(),
            _ => !self.step.never_measures(metric),
        }
    }

    /// Plays the step, as often as it says, and records each play under
    /// `meter`. A step whose `when` does not hold leaves no trace.
    ///
    /// A step whose expectation does not hold has failed, and so its duration
    /// is recorded as that of a failed step. One that had to fail, and did, is
    /// recorded as neither good nor failed.
    ///
    /// # Errors
    /// Why the step failed.
    pub async fn play(&self, user: &mut VirtualUser, meter: &Meter) -> Result<(), StepError> {
        let meter = &meter.traced(&user.trace);
        let began = Instant::now();
        let turns = self.turns(&user.scope).inspect_err(|_| {
            // A step that cannot even begin has failed like any other.
            let tags = [Outcome::Failed.tag()];
            meter.record(Trend::STEP_DURATION, &tags, began.elapsed());
        })?;
        let rounds = match turns {
            Turns::Skip => return Ok(()),
            Turns::Once => return self.play_once(user, meter).await,
            Turns::Rounds(rounds) => rounds.get(),
        };
        // Of each name, what the plays have given it.
        let names = self.captures.iter().map(Capture::name);
        let names: Vec<&Arc<str>> = self.as_.iter().chain(names).collect();
        let mut lists = vec![Vec::new(); names.len()];
        let outer = user.scope.set_round(None);
        for round in 1..=rounds {
            user.scope.set_round(Some(round));
            self.play_once(user, meter).await?;
            // Plays that wait for nothing must not keep everybody else waiting.
            tokio::task::yield_now().await;
            for (list, name) in lists.iter_mut().zip(&names) {
                list.extend(user.scope.captured(name));
            }
        }
        user.scope.set_round(outer);
        for (list, name) in lists.into_iter().zip(names) {
            user.scope.set(name, Value::from(list));
        }
        Ok(())
    }

    /// What `when` and `repeat` say.
    fn turns(&self, scope: &Scope) -> Result<Turns, StepError> {
        if let Some(when) = &self.when
            && !when.holds(scope).map_err(StepError::argument("when"))?
        {
            return Ok(Turns::Skip);
        }
        let Some(repeat) = &self.repeat else {
            return Ok(Turns::Once);
        };
        repeat.get(scope).map(Turns::Rounds)
    }

    /// One play, of as many attempts as it takes. Its result is captured
    /// already, for the conditions.
    async fn play_once(&self, user: &mut VirtualUser, meter: &Meter) -> Result<(), StepError> {
        user.meter = meter.clone();
        let began = Instant::now();
        // The first step of an open model's iteration counts from when the
        // iteration was due; each further one begins when the last has ended.
        let from = user.due.take().unwrap_or(began);
        let record = |outcome: Outcome| {
            let (end, tags) = (Instant::now(), [outcome.tag()]);
            meter.record(Trend::STEP_DURATION, &tags, end.duration_since(from));
            if meter.origin() == Origin::Intended {
                meter.record(Trend::STEP_SERVICE_TIME, &tags, end.duration_since(began));
            }
        };
        let underway = meter.underway(record);
        let (outcome, judgements) = self.attempts(user, meter).await;
        underway.end();
        record(match (&outcome, &self.fails) {
            (Ok(()), None) => Outcome::Ok,
            (Ok(()), Some(_)) => Outcome::FailedAsExpected,
            (Err(_), _) => Outcome::Failed,
        });
        for judgement in judgements {
            user.mistakes.extend(judgement.mistake());
            judgement.record(meter);
        }
        outcome
    }

    /// As many attempts as it takes, and what they are judged by in the end.
    async fn attempts(
        &self,
        user: &mut VirtualUser,
        meter: &Meter,
    ) -> (Result<(), StepError>, Vec<Judgement<'_>>) {
        let mut attempt = 1;
        loop {
            let outcome = self.act(user).await;
            let outcome = match &self.fails {
                Some(fails) => fails.turn_round(outcome, &user.scope),
                None => outcome,
            };
            let (outcome, judgements) = self.judge(user, outcome);
            let Some(retry) = &self.retry else {
                return (outcome, judgements);
            };
            Retry::note(meter, outcome.as_ref().err());
            let pause = outcome.as_ref().err();
            let pause = pause.and_then(|error| retry.pause(attempt, error));
            match pause {
                // What did not hold this time is nobody's failure yet.
                Some(pause) => {
                    tokio::time::sleep(pause).await;
                    // A wait of no time must not keep everybody else waiting.
                    tokio::task::yield_now().await;
                }
                None => return (outcome, judgements),
            }
            attempt += 1;
        }
    }

    /// The step itself, by whoever is to play it.
    async fn act(&self, user: &mut VirtualUser) -> Result<Value, StepError> {
        let Some(login) = text("acting_as", self.acting_as.as_ref(), &user.scope)? else {
            return self.step.play(user).await;
        };
        let before = user.act_as(&login)?;
        let outcome = self.step.play(user).await;
        user.act_again_as(before);
        outcome
    }

    /// Captures the result and holds it against checks and expectations; the
    /// first expectation that does not hold is the error.
    fn judge(
        &self,
        user: &mut VirtualUser,
        outcome: Result<Value, StepError>,
    ) -> (Result<(), StepError>, Vec<Judgement<'_>>) {
        let value = match outcome {
            Ok(value) => value,
            Err(error) => return (Err(error), Vec::new()),
        };
        if let Some(name) = &self.as_ {
            user.scope.set(name, value.clone());
        }
        if let Err(error) = self.capture(user, &value) {
            return (Err(error), Vec::new());
        }
        let scope = &user.scope;
        let mut judgements = Vec::new();
        for check in &self.check {
            let held = check.holds(scope);
            judgements.push(Judgement {
                mistake: held.as_ref().err().map(ToString::to_string),
                ..Judgement::new("check", check, held.unwrap_or(false))
            });
        }
        let mut failure = None;
        for expectation in &self.expect {
            let held = expectation.holds(scope);
            let good = matches!(held, Ok(true));
            judgements.push(Judgement::new("expect", expectation, good));
            let seen = match held {
                Ok(true) => continue,
                Ok(false) => expectation.explain(scope),
                Err(error) => Some(error.to_string()),
            };
            failure.get_or_insert(StepError::Expectation {
                expected: expectation.source().to_owned(),
                seen: seen.map_or_else(String::new, |seen| format!(", but {seen}")),
            });
        }
        (failure.map_or(Ok(()), Err), judgements)
    }
}

impl PlannedStep {
    /// Gives parts of a result their names.
    fn capture(&self, user: &mut VirtualUser, result: &Value) -> Result<(), StepError> {
        for capture in &self.captures {
            let mut secrets = Vec::new();
            let value = capture.take(result, &user.scope, &mut secrets)?;
            user.scope.set(capture.name(), value);
            for secret in secrets {
                user.services.platform.http().keep_secret(secret);
            }
        }
        Ok(())
    }
}

/// A condition, and whether it held.
struct Judgement<'a> {
    kind: &'static str,
    condition: &'a Expression,
    held: bool,
    /// Why a check is neither true nor false.
    mistake: Option<String>,
}

impl<'a> Judgement<'a> {
    fn new(kind: &'static str, condition: &'a Expression, held: bool) -> Self {
        Self {
            kind,
            condition,
            held,
            mistake: None,
        }
    }

    fn mistake(&self) -> Option<StepError> {
        let reason = self.mistake.clone()?;
        let condition = self.condition.source().to_owned();
        Some(StepError::Check { condition, reason })
    }

    fn record(self, meter: &Meter) {
        let text = self.condition.source();
        let tags = [(TagKey::Kind, self.kind), (TagKey::Check, text)];
        meter.record(Rate::CHECKS, &tags, self.held);
    }
}
