//! `constant_arrival_rate`: iterations start at a rate, however slow the target
//! is.

use super::arrivals::{self, ALLOCATION, VuAllocation};
use super::kind::{
    BoxFuture, Configured, DURATION, Executor, ExecutorKind, Extent, Model, Settings, compile,
};
use super::rate::{TIME_UNIT, WrittenRate, show, time_unit};
use crate::document::Field;
use crate::engine::schedule::Profile;
use crate::engine::vu::VuGroup;
use crate::language::format_duration;

pub(super) const KIND: ExecutorKind = ExecutorKind {
    name: "constant_arrival_rate",
    about: "iterations start at a rate, however slow the target is; an open model",
    fields: &[&[RATE.key(), TIME_UNIT.key(), DURATION.key()], ALLOCATION],
    compile: compile::<ConstantArrivalRate>,
};

const RATE: Field<WrittenRate> = Field::new("rate", "how many iterations start").required();

/// `rate` for `duration`; an open model.
#[derive(Debug)]
struct ConstantArrivalRate {
    per_second: f64,
    profile: Profile,
    allocation: VuAllocation,
}

impl Configured for ConstantArrivalRate {
    fn read(settings: &mut Settings<'_, '_>) -> Option<Self> {
        let rate = settings.get(&RATE);
        if rate.is_some_and(WrittenRate::is_zero) {
            let help = "write a rate such as `100/s`";
            settings.problem("rate", "a rate of zero starts nothing", help);
        }
        let unit = time_unit(settings);
        let duration = settings.duration();
        let allocation = VuAllocation::read(settings);
        let per_second = rate?.per_second(unit);
        Some(Self {
            per_second,
            profile: Profile::constant(per_second, duration?),
            allocation,
        })
    }
}

impl Executor for ConstantArrivalRate {
    fn describe(&self) -> String {
        format!(
            "{} for {}{}",
            show(self.per_second),
            format_duration(self.profile.duration()),
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
