//! `constant_arrival_rate`: iterations start at a rate, however slow the target
//! is.

use super::arrivals::{self, ALLOCATION, VuAllocation};
use super::kind::{BoxFuture, DURATION, Executor, ExecutorKind, Extent, Model, Overrides};
use super::rate::{TIME_UNIT, WrittenRate, show, time_unit};
use crate::document::{Field, ReadContext};
use crate::engine::schedule::Profile;
use crate::engine::vu::VuGroup;
use crate::language::{Fields, Text, format_duration};

pub(super) const KIND: ExecutorKind = ExecutorKind {
    name: "constant_arrival_rate",
    about: "iterations start at a rate, however slow the target is; an open model",
    fields: &[&[RATE.key(), TIME_UNIT.key(), DURATION.key()], ALLOCATION],
    compile,
};

const RATE: Field<WrittenRate> = Field::new("rate", "how many iterations start").required();

/// `rate` for `duration`; an open model.
#[derive(Debug)]
struct ConstantArrivalRate {
    per_second: f64,
    profile: Profile,
    allocation: VuAllocation,
}

fn compile(
    fields: &mut Fields<'_>,
    name: &Text,
    overrides: Overrides,
    cx: &mut ReadContext,
) -> Option<Box<dyn Executor>> {
    let rate = fields.get(&RATE, cx);
    if let (Some(true), Some(span)) = (rate.map(WrittenRate::is_zero), fields.span_of("rate")) {
        cx.problem(
            span,
            "a rate of zero starts nothing",
            "write a rate such as `100/s`",
        );
    }
    let unit = time_unit(fields, cx);
    let duration = super::kind::duration(overrides.duration, fields, cx);
    let allocation = VuAllocation::read(fields, name, overrides, cx);
    let per_second = rate?.per_second(unit);
    let duration = duration?;
    Some(Box::new(ConstantArrivalRate {
        per_second,
        profile: Profile::constant(per_second, duration),
        allocation,
    }))
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
