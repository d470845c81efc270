//! How an iteration, a group, a step or a request ended.

use strum::VariantArray;

use super::TagKey;

/// How something ended: the tag `outcome`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, VariantArray)]
pub enum Outcome {
    /// Everything in it was good.
    Ok,
    /// It failed.
    Failed,
    /// It had to fail, and did: neither good nor failed.
    FailedAsExpected,
    /// The scenario ended the iteration on purpose: neither good nor failed.
    Skipped,
    /// It was under way when the grace at the end ran out: it failed, and took at
    /// least as long as is recorded.
    Cut,
    /// It was under way when the user asked a second time to stop.
    Interrupted,
    /// It belonged to a branch of `parallel` that was given up because another one
    /// failed.
    Abandoned,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The value of the tag.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Failed => "failed",
            Self::FailedAsExpected => "failed as expected",
            Self::Skipped => "skipped",
            Self::Cut => "cut",
            Self::Interrupted => "interrupted",
            Self::Abandoned => "abandoned",
        }
    }

    /// The tag.
    pub const fn tag(self) -> (TagKey, &'static str) {
        (TagKey::Outcome, self.name())
    }

    /// Of what is only good or not.
    pub const fn of(good: bool) -> Self {
        if good { Self::Ok } else { Self::Failed }
    }

    /// The outcome of this name.
    pub fn named(name: &str) -> Option<Self> {
        let mut all = Self::ALL.iter().copied();
        all.find(|outcome| outcome.name() == name)
    }

    /// True for what has not been played to its end: how much of it there was in a
    /// second says nothing.
    pub const fn is_unfinished(self) -> bool {
        matches!(
            self,
            Self::Skipped | Self::Cut | Self::Interrupted | Self::Abandoned
        )
    }
}
