//! `constant_vus`: virtual users play the scenario over and over for a while.

use std::time::Duration;

use tokio::task::JoinSet;

use super::closed::{self, IterationBudget, PACING, Pacing};
use super::kind::{
    BoxFuture, Configured, DURATION, Executor, ExecutorKind, Extent, Settings, VUS, compile,
};
use crate::engine::vu::VuGroup;
use crate::language::format_duration;
use crate::numbers::plural;

pub(super) const KIND: ExecutorKind = ExecutorKind {
    name: "constant_vus",
    about: "a number of virtual users play for some time; a closed model",
    fields: &[&[VUS.key(), DURATION.key()], PACING],
    compile: compile::<ConstantVus>,
};

/// `vus` users for `duration`; a closed model.
#[derive(Debug)]
struct ConstantVus {
    vus: u64,
    duration: Duration,
    pacing: Pacing,
}

impl Configured for ConstantVus {
    type Made = Self;

    fn read(settings: &mut Settings<'_, '_>) -> Option<Self> {
        settings.refuse(&["iterations"]);
        let vus = settings.vus();
        let written = settings.duration();
        let pacing = Pacing::read(settings);
        Some(Self {
            vus,
            duration: written?,
            pacing,
        })
    }
}

impl Executor for ConstantVus {
    fn describe(&self) -> String {
        format!(
            "{} for {}",
            plural(self.vus, "virtual user", "virtual users"),
            format_duration(self.duration),
        )
    }

    fn extent(&self) -> Extent {
        Extent {
            iterations: None,
            duration: Some(self.duration),
            max_vus: self.vus,
        }
    }

    fn execute<'a>(&'a self, group: &'a VuGroup) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let mut users = JoinSet::new();
            for _ in 0..self.vus {
                let playing = closed::play(group.user(), self.pacing, IterationBudget::Endless);
                group.spawn(&mut users, playing);
            }
            closed::finish(group, users, self.duration).await;
        })
    }
}
