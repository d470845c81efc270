//! One virtual user on its way through a flow.

use std::sync::Arc;
use std::time::Instant;

use super::block::Item;
use super::iteration_rng::IterationRng;
use crate::clock::Clock;
use crate::engine::errors::ErrorLog;
use crate::engine::log::Log;
use crate::engine::phase::PhaseMeters;
use crate::engine::skips::SkipLog;
use crate::engine::stop::Stop;
use crate::metrics::{Counter, Meter, Outcome, StepContext, TagKey, Trace, Underway};
use crate::steps::{StepError, VirtualUser};

/// Why an iteration is over before its last step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EarlyEnd {
    /// A step or block has failed, and was counted.
    Failed,
    /// The scenario has said so.
    Skipped,
}

/// A virtual user in the middle of an iteration.
pub struct Player<'p> {
    pub(in crate::engine) user: &'p mut VirtualUser,
    /// What is measured of the iteration.
    pub(in crate::engine) trace: &'p Trace,
    /// When what is played next should have begun, in an open model and at the
    /// start of an iteration.
    pub(in crate::engine) due: Option<Instant>,
    pub(in crate::engine) meters: &'p PhaseMeters,
    pub(in crate::engine) chance: &'p IterationRng<'p>,
    pub(in crate::engine) errors: &'p ErrorLog,
    pub(in crate::engine) clock: &'p Clock,
    pub(in crate::engine) log: &'p Log,
    pub(in crate::engine) skips: &'p SkipLog,
    /// Ends the run.
    pub(in crate::engine) stop: &'p Stop,
    /// Number of the user, and of its iteration.
    pub(in crate::engine) whose: (u64, u64),
}

impl<'p> Player<'p> {
    /// Another user on the same way.
    pub(super) fn with<'a>(
        &'a self,
        user: &'a mut VirtualUser,
        due: Option<Instant>,
    ) -> Player<'a> {
        Player { user, due, ..*self }
    }

    /// Plays a list in order; the first that fails, or says so, ends it.
    pub(in crate::engine) async fn play(&mut self, items: &[Item]) -> Result<(), EarlyEnd> {
        for item in items {
            match item {
                Item::Step(step, number) => {
                    let meter = &self.meters.steps[*number];
                    let cx = StepContext {
                        scenario: &self.meters.scenario,
                        phase: self.meters.phase,
                        step: &step.label,
                        origin: self.meters.origin,
                        due: self.due,
                        clock: self.clock,
                        trace: self.trace,
                        meter,
                    };
                    let began = self.clock.now();
                    let waiting = self.waiting(&step.label, Some(meter), began);
                    let played = step.play(self.user, cx, began).await;
                    waiting.end();
                    for mistake in std::mem::take(&mut self.user.mistakes) {
                        self.note(&step.label, meter, &mistake);
                    }
                    match played {
                        Ok(true) => self.due = None,
                        Ok(false) => {}
                        Err(error) => return Err(self.note(&step.label, meter, &error)),
                    }
                }
                Item::Block(block) => block.play(self).await?,
                Item::Skipped(_) => {}
            }
        }
        Ok(())
    }

    /// A block has failed by itself, not by one of its steps.
    pub(in crate::engine) fn fail(&self, label: &Arc<str>, error: &StepError) -> EarlyEnd {
        let meter = self.meters.meter.with(TagKey::Step, label);
        self.note(label, &meter, error)
    }

    fn note(&self, label: &Arc<str>, meter: &Meter, error: &StepError) -> EarlyEnd {
        let shown = |message: &str| self.user.without_secrets(message);
        let step = (&self.meters.scenario, label);
        note(self.errors, self.trace, step, meter, error, &shown);
        EarlyEnd::Failed
    }

    /// A step, whose meter is given, or a block that has begun and may be cut
    /// while it waits: that is an error of its own.
    pub(super) fn waiting<'a>(
        &self,
        label: &'a Arc<str>,
        meter: Option<&'a Meter>,
        began: Instant,
    ) -> Underway<'p, impl FnOnce(Outcome) + use<'a, 'p>> {
        let (errors, trace, clock) = (self.errors, self.trace, self.clock);
        let (scenario, whole) = (&self.meters.scenario, &self.meters.meter);
        Underway::new(trace, move |ending| {
            // What the user cuts, or the scenario gives up, is no error.
            if ending == Outcome::Cut {
                let error = StepError::Unfinished {
                    waited: clock.since(began),
                    on: trace.take_unfinished(),
                };
                let own = meter.cloned();
                let meter = own.unwrap_or_else(|| whole.with(TagKey::Step, label));
                let step = (scenario, label);
                note(errors, trace, step, &meter, &error, &str::to_owned);
            }
        })
    }
}

/// Counts an error; of the first of its kind, the message is `shown`.
fn note(
    errors: &ErrorLog,
    trace: &Trace,
    step: (&Arc<str>, &Arc<str>),
    meter: &Meter,
    error: &StepError,
    shown: &dyn Fn(&str) -> String,
) {
    meter.record(Counter::ERRORS, &[(TagKey::Kind, &error.kind())], 1);
    errors.note(step, error, trace.context(), shown);
}
