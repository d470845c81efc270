//! Libraries of steps, which scenario files include.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::item::Capture;
use super::model::Document;
use super::read::check_name;
use crate::expression::captures::Captures;
use crate::expression::context::Context;
use crate::expression::seen::{Names, Seen};
use crate::expression::types::Type;
use crate::language::missing::file_help;
use crate::language::node::{Node, Text};
use crate::language::problem::Problems;
use crate::language::source::{Source, Span};
use crate::language::yaml;

/// A file that another one includes. Its places come after those of the file
/// that was read first, so that each place of a run belongs to one file.
#[derive(Clone, Debug)]
pub struct Library {
    /// Where it is, in the file system's own words.
    pub(crate) path: PathBuf,
    /// What it holds.
    pub root: Node,
}

impl Library {
    /// A library that is read by itself, to check it. `None` when there is
    /// nothing to go on with.
    pub fn alone(source: &Source) -> (Option<Self>, Problems) {
        let mut problems = Problems::to_check(source);
        let root = yaml::load(source, &mut problems);
        let path = std::fs::canonicalize(source.name());
        let library = root.zip(path.ok());
        (library.map(|(root, path)| Self { path, root }), problems)
    }
}

/// How deep libraries may include one another.
const MAX_LIBRARY_DEPTH: usize = 16;
/// How many libraries the steps of one scenario may include in all.
const MAX_INCLUDES: usize = 500;

/// What is known outside of a library, while that is read.
pub struct Outside<'a> {
    document: Option<&'a Document>,
    variables: Names,
    types: HashMap<String, Type>,
    ambiguous: HashSet<String>,
    captured: Seen,
    ever_captured: Vec<String>,
    all_captures: Vec<Capture>,
    rounds: bool,
}

impl<'a> Context<'a> {
    /// Enters a library: it knows its parameters, what is built in, and what its
    /// own steps capture. Gives what [`Context::leave`] needs.
    pub fn enter(&mut self, library: &Library) -> Outside<'a> {
        self.trail.push(library.path.clone());
        Outside {
            document: self.document.take(),
            variables: std::mem::take(&mut self.variables),
            types: std::mem::take(&mut self.types),
            ambiguous: std::mem::take(&mut self.ambiguous),
            captured: std::mem::take(&mut self.captured),
            ever_captured: std::mem::take(&mut self.ever_captured),
            all_captures: std::mem::take(&mut self.all_captures),
            rounds: self.set_rounds(false),
        }
    }

    /// Leaves a library. Gives what its steps have captured.
    pub fn leave(&mut self, outside: Outside<'a>) -> Captures {
        self.trail.pop();
        self.document = outside.document;
        self.variables = outside.variables;
        self.types = outside.types;
        self.ambiguous = outside.ambiguous;
        self.ever_captured = outside.ever_captured;
        self.all_captures = outside.all_captures;
        self.set_rounds(outside.rounds);
        let mut captured = std::mem::replace(&mut self.captured, outside.captured);
        captured.back_to(0)
    }

    /// From here on, what a library has captured can be seen. It is included at
    /// `at`.
    pub fn reveal_library(&mut self, captures: Captures, at: Span) {
        for found in &captures.0 {
            self.ever_captured.push(found.name.clone());
            if self.is_variable(&found.name) {
                let name = &found.name;
                let message = format!("the library captures `{name}`, which is a variable already");
                let help = "give the variable another name, or it would be out of reach";
                self.problem(at, message, help);
            }
        }
        self.reveal(captures);
    }

    /// From here on, in a library, there is a parameter of this name.
    pub fn parameter(&mut self, name: &Text) {
        check_name(name, "a parameter", self);
        self.declare(&name.text);
    }

    /// Reads the library at `path`, which is named at `at`.
    pub fn library(&mut self, path: &Path, at: Span) -> Option<Library> {
        let message = |what: &str| format!("cannot include {}: {what}", path.display());
        let real = match std::fs::canonicalize(path) {
            Ok(real) => real,
            Err(error) => {
                let help = file_help(path);
                self.problem(at, message(&error.to_string()), help);
                return None;
            }
        };
        if self.trail.contains(&real) {
            let help = "a library cannot be a part of itself";
            self.problem(at, message("it includes itself"), help);
            return None;
        }
        self.includes += 1;
        if self.trail.len() >= MAX_LIBRARY_DEPTH || self.includes > MAX_INCLUDES {
            let help = format!("at most {MAX_LIBRARY_DEPTH} levels and {MAX_INCLUDES} libraries");
            self.problem(at, message("there are too many libraries"), help);
            return None;
        }
        if let Some(known) = self.problems.library(&real) {
            return known.clone();
        }
        match Source::read(path) {
            Ok(source) => self.problems.open(real, source),
            Err(error) => {
                self.problem(at, message(&error.to_string()), "");
                None
            }
        }
    }
}
