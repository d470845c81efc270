//! Where the measurements of each part of a run go.

use std::sync::Arc;

use crate::metrics::{Meter, Origin, Phase, Recorder, TagKey, Tags};

/// Where the measurements of one scenario in one phase go.
pub(super) struct PhaseMeters {
    pub(super) scenario: Arc<str>,
    pub(super) phase: Phase,
    /// From when durations count.
    pub(super) origin: Origin,
    pub(super) meter: Meter,
    /// For each step, by its number.
    pub(super) steps: Vec<Meter>,
}

impl PhaseMeters {
    pub(super) fn new(
        recorder: &Recorder,
        scenario: &Arc<str>,
        phase: Phase,
        origin: Origin,
        labels: &[Arc<str>],
    ) -> Self {
        let tags = Tags::new().with(TagKey::Scenario, Arc::clone(scenario));
        let tags = tags.with(TagKey::Phase, phase.name());
        let meter = Meter::new(recorder.clone(), tags);
        let steps = labels
            .iter()
            .map(|label| meter.with(TagKey::Step, label))
            .collect();
        Self {
            scenario: Arc::clone(scenario),
            phase,
            origin,
            meter,
            steps,
        }
    }
}

/// The meters of a scenario: warm-up and main part, or one for all.
#[derive(Clone)]
pub(super) struct ScenarioMeters {
    pub(super) warmup: Arc<PhaseMeters>,
    pub(super) main: Arc<PhaseMeters>,
}
