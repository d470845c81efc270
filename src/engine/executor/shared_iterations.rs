//! `shared_iterations`: virtual users share a number of iterations; a fast one
//! plays more of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::task::JoinSet;

use super::closed::{self, Quota, Rhythm};
use super::{BoxFuture, Executor, ExecutorKind, Extent, MAX_DURATION, Overrides, count};
use crate::engine::crew::Crew;
use crate::numbers::plural;
use crate::scenario::{Context, Fields, Text};

pub(super) const KIND: ExecutorKind = ExecutorKind {
    name: "shared_iterations",
    compile,
};

/// `vus` users, `iterations` passes together; a closed model.
#[derive(Debug)]
struct SharedIterations {
    vus: u64,
    iterations: u64,
    max_duration: Duration,
    rhythm: Rhythm,
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "other executors can fail to compile"
)]
fn compile(
    fields: &mut Fields<'_>,
    name: &Text,
    overrides: Overrides,
    cx: &mut Context<'_>,
) -> Option<Box<dyn Executor>> {
    overrides.refuse(&["duration"], name, cx);
    Some(Box::new(SharedIterations {
        vus: count("vus", overrides.vus, 1, fields, cx),
        iterations: count("iterations", overrides.iterations, 1, fields, cx),
        max_duration: fields.optional("max_duration", cx).unwrap_or(MAX_DURATION),
        rhythm: Rhythm::read(fields, cx),
    }))
}

impl Executor for SharedIterations {
    fn describe(&self) -> String {
        format!(
            "{} shared by {}",
            plural(self.iterations, "iteration", "iterations"),
            plural(self.vus, "virtual user", "virtual users"),
        )
    }

    fn extent(&self) -> Extent {
        Extent {
            iterations: Some(self.iterations),
            duration: None,
            max_vus: self.vus,
        }
    }

    fn execute<'a>(&'a self, crew: &'a Crew) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let left = Arc::new(AtomicU64::new(self.iterations));
            let mut users = JoinSet::new();
            // More users than iterations would have nothing to do.
            for _ in 0..self.vus.min(self.iterations) {
                let quota = Quota::Shared(Arc::clone(&left));
                users.spawn(closed::play(crew.user(), self.rhythm, quota));
            }
            closed::finish(crew, users, self.max_duration).await;
            crew.leave_out(left.load(Ordering::Relaxed));
        })
    }
}
