//! `per_vu_iterations`: each virtual user plays the scenario the same number
//! of times, as fast as it can.

use std::time::Duration;

use tokio::task::JoinSet;

use super::closed::{self, Quota, Rhythm};
use super::{BoxFuture, Executor, ExecutorKind, Extent, MAX_DURATION, Overrides, count};
use crate::engine::crew::Crew;
use crate::numbers::plural;
use crate::scenario::{Context, Fields, Text};

pub(super) const KIND: ExecutorKind = ExecutorKind {
    name: "per_vu_iterations",
    compile,
};

/// `vus` users, `iterations` passes each; a closed model.
#[derive(Debug)]
struct PerVuIterations {
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
    Some(Box::new(PerVuIterations {
        vus: count("vus", overrides.vus, 1, fields, cx),
        iterations: count("iterations", overrides.iterations, 1, fields, cx),
        max_duration: fields.optional("max_duration", cx).unwrap_or(MAX_DURATION),
        rhythm: Rhythm::read(fields, cx),
    }))
}

impl Executor for PerVuIterations {
    fn describe(&self) -> String {
        format!(
            "{}, {} each",
            plural(self.vus, "virtual user", "virtual users"),
            plural(self.iterations, "iteration", "iterations"),
        )
    }

    fn extent(&self) -> Extent {
        Extent {
            iterations: self.vus.checked_mul(self.iterations),
            duration: None,
            max_vus: self.vus,
        }
    }

    fn execute<'a>(&'a self, crew: &'a Crew) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let mut users = JoinSet::new();
            for _ in 0..self.vus {
                let quota = Quota::Own(self.iterations);
                users.spawn(closed::play(crew.user(), self.rhythm, quota));
            }
            closed::finish(crew, users, self.max_duration).await;
        })
    }
}
