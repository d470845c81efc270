//! What is to be said of a change, in a word or two.

use super::Statistic;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Less time, or more throughput.
    Faster,
    /// More time, or less throughput.
    Slower,
    MoreErrors,
    FewerErrors,
    /// Within the margin, surely.
    Unchanged,
    /// Neither one nor the other is sure.
    Inconclusive,
}

impl Verdict {
    pub fn words(self) -> &'static str {
        match self {
            Self::Faster => "faster",
            Self::Slower => "slower",
            Self::MoreErrors => "more errors",
            Self::FewerErrors => "fewer errors",
            Self::Unchanged => "unchanged",
            Self::Inconclusive => "inconclusive",
        }
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
