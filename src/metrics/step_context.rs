//! What a step, and everything that it asks of others, belongs to.

use std::time::Instant;

use super::{Meter, Outcome, Phase, TagKey, Together, Trace, TypedMetric, Underway};
use crate::clock::Clock;

/// The moment from which durations count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// When the work began: a closed model, where nothing was due before.
    Start,
    /// When the work should have begun: an open model. Whatever kept it
    /// waiting, on our side too, is part of what a user would have waited.
    Intended,
}

/// What a step is played for: passed down to each request, operation and wait.
#[derive(Clone, Copy)]
pub struct StepContext<'a> {
    /// Name of the scenario.
    pub scenario: &'a str,
    /// Part of the run.
    pub phase: Phase,
    /// Label of the step.
    pub step: &'a str,
    /// The moment from which durations count.
    pub origin: Origin,
    /// When it should have begun, at the start of an open model's iteration.
    pub due: Option<Instant>,
    /// The run's.
    pub clock: &'a Clock,
    /// The iteration that it belongs to.
    pub trace: &'a Trace,
    /// Records under the scenario, the phase and the step.
    pub meter: &'a Meter,
}

impl<'a> StepContext<'a> {
    /// Of a step of the main part without a name that counts from its start.
    pub fn bare(meter: &'a Meter, trace: &'a Trace, clock: &'a Clock) -> Self {
        Self {
            scenario: "",
            phase: Phase::Main,
            step: "",
            origin: Origin::Start,
            due: None,
            clock,
            trace,
            meter,
        }
    }

    /// Records a value; a time span goes into the trace too.
    pub fn record<M: TypedMetric>(self, metric: M, tags: &[(TagKey, &str)], value: M::Value) {
        let series = self.meter.record(metric, tags, value);
        if let Some(took) = M::span(value) {
            self.trace.record(series, self.clock.now(), took);
        }
    }

    /// The same for values that have the same tags, of something that has ended
    /// at `end`.
    pub fn record_at(
        self,
        end: Instant,
        tags: &[(TagKey, &str)],
        work: impl FnOnce(&mut Ended<'_, '_>),
    ) {
        self.meter.together(tags, |these| {
            work(&mut Ended {
                these,
                trace: self.trace,
                end,
            });
        });
    }

    /// Begins something that `record` records should it be dropped before its
    /// end.
    pub fn underway<F: FnOnce(Outcome)>(self, record: F) -> Underway<'a, F> {
        Underway::new(self.trace, record)
    }

    /// Begins a wait, which is named should the iteration be cut meanwhile.
    pub fn waiting_for(self, what: &'static str) -> Underway<'a, impl FnOnce(Outcome) + use<'a>> {
        let began = self.clock.now();
        self.underway(move |_| {
            let note = format!("{what}, for {:.1?}", self.clock.since(began));
            self.trace.note_unfinished(note);
        })
    }
}

/// Takes what is measured of something that has ended.
pub struct Ended<'t, 'r> {
    these: &'t mut Together<'r>,
    trace: &'t Trace,
    end: Instant,
}

impl Ended<'_, '_> {
    /// Records a value; a time span goes into the trace too.
    pub fn record<M: TypedMetric>(&mut self, metric: M, value: M::Value) {
        let series = self.these.record(metric, value);
        if let Some(took) = M::span(value) {
            self.trace.record(series, self.end, took);
        }
    }
}
