//! What a measurement is about.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::{Outcome, TagKey};

/// Tags of a measurement: at most one value per key, in the order of the keys.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tags(Vec<(TagKey, Arc<str>)>);

impl Tags {
    /// No tags.
    pub fn new() -> Self {
        Self::default()
    }

    /// As they are kept in a file: values by the names of their keys.
    ///
    /// # Errors
    /// When there is a key or an outcome that is not known.
    pub fn read(names: &BTreeMap<String, String>) -> Result<Self, String> {
        let mut tags = Self::new();
        for (name, value) in names {
            let key = TagKey::named(name).ok_or_else(|| format!("unknown tag `{name}`"))?;
            if key == TagKey::Outcome && Outcome::named(value).is_none() {
                return Err(format!("unknown outcome `{value}`"));
            }
            tags = tags.with(key, value.as_str());
        }
        Ok(tags)
    }

    /// For a file: what [`Tags::read`] reads.
    pub fn names(&self) -> BTreeMap<String, String> {
        self.iter()
            .map(|(key, value)| (key.name().to_owned(), value.to_string()))
            .collect()
    }

    /// How it ended; what has no outcome has done what it should.
    pub fn outcome(&self) -> Outcome {
        let outcome = self.get(TagKey::Outcome);
        outcome.and_then(Outcome::named).unwrap_or(Outcome::Ok)
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
    use crate::metrics::Outcome;

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
    fn what_is_kept_in_a_file_is_read_or_refused() {
        let tags = Tags::new()
            .with(TagKey::Outcome, "cut")
            .with(TagKey::Step, "a");
        assert_eq!(Tags::read(&tags.names()), Ok(tags.clone()));
        assert_eq!(
            (tags.outcome(), Tags::new().outcome()),
            (Outcome::Cut, Outcome::Ok)
        );
        for (name, value, expected) in [
            ("stp", "a", "unknown tag `stp`"),
            ("outcome", "good", "unknown outcome `good`"),
        ] {
            let names = [(name.to_owned(), value.to_owned())].into();
            assert_eq!(Tags::read(&names), Err(expected.to_owned()));
        }
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
}
