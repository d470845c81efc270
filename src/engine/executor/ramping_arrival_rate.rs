//! `ramping_arrival_rate`: iterations start at a rate that follows stages,
//! however slow the target is.

use super::arrivals::{self, ALLOCATION, VuAllocation};
use super::kind::{
    BoxFuture, Configured, Executor, ExecutorKind, Extent, Model, Settings, compile,
};
use super::rate::{TIME_UNIT, WrittenRate, show, time_unit};
use super::stage::{self, WrittenStage};
use crate::document::Field;
use crate::engine::schedule::{Profile, Stage};
use crate::engine::vu::VuGroup;
use crate::language::format_duration;

pub(super) const KIND: ExecutorKind = ExecutorKind {
    name: "ramping_arrival_rate",
    about: "iterations start at a rate that changes, however slow the target is; an open model",
    fields: &[
        &[START_RATE.key(), TIME_UNIT.key(), STAGES.key()],
        ALLOCATION,
    ],
    compile: compile::<RampingArrivalRate>,
};

const START_RATE: Field<WrittenRate> =
    Field::new("start_rate", "the rate at the start; none otherwise");
const STAGES: Field<Vec<WrittenStage<WrittenRate>>> = stage::field();

/// A rate that changes linearly; an open model.
#[derive(Debug)]
struct RampingArrivalRate {
    start: f64,
    stages: Vec<Stage>,
    profile: Profile,
    allocation: VuAllocation,
}

impl Configured for RampingArrivalRate {
    fn read(settings: &mut Settings<'_, '_>) -> Option<Self> {
        settings.refuse(&["duration"]);
        let start = settings.get(&START_RATE);
        let unit = time_unit(settings);
        let stages = stage::stages(&STAGES, settings);
        let allocation = VuAllocation::read(settings);
        let start = start.map_or(0.0, |rate| rate.per_second(unit));
        let stages: Vec<Stage> = stages?
            .iter()
            .map(|stage| Stage {
                duration: stage.duration,
                target: stage.target.per_second(unit),
            })
            .collect();
        Some(Self {
            start,
            profile: Profile::new(start, &stages),
            stages,
            allocation,
        })
    }
}

impl Executor for RampingArrivalRate {
    fn describe(&self) -> String {
        let stages = self.stages.iter().map(|stage| {
            format!(
                ", to {} in {}",
                show(stage.target),
                format_duration(stage.duration)
            )
        });
        format!(
            "from {}{}{}",
            show(self.start),
            stages.collect::<String>(),
            self.allocation
        )
    }

    fn extent(&self) -> Extent {
        arrivals::extent(&self.profile, self.allocation)
    }

    fn model(&self) -> Model {
        Model::Open
    }

    fn execute<'a>(&'a self, group: &'a VuGroup) -> BoxFuture<'a, ()> {
        Box::pin(arrivals::execute(group, &self.profile, self.allocation))
    }
}
