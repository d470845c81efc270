//! `per_vu_iterations`: each virtual user plays the scenario the same number
//! of times, as fast as it can.

use std::num::NonZeroU64;

use tokio::task::JoinSet;

use super::closed::{self, IterationBudget, PACING};
use super::counted::{Counted, MAX_DURATION};
use super::kind::{BoxFuture, Executor, ExecutorKind, Extent, Overrides, VUS};
use crate::document::{Defaulted, Field, ReadContext};
use crate::engine::vu::VuGroup;
use crate::language::{Fields, Text};
use crate::numbers::plural;

pub(super) const KIND: ExecutorKind = ExecutorKind {
    name: "per_vu_iterations",
    about: "each virtual user plays a number of iterations; a closed model",
    fields: &[&[VUS.key(), ITERATIONS.key(), MAX_DURATION.key()], PACING],
    compile,
};

const ITERATIONS: Defaulted<NonZeroU64> =
    Field::new("iterations", "iterations of each user").or(&NonZeroU64::MIN);

/// `vus` users, `iterations` passes each; a closed model.
#[derive(Debug)]
struct PerVuIterations(Counted);

#[expect(
    clippy::unnecessary_wraps,
    reason = "other executors can fail to compile"
)]
fn compile(
    fields: &mut Fields<'_>,
    name: &Text,
    overrides: Overrides,
    cx: &mut ReadContext,
) -> Option<Box<dyn Executor>> {
    let settings = Counted::read(fields, &ITERATIONS, name, overrides, cx);
    Some(Box::new(PerVuIterations(settings)))
}

/// One user, one pass.
pub(in crate::engine) fn once() -> Box<dyn Executor> {
    Box::new(PerVuIterations(Counted::once()))
}

impl Executor for PerVuIterations {
    fn describe(&self) -> String {
        format!(
            "{}, {} each",
            plural(self.0.vus, "virtual user", "virtual users"),
            plural(self.0.iterations, "iteration", "iterations"),
        )
    }

    fn extent(&self) -> Extent {
        Extent {
            iterations: self.0.vus.checked_mul(self.0.iterations),
            duration: None,
            max_vus: self.0.vus,
        }
    }

    fn execute<'a>(&'a self, group: &'a VuGroup) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let mut users = JoinSet::new();
            for _ in 0..self.0.vus {
                let budget = IterationBudget::Own(self.0.iterations);
                users.spawn(closed::play(group.user(), self.0.pacing, budget));
            }
            closed::finish(group, users, self.0.max_duration).await;
        })
    }
}
