//! Numbers of which only the least that they can be is known.

use std::fmt;
use std::time::Duration;

use crate::numbers::time;

/// A value, or the least that it can be: something was not finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound<T = Duration> {
    /// The value itself.
    Exact(T),
    /// The value is larger than this.
    AtLeast(T),
}

impl<T> Bound<T> {
    /// The value, or what it is larger than.
    pub fn value(self) -> T {
        match self {
            Self::Exact(value) | Self::AtLeast(value) => value,
        }
    }

    /// The value, unless only a bound of it is known.
    pub fn exact(self) -> Option<T> {
        match self {
            Self::Exact(value) => Some(value),
            Self::AtLeast(_) => None,
        }
    }

    /// True when only a bound is known.
    pub fn is_at_least(&self) -> bool {
        matches!(self, Self::AtLeast(_))
    }

    /// The same of what `change` makes of the value. Larger stays larger.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Bound<U> {
        match self {
            Self::Exact(value) => Bound::Exact(change(value)),
            Self::AtLeast(value) => Bound::AtLeast(change(value)),
        }
    }
}

impl fmt::Display for Bound {
    /// `1.23s`, or `> 30.0s`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&match self {
            Self::Exact(value) => time(*value),
            Self::AtLeast(value) => format!("> {}", time(*value)),
        })
    }
}
