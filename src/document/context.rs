//! What those who read arguments are given, where there may be expressions and
//! paths of files in them.

use std::path::Path;
use std::sync::Arc;

use url::Url;

use super::files::Files;
use super::model::{Document, Place};
use crate::expression::names::{Names, Naming};
use crate::expression::template::Template;
use crate::expression::visible::Visible;
use crate::language::environment::Environment;
use crate::language::field;
use crate::language::node::{Node, Text};
use crate::language::permissions::Permissions;
use crate::language::problem::{Problem, Problems, Report};
use crate::language::read::{self, Read};
use crate::language::source::{Source, Span};

/// Where problems go, what expressions may name, and which files are read.
#[derive(Debug)]
pub struct ReadContext {
    /// What is wrong so far.
    pub problems: Problems,
    /// What expressions may name here.
    pub names: Names,
    /// The files.
    pub files: Files,
    /// Addresses whose hosts are written out in steps, with their places.
    pub asked: Vec<(Url, Span)>,
}

/// A field that may have expressions in it, or name a file.
pub type Field<T> = field::Field<T, ReadContext>;
/// The same that has a value also when it is left out.
pub type Defaulted<T> = field::Defaulted<T, ReadContext>;

impl Report for ReadContext {
    fn problems(&mut self) -> &mut Problems {
        &mut self.problems
    }
}

impl Naming for ReadContext {
    fn naming(&mut self) -> (&mut Names, &mut Problems) {
        (&mut self.names, &mut self.problems)
    }
}

impl Default for ReadContext {
    fn default() -> Self {
        Self::new(&Source::new("", ""), &Environment::default())
    }
}

impl ReadContext {
    /// For a file, where there are no variables yet.
    pub fn new(source: &Source, environment: &Environment) -> Self {
        Self {
            problems: Problems::default(),
            names: Names::new(environment),
            files: Files::new(source, environment),
            asked: Vec::new(),
        }
    }

    /// Begins setup: there are the variables of the document, what is built in,
    /// and what its own steps capture.
    pub fn begin_setup(&mut self, document: &Document) {
        let mut visible = Visible::in_steps();
        for (name, template) in &document.vars {
            visible.declare(&name.text, template.of(), true);
        }
        self.names.enter(visible);
        self.files.includes = 0;
    }

    /// Begins what comes after setup: what that captures is there for everybody,
    /// as variables are.
    pub fn begin_after_setup(&mut self, document: &Document) {
        self.begin_setup(document);
        for site in document.captures_in(&Place::Setup) {
            let of = self.names.shared(&site.name);
            self.names.declare(&site.name, of);
        }
    }

    /// Begins a part where there are no variables at all.
    pub fn begin_bare(&mut self) {
        self.names.enter(Visible::default());
    }

    /// Reads something in which `round` is there, if `rounds` says so.
    pub fn in_rounds<T>(&mut self, rounds: bool, read: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.names.set_rounds(rounds);
        self.names.set_rounds(before || rounds);
        let read = read(self);
        self.names.set_rounds(before);
        read
    }

    /// Notes a problem. An empty `help` is none.
    pub fn problem(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.problems.problem(span, message, help);
    }

    /// Notes a problem.
    pub fn push(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// Notes a warning.
    pub fn warn(&mut self, warning: Problem) {
        self.problems.warn(warning);
    }

    /// Whether a file may be opened whose path was settled; if not, that is a
    /// problem.
    pub fn may_open(&mut self, path: &Text) -> bool {
        let (file, problems) = (Path::new(&path.text), &mut self.problems);
        self.files.may_open(file, path.span, problems)
    }

    /// What files may do.
    pub(crate) fn permissions(&self) -> &Arc<Permissions> {
        self.names.environment.permissions()
    }

    /// Notes something without which nothing can be played.
    pub(crate) fn refuse(&mut self, problem: Problem) {
        self.names.environment.refuse(problem, &mut self.problems);
    }

    /// Notes that a value is of another kind than `expected`.
    pub(crate) fn mismatch(&mut self, node: &Node, expected: &str) {
        self.push(Problem::mismatch(node, expected));
    }

    /// Reads one of several words.
    pub fn choice<T: Clone>(
        &mut self,
        node: &Node,
        expected: &str,
        choices: &[(&str, T)],
    ) -> Option<T> {
        read::choice(node, expected, choices, &mut self.problems)
    }

    /// Reads a value with expressions in it.
    pub fn template(&mut self, node: &Node) -> Option<Template> {
        Template::read(node, self)
    }
}
