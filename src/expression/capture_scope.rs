//! What steps have captured up to some point of a file.

use std::collections::{HashMap, HashSet};

use super::captures::{Captured, Captures};
use super::types::Type;

/// Captures that can be seen, with what has changed, so that a part can be taken
/// back without looking at the others.
#[derive(Debug, Default)]
pub(crate) struct CaptureScope {
    /// What is known of each.
    now: HashMap<String, Known>,
    /// Names that have changed, and what they were before.
    log: Vec<(String, Option<Known>)>,
    /// How much had changed where each of the parts around began.
    marks: Vec<usize>,
}

/// What is known of a capture.
#[derive(Clone, Debug, PartialEq)]
struct Known {
    /// It is there in any case.
    always: bool,
    of: Type,
}

impl CaptureScope {
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
    pub(crate) fn narrow(&mut self, name: &str) {
        if let Some(of) = self.of(name).cloned() {
            self.see(&Captured {
                name: name.to_owned(),
                always: true,
                of,
            });
        }
    }

    /// Begins a part that can be taken back.
    pub(crate) fn push_scope(&mut self) {
        self.marks.push(self.log.len());
    }

    /// Takes back the part that was begun last; all, when none was. Gives what has
    /// changed in it, as it was last.
    pub(crate) fn pop_scope(&mut self) -> Captures {
        let mark = self.marks.pop().unwrap_or_default();
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
    use super::{CaptureScope, Captured, Type};

    fn captured(name: &str, always: bool) -> Captured {
        Captured {
            name: name.to_owned(),
            always,
            of: Type::Number,
        }
    }

    #[test]
    fn what_may_be_one_of_two_things_is_none_of_them() {
        let mut scope = CaptureScope::default();
        let text = |always| Captured {
            of: Type::Text,
            ..captured("a", always)
        };
        scope.see(&captured("a", true));
        scope.see(&text(true));
        assert_eq!(scope.of("a"), Some(&Type::Text));
        scope.see(&captured("a", false));
        assert_eq!(scope.of("a"), Some(&Type::Any));
    }

    #[test]
    fn a_part_is_taken_back_and_what_it_changed_is_told() {
        let mut scope = CaptureScope::default();
        scope.see(&captured("a", true));
        scope.see(&captured("b", false));
        scope.push_scope();
        scope.see(&captured("a", false));
        scope.see(&captured("b", true));
        scope.see(&captured("c", false));
        scope.narrow("c");
        scope.narrow("d");
        let changed = scope.pop_scope();
        let changed: Vec<_> = changed.0.iter().map(|it| (&*it.name, it.always)).collect();
        assert_eq!(changed, [("b", true), ("c", true)]);
        assert_eq!(scope.always("b"), Some(false));
        assert_eq!(scope.always("c"), None);
    }
}
