//! `ramping_arrival_rate`: iterations start at a rate that follows stages,
//! however slow the target is.

use super::arrivals::{ALLOCATION, OpenModel, VuAllocation};
use super::kind::{Configured, ExecutorKind, Settings, compile};
use super::rate::{TIME_UNIT, show, time_unit};
use super::stage::{self, WrittenStage};
use crate::document::Field;
use crate::engine::schedule::{Profile, Stage};
use crate::language::{WrittenRate, format_duration};

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
struct RampingArrivalRate;

impl Configured for RampingArrivalRate {
    type Made = OpenModel;

    fn read(settings: &mut Settings<'_, '_>) -> Option<OpenModel> {
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
        let profile = Profile::new(start, &stages);
        let led_to = stages.iter().map(|stage| {
            let length = format_duration(stage.duration);
            format!(", to {} in {length}", show(stage.target))
        });
        Some(OpenModel {
            rate: format!("from {}{}", show(start), led_to.collect::<String>()),
            profile,
            allocation,
        })
    }
}
