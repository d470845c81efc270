//! What measurements are told apart by.

use strum::{IntoStaticStr, VariantArray};

/// A dimension along which measurements are told apart. None of them may hold
/// a value that grows with the load (an id, a raw URL): each combination of
/// values is a histogram of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "lowercase")]
pub enum TagKey {
    /// Name of the scenario.
    Scenario,
    /// Part of the run: `setup`, `warmup`, `main` or `teardown`.
    Phase,
    /// Label of the step.
    Step,
    /// Name of a group of steps.
    Group,
    /// Method of a request.
    Method,
    /// Template of a request's path.
    Endpoint,
    /// Status of the answer, or why there was none.
    Status,
    /// How it ended: an [`Outcome`](super::Outcome).
    Outcome,
    /// Kind of an error; `check` or `expect`; why an iteration was dropped.
    Kind,
    /// Text of a condition.
    Check,
    /// Cryptographic operation.
    Operation,
}

impl TagKey {
    /// Every key.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The name in thresholds and reports.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// The key of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|key| key.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::TagKey;

    #[test]
    fn every_key_is_found_by_its_name() {
        for key in TagKey::ALL {
            assert_eq!(TagKey::named(key.name()), Some(*key));
        }
    }
}
