//! What is wrong with a file, and where.

use std::fmt;
use std::ops::Range;

use super::names::suggestion;
use super::node::{Meaning, Node, Scalar, Text, Value};
use super::source::Span;
use crate::shown::clipped;

/// One thing that is wrong: what, where, and how to correct it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub(crate) span: Span,
    pub(crate) message: String,
    pub(crate) label: Option<String>,
    pub(crate) help: Option<String>,
    pub(crate) rule: &'static str,
}

/// Whether something has to be corrected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Nothing can be played.
    Error,
    /// It can be played, and is probably not what was meant.
    Warning,
}

/// What most problems are.
const INVALID: &str = "invalid";

/// What helps where a value is missing.
const NOTHING: &str = "write a value after the colon, or remove the key";

/// What helps where a number is none, and no form is known.
const NUMBER: &str = "a number has digits only, as in `10`: no leading zeros, no `+`, no unit";

/// Most errors of a file that are told, and most warnings.
const MOST: usize = 500;
/// Longest message, in characters.
const LONGEST: usize = 1000;

/// Kinds of problems, and what they are about.
pub const RULES: &[(&str, &str)] = &[
    (INVALID, "Something that is written here cannot be"),
    ("unknown-word", "A word that has no meaning here"),
    ("unknown-key", "A key that nothing reads"),
    ("undefined", "A variable or capture that is not there"),
    (
        "not-measured",
        "A threshold over something that no step is measured by",
    ),
    (
        "unset-environment",
        "A variable of the environment that is not set",
    ),
    ("not-permitted", "Something that a flag must permit"),
    (
        "unused-variable",
        "A variable or part of a result that nothing uses",
    ),
    (
        "maybe-undefined",
        "A capture of a part that is not always played",
    ),
    (
        "captured-twice",
        "A name that several branches played at once capture",
    ),
    (
        "mixed-types",
        "A comparison of values that are never equal, more or less",
    ),
    ("without-effect", "A setting that changes nothing"),
];

/// A place inside a text, in bytes from its start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Within(Range<usize>);

impl From<usize> for Within {
    fn from(at: usize) -> Self {
        Self(at..at + 1)
    }
}

impl From<Range<usize>> for Within {
    fn from(range: Range<usize>) -> Self {
        Self(range)
    }
}

impl Problem {
    /// A problem at a place. An empty `help` is none.
    pub fn new(span: Span, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            span,
            message: readable(message.into()),
            label: None,
            help: Some(readable(help.into())).filter(|help| !help.is_empty()),
            rule: INVALID,
        }
    }

    /// A problem inside a text. Where the text is not in the file letter by
    /// letter (it has escapes, or spans lines), all of it is pointed at.
    pub fn inside(
        text: &Text,
        at: impl Into<Within>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self::new(text.part(at.into().0), message, help)
    }

    /// Which word was probably meant, else all that are known.
    pub fn suggest(written: &str, known: &[&str]) -> String {
        suggestion(written, known).unwrap_or_default()
    }

    /// A word that is not one of those that are known.
    pub fn unknown(text: &Text, what: &str, known: &[&str]) -> Self {
        let help = suggestion(&text.text, known).unwrap_or_default();
        Self::new(text.span, format!("unknown {what} `{}`", text.text), help)
            .labelled(format!("no such {what}"))
            .of("unknown-word")
    }

    /// A key of a mapping that is not one of those that are known.
    pub(crate) fn unknown_key(key: &Text, place: &str, known: &[&str]) -> Self {
        let help = suggestion(&key.text, known).unwrap_or_default();
        Self::new(
            key.span,
            format!("unknown key `{}` in {place}", key.text),
            help,
        )
        .labelled("no such key")
        .of("unknown-key")
    }

    /// A value is of another kind than `expected`.
    pub(crate) fn mismatch(node: &Node, expected: &str) -> Self {
        let message = format!("expected {expected}, found {}", node.kind());
        let help = match &node.value {
            Value::Nothing => NOTHING,
            Value::Scalar(scalar) => scalar_help(scalar, expected),
            _ => "",
        };
        Self::new(node.label(), message, help)
    }

    /// The same in a file that comes after `base` bytes of others.
    pub(crate) fn moved(self, base: usize) -> Self {
        let span = self.span.moved(base);
        Self { span, ..self }
    }

    /// Says what kind of problem it is, one of [`RULES`].
    #[must_use]
    pub fn of(mut self, rule: &'static str) -> Self {
        self.rule = rule;
        self
    }

    /// What kind of problem it is.
    pub fn rule(&self) -> &'static str {
        self.rule
    }

    /// Words beside the underlined part of the line.
    pub fn label(&self) -> Option<&str> {
        self.label.as_deref()
    }

    /// Words beside the underlined part of the line.
    #[must_use]
    pub fn labelled(mut self, label: impl Into<String>) -> Self {
        self.label = Some(readable(label.into()));
        self
    }

    /// What is wrong, in one line.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// How to correct it.
    pub fn help(&self) -> Option<&str> {
        self.help.as_deref()
    }

    /// Where it is.
    pub fn span(&self) -> Span {
        self.span
    }
}

/// All that is wrong with files, in the order of their places.
#[derive(Clone, Debug, Default)]
pub struct Problems {
    sorted: Vec<Problem>,
    /// What is no error.
    warnings: Vec<Problem>,
    /// How many more there are.
    left_out: usize,
}

/// What problems can be told to.
pub trait Report {
    /// Where they go.
    fn problems(&mut self) -> &mut Problems;
}

impl Report for Problems {
    fn problems(&mut self) -> &mut Problems {
        self
    }
}

impl Problems {
    /// Adds a problem. An empty `help` is none.
    pub fn problem(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.push(Problem::new(span, message, help));
    }

    /// Adds a problem in its place; one that is there already is left out. When
    /// there are too many, it is only counted.
    pub fn push(&mut self, problem: Problem) {
        if self.are_too_many() {
            self.left_out += 1;
        } else {
            insert(&mut self.sorted, problem);
        }
    }

    /// Adds a warning, with which the file is still good.
    pub fn warn(&mut self, warning: Problem) {
        if self.warnings.len() >= MOST {
            self.left_out += 1;
        } else {
            insert(&mut self.warnings, warning);
        }
    }

    /// Whether no further problem is told.
    pub(crate) fn are_too_many(&self) -> bool {
        self.sorted.len() >= MOST
    }

    /// How many problems and warnings were left out, because there are too many.
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// Errors and warnings, in the order of the file.
    pub fn all(&self) -> Vec<(Severity, &Problem)> {
        let errors = self.sorted.iter().map(|problem| (Severity::Error, problem));
        let warnings = self.warnings.iter();
        let warnings = warnings.map(|problem| (Severity::Warning, problem));
        let mut all: Vec<_> = errors.chain(warnings).collect();
        all.sort_by_key(|(_, problem)| problem.span.start);
        all
    }

    /// Puts a problem in the place of all that begin where it does.
    pub(crate) fn replace_at(&mut self, span: Span, problem: Problem) {
        self.sorted.retain(|other| other.span.start != span.start);
        self.push(problem);
    }

    /// Says how to correct the last problem that begins here.
    pub(crate) fn help_at(&mut self, span: Span, help: String) {
        let mut here = self.sorted.iter_mut().rev();
        if let Some(problem) = here.find(|known| known.span.start == span.start) {
            problem.help = Some(help);
        }
    }

    /// Gives a form to the problem that begins here, unless it has one: what was
    /// meant, or else examples where nothing else is said.
    pub(crate) fn show_form(&mut self, span: Span, meant: Option<String>, examples: &[String]) {
        let lacks = |problem: &Problem| {
            let help = problem.help.as_deref();
            help.is_none_or(|help| !help.contains('\n') && !help.starts_with("did you mean"))
        };
        let mut here = self.sorted.iter_mut();
        let found = here.find(|known| known.span.start == span.start && lacks(known));
        let Some(problem) = found else {
            return;
        };
        let mut help = problem.help.take();
        if meant.is_some() || !examples.is_empty() {
            help = help.filter(|help| help != NUMBER);
        }
        let before = match examples {
            [_] => "for example",
            _ => "write one of",
        };
        let lines = examples.join("\n  ");
        problem.help = match (help, meant) {
            (None, Some(meant)) => Some(format!("write\n  {meant}")),
            (None, None) if lines.is_empty() => None,
            (None, None) => Some(format!("{before}\n  {lines}")),
            (Some(help), Some(line)) => Some(format!("{help}\n  {line}")),
            (Some(help), None) if help == NOTHING && !lines.is_empty() => {
                Some(format!("{help}\n  {lines}"))
            }
            (help, None) => help,
        };
    }

    /// Takes a problem back, of which another one is the cause.
    pub(crate) fn retract(&mut self, problem: &Problem) {
        self.sorted.retain(|known| known != problem);
    }

    /// True when nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.sorted.is_empty()
    }

    /// How many there are, with those that were left out.
    pub fn len(&self) -> usize {
        self.sorted.len() + self.left_out
    }

    /// The problems, in the order of the file.
    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.sorted.iter()
    }
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
    } else if boolean && ["yes", "no", "on", "off"].contains(&scalar.text.as_str()) {
        "`yes`, `no`, `on` and `off` are texts in YAML 1.2"
    } else if number {
        NUMBER
    } else {
        ""
    }
}

/// Puts a problem in its place, unless it is there already.
fn insert(sorted: &mut Vec<Problem>, problem: Problem) {
    let start = problem.span.start;
    let place = sorted.partition_point(|other| other.span.start <= start);
    let before = sorted.iter().take(place).rev();
    let mut here = before.take_while(|other| other.span.start == start);
    if !here.any(|other| *other == problem) {
        sorted.insert(place, problem);
    }
}

/// A text for people, which nobody reads to its end when it is long.
fn readable(text: String) -> String {
    clipped(text, LONGEST)
}

impl<'a> IntoIterator for &'a Problems {
    type Item = &'a Problem;
    type IntoIter = std::slice::Iter<'a, Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Without the file at hand: messages and help only.
impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.iter().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            f.write_str(&problem.message)?;
            if let Some(help) = &problem.help {
                write!(f, " ({help})")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Problem, Problems};
    use crate::language::source::Span;

    fn at(start: usize, message: &str) -> Problem {
        Problem::new(Span { start, end: start }, message, "")
    }

    #[test]
    fn of_very_many_problems_the_first_are_told_and_the_others_counted() {
        let mut problems = Problems::default();
        for start in 0..700 {
            problems.push(at(start, &"long ".repeat(1000)));
        }
        assert_eq!(problems.iter().count(), 500);
        assert_eq!((problems.len(), problems.left_out()), (700, 200));
        assert_eq!(
            problems.iter().next().unwrap().message().chars().count(),
            1001
        );
    }

    #[test]
    fn problems_come_in_the_order_of_the_file() {
        let mut problems = Problems::default();
        for problem in [at(9, "c"), at(1, "a"), at(9, "d"), at(4, "b"), at(4, "b")] {
            problems.push(problem);
        }
        let messages: Vec<_> = problems.iter().map(Problem::message).collect();
        assert_eq!(messages, ["a", "b", "c", "d"]);
        assert_eq!(problems.to_string(), "a; b; c; d");
    }
}
