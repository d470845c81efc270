//! What the steps of a part of a scenario capture.

/// A name that a step has given to its result.
#[derive(Clone, Debug)]
pub(super) struct Captured {
    pub(super) name: String,
    /// False when the step is in a part that is not always played.
    pub(super) always: bool,
}

/// What the steps of a block capture, once they were read.
#[derive(Debug, Default)]
pub struct Captures(pub(super) Vec<Captured>);

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
            if !both.iter().any(|known| known.name == found.name) {
                both.push(Captured {
                    name: found.name.clone(),
                    always: always(&self.0, &found.name) && always(&other.0, &found.name),
                });
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
