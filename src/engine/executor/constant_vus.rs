//! `constant_vus`: virtual users play the scenario over and over for a while.

use std::time::Duration;

use tokio::task::JoinSet;

use super::closed::{self, IterationBudget, PACING, Pacing};
use super::kind::{BoxFuture, DURATION, Executor, ExecutorKind, Extent, Overrides, VUS, count};
use crate::document::ReadContext;
use crate::engine::vu::VuGroup;
use crate::language::{Fields, Text, format_duration};
use crate::numbers::plural;

pub(super) const KIND: ExecutorKind = ExecutorKind {
    name: "constant_vus",
    about: "a number of virtual users play for some time; a closed model",
    fields: &[&[VUS.key(), DURATION.key()], PACING],
    compile,
};

/// `vus` users for `duration`; a closed model.
#[derive(Debug)]
struct ConstantVus {
    vus: u64,
    duration: Duration,
    pacing: Pacing,
}

fn compile(
    fields: &mut Fields<'_>,
    name: &Text,
    overrides: Overrides,
    cx: &mut ReadContext,
) -> Option<Box<dyn Executor>> {
    overrides.refuse(&["iterations"], name, cx);
    let vus = count(&VUS, overrides.vus, fields, cx);
    let written = super::kind::duration(overrides.duration, fields, cx);
    let pacing = Pacing::read(fields, cx);
    Some(Box::new(ConstantVus {
        vus,
        duration: written?,
        pacing,
    }))
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
                users.spawn(closed::play(
                    group.user(),
                    self.pacing,
                    IterationBudget::Endless,
                ));
            }
            closed::finish(group, users, self.duration).await;
        })
    }
}
