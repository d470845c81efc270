//! `ramping_vus`: the number of virtual users follows stages.

use std::time::Duration;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::closed::{self, IterationBudget, PACING, Pacing};
use super::kind::{BoxFuture, Configured, Executor, ExecutorKind, Extent, Settings, compile};
use super::stage::{self, WrittenStage};
use crate::ceilings;
use crate::document::{Defaulted, Field};
use crate::engine::schedule::VuRamp;
use crate::engine::stop::Stop;
use crate::engine::vu::VuGroup;
use crate::language::format_duration;

pub(super) const KIND: ExecutorKind = ExecutorKind {
    name: "ramping_vus",
    about: "a number of virtual users that changes; a closed model",
    fields: &[
        &[START_VUS.key(), STAGES.key(), GRACEFUL_RAMP_DOWN.key()],
        PACING,
    ],
    compile: compile::<RampingVus>,
};

const START_VUS: Defaulted<u64> = Field::new("start_vus", "virtual users at the start").or(&1);
const STAGES: Field<Vec<WrittenStage<u64>>> = stage::field();
const GRACEFUL_RAMP_DOWN: Defaulted<Duration> = Field::new(
    "graceful_ramp_down",
    "how long a user who is told to leave may go on with its iteration",
)
.or(&Duration::from_secs(30));

/// A number of users that changes; a closed model.
#[derive(Debug)]
struct RampingVus {
    start: u64,
    stages: Vec<WrittenStage<u64>>,
    ramp: VuRamp,
    graceful_ramp_down: Duration,
    pacing: Pacing,
}

impl Configured for RampingVus {
    type Made = Self;

    fn read(settings: &mut Settings<'_, '_>) -> Option<Self> {
        settings.refuse(&["vus", "iterations", "duration"]);
        let start = settings.get_or(&START_VUS);
        let start = settings.at_most("start_vus", start, ceilings::VUS);
        let stages = stage::stages(&STAGES, settings);
        let graceful_ramp_down = settings.get_or(&GRACEFUL_RAMP_DOWN);
        let pacing = Pacing::read(settings);
        let stages = stages?;
        let steps: Vec<_> = stages
            .iter()
            .map(|stage| (stage.duration, stage.target.min(ceilings::VUS)))
            .collect();
        let peak = stages.iter().map(|stage| stage.target).max();
        settings.at_most("stages", peak.unwrap_or_default(), ceilings::VUS);
        let changes = VuRamp::count(start, &steps);
        if settings.at_most("stages", changes, ceilings::CHANGES) < changes {
            return None;
        }
        Some(Self {
            start,
            stages,
            ramp: VuRamp::new(start, &steps),
            graceful_ramp_down,
            pacing,
        })
    }
}

impl Executor for RampingVus {
    fn describe(&self) -> String {
        let stages = self.stages.iter().map(|stage| {
            format!(
                ", to {} in {}",
                stage.target,
                format_duration(stage.duration)
            )
        });
        format!(
            "virtual users from {}{}",
            self.start,
            stages.collect::<String>()
        )
    }

    fn extent(&self) -> Extent {
        Extent {
            iterations: None,
            duration: Some(self.ramp.duration()),
            max_vus: self.ramp.peak(),
        }
    }

    fn execute<'a>(&'a self, group: &'a VuGroup) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let mut users = JoinSet::new();
            let mut present: Vec<Present> = Vec::new();
            for (at, number) in self.ramp.changes() {
                if !group.wait_until(group.moment(*at)).await {
                    break;
                }
                while (present.len() as u64) < *number {
                    let here = Present {
                        stop: group.stop().child(),
                        leave: CancellationToken::new(),
                    };
                    let user = group.user_until(here.stop.clone());
                    let playing = closed::play(user, self.pacing, IterationBudget::Endless);
                    let playing = here.clone().leave_within(self.graceful_ramp_down, playing);
                    group.spawn(&mut users, playing);
                    present.push(here);
                }
                while (present.len() as u64) > *number {
                    if let Some(user) = present.pop() {
                        user.stop.drain();
                        user.leave.cancel();
                    }
                }
            }
            closed::finish(group, users, self.ramp.duration()).await;
            // It lasts as long as it says, also when nobody is there at the end.
            group.wait_until(group.moment(self.ramp.duration())).await;
        })
    }
}

/// A user who is there until told to leave.
#[derive(Clone)]
struct Present {
    stop: Stop,
    /// Set when this user is told to leave, not when the scenario ends: its
    /// grace and the scenario's are two.
    leave: CancellationToken,
}

impl Present {
    /// Plays until the end; once the user is told to leave, no longer than
    /// `grace`.
    async fn leave_within(self, grace: Duration, playing: impl Future<Output = ()>) {
        tokio::pin!(playing);
        let deadline = async {
            self.leave.cancelled().await;
            tokio::time::sleep(grace).await;
        };
        tokio::select! {
            biased;
            () = &mut playing => {}
            () = deadline => {
                self.stop.cut();
                playing.await;
            }
        }
    }
}
