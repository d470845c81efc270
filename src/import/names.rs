//! Names of which each is given once.

use std::collections::{HashMap, HashSet};

/// Names that were given.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    given: HashSet<String>,
    /// How often each was asked for.
    asked: HashMap<String, usize>,
}

impl Names {
    /// A name, or what `numbered` makes of it, when others have it already.
    pub fn unique(&mut self, name: &str, numbered: impl Fn(usize) -> String) -> String {
        let count = self.asked.entry(name.to_owned()).or_default();
        loop {
            *count += 1;
            let unique = match *count {
                1 => name.to_owned(),
                count => numbered(count),
            };
            if self.given.insert(unique.clone()) {
                return unique;
            }
        }
    }

    /// The same for a variable: `id`, `id_2`.
    pub fn variable(&mut self, name: &str) -> String {
        self.unique(name, |count| format!("{name}_{count}"))
    }
}
