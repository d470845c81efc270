//! One virtual user on its way through a flow.

use std::sync::Arc;

use super::{Chance, Item};
use crate::engine::errors::ErrorLog;
use crate::engine::phase::Track;
use crate::metrics::{Meter, Metric, TagKey};
use crate::steps::{StepError, VirtualUser};

/// A step or block has failed, and was counted: the iteration is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failed;

/// A virtual user in the middle of an iteration.
pub struct Player<'p> {
    pub(super) user: &'p mut VirtualUser,
    pub(super) track: &'p Track,
    pub(super) chance: &'p Chance<'p>,
    pub(super) errors: &'p ErrorLog,
}

impl<'p> Player<'p> {
    /// Plays `user` in the steps of `track`.
    pub(in crate::engine) fn new(
        user: &'p mut VirtualUser,
        track: &'p Track,
        chance: &'p Chance<'p>,
        errors: &'p ErrorLog,
    ) -> Self {
        Self {
            user,
            track,
            chance,
            errors,
        }
    }

    /// Another user on the same way.
    pub(super) fn with<'a>(&'a self, user: &'a mut VirtualUser) -> Player<'a> {
        Player {
            user,
            track: self.track,
            chance: self.chance,
            errors: self.errors,
        }
    }

    /// Plays a list in order; the first that fails ends it.
    pub(in crate::engine) async fn play(&mut self, items: &[Item]) -> Result<(), Failed> {
        for item in items {
            match item {
                Item::Step(step, number) => {
                    let meter = &self.track.steps[*number];
                    if let Err(error) = step.play(self.user, meter).await {
                        return Err(self.note(&step.label, meter, &error));
                    }
                }
                Item::Block(block) => block.play(self).await?,
                Item::LeftOut => {}
            }
        }
        Ok(())
    }

    /// A block has failed by itself, not by one of its steps.
    pub(in crate::engine) fn fail(&self, label: &Arc<str>, error: &StepError) -> Failed {
        let meter = self.track.meter.with(TagKey::Step, label);
        self.note(label, &meter, error)
    }

    fn note(&self, label: &Arc<str>, meter: &Meter, error: &StepError) -> Failed {
        meter.count(Metric::Errors, &[(TagKey::Kind, &error.kind())], 1);
        self.errors.note(label, error, self.user.trace.context());
        Failed
    }
}
