//! `shared_iterations`: virtual users share a number of iterations; a fast one
//! plays more of them.

use std::num::NonZeroU64;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::task::JoinSet;

use super::closed::{self, IterationBudget, PACING};
use super::counted::{Counted, MAX_DURATION};
use super::kind::{BoxFuture, Executor, ExecutorKind, Extent, Overrides, VUS};
use crate::document::{Defaulted, Field, ReadContext};
use crate::engine::vu::VuGroup;
use crate::language::{Fields, Text};
use crate::numbers::plural;

pub(super) const KIND: ExecutorKind = ExecutorKind {
    name: "shared_iterations",
    about: "virtual users share a number of iterations; a closed model",
    fields: &[&[VUS.key(), ITERATIONS.key(), MAX_DURATION.key()], PACING],
    compile,
};

const ITERATIONS: Defaulted<NonZeroU64> =
    Field::new("iterations", "iterations of all users together").or(&NonZeroU64::MIN);

/// `vus` users, `iterations` passes together; a closed model.
#[derive(Debug)]
struct SharedIterations(Counted);

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
    Some(Box::new(SharedIterations(settings)))
}

impl Executor for SharedIterations {
    fn describe(&self) -> String {
        format!(
            "{} shared by {}",
            plural(self.0.iterations, "iteration", "iterations"),
            plural(self.0.vus, "virtual user", "virtual users"),
        )
    }

    fn extent(&self) -> Extent {
        Extent {
            iterations: Some(self.0.iterations),
            duration: None,
            max_vus: self.0.vus,
        }
    }

    fn execute<'a>(&'a self, group: &'a VuGroup) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let left = Arc::new(AtomicU64::new(self.0.iterations));
            let mut users = JoinSet::new();
            // More users than iterations would have nothing to do.
            for _ in 0..self.0.vus.min(self.0.iterations) {
                let budget = IterationBudget::Shared(Arc::clone(&left));
                users.spawn(closed::play(group.user(), self.0.pacing, budget));
            }
            closed::finish(group, users, self.0.max_duration).await;
            group.leave_out(left.load(Ordering::Relaxed));
        })
    }
}
