//! What is known while a file is read: where problems go, and which variables
//! there are at this point.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use super::captures::{Captured, Captures};
use super::compiled::MOST as MOST_EXPRESSIONS;
use super::seen::{Names, Seen};
use super::template::Template;
use super::types::Type;
use crate::document::item::{Capture, captures};
use crate::document::model::{Document, Known, Place};
use crate::language::names::suggestion;
use crate::language::node::{Meaning, Node, Scalar, Text, Value};
use crate::language::problem::{Problem, Problems};
use crate::language::read::Read;
use crate::language::source::Span;

/// Variables that every iteration has.
pub(crate) const BUILT_INS: &[&str] = &[
    "vu",
    "iteration",
    "scenario",
    "target",
    "fake",
    "run",
    "env",
];
/// The number of a play, where a step is played several times.
pub(crate) const ROUND: &str = "round";
/// Those of them that are there before any user is.
const RUN_BUILT_INS: &[&str] = &["target", "fake", "run", "env"];
/// Functions that are called by name.
pub(crate) const FUNCTIONS: &[&str] = &["now", "range", "dict", "uuid", "random_int"];

/// Collects the problems of what is being read, and knows the variables that
/// a template may name here.
pub struct Context<'a> {
    pub(crate) problems: &'a mut Problems,
    pub(crate) document: Option<&'a Document>,
    pub(crate) built_ins: &'static [&'static str],
    /// Variables, whose names captures cannot take.
    pub(crate) variables: Names,
    /// What is known of them.
    pub(crate) types: HashMap<String, Type>,
    /// Names that stand for results of several kinds of step, of which one may
    /// come before the other in a loop.
    pub(crate) ambiguous: HashSet<String>,
    /// What steps up to here have captured.
    pub(crate) captured: Seen,
    /// Everything that was captured, also where it cannot be seen from here.
    pub(crate) ever_captured: Vec<String>,
    /// What the steps of this scenario capture, the later ones too.
    pub(crate) all_captures: Vec<Capture>,
    pub(crate) rounds: bool,
    /// Folder of the file that is being read: paths are relative to it.
    pub folder: PathBuf,
    /// Libraries that are being read, from the outermost.
    pub(crate) trail: Vec<PathBuf>,
    /// How many there were.
    pub(crate) includes: usize,
    environment: fn(&str) -> Option<String>,
    secrets: Vec<Span>,
}

impl<'a> Context<'a> {
    /// For setup of a document: its variables, the built-in ones, and the
    /// captures that are declared as its steps are read.
    pub fn new(problems: &'a mut Problems, document: &'a Document) -> Self {
        let mut cx = Self {
            document: Some(document),
            built_ins: BUILT_INS,
            ..Self::bare(problems)
        };
        for (name, template) in &document.vars {
            cx.declare_as(&name.text, template.of());
        }
        cx
    }

    /// For what comes after setup: what that captures is there for everybody,
    /// as variables are.
    pub fn after_setup(problems: &'a mut Problems, document: &'a Document) -> Self {
        let mut cx = Self::new(problems, document);
        for capture in document.captures_in(&Place::Setup) {
            let of = cx.problems.shared().get(&capture.name).cloned();
            cx.declare_as(&capture.name, of.unwrap_or_default());
        }
        cx
    }

    /// Ends setup: what was captured is there for everybody.
    pub fn share_captures(self) {
        let captured = self.captured.all();
        self.problems.shared().extend(captured);
    }

    /// For a library that is read by itself.
    pub fn of_library(problems: &'a mut Problems) -> Self {
        Self {
            built_ins: BUILT_INS,
            ..Self::bare(problems)
        }
    }

    /// Where there are no variables at all.
    pub fn bare(problems: &'a mut Problems) -> Self {
        Self {
            problems,
            document: None,
            built_ins: &[],
            variables: Names::default(),
            types: HashMap::new(),
            ambiguous: HashSet::new(),
            captured: Seen::default(),
            ever_captured: Vec::new(),
            all_captures: Vec::new(),
            rounds: false,
            folder: PathBuf::new(),
            trail: Vec::new(),
            includes: 0,
            environment: |name| std::env::var(name).ok(),
            secrets: Vec::new(),
        }
    }

    /// Begins to read these steps.
    pub fn begin(&mut self, steps: &Node, known: &Known<'_>) {
        self.all_captures = captures(steps, known);
        let mut forms: HashMap<&str, &str> = HashMap::new();
        self.ambiguous.clear();
        for capture in &self.all_captures {
            let first = *forms.entry(&capture.name).or_insert(&capture.form);
            if first != capture.form {
                self.ambiguous.insert(capture.name.clone());
            }
        }
    }

    /// For `vars`, which are made once, before any user starts.
    pub(crate) fn for_variables(problems: &'a mut Problems) -> Self {
        Self {
            built_ins: RUN_BUILT_INS,
            ..Self::bare(problems)
        }
    }

    /// Reads the environment through something else.
    #[cfg(test)]
    #[must_use]
    pub(crate) fn with_environment(mut self, environment: fn(&str) -> Option<String>) -> Self {
        self.environment = environment;
        self
    }

    /// Notes a problem. An empty `help` is none.
    pub fn problem(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.push(Problem::new(span, message, help));
    }

    /// Notes a warning.
    pub fn warn(&mut self, warning: Problem) {
        self.problems.warn(warning);
    }

    /// Notes that the environment lacks a variable: an error, unless the file is
    /// only checked, maybe on another machine.
    pub(crate) fn unset(&mut self, span: Span, name: &str) {
        let message = format!("the environment holds no `{name}`");
        let problem = Problem::new(span, message, "set the variable before the run");
        let problem = problem.of("unset-environment");
        if self.problems.only_checked {
            self.problems.warn(problem);
        } else {
            self.push(problem);
        }
    }

    /// Whether the file is only checked.
    pub(crate) fn is_only_checked(&self) -> bool {
        self.problems.only_checked
    }

    /// Notes a problem.
    pub fn push(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// Takes a problem back.
    pub(crate) fn retract(&mut self, problem: &Problem) {
        self.problems.retract(problem);
    }

    /// Counts one more expression, unless there are too many.
    pub(crate) fn room_for_expression(&mut self) -> bool {
        let room = self.problems.expressions < MOST_EXPRESSIONS;
        self.problems.expressions += usize::from(room);
        room
    }

    /// How many problems there are so far.
    pub(crate) fn count(&self) -> usize {
        self.problems.len()
    }

    /// Notes that a secret was asked for here.
    pub(crate) fn note_secret(&mut self, place: Span) {
        self.secrets.push(place);
    }

    /// Where secrets were asked for, so far.
    pub(crate) fn secrets(&self) -> Vec<Span> {
        self.secrets.clone()
    }

    /// The value of an environment variable.
    pub(crate) fn environment(&self, name: &str) -> Option<String> {
        (self.environment)(name)
    }

    /// Notes that a value is of another kind than `expected`.
    pub(crate) fn mismatch(&mut self, node: &Node, expected: &str) {
        let message = format!("expected {expected}, found {}", node.kind());
        let help = match &node.value {
            Value::Nothing => "write a value after the colon, or remove the key",
            Value::Scalar(scalar) => scalar_help(scalar, expected),
            _ => "",
        };
        self.push(Problem::new(node.label(), message, help));
    }

    /// Reads one of several words.
    pub fn choice<T: Clone>(
        &mut self,
        node: &Node,
        expected: &str,
        choices: &[(&str, T)],
    ) -> Option<T> {
        let Some(text) = node.scalar() else {
            self.mismatch(node, expected);
            return None;
        };
        let found = choices.iter().find(|(word, _)| *word == text.text);
        if found.is_none() {
            let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
            let message = format!("expected {expected}, found `{}`", text.text);
            let help = suggestion(&text.text, &words).unwrap_or_default();
            self.push(Problem::new(text.span, message, help));
        }
        found.map(|(_, value)| value.clone())
    }

    /// Checks a key against those that are known in `place`.
    pub fn known_key(&mut self, key: &Text, place: &str, known: &[&str]) {
        if !known.contains(&key.text.as_str()) {
            self.push(Problem::unknown_key(key, place, known));
        }
    }

    /// From here on, there is a variable of this name.
    pub fn declare(&mut self, name: &str) {
        self.variables.push(name);
    }

    /// The same of a variable of which something is known.
    pub fn declare_as(&mut self, name: &str, of: Type) {
        self.declare(name);
        // What is null in a file waits for the command line.
        if of != Type::Null {
            self.types.insert(name.to_owned(), of);
        }
    }

    /// Whether a variable has this name, so that no capture can.
    pub(crate) fn is_variable(&self, name: &str) -> bool {
        self.variables.contains(name)
    }

    /// From here on, there is a capture of this name, which is this.
    pub fn capture(&mut self, name: &str, of: Type) {
        self.ever_captured.push(name.to_owned());
        self.see(name, of);
    }

    /// From here on, a capture is the list of what several plays have given.
    pub fn list_capture(&mut self, name: &str) {
        let of = self.captured.of(name).cloned().unwrap_or_default();
        self.see(name, of.list());
    }

    fn see(&mut self, name: &str, of: Type) {
        let ambiguous = self.ambiguous.contains(name);
        self.captured.see(&Captured {
            name: name.to_owned(),
            always: true,
            of: if ambiguous { Type::Any } else { of },
        });
    }

    /// Begins to read a part of which it is not sure that what comes after it
    /// can see what it captures. Gives what [`Context::end_apart`] needs.
    pub fn begin_apart(&self) -> Apart {
        Apart(self.captured.mark())
    }

    /// Ends such a part: nobody sees what it has captured, until it is
    /// revealed.
    #[expect(clippy::needless_pass_by_value, reason = "it ends once")]
    pub fn end_apart(&mut self, begun: Apart) -> Captures {
        self.captured.back_to(begun.0)
    }

    /// From here on, these can be seen.
    pub fn reveal(&mut self, captures: Captures) {
        for found in captures.0 {
            self.captured.see(&found);
        }
    }

    /// Reads something in which `round` is there.
    pub fn in_rounds<T>(&mut self, rounds: bool, read: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.set_rounds(self.rounds || rounds);
        let read = read(self);
        self.set_rounds(before);
        read
    }

    /// Says whether `round` is there. Gives what was said before.
    pub fn set_rounds(&mut self, rounds: bool) -> bool {
        std::mem::replace(&mut self.rounds, rounds)
    }

    /// Reads a value with expressions in it.
    pub fn template(&mut self, node: &Node) -> Option<Template> {
        Template::read(node, self)
    }

    /// Within what is read apart, these are there: a condition has asked for
    /// them.
    pub fn assure(&mut self, names: &[String]) {
        for name in names {
            self.captured.assure(name);
        }
    }
}

/// A part that is read apart.
pub struct Apart(usize);

fn scalar_help(scalar: &Scalar, expected: &str) -> &'static str {
    let number = expected.contains("number");
    let boolean = expected.contains("`true`");
    let unquoted = Scalar {
        plain: true,
        ..scalar.clone()
    };
    let would_do = match unquoted.meaning() {
        Meaning::Bool(_) => boolean,
        Meaning::Whole(_) | Meaning::Fraction(_) => number,
        Meaning::Text => false,
    };
    if scalar.text.text.contains("{{") {
        "this value is needed before the run starts, so it cannot be a template"
    } else if !scalar.plain && would_do {
        "remove the quotes"
    } else if boolean {
        "`yes`, `no`, `on` and `off` are texts in YAML 1.2"
    } else if number {
        "a number has digits only: no leading zeros, no `+`, no unit"
    } else {
        ""
    }
}
