//! The environment of the process, as files ask for it.

use super::problem::{Problem, Problems};
use super::source::Span;

/// Reads variables of the environment.
#[derive(Clone, Copy, Debug)]
pub struct Environment {
    read: fn(&str) -> Option<String>,
    /// Nothing will be played, so that variables need not be there.
    only_checked: bool,
}

impl Default for Environment {
    fn default() -> Self {
        Self {
            read: |name| std::env::var(name).ok(),
            only_checked: false,
        }
    }
}

impl Environment {
    /// For a file that is only checked, maybe on another machine: what is not
    /// set is a warning then.
    pub(crate) fn to_check() -> Self {
        Self {
            only_checked: true,
            ..Self::default()
        }
    }

    /// Something else in its place.
    #[cfg(test)]
    pub(crate) fn double(read: fn(&str) -> Option<String>) -> Self {
        Self {
            read,
            only_checked: false,
        }
    }

    /// Whether files are only checked.
    pub(crate) fn is_only_checked(&self) -> bool {
        self.only_checked
    }

    /// The value of a variable.
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        (self.read)(name)
    }

    /// Notes that a variable is not set, which is asked for at a place.
    pub(crate) fn unset(&self, span: Span, name: &str, problems: &mut Problems) {
        let message = format!("the environment holds no `{name}`");
        let problem = Problem::new(span, message, "set the variable before the run");
        let problem = problem.of("unset-environment");
        if self.only_checked {
            problems.warn(problem);
        } else {
            problems.push(problem);
        }
    }
}
