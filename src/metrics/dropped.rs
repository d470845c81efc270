//! Iterations that did not start.

use strum::{IntoStaticStr, VariantNames};

/// Why an iteration did not start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub enum Dropped {
    /// No virtual user was free when it was due, and there could be no more.
    NoVu,
    /// It was due before the run was stopped, and not yet given to anybody.
    Stopped,
    /// It was planned, and `max_duration` was over.
    MaxDuration,
}

impl Dropped {
    /// Every reason, by name.
    pub const NAMES: &'static [&'static str] = Self::VARIANTS;

    /// The value of the tag `kind`.
    pub fn name(self) -> &'static str {
        self.into()
    }
}
