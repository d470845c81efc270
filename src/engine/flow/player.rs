//! One virtual user on its way through a flow.

use std::sync::Arc;

use super::block::Item;
use super::iteration_rng::IterationRng;
use crate::clock::Clock;
use crate::engine::errors::ErrorLog;
use crate::engine::phase::PhaseMeters;
use crate::metrics::{Counter, Meter, Outcome, TagKey, Trace, Underway};
use crate::steps::{StepError, VirtualUser};

/// A step or block has failed, and was counted: the iteration is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failed;

/// A virtual user in the middle of an iteration.
pub struct Player<'p> {
    pub(super) user: &'p mut VirtualUser,
    pub(super) meters: &'p PhaseMeters,
    pub(super) chance: &'p IterationRng<'p>,
    pub(super) errors: &'p ErrorLog,
    pub(super) clock: &'p Clock,
}

impl<'p> Player<'p> {
    /// Plays `user` in the steps of `meters`.
    pub(in crate::engine) fn new(
        user: &'p mut VirtualUser,
        meters: &'p PhaseMeters,
        chance: &'p IterationRng<'p>,
        errors: &'p ErrorLog,
        clock: &'p Clock,
    ) -> Self {
        Self {
            user,
            meters,
            chance,
            errors,
            clock,
        }
    }

    /// Another user on the same way.
    pub(super) fn with<'a>(&'a self, user: &'a mut VirtualUser) -> Player<'a> {
        Player {
            user,
            meters: self.meters,
            chance: self.chance,
            errors: self.errors,
            clock: self.clock,
        }
    }

    /// Plays a list in order; the first that fails ends it.
    pub(in crate::engine) async fn play(&mut self, items: &[Item]) -> Result<(), Failed> {
        for item in items {
            match item {
                Item::Step(step, number) => {
                    let meter = &self.meters.steps[*number];
                    let waiting = self.waiting(&step.label, Some(meter));
                    let played = step.play(self.user, meter).await;
                    waiting.end();
                    for mistake in std::mem::take(&mut self.user.mistakes) {
                        self.note(&step.label, meter, &mistake);
                    }
                    if let Err(error) = played {
                        return Err(self.note(&step.label, meter, &error));
                    }
                }
                Item::Block(block) => block.play(self).await?,
                Item::SkipReason => {}
            }
        }
        Ok(())
    }

    /// A block has failed by itself, not by one of its steps.
    pub(in crate::engine) fn fail(&self, label: &Arc<str>, error: &StepError) -> Failed {
        let meter = self.meters.meter.with(TagKey::Step, label);
        self.note(label, &meter, error)
    }

    fn note(&self, label: &Arc<str>, meter: &Meter, error: &StepError) -> Failed {
        note(self.errors, &self.user.trace, label, meter, error);
        Failed
    }

    /// A step, whose meter is given, or a block that may be cut while it waits:
    /// that is an error of its own.
    pub(super) fn waiting<'a>(
        &self,
        label: &'a Arc<str>,
        meter: Option<&'a Meter>,
    ) -> Underway<impl FnOnce(Outcome) + use<'a, 'p>> {
        let (errors, trace, clock) = (self.errors, self.user.trace.clone(), self.clock);
        let began = clock.now();
        let whole = &self.meters.meter;
        Underway::new(trace.clone(), move |ending| {
            // What the user cuts, or the scenario gives up, is no error.
            if ending == Outcome::Cut {
                let error = StepError::Unfinished {
                    waited: clock.since(began),
                    on: trace.take_unfinished(),
                };
                let own = meter.cloned();
                let meter = own.unwrap_or_else(|| whole.with(TagKey::Step, label));
                note(errors, &trace, label, &meter, &error);
            }
        })
    }
}

fn note(errors: &ErrorLog, trace: &Trace, label: &Arc<str>, meter: &Meter, error: &StepError) {
    meter.record(Counter::ERRORS, &[(TagKey::Kind, &error.kind())], 1);
    errors.note(label, error, trace.context());
}
