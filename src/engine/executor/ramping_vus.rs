//! `ramping_vus`: the number of virtual users follows stages.

use std::time::Duration;

use tokio::task::JoinSet;

use super::closed::{self, Rhythm};
use super::{BoxFuture, Executor, ExecutorKind, Extent, Overrides};
use crate::engine::Stop;
use crate::engine::crew::Crew;
use crate::engine::schedule::Crowd;
use crate::scenario::{Context, Fields, Node, Read, Text, format_duration};

pub(super) const KIND: ExecutorKind = ExecutorKind {
    name: "ramping_vus",
    compile,
};

/// How long a user who is told to leave may go on with its iteration.
const GRACEFUL_RAMP_DOWN: Duration = Duration::from_secs(30);

/// A number of users that changes; a closed model.
#[derive(Debug)]
struct RampingVus {
    start: u64,
    stages: Vec<VuStage>,
    crowd: Crowd,
    graceful_ramp_down: Duration,
    rhythm: Rhythm,
}

/// `{duration: 30s, target: 10}`
#[derive(Clone, Copy, Debug)]
struct VuStage {
    duration: Duration,
    target: u64,
}

impl Read for VuStage {
    const EXPECTED: &'static str = "a stage such as `{duration: 30s, target: 10}`";

    fn read(node: &Node, cx: &mut Context<'_>) -> Option<Self> {
        let mut fields = Fields::open(node, "a stage", cx)?;
        let duration = fields.required("duration", cx);
        let target = fields.required("target", cx);
        fields.finish(cx);
        Some(Self {
            duration: duration?,
            target: target?,
        })
    }
}

fn compile(
    fields: &mut Fields<'_>,
    name: &Text,
    overrides: Overrides,
    cx: &mut Context<'_>,
) -> Option<Box<dyn Executor>> {
    overrides.refuse(&["vus", "iterations", "duration"], name, cx);
    let start: u64 = fields.optional("start_vus", cx).unwrap_or(1);
    let stages: Option<Vec<VuStage>> = fields.required("stages", cx);
    let graceful_ramp_down = fields
        .optional("graceful_ramp_down", cx)
        .unwrap_or(GRACEFUL_RAMP_DOWN);
    let rhythm = Rhythm::read(fields, cx);
    let stages = stages?;
    let steps: Vec<_> = stages
        .iter()
        .map(|stage| (stage.duration, stage.target))
        .collect();
    Some(Box::new(RampingVus {
        start,
        stages,
        crowd: Crowd::new(start, &steps),
        graceful_ramp_down,
        rhythm,
    }))
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
            duration: Some(self.crowd.duration()),
            max_vus: self.crowd.peak(),
        }
    }

    fn execute<'a>(&'a self, crew: &'a Crew) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let mut users = JoinSet::new();
            let mut present: Vec<Stop> = Vec::new();
            for (at, number) in self.crowd.changes() {
                if !crew.wait_until(crew.moment(*at)).await {
                    break;
                }
                while (present.len() as u64) < *number {
                    let stop = crew.stop().child();
                    let user = crew.user_until(stop.clone());
                    let playing = closed::play(user, self.rhythm, || true);
                    let grace = self.graceful_ramp_down;
                    users.spawn(leave_within(grace, stop.clone(), playing));
                    present.push(stop);
                }
                while (present.len() as u64) > *number {
                    if let Some(stop) = present.pop() {
                        stop.drain();
                    }
                }
            }
            closed::finish(crew, users, self.crowd.duration()).await;
        })
    }
}

/// Plays until the end; once the user is told to leave, no longer than `grace`.
async fn leave_within(grace: Duration, stop: Stop, playing: impl Future<Output = ()>) {
    tokio::pin!(playing);
    let deadline = async {
        stop.draining().await;
        tokio::time::sleep(grace).await;
    };
    tokio::select! {
        biased;
        () = &mut playing => {}
        () = deadline => {
            stop.cut();
            playing.await;
        }
    }
}
