//! What the steps of a part of a scenario capture.

use super::types::Type;
use crate::language::source::Span;

/// A name that a step gives to its result, or to a part of it, as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CaptureSite {
    /// The name.
    pub(crate) name: String,
    /// Where the name is.
    pub(crate) at: Span,
    /// The step.
    pub(crate) step: Span,
    /// The kind of the step.
    pub(crate) kind: String,
    /// What it is, in a word: two with the same one are alike.
    pub(crate) form: String,
    /// It is of a part of the result, by `capture`, or set.
    pub(crate) part: bool,
    /// It is set.
    pub(crate) is_set: bool,
}

/// A name that a step has given to its result.
#[derive(Clone, Debug)]
pub(crate) struct Captured {
    pub(crate) name: String,
    /// False when the step is in a part that is not always played.
    pub(crate) always: bool,
    /// What is known of it.
    pub(crate) of: Type,
}

/// What the steps of a block capture, once they were read.
#[derive(Debug, Default)]
pub struct Captures(pub(crate) Vec<Captured>);

impl Captures {
    /// What is captured whichever of two parts is played, and what only
    /// may be.
    #[must_use]
    pub fn either(self, other: &Self) -> Self {
        let always = |list: &[Captured], name: &str| {
            list.iter().any(|found| found.name == name && found.always)
        };
        let mut both: Vec<Captured> = Vec::new();
        for found in self.0.iter().chain(&other.0) {
            match both.iter_mut().find(|known| known.name == found.name) {
                Some(known) => known.of = known.of.clone().or(found.of.clone()),
                None => both.push(Captured {
                    always: always(&self.0, &found.name) && always(&other.0, &found.name),
                    ..found.clone()
                }),
            }
        }
        Self(both)
    }

    /// The same of a part that may be left out.
    #[must_use]
    pub fn maybe(mut self) -> Self {
        self.0.iter_mut().for_each(|found| found.always = false);
        self
    }
}
