//! What the steps of a part of a scenario capture.

use super::context::Context;
use super::types::Type;
use crate::language::node::Node;
use crate::language::problem::Problem;

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

impl Context<'_> {
    /// How many captures there were up to here.
    pub fn mark(&self) -> usize {
        self.ever_captured.len()
    }

    /// Warns of names that were captured since `mark`, in the branch `node`, and
    /// in another one as well: `others` has the names of those.
    pub fn warn_of_captured_twice(&mut self, mark: usize, others: &mut Vec<String>, node: &Node) {
        let mut names: Vec<String> = self.ever_captured[mark..].to_vec();
        names.sort_unstable();
        names.dedup();
        for name in names {
            if !others.contains(&name) {
                others.push(name);
                continue;
            }
            let inside = node.span.start..node.span.end;
            let mut captures = self.all_captures.iter();
            let place = captures
                .find(|capture| capture.name == name && inside.contains(&capture.at.start))
                .map_or(node.label(), |capture| capture.at);
            let message = format!("another branch captures `{name}` too");
            let help = "after the block it is what the branch further down has captured: \
                        give one of the two another name";
            self.warn(Problem::new(place, message, help).of("captured-twice"));
        }
    }
}
