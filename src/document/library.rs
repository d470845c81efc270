//! Libraries of steps, which scenario files include.

use std::path::{Path, PathBuf};

use super::context::ReadContext;
use super::files::{Files, Library};
use crate::expression::captures::Captures;
use crate::expression::visible::Visible;
use crate::language::environment::Environment;
use crate::language::missing::file_help;
use crate::language::problem::Problems;
use crate::language::source::{Source, Span};
use crate::language::yaml;

/// How deep libraries may include one another.
const MAX_LIBRARY_DEPTH: usize = 16;
/// How many libraries the steps of one scenario may include in all.
const MAX_INCLUDES: usize = 500;

/// Reads a library by itself, to check it. `None` when there is nothing to go on
/// with.
pub fn parse_library(source: &Source, environment: &Environment) -> (Option<Library>, ReadContext) {
    let mut cx = ReadContext::new(source, environment);
    let root = yaml::load(source, &mut cx.problems);
    let path = std::fs::canonicalize(source.name());
    let library = root.zip(path.ok());
    (library.map(|(root, path)| Library { path, root }), cx)
}

/// What is known outside of a library, while that is read.
pub struct Outside {
    visible: Visible,
    folder: PathBuf,
}

impl ReadContext {
    /// Enters a library, which sees nothing of the file around; its paths are
    /// relative to `folder`. Gives what [`ReadContext::leave`] needs.
    pub fn enter(&mut self, library: &Library, folder: PathBuf) -> Outside {
        self.files.trail.push(library.path.clone());
        Outside {
            visible: self.names.enter_library(),
            folder: std::mem::replace(&mut self.files.folder, folder),
        }
    }

    /// Leaves a library. Gives what its steps have captured.
    pub fn leave(&mut self, outside: Outside) -> Captures {
        self.files.trail.pop();
        self.files.folder = outside.folder;
        self.names.leave_library(outside.visible)
    }
}

impl Files {
    /// Reads the library at `path`, which is named at `at`.
    pub fn library(&mut self, path: &Path, at: Span, problems: &mut Problems) -> Option<Library> {
        if !self.may_open(path, at, problems) {
            return None;
        }
        let mut refuse = |what: &str, help: String| {
            let message = format!("cannot include {}: {what}", path.display());
            problems.problem(at, message, help);
            None
        };
        let real = match std::fs::canonicalize(path) {
            Ok(real) => real,
            Err(error) => return refuse(&error.to_string(), file_help(path)),
        };
        if self.trail.contains(&real) {
            let help = "a library cannot be a part of itself";
            return refuse("it includes itself", help.to_owned());
        }
        self.includes += 1;
        if self.trail.len() >= MAX_LIBRARY_DEPTH || self.includes > MAX_INCLUDES {
            let help = format!("at most {MAX_LIBRARY_DEPTH} levels and {MAX_INCLUDES} libraries");
            return refuse("there are too many libraries", help);
        }
        if let Some(known) = self.known(&real) {
            return known.clone();
        }
        match self.environment.read(path) {
            Ok(source) => self.open(real, &source, problems),
            Err(error) => refuse(&error.to_string(), String::new()),
        }
    }
}
