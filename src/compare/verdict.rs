//! What is to be said of a change, in a word or two.

use strum::IntoStaticStr;

use super::Statistic;

#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum Verdict {
    /// Less time, or more throughput.
    Faster,
    /// More time, or less throughput.
    Slower,
    #[strum(serialize = "more errors")]
    MoreErrors,
    #[strum(serialize = "fewer errors")]
    FewerErrors,
    /// Within the margin, surely.
    Unchanged,
    /// Neither one nor the other is sure.
    Inconclusive,
}

impl Verdict {
    pub fn words(self) -> &'static str {
        self.into()
    }
}

/// Which way a significant change goes.
pub(super) fn direction(statistic: Statistic, more: bool) -> Verdict {
    match (statistic, more) {
        (Statistic::ErrorRate, true) => Verdict::MoreErrors,
        (Statistic::ErrorRate, false) => Verdict::FewerErrors,
        (Statistic::Throughput, true) => Verdict::Faster,
        (Statistic::Throughput, false) | (_, true) => Verdict::Slower,
        (_, false) => Verdict::Faster,
    }
}
