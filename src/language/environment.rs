//! The environment, as files ask for it.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use super::problem::{Problem, Problems};
use super::source::Span;

/// What files and expressions can see of the environment: nothing, unless it is
/// given. Cheap to clone.
#[derive(Clone, Default)]
pub struct Environment {
    variables: Arc<HashMap<String, String>>,
    /// Nothing will be played, so that variables need not be there.
    only_checked: bool,
}

/// Values may be secrets.
impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[environment of {} variables]", self.variables.len())
    }
}

impl FromIterator<(String, String)> for Environment {
    fn from_iter<T: IntoIterator<Item = (String, String)>>(variables: T) -> Self {
        Self {
            variables: Arc::new(variables.into_iter().collect()),
            only_checked: false,
        }
    }
}

impl Environment {
    /// What the process has, but for what is not UTF-8.
    pub fn of_process() -> Self {
        let variables = std::env::vars_os();
        variables
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect()
    }

    /// For a file that is only checked, maybe on another machine: what is not
    /// set is a warning then.
    pub(crate) fn to_check(&self) -> Self {
        Self {
            only_checked: true,
            ..self.clone()
        }
    }

    /// Whether files are only checked.
    pub(crate) fn is_only_checked(&self) -> bool {
        self.only_checked
    }

    /// The value of a variable.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
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
