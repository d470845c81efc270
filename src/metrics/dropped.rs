//! Iterations that did not start.

/// Why an iteration did not start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dropped {
    /// No virtual user was free when it was due, and there could be no more.
    NoVu,
    /// It was due before the run was stopped, and not yet given to anybody.
    Stopped,
    /// It was planned, and `max_duration` was over.
    MaxDuration,
}

impl Dropped {
    /// Every reason.
    pub const ALL: [Self; 3] = [Self::NoVu, Self::Stopped, Self::MaxDuration];

    /// The value of the tag `kind`.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoVu => "no_vu",
            Self::Stopped => "stopped",
            Self::MaxDuration => "max_duration",
        }
    }
}
