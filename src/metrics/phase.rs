//! Parts of a run, told apart in everything measured.

use strum::IntoStaticStr;

/// Which part of a run something belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
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
        self.into()
    }
}
