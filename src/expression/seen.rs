//! Names that are there at some point of a file. There may be thousands, and each
//! expression asks.

use std::collections::{HashMap, HashSet};

use super::captures::{Captured, Captures};
use super::types::Type;

/// Names in the order in which they were declared.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    list: Vec<String>,
    set: HashSet<String>,
}

impl Names {
    pub(crate) fn push(&mut self, name: &str) {
        self.list.push(name.to_owned());
        self.set.insert(name.to_owned());
    }

    pub(crate) fn contains(&self, name: &str) -> bool {
        self.set.contains(name)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.list.iter().map(String::as_str)
    }
}

impl<S: AsRef<str>> FromIterator<S> for Names {
    fn from_iter<T: IntoIterator<Item = S>>(names: T) -> Self {
        let mut all = Self::default();
        names.into_iter().for_each(|name| all.push(name.as_ref()));
        all
    }
}

/// Captures that can be seen, with what has changed, so that a part can be taken
/// back without looking at the others.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// What is known of each.
    now: HashMap<String, Known>,
    /// Names that have changed, and what they were before.
    log: Vec<(String, Option<Known>)>,
}

/// What is known of a capture.
#[derive(Clone, Debug, PartialEq)]
struct Known {
    /// It is there in any case.
    always: bool,
    of: Type,
}

impl Seen {
    /// Whether a capture is there in any case; `None` when it is not at all.
    pub(crate) fn always(&self, name: &str) -> Option<bool> {
        self.now.get(name).map(|known| known.always)
    }

    /// What a capture is, if it is there.
    pub(crate) fn of(&self, name: &str) -> Option<&Type> {
        self.now.get(name).map(|known| &known.of)
    }

    /// Every capture, in no order.
    pub(crate) fn all(&self) -> impl Iterator<Item = (String, Type)> {
        let all = self.now.iter();
        all.map(|(name, known)| (name.clone(), known.of.clone()))
    }

    /// In no order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.now.keys().map(String::as_str)
    }

    pub(crate) fn see(&mut self, found: &Captured) {
        let before = self.now.get(&found.name).cloned();
        let now = match &before {
            // What was there before may still be there.
            Some(before) if !found.always => Known {
                always: before.always,
                of: before.of.clone().or(found.of.clone()),
            },
            _ => Known {
                always: found.always,
                of: found.of.clone(),
            },
        };
        if before.as_ref() != Some(&now) {
            self.log.push((found.name.clone(), before));
            self.now.insert(found.name.clone(), now);
        }
    }

    /// From here on, this is there in any case, if it is there at all.
    pub(crate) fn assure(&mut self, name: &str) {
        if let Some(of) = self.of(name).cloned() {
            self.see(&Captured {
                name: name.to_owned(),
                always: true,
                of,
            });
        }
    }

    /// A point to go back to.
    pub(crate) fn mark(&self) -> usize {
        self.log.len()
    }

    /// Goes back to a point. Gives what has changed since, as it was last.
    pub(crate) fn back_to(&mut self, mark: usize) -> Captures {
        let changed = self.log.split_off(mark.min(self.log.len()));
        let mut names = HashSet::new();
        let mut captures = Vec::new();
        for (name, _) in &changed {
            if names.insert(name.as_str())
                && let Some(known) = self.now.get(name)
            {
                captures.push(Captured {
                    name: name.clone(),
                    always: known.always,
                    of: known.of.clone(),
                });
            }
        }
        for (name, before) in changed.into_iter().rev() {
            match before {
                Some(known) => self.now.insert(name, known),
                None => self.now.remove(&name),
            };
        }
        Captures(captures)
    }
}

#[cfg(test)]
mod tests {
    use super::{Captured, Seen, Type};

    fn captured(name: &str, always: bool) -> Captured {
        Captured {
            name: name.to_owned(),
            always,
            of: Type::Number,
        }
    }

    #[test]
    fn what_may_be_one_of_two_things_is_none_of_them() {
        let mut seen = Seen::default();
        let text = |always| Captured {
            of: Type::Text,
            ..captured("a", always)
        };
        seen.see(&captured("a", true));
        seen.see(&text(true));
        assert_eq!(seen.of("a"), Some(&Type::Text));
        seen.see(&captured("a", false));
        assert_eq!(seen.of("a"), Some(&Type::Any));
    }

    #[test]
    fn a_part_is_taken_back_and_what_it_changed_is_told() {
        let mut seen = Seen::default();
        seen.see(&captured("a", true));
        seen.see(&captured("b", false));
        let mark = seen.mark();
        seen.see(&captured("a", false));
        seen.see(&captured("b", true));
        seen.see(&captured("c", false));
        seen.assure("c");
        seen.assure("d");
        let changed = seen.back_to(mark);
        let changed: Vec<_> = changed.0.iter().map(|it| (&*it.name, it.always)).collect();
        assert_eq!(changed, [("b", true), ("c", true)]);
        assert_eq!(seen.always("b"), Some(false));
        assert_eq!(seen.always("c"), None);
    }
}
