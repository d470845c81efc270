//! The environment, as files ask for it.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::permissions::{Permissions, refusal};
use super::problem::{Problem, Problems};
use super::source::{Source, Span};

/// What files and expressions can see of the environment, and what else they may
/// do: nothing, unless it is given. Cheap to clone.
#[derive(Clone, Default)]
pub struct Environment {
    variables: Arc<HashMap<String, String>>,
    permissions: Arc<Permissions>,
    /// Texts that an editor has open, which stand for the files of these paths.
    opened: Arc<HashMap<PathBuf, String>>,
    /// Nothing will be played, so that variables need not be there.
    only_checked: bool,
}

/// Values may be secrets.
impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[environment of {} variables]", self.variables.len())
    }
}

/// Whoever gives variables lets files read them, and do nothing else.
impl FromIterator<(String, String)> for Environment {
    fn from_iter<T: IntoIterator<Item = (String, String)>>(variables: T) -> Self {
        let permissions = Permissions {
            variables: None,
            ..Permissions::default()
        };
        Self {
            variables: Arc::new(variables.into_iter().collect()),
            ..Self::default().with(permissions)
        }
    }
}

impl Environment {
    /// What the process has, but for what is not UTF-8, for files that may do so
    /// much with it.
    pub fn of_process(permissions: Permissions) -> Self {
        let variables = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        Self {
            variables: Arc::new(variables),
            ..Self::default().with(permissions)
        }
    }

    /// The same with further variables, where there is none of that name yet.
    #[must_use]
    pub fn or(mut self, further: impl IntoIterator<Item = (String, String)>) -> Self {
        let variables = Arc::make_mut(&mut self.variables);
        for (name, value) in further {
            variables.entry(name).or_insert(value);
        }
        self
    }

    /// The same where files may do this.
    #[must_use]
    pub fn with(mut self, permissions: Permissions) -> Self {
        self.permissions = Arc::new(permissions);
        self
    }

    /// The same where an editor has these texts open, by their paths in the file
    /// system's own words.
    #[must_use]
    pub(crate) fn opening(mut self, opened: Arc<HashMap<PathBuf, String>>) -> Self {
        self.opened = opened;
        self
    }

    /// Reads a file, or the text of it that an editor has open.
    ///
    /// # Errors
    /// As [`Source::read`].
    pub(crate) fn read(&self, path: &Path) -> io::Result<Source> {
        let opened = || self.opened.get(&std::fs::canonicalize(path).ok()?);
        if !self.opened.is_empty()
            && let Some(text) = opened()
        {
            return Ok(Source::new(path.display().to_string(), text.as_str()));
        }
        Source::read(path)
    }

    /// What files may do.
    pub(crate) fn permissions(&self) -> &Arc<Permissions> {
        &self.permissions
    }

    /// The same where files may read these variables, too.
    #[must_use]
    pub(crate) fn permitting(mut self, names: &[String]) -> Self {
        let permissions = Arc::make_mut(&mut self.permissions);
        if let Some(variables) = &mut permissions.variables {
            variables.extend_from_slice(names);
        }
        self
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

    /// The value of a variable that files may read.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let permitted = self.permissions.has_variable(name);
        permitted.then(|| self.get_own(name))?
    }

    /// The value of a variable, for a file that is the user's own or not.
    pub(crate) fn get_for(&self, name: &str, is_own: bool) -> Option<&str> {
        if is_own {
            self.get_own(name)
        } else {
            self.get(name)
        }
    }

    fn get_own(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }

    /// Notes that a variable is not there, which is asked for at a place: it is
    /// not set, or files may not read it.
    pub(crate) fn missing(&self, span: Span, name: &str, problems: &mut Problems) {
        let is_set = self.get_own(name).is_some_and(|value| !value.is_empty());
        let problem = if is_set && self.get(name).is_none() {
            let message = format!("this file may not read `{name}` of the environment");
            let help = format!(
                "permit it with `--env {name}`, or name it below `env` in a target that is given with `--target`"
            );
            refusal(span, message, help)
        } else {
            let message = format!("the environment holds no `{name}`");
            let help = "set the variable before the run";
            Problem::new(span, message, help).of("unset-environment")
        };
        self.refuse(problem, problems);
    }

    /// Notes something without which nothing can be played: a warning for files
    /// that are only checked.
    pub(crate) fn refuse(&self, problem: Problem, problems: &mut Problems) {
        if self.only_checked {
            problems.warn(problem);
        } else {
            problems.push(problem);
        }
    }
}
