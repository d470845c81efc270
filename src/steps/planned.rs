//! A step of a plan: what to do, what to capture, what to expect.

use std::num::NonZeroU64;
use std::sync::Arc;

use minijinja::Value;

use super::beside::BESIDE;
use super::beside::kind::{Beside, Draft, Next, Stage};
use super::capture::Capture;
use super::retry::Retry;
use super::{STEPS, Step, StepError, VirtualUser};
use crate::document::{ReadContext, StepDoc};
use crate::expression::{Expression, Scope};
use crate::http::Asked;
use crate::metrics::{Metric, Origin, Outcome, Rate, StepContext, TagKey, Trend};

/// A step that was read and checked.
pub struct PlannedStep {
    /// How reports call it: its `name`, else its kind.
    pub label: Arc<str>,
    /// Its kind.
    pub kind: &'static str,
    step: Box<dyn Step>,
    beside: Beside,
}

/// How often a step is played.
enum Turns {
    Skip,
    Once,
    Rounds(NonZeroU64),
}

/// Reads a step with everything around it. Problems go to the context.
pub fn compile(document: &StepDoc, cx: &mut ReadContext) -> Option<PlannedStep> {
    // A name that is not in the table was reported by the reader of the file.
    let kind = STEPS
        .iter()
        .find(|kind| kind.name == document.kind.text.as_str())?;
    let mut draft = Draft::new(document);
    draft.read(BESIDE, Stage::Turns, cx);
    cx.in_rounds(document.beside("repeat").is_some(), |cx| {
        draft.step = (kind.compile)(document, cx);
        draft.result = (kind.result)();
        // Of a step that cannot be read, nothing is known of its result.
        draft.answers = draft.step.as_deref().is_none_or(Step::answers);
        draft.read(BESIDE, Stage::Play, cx);
        draft.read(BESIDE, Stage::Result, cx);
        draft.read(BESIDE, Stage::Names, cx);
        draft.read(BESIDE, Stage::Conditions, cx);
    });
    draft.read(BESIDE, Stage::End, cx);
    let Draft { step, beside, .. } = draft;
    Some(PlannedStep {
        label: beside.label.clone().unwrap_or_else(|| kind.name.into()),
        kind: kind.name,
        step: step?,
        beside,
    })
}

impl PlannedStep {
    /// What is out of the ordinary about it, in words.
    pub fn remarks(&self) -> &[String] {
        &self.beside.remarks
    }

    /// A step that stands for any, in tests of what plays it.
    #[cfg(test)]
    pub(crate) fn double(label: &str, step: Box<dyn Step>) -> Self {
        Self {
            label: label.into(),
            kind: "double",
            step,
            beside: Beside::default(),
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
        let checks = self
            .beside
            .check
            .iter()
            .map(|check| ("check", check.source()));
        let expects = self.beside.expect.iter();
        checks.chain(expects.map(|expect| ("expect", expect.source())))
    }

    /// Whether this must fail.
    pub fn must_fail(&self) -> bool {
        self.beside.fails.is_some()
    }

    /// Whether this may be measured with the step, as far as is known before
    /// it is played.
    pub fn may_measure(&self, metric: Metric) -> bool {
        match metric {
            Metric::Checks => !self.beside.expect.is_empty() || !self.beside.check.is_empty(),
            Metric::StepAttempts => self.beside.retry.is_some(),
            Metric::VaultDuration => self.step.needs_vault(),
            _ => !self.step.never_measures(metric),
        }
    }

    /// Plays the step, as often as it says, and records each play. Says whether
    /// it was played: a step whose `when` does not hold leaves no trace.
    ///
    /// A step whose expectation does not hold has failed, and so its duration
    /// is recorded as that of a failed step. One that had to fail, and did, is
    /// recorded as neither good nor failed.
    ///
    /// # Errors
    /// Why the step failed.
    pub async fn play(
        &self,
        user: &mut VirtualUser,
        cx: StepContext<'_>,
    ) -> Result<bool, StepError> {
        let began = cx.clock.now();
        let turns = self.turns(&user.scope).inspect_err(|_| {
            // A step that cannot even begin has failed like any other.
            let tags = [Outcome::Failed.tag()];
            cx.record(Trend::STEP_DURATION, &tags, cx.clock.since(began));
        })?;
        match turns {
            Turns::Skip => return Ok(false),
            Turns::Once => self.play_once(user, cx).await?,
            Turns::Rounds(rounds) => self.play_rounds(user, cx, rounds).await?,
        }
        Ok(true)
    }

    async fn play_rounds(
        &self,
        user: &mut VirtualUser,
        mut cx: StepContext<'_>,
        rounds: NonZeroU64,
    ) -> Result<(), StepError> {
        // Of each name, what the plays have given it.
        let names = self.beside.captures.iter().map(Capture::name);
        let names: Vec<&Arc<str>> = self.beside.as_.iter().chain(names).collect();
        let mut lists = vec![Vec::new(); names.len()];
        let outer = user.scope.set_round(None);
        for round in 1..=rounds.get() {
            user.scope.set_round(Some(round));
            self.play_once(user, cx).await?;
            // Each further play begins when the last has ended.
            cx.due = None;
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
        if let Some(when) = &self.beside.when
            && !when.holds(scope).map_err(StepError::argument("when"))?
        {
            return Ok(Turns::Skip);
        }
        let Some(repeat) = &self.beside.repeat else {
            return Ok(Turns::Once);
        };
        repeat.get(scope).map(Turns::Rounds)
    }

    /// One play, of as many attempts as it takes. Its result is captured
    /// already, for the conditions.
    async fn play_once(
        &self,
        user: &mut VirtualUser,
        cx: StepContext<'_>,
    ) -> Result<(), StepError> {
        let began = cx.clock.now();
        let from = cx.due.unwrap_or(began);
        let record = |outcome: Outcome| {
            let (end, tags) = (cx.clock.now(), [outcome.tag()]);
            cx.record(Trend::STEP_DURATION, &tags, end.duration_since(from));
            if cx.origin == Origin::Intended {
                cx.record(Trend::STEP_SERVICE_TIME, &tags, end.duration_since(began));
            }
        };
        let underway = cx.underway(record);
        let (outcome, judgements) = self.attempts(user, cx).await;
        underway.end();
        record(match (&outcome, &self.beside.fails) {
            (Ok(()), None) => Outcome::Ok,
            (Ok(()), Some(_)) => Outcome::FailedAsExpected,
            (Err(_), _) => Outcome::Failed,
        });
        for judgement in judgements {
            user.mistakes.extend(judgement.mistake());
            judgement.record(cx);
        }
        outcome
    }

    /// As many attempts as it takes, and what they are judged by in the end.
    async fn attempts(
        &self,
        user: &mut VirtualUser,
        cx: StepContext<'_>,
    ) -> (Result<(), StepError>, Vec<Judgement<'_>>) {
        let mut attempt = 1;
        loop {
            let outcome = self.next(cx).play(user).await;
            let outcome = match &self.beside.fails {
                Some(fails) => fails.turn_round(outcome, &user.scope),
                None => outcome,
            };
            let (outcome, judgements) = self.judge(user, outcome);
            let Some(retry) = &self.beside.retry else {
                return (outcome, judgements);
            };
            Retry::note(cx, outcome.as_ref().err());
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

    /// One attempt, with what is around it.
    fn next<'a>(&'a self, cx: StepContext<'a>) -> Next<'a> {
        Next {
            around: &self.beside.around,
            step: &*self.step,
            cx,
        }
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
        if let Some(name) = &self.beside.as_ {
            user.scope.set(name, value.clone());
        }
        if let Err(error) = self.capture(user, &value) {
            return (Err(error), Vec::new());
        }
        let scope = &user.scope;
        let mut judgements = Vec::new();
        for check in &self.beside.check {
            let held = check.holds(scope);
            judgements.push(Judgement {
                mistake: held.as_ref().err().map(ToString::to_string),
                ..Judgement::new("check", check, held.unwrap_or(false))
            });
        }
        let mut failure = None;
        for expectation in &self.beside.expect {
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
        for capture in &self.beside.captures {
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

    fn record(self, cx: StepContext<'_>) {
        let text = self.condition.source();
        let tags = [(TagKey::Kind, self.kind), (TagKey::Check, text)];
        cx.record(Rate::CHECKS, &tags, self.held);
    }
}
