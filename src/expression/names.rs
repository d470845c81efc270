//! What expressions may name, from place to place of a file.

use std::collections::{HashMap, HashSet};

use super::built_ins::is_built_in;
use super::captures::{Captured, Captures};
use super::types::Type;
use super::visible::Visible;
use crate::language::environment::Environment;
use crate::language::names::{is_identifier, is_keyword};
use crate::language::node::{Node, Text};
use crate::language::problem::{Problem, Problems, Report};
use crate::language::source::Span;

/// Most expressions of a plan. One takes some 10 kB.
pub(crate) const MOST_EXPRESSIONS: usize = 20_000;

/// What expressions are read with.
pub trait Naming: Report {
    /// What they may name, and where problems go.
    fn naming(&mut self) -> (&mut Names, &mut Problems);
}

/// What is known of names while files are read.
#[derive(Debug, Default)]
pub struct Names {
    /// What can be seen where the file is read.
    pub(crate) visible: Visible,
    /// What captures that are somewhere else are, by their names: where, in words.
    pub(crate) elsewhere: HashMap<String, String>,
    /// Names of the feeders of the file.
    pub(crate) feeders: HashSet<String>,
    /// The result that a condition is about, and what it is called if it has a
    /// name.
    pub(crate) result: Option<(Option<String>, Type)>,
    /// What expressions read of the environment.
    pub(crate) environment: Environment,
    /// What setup has captured.
    shared: HashMap<String, Type>,
    /// Names that expressions of the file use.
    used: HashSet<String>,
    /// How many expressions there are.
    expressions: usize,
    /// How many libraries are around.
    libraries: usize,
}

impl Names {
    /// Before anything was read.
    pub(crate) fn new(environment: &Environment) -> Self {
        Self {
            environment: environment.clone(),
            ..Self::default()
        }
    }

    /// Goes to a place where other names can be seen. Gives what was seen before.
    pub(crate) fn enter(&mut self, visible: Visible) -> Visible {
        std::mem::replace(&mut self.visible, visible)
    }

    /// Enters a library: it knows its parameters, what is built in, and what its
    /// own steps capture. Gives what [`Names::leave_library`] needs.
    pub(crate) fn enter_library(&mut self) -> Visible {
        self.libraries += 1;
        self.enter(Visible::in_steps())
    }

    /// Leaves a library. Gives what its steps have captured.
    pub(crate) fn leave_library(&mut self, outside: Visible) -> Captures {
        self.libraries -= 1;
        self.enter(outside).captures.pop_scope()
    }

    /// Whether the file itself is read, and no library.
    pub(crate) fn is_outermost(&self) -> bool {
        self.libraries == 0
    }

    /// Counts one more expression, unless there are too many.
    pub(crate) fn room_for_expression(&mut self) -> bool {
        let room = self.expressions < MOST_EXPRESSIONS;
        self.expressions += usize::from(room);
        room
    }

    /// Notes that an expression of the file uses this name.
    pub(crate) fn note_use(&mut self, name: &str) {
        if self.is_outermost() && !self.is_used(name) {
            self.used.insert(name.to_owned());
        }
    }

    /// Whether any expression of the file uses this name.
    pub(crate) fn is_used(&self, name: &str) -> bool {
        self.used.contains(name)
    }

    /// Ends setup: what was captured is there for everybody.
    pub fn share_captures(&mut self) {
        self.shared.extend(self.visible.captures.all());
    }

    /// What is known of a capture of setup.
    pub(crate) fn shared(&self, name: &str) -> Type {
        self.shared.get(name).cloned().unwrap_or_default()
    }

    /// Checks a name that expressions will use; `what` is what it names.
    pub(crate) fn check(&self, name: &Text, what: &str, problems: &mut Problems) -> bool {
        let text = name.text.as_str();
        let (message, help) = if is_keyword(text) {
            let help = format!("it is a word of the expression language: give {what} another name");
            (format!("`{text}` cannot name {what}"), help)
        } else if !is_identifier(text) {
            let help =
                "letters, digits and `_`, and no digit first, so that expressions can use it";
            let plain: String = text.chars().map(plain).collect();
            let meant = is_identifier(&plain).then(|| format!(", as in `{plain}`"));
            let help = format!("{help}{}", meant.unwrap_or_default());
            (format!("`{text}` cannot name {what}"), help)
        } else if is_built_in(text) {
            let help = format!("give {what} another name");
            (format!("`{text}` is built in already"), help)
        } else if self.visible.has_variable(text) {
            let help = format!("give {what} another name, or `vars` would be out of reach");
            (format!("`{text}` is a variable already"), help)
        } else {
            return true;
        };
        problems.problem(name.span, message, help);
        false
    }

    /// From here on, there is a variable of this name.
    pub fn declare(&mut self, name: &str, of: Type) {
        self.visible.declare(name, of, false);
    }

    /// From here on, in a library, there is a parameter of this name.
    pub fn parameter(&mut self, name: &Text, problems: &mut Problems) {
        self.check(name, "a parameter", problems);
        self.declare(&name.text, Type::Any);
    }

    /// From here on, there is a capture of this name, which is this.
    pub fn capture(&mut self, name: &str, of: Type) {
        self.visible.ever_captured.push(name.to_owned());
        self.visible.capture(name, of);
    }

    /// From here on, a capture is the list of what several plays have given.
    pub fn list_capture(&mut self, name: &str) {
        let of = self.visible.captures.of(name).cloned().unwrap_or_default();
        self.visible.capture(name, of.list());
    }

    /// Begins a part of which it is not sure that what comes after it can see
    /// what it captures.
    pub fn push_scope(&mut self) {
        self.visible.captures.push_scope();
    }

    /// Ends such a part: nobody sees what it has captured, until it is
    /// committed.
    pub fn pop_scope(&mut self) -> Captures {
        self.visible.captures.pop_scope()
    }

    /// From here on, these can be seen.
    pub fn commit(&mut self, captures: &Captures) {
        for found in &captures.0 {
            self.visible.captures.see(found);
        }
    }

    /// From here on, what a library has captured can be seen. It is included at
    /// `at`.
    pub fn commit_library(&mut self, captures: &Captures, at: Span, problems: &mut Problems) {
        for Captured { name, .. } in &captures.0 {
            self.visible.ever_captured.push(name.clone());
            if self.visible.has_variable(name) {
                let message = format!("the library captures `{name}`, which is a variable already");
                let help = "give the variable another name, or it would be out of reach";
                problems.problem(at, message, help);
            }
        }
        self.commit(captures);
    }

    /// Within this part, these are there: a condition has asked for them.
    pub fn narrow(&mut self, names: &[String]) {
        for name in names {
            self.visible.captures.narrow(name);
        }
    }

    /// Says whether `round` is there. Gives what was said before.
    pub fn set_rounds(&mut self, rounds: bool) -> bool {
        std::mem::replace(&mut self.visible.rounds, rounds)
    }

    /// How many captures there were up to here.
    pub fn mark(&self) -> usize {
        self.visible.ever_captured.len()
    }

    /// Warns of names that were captured since `mark`, in the branch `node`, and
    /// in another one as well: `others` has the names of those.
    pub fn warn_of_captured_twice(
        &self,
        mark: usize,
        others: &mut Vec<String>,
        node: &Node,
        problems: &mut Problems,
    ) {
        let mut names: Vec<&String> = self.visible.ever_captured[mark..].iter().collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            if !others.contains(name) {
                others.push(name.clone());
                continue;
            }
            let inside = node.span.start..node.span.end;
            let mut sites = self.visible.sites.iter();
            let place = sites
                .find(|site| site.name == *name && inside.contains(&site.at.start))
                .map_or(node.label(), |site| site.at);
            let message = format!("another branch captures `{name}` too");
            let help = "after the block it is what the branch further down has captured: \
                        give one of the two another name";
            problems.warn(Problem::new(place, message, help).of("captured-twice"));
        }
    }
}

/// A letter that a name can have.
fn plain(letter: char) -> char {
    if letter.is_ascii_alphanumeric() {
        letter
    } else {
        '_'
    }
}
