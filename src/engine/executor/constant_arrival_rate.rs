//! `constant_arrival_rate`: iterations start at a rate, however slow the target
//! is.

use super::arrivals::{ALLOCATION, OpenModel, VuAllocation};
use super::kind::{Configured, DURATION, ExecutorKind, Settings, compile};
use super::rate::{TIME_UNIT, show, time_unit};
use crate::document::Field;
use crate::engine::schedule::Profile;
use crate::language::{WrittenRate, format_duration};

pub(super) const KIND: ExecutorKind = ExecutorKind {
    name: "constant_arrival_rate",
    about: "iterations start at a rate, however slow the target is; an open model",
    fields: &[&[RATE.key(), TIME_UNIT.key(), DURATION.key()], ALLOCATION],
    compile: compile::<ConstantArrivalRate>,
};

const RATE: Field<WrittenRate> = Field::new("rate", "how many iterations start").required();

/// `rate` for `duration`; an open model.
struct ConstantArrivalRate;

impl Configured for ConstantArrivalRate {
    type Made = OpenModel;

    fn read(settings: &mut Settings<'_, '_>) -> Option<OpenModel> {
        let rate = settings.get(&RATE);
        if rate.is_some_and(WrittenRate::is_zero) {
            let help = "write a rate such as `100/s`";
            settings.problem("rate", "a rate of zero starts nothing", help);
        }
        let unit = time_unit(settings);
        let duration = settings.duration();
        let allocation = VuAllocation::read(settings);
        let per_second = rate?.per_second(unit);
        let profile = Profile::constant(per_second, duration?);
        let length = format_duration(profile.duration());
        Some(OpenModel {
            rate: format!("{} for {length}", show(per_second)),
            profile,
            allocation,
        })
    }
}
