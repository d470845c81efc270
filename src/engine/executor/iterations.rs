//! `per_vu_iterations` and `shared_iterations`: virtual users play the scenario
//! a number of times, as fast as they can.

use std::num::NonZeroU64;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::task::JoinSet;

use super::closed::{self, IterationBudget, PACING, Pacing};
use super::kind::{BoxFuture, Configured, Executor, ExecutorKind, Extent, Settings, VUS, compile};
use crate::document::{Defaulted, Field};
use crate::engine::vu::VuGroup;
use crate::numbers::plural;

pub(super) const PER_VU: ExecutorKind = ExecutorKind {
    name: "per_vu_iterations",
    about: "each virtual user plays a number of iterations; a closed model",
    fields: &[&[VUS.key(), OF_EACH.key(), MAX_DURATION.key()], PACING],
    compile: compile::<PerVuIterations>,
};
pub(super) const SHARED: ExecutorKind = ExecutorKind {
    name: "shared_iterations",
    about: "virtual users share a number of iterations; a closed model",
    fields: &[&[VUS.key(), OF_ALL.key(), MAX_DURATION.key()], PACING],
    compile: compile::<SharedIterations>,
};

const OF_EACH: Defaulted<NonZeroU64> =
    Field::new("iterations", "iterations of each user").or(&NonZeroU64::MIN);
const OF_ALL: Defaulted<NonZeroU64> =
    Field::new("iterations", "iterations of all users together").or(&NonZeroU64::MIN);
/// How long they may take; k6 has the same default.
const MAX_DURATION: Defaulted<Duration> =
    Field::new("max_duration", "when no further iteration starts").or(&Duration::from_secs(600));

/// Users, and a number of iterations.
#[derive(Debug)]
struct Counted {
    vus: u64,
    iterations: u64,
    max_duration: Duration,
    pacing: Pacing,
}

impl Counted {
    /// Reads them; `iterations` says whose the iterations are.
    fn read(iterations: &Defaulted<NonZeroU64>, settings: &mut Settings<'_, '_>) -> Self {
        settings.refuse(&["duration"]);
        Self {
            vus: settings.vus(),
            iterations: settings.iterations(iterations),
            max_duration: settings.get_or(&MAX_DURATION),
            pacing: Pacing::read(settings),
        }
    }

    fn extent(&self, iterations: Option<u64>) -> Extent {
        Extent {
            iterations,
            duration: None,
            max_vus: self.vus,
        }
    }

    fn users(&self) -> String {
        plural(self.vus, "virtual user", "virtual users")
    }

    fn passes(&self) -> String {
        plural(self.iterations, "iteration", "iterations")
    }

    /// So many users, each with this budget.
    async fn play(&self, group: &VuGroup, vus: u64, budget: IterationBudget) {
        let mut users = JoinSet::new();
        for _ in 0..vus {
            let playing = closed::play(group.user(), self.pacing, budget.clone());
            group.spawn(&mut users, playing);
        }
        closed::finish(group, users, self.max_duration).await;
    }
}

/// `vus` users, `iterations` passes each; a closed model.
#[derive(Debug)]
struct PerVuIterations(Counted);

/// One user, one pass, nothing in between.
pub(in crate::engine) fn once() -> Box<dyn Executor> {
    Box::new(PerVuIterations(Counted {
        vus: 1,
        iterations: 1,
        max_duration: *MAX_DURATION.default(),
        pacing: Pacing::default(),
    }))
}

impl Configured for PerVuIterations {
    type Made = Self;

    fn read(settings: &mut Settings<'_, '_>) -> Option<Self> {
        Some(Self(Counted::read(&OF_EACH, settings)))
    }
}

impl Executor for PerVuIterations {
    fn describe(&self) -> String {
        format!("{}, {} each", self.0.users(), self.0.passes())
    }

    fn extent(&self) -> Extent {
        self.0.extent(self.0.vus.checked_mul(self.0.iterations))
    }

    fn execute<'a>(&'a self, group: &'a VuGroup) -> BoxFuture<'a, ()> {
        let budget = IterationBudget::Own(self.0.iterations);
        Box::pin(self.0.play(group, self.0.vus, budget))
    }
}

/// `vus` users, `iterations` passes together; a closed model.
#[derive(Debug)]
struct SharedIterations(Counted);

impl Configured for SharedIterations {
    type Made = Self;

    fn read(settings: &mut Settings<'_, '_>) -> Option<Self> {
        Some(Self(Counted::read(&OF_ALL, settings)))
    }
}

impl Executor for SharedIterations {
    fn describe(&self) -> String {
        format!("{} shared by {}", self.0.passes(), self.0.users())
    }

    fn extent(&self) -> Extent {
        self.0.extent(Some(self.0.iterations))
    }

    fn execute<'a>(&'a self, group: &'a VuGroup) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let left = Arc::new(AtomicU64::new(self.0.iterations));
            let budget = IterationBudget::Shared(Arc::clone(&left));
            // More users than iterations would have nothing to do.
            let vus = self.0.vus.min(self.0.iterations);
            self.0.play(group, vus, budget).await;
            group.leave_out(left.load(Ordering::Relaxed));
        })
    }
}
