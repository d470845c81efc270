//! A step of a plan: what to do, what to capture, what to expect.

use std::num::NonZeroU64;
use std::sync::Arc;
use std::time::Instant;

use minijinja::Value;

use super::beside::{BESIDE, Beside, Draft, Judgement, Judging, Next, Stage, Turns};
use super::http::Answer;
use super::{STEPS, Step, StepError, VirtualUser};
use crate::ceilings;
use crate::document::{ReadContext, StepDoc};
use crate::expression::Scope;
use crate::http::Asked;
use crate::metrics::{Metric, Origin, Outcome, StepContext, Trend};
use crate::numbers::size;

/// A step that was read and checked.
pub struct PlannedStep {
    /// How reports call it: its `name`, else its kind.
    pub label: Arc<str>,
    /// Its kind.
    pub kind: &'static str,
    step: Box<dyn Step>,
    beside: Vec<Box<dyn Beside>>,
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
        let name = document.as_.as_ref().map(|name| name.text.clone());
        cx.names.result = Some((name, draft.result.clone()));
        draft.read(BESIDE, Stage::Checks, cx);
        draft.read(BESIDE, Stage::Conditions, cx);
        cx.names.result = None;
    });
    draft.read(BESIDE, Stage::End, cx);
    Some(PlannedStep {
        label: draft.label.unwrap_or_else(|| kind.name.into()),
        kind: kind.name,
        step: draft.step?,
        beside: draft.beside,
    })
}

impl PlannedStep {
    /// What is out of the ordinary about it, in words.
    pub fn remarks(&self) -> Vec<String> {
        self.beside.iter().filter_map(|key| key.remark()).collect()
    }

    /// A step that stands for any, in tests of what plays it.
    #[cfg(test)]
    pub(crate) fn double(label: &str, step: Box<dyn Step>) -> Self {
        Self {
            label: label.into(),
            kind: "double",
            step,
            beside: Vec::new(),
        }
    }

    /// Whether the step saves or reads credentials.
    pub fn needs_vault(&self) -> bool {
        self.step.needs_vault()
    }

    /// Whether the step takes a key pair that nobody has had.
    pub fn needs_key(&self) -> bool {
        self.step.needs_key()
    }

    /// Whether somebody else may be logged in after the step.
    pub fn changes_session(&self) -> bool {
        self.step.enters()
    }

    /// The requests that it may send.
    pub fn requests(&self) -> Vec<Asked> {
        self.step.requests()
    }

    /// `check` or `expect`, and what the condition is called.
    pub fn conditions(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.beside.iter().flat_map(|key| {
            let (name, conditions) = key.conditions();
            conditions.iter().map(move |it| (name, it.name()))
        })
    }

    /// Whether this must fail.
    pub fn must_fail(&self) -> bool {
        self.beside.iter().any(|key| key.must_fail())
    }

    /// Whether this may be measured with the step, as far as is known before
    /// it is played.
    pub fn may_measure(&self, metric: Metric) -> bool {
        match metric {
            Metric::Checks => self.conditions().next().is_some(),
            Metric::StepAttempts => self.beside.iter().any(|key| key.measures(metric)),
            Metric::VaultDuration => self.step.needs_vault(),
            Metric::EventLatency => self.step.hears_events(),
            _ if metric.is_of_keys() => self.step.needs_key(),
            _ if metric.is_of_mails() => !self.step.never_measures(Metric::OtpsRead),
            _ => !self.step.never_measures(metric),
        }
    }

    /// Plays the step, which begins at `began`, as often as it says, and records
    /// each play. Says whether it was played: a step whose `when` does not hold
    /// leaves no trace.
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
        began: Instant,
    ) -> Result<bool, StepError> {
        let turns = self.turns(&user.scope).inspect_err(|_| {
            // A step that cannot even begin has failed like any other.
            let tags = [Outcome::Failed.tag()];
            cx.record(Trend::STEP_DURATION, &tags, cx.clock.since(began));
        })?;
        match turns {
            Turns::Skip => return Ok(false),
            Turns::Once => self.play_once(user, cx, began).await?,
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
        let names: Vec<_> = self.beside.iter().flat_map(|key| key.names()).collect();
        let mut lists = vec![Vec::new(); names.len()];
        let mut bytes = 0;
        let outer = user.scope.set_round(None);
        for round in 1..=rounds.get() {
            user.scope.set_round(Some(round));
            self.play_once(user, cx, cx.clock.now()).await?;
            // Each further play begins when the last has ended.
            cx.due = None;
            // Plays that wait for nothing must not keep everybody else waiting.
            tokio::task::yield_now().await;
            for (list, name) in lists.iter_mut().zip(&names) {
                let Some(value) = user.scope.captured(name) else {
                    continue;
                };
                bytes += weight(&value);
                list.push(value);
                if bytes > ceilings::LIST || list.len() > ceilings::LISTED {
                    return Err(too_much(name));
                }
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
        for key in &self.beside {
            match key.turns(scope)? {
                Turns::Once => {}
                turns => return Ok(turns),
            }
        }
        Ok(Turns::Once)
    }

    /// One play, of as many attempts as it takes. Its result is captured
    /// already, for the conditions.
    async fn play_once(
        &self,
        user: &mut VirtualUser,
        cx: StepContext<'_>,
        began: Instant,
    ) -> Result<(), StepError> {
        let from = cx.due.unwrap_or(began);
        let record = |outcome: Outcome| {
            let end = cx.clock.now();
            cx.record_at(end, &[outcome.tag()], |these| {
                these.record(Trend::STEP_DURATION, end.duration_since(from));
                if cx.origin == Origin::Intended {
                    these.record(Trend::STEP_SERVICE_TIME, end.duration_since(began));
                }
            });
        };
        let underway = cx.underway(record);
        let (outcome, judgements) = self.attempts(user, cx).await;
        underway.end();
        record(match &outcome {
            Ok(()) if self.must_fail() => Outcome::FailedAsExpected,
            Ok(()) => Outcome::Ok,
            Err(_) => Outcome::Failed,
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
            let next = Next {
                beside: &self.beside,
                step: &*self.step,
                cx,
            };
            let mut result = next.play(user).await;
            let judgements = Vec::new();
            let mut judging = Judging { user, judgements };
            for key in &self.beside {
                result = key.judge(result, &mut judging);
            }
            let Judging { judgements, .. } = judging;
            let error = result.as_ref().err();
            let mut pauses = self.beside.iter();
            let Some(pause) = pauses.find_map(|key| key.pause(cx, attempt, error)) else {
                return (result.map(drop), judgements);
            };
            // What did not hold this time is nobody's failure yet.
            tokio::time::sleep(pause).await;
            // A wait of no time must not keep everybody else waiting.
            tokio::task::yield_now().await;
            attempt += 1;
        }
    }
}

/// About how many bytes a value keeps that a step has given.
fn weight(value: &Value) -> u64 {
    let own = size_of::<Value>() as u64;
    let inner = if let Some(text) = value.as_str() {
        text.len() as u64
    } else if let Some(answer) = value.downcast_object_ref::<Answer>() {
        answer.size()
    } else if let Some(items) = value.downcast_object_ref::<Vec<Value>>() {
        items.iter().map(weight).sum()
    } else {
        0
    };
    own + inner
}

/// What the plays have given is too much for one list.
fn too_much(name: &str) -> StepError {
    let (values, bytes) = (ceilings::LISTED, size(ceilings::LIST));
    StepError::Argument {
        argument: "repeat",
        reason: format!("what `{name}` is to list has more than {values} values or {bytes}"),
    }
}

#[cfg(test)]
mod tests {
    use minijinja::Value;

    use super::{too_much, weight};

    #[test]
    fn what_is_listed_weighs_what_its_texts_do() {
        let own = weight(&Value::from(1));
        let text = Value::from("x".repeat(1000));
        assert_eq!(weight(&text), own + 1000);
        let list = Value::from(vec![text.clone(), Value::from(vec![text])]);
        assert_eq!(weight(&list), 4 * own + 2000);
        assert_eq!(
            too_much("rows").to_string(),
            "`repeat`: what `rows` is to list has more than 1000000 values or 256 MiB"
        );
    }
}
