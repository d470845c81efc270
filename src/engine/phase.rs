//! Parts of a run, told apart in everything measured.

use std::sync::Arc;

use crate::metrics::{Meter, Origin, Recorder, TagKey, Tags};

/// Which part of a run something belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Before all scenarios, once.
    Setup,
    /// The first iterations of a scenario, while the target gets warm.
    Warmup,
    /// What the run is about; thresholds look at this unless told otherwise.
    Main,
    /// After all scenarios, once.
    Teardown,
}

impl Phase {
    /// The value of the tag.
    pub fn name(self) -> &'static str {
        match self {
            Self::Setup => "setup",
            Self::Warmup => "warmup",
            Self::Main => "main",
            Self::Teardown => "teardown",
        }
    }
}

/// Where the measurements of one scenario in one phase go.
pub(super) struct PhaseMeters {
    pub(super) scenario: Arc<str>,
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
