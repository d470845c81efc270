//! What a measurement is about.

use std::fmt;
use std::sync::Arc;

/// A dimension along which measurements are told apart. None of them may hold
/// a value that grows with the load (an id, a raw URL): each combination of
/// values is a histogram of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TagKey {
    /// Name of the scenario.
    Scenario,
    /// Part of the run: `setup`, `warmup`, `main` or `teardown`.
    Phase,
    /// Label of the step.
    Step,
    /// Name of a group of steps.
    Group,
    /// Method of a request.
    Method,
    /// Template of a request's path.
    Endpoint,
    /// Status of the answer, or why there was none.
    Status,
    /// How it ended: one of [`outcome::ALL`](super::outcome::ALL).
    Outcome,
    /// Kind of an error; `check` or `expect`; why an iteration was dropped.
    Kind,
    /// Text of a condition.
    Check,
    /// Cryptographic operation.
    Operation,
}

impl TagKey {
    /// Every key.
    pub const ALL: &'static [Self] = &[
        Self::Scenario,
        Self::Phase,
        Self::Step,
        Self::Group,
        Self::Method,
        Self::Endpoint,
        Self::Status,
        Self::Outcome,
        Self::Kind,
        Self::Check,
        Self::Operation,
    ];

    /// The name in thresholds and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Scenario => "scenario",
            Self::Phase => "phase",
            Self::Step => "step",
            Self::Group => "group",
            Self::Method => "method",
            Self::Endpoint => "endpoint",
            Self::Status => "status",
            Self::Outcome => "outcome",
            Self::Kind => "kind",
            Self::Check => "check",
            Self::Operation => "operation",
        }
    }

    /// The key of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|key| key.name() == name)
    }
}

/// Tags of a measurement: at most one value per key, in the order of the keys.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tags(Vec<(TagKey, Arc<str>)>);

impl Tags {
    /// No tags.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same with `key` set to `value`.
    #[must_use]
    pub fn with(mut self, key: TagKey, value: impl Into<Arc<str>>) -> Self {
        let value = value.into();
        match self.0.binary_search_by_key(&key, |(key, _)| *key) {
            Ok(index) => self.0[index].1 = value,
            Err(index) => self.0.insert(index, (key, value)),
        }
        self
    }

    /// The value of a key.
    pub fn get(&self, key: TagKey) -> Option<&str> {
        self.0
            .binary_search_by_key(&key, |(key, _)| *key)
            .ok()
            .map(|index| &*self.0[index].1)
    }

    /// All of them, in the order of the keys.
    pub fn iter(&self) -> impl Iterator<Item = (TagKey, &Arc<str>)> {
        self.0.iter().map(|(key, value)| (*key, value))
    }

    /// True when every tag of `wanted` is here with the same value.
    pub fn contain(&self, wanted: &Tags) -> bool {
        wanted
            .iter()
            .all(|(key, value)| self.get(key) == Some(&**value))
    }

    /// True when there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Tags {
    /// `{step=register,outcome=ok}`, or nothing.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (key, value)) in self.iter().enumerate() {
            let before = if index == 0 { '{' } else { ',' };
            write!(f, "{before}{}={value}", key.name())?;
        }
        if self.is_empty() {
            Ok(())
        } else {
            f.write_str("}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{TagKey, Tags};

    #[test]
    fn a_key_has_one_value_and_a_place() {
        let tags = Tags::new()
            .with(TagKey::Outcome, "ok")
            .with(TagKey::Step, "register")
            .with(TagKey::Outcome, "failed");
        assert_eq!(tags.to_string(), "{step=register,outcome=failed}");
        assert_eq!(tags.get(TagKey::Step), Some("register"));
        assert_eq!(tags.get(TagKey::Check), None);
    }

    #[test]
    fn what_is_wanted_must_be_there() {
        let tags = Tags::new()
            .with(TagKey::Step, "login")
            .with(TagKey::Outcome, "ok");
        assert!(tags.contain(&Tags::new()));
        assert!(tags.contain(&Tags::new().with(TagKey::Step, "login")));
        assert!(!tags.contain(&Tags::new().with(TagKey::Step, "register")));
        assert!(!tags.contain(&Tags::new().with(TagKey::Kind, "connect")));
    }

    #[test]
    fn every_key_is_found_by_its_name() {
        for key in TagKey::ALL {
            assert_eq!(TagKey::named(key.name()), Some(*key));
        }
    }
}
