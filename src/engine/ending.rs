//! How an iteration ended.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// All its steps were good.
    Good,
    Failed,
    /// The scenario ended it on purpose.
    Skipped,
    /// It was not let finish.
    Cut,
}
