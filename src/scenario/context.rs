//! What is known while a file is read: where problems go, and which variables
//! there are at this point.

use std::ops::Range;

use super::document::Document;
use super::names::suggestion;
use super::node::{Meaning, Node, Scalar, Text, Value};
use super::problem::{Problem, Problems};
use super::source::Span;

/// Variables that every iteration has.
pub(super) const BUILT_INS: &[&str] = &["vu", "iteration", "scenario", "target", "fake"];
/// The number of a play, where a step is played several times.
pub(super) const ROUND: &str = "round";
/// Those of them that are there before any user is.
const RUN_BUILT_INS: &[&str] = &["target", "fake"];
/// Functions that are called by name.
pub(super) const FUNCTIONS: &[&str] = &["now", "range", "dict"];

/// Collects the problems of what is being read, and knows the variables that
/// a template may name here.
pub struct Context<'a> {
    problems: &'a mut Problems,
    document: Option<&'a Document>,
    built_ins: &'static [&'static str],
    declared: Vec<String>,
    rounds: bool,
    environment: fn(&str) -> Option<String>,
    secrets: Vec<Span>,
}

impl<'a> Context<'a> {
    /// For one scenario of a document: its variables, the built-in ones, and
    /// the captures that are declared as its steps are read.
    pub fn new(problems: &'a mut Problems, document: &'a Document) -> Self {
        Self {
            document: Some(document),
            built_ins: BUILT_INS,
            declared: document.variables().map(str::to_owned).collect(),
            ..Self::bare(problems)
        }
    }

    /// Where there are no variables at all.
    pub fn bare(problems: &'a mut Problems) -> Self {
        Self {
            problems,
            document: None,
            built_ins: &[],
            declared: Vec::new(),
            rounds: false,
            environment: |name| std::env::var(name).ok(),
            secrets: Vec::new(),
        }
    }

    /// For `vars`, which are made once, before any user starts.
    pub(super) fn for_variables(problems: &'a mut Problems) -> Self {
        Self {
            built_ins: RUN_BUILT_INS,
            ..Self::bare(problems)
        }
    }

    /// Reads the environment through something else.
    #[cfg(test)]
    #[must_use]
    pub(super) fn with_environment(mut self, environment: fn(&str) -> Option<String>) -> Self {
        self.environment = environment;
        self
    }

    /// Notes a problem. An empty `help` is none.
    pub fn problem(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.push(Problem::new(span, message, help));
    }

    /// Notes a problem.
    pub fn push(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// How many problems there are so far.
    pub(super) fn count(&self) -> usize {
        self.problems.len()
    }

    /// Notes that a secret was asked for here.
    pub(super) fn note_secret(&mut self, place: Span) {
        self.secrets.push(place);
    }

    /// Where secrets were asked for, so far.
    pub(super) fn secrets(&self) -> Vec<Span> {
        self.secrets.clone()
    }

    /// The value of an environment variable.
    pub(super) fn environment(&self, name: &str) -> Option<String> {
        (self.environment)(name)
    }

    /// Notes that a value is of another kind than `expected`.
    pub(super) fn mismatch(&mut self, node: &Node, expected: &str) {
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
        self.declared.push(name.to_owned());
    }

    /// Whether `round` is there, from here on.
    pub fn in_rounds(&mut self, rounds: bool) {
        self.rounds = rounds;
    }

    /// Checks that there is such a variable at this point.
    pub(super) fn variable(&mut self, name: &str, text: &Text, at: Range<usize>) {
        let declared = self.declared.iter().map(String::as_str);
        let mut known: Vec<&str> = declared.chain(self.built_ins.iter().copied()).collect();
        known.extend(self.rounds.then_some(ROUND));
        if known.contains(&name) || FUNCTIONS.contains(&name) {
            return;
        }
        known.extend(FUNCTIONS);
        let span = text.part(at);
        let problem = if name == ROUND {
            Problem::new(
                span,
                "there is no `round` here",
                "it counts the plays of a step with `repeat`, in its arguments and conditions",
            )
        } else if BUILT_INS.contains(&name) {
            Problem::new(
                span,
                format!("there is no `{name}` here"),
                "this is read once, before any user starts",
            )
        } else {
            match self
                .document
                .map(|document| document.find_capture(name, text.span))
            {
                Some(Found::Later) => Problem::new(
                    span,
                    format!("`{name}` is captured by a later step"),
                    "a capture is there once its step has been played: move this below it",
                ),
                Some(Found::Here) => Problem::new(
                    span,
                    format!("`{name}` is the result of this same step"),
                    "arguments are made before the step is played; conditions come after it",
                ),
                Some(Found::Elsewhere(place)) => Problem::new(
                    span,
                    format!("`{name}` is captured {place}"),
                    "captures are a scenario's own; `vars` and what `setup` captures are common to all",
                ),
                // Its step is wrong and was reported.
                Some(Found::Before) => return,
                _ => {
                    let help = suggestion(name, &known).unwrap_or_default();
                    Problem::new(span, format!("unknown variable `{name}`"), help)
                        .labelled("no such variable here")
                }
            }
        };
        self.push(problem);
    }
}

/// Where a capture of some name is.
pub(super) enum Found {
    /// By an earlier step.
    Before,
    /// By the step itself.
    Here,
    /// By a later step.
    Later,
    /// Somewhere that cannot be reached, in words.
    Elsewhere(String),
    Nowhere,
}

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
