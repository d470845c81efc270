//! What is wrong with a file, and where.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::names::suggestion;
use super::node::Text;
use super::source::{Source, Span};
use super::yaml;
use crate::document::attached::Attached;
use crate::document::library::Library;
use crate::expression::types::Type;

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

/// All that is wrong with a file and those that it includes, in the order of the
/// file.
#[derive(Clone, Debug, Default)]
pub struct Problems {
    sorted: Vec<Problem>,
    /// What is no error.
    warnings: Vec<Problem>,
    /// How many more there are.
    left_out: usize,
    /// How many expressions there are.
    pub(crate) expressions: usize,
    /// Nothing will be played, so that the environment need not be there.
    pub(crate) only_checked: bool,
    /// How long the file is: included ones have their places after it.
    length: usize,
    /// Boxed, for problems travel as errors.
    aside: Box<Aside>,
}

/// What was learnt while the file was read.
#[derive(Clone, Debug, Default)]
struct Aside {
    /// Names that expressions of the file use.
    used: HashSet<String>,
    /// What setup captures.
    shared: HashMap<String, Type>,
    /// Files that were included, with nothing in what cannot be read.
    included: Vec<(PathBuf, Source, usize, Option<Library>)>,
    /// Files that are sent, or that answers are held against.
    attached: Vec<Attached>,
}

impl Problems {
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

    /// Notes that an expression of the file uses this name.
    pub(crate) fn note_use(&mut self, name: &str) {
        if !self.is_used(name) {
            self.aside.used.insert(name.to_owned());
        }
    }

    /// Whether any expression of the file uses this name.
    pub(crate) fn is_used(&self, name: &str) -> bool {
        self.aside.used.contains(name)
    }

    /// For a file.
    pub(crate) fn of(source: &Source) -> Self {
        Self {
            length: source.text().len(),
            ..Self::default()
        }
    }

    /// For a file that is only checked, maybe on another machine.
    pub(crate) fn to_check(source: &Source) -> Self {
        Self {
            only_checked: true,
            ..Self::of(source)
        }
    }

    /// Files that were read beside the first one.
    pub fn included(&self) -> impl Iterator<Item = &Path> {
        let attached = self.aside.attached.iter().map(|file| file.path.as_path());
        let included = self.aside.included.iter().map(|(path, ..)| path.as_path());
        included.chain(attached)
    }

    /// What is known of the captures of setup.
    pub(crate) fn shared(&mut self) -> &mut HashMap<String, Type> {
        &mut self.aside.shared
    }

    /// Files whose contents were asked for.
    pub(crate) fn attached(&mut self) -> &mut Vec<Attached> {
        &mut self.aside.attached
    }

    /// A library that was opened before; `Some(None)` when it cannot be read.
    pub(crate) fn library(&self, path: &Path) -> Option<&Option<Library>> {
        let mut included = self.aside.included.iter();
        let (.., library) = included.find(|(known, ..)| known == path)?;
        Some(library)
    }

    /// Opens a library.
    pub(crate) fn open(&mut self, path: PathBuf, source: Source) -> Option<Library> {
        let ends = self.aside.included.iter();
        let mut ends = ends.map(|(_, source, base, _)| base + source.text().len());
        let base = ends.next_back().unwrap_or(self.length) + 1;
        let mut own = Self::default();
        let root = yaml::load(&source, &mut own);
        for problem in own.sorted {
            let span = problem.span.moved(base);
            self.push(Problem { span, ..problem });
        }
        let library = root.map(|root| Library {
            path: path.clone(),
            root: root.moved(base),
        });
        self.aside
            .included
            .push((path, source, base, library.clone()));
        library
    }

    /// The file that a place is in, and the place there.
    pub fn place<'s>(&'s self, span: Span, first: &'s Source) -> (&'s Source, Span) {
        let mut included = self.aside.included.iter().rev();
        match included.find(|(_, _, base, _)| *base <= span.start) {
            Some((_, source, base, _)) => (
                source,
                Span {
                    start: span.start - base,
                    end: span.end - base,
                },
            ),
            None => (first, span),
        }
    }

    /// Puts a problem in the place of all that begin where it does.
    pub(crate) fn replace_at(&mut self, span: Span, problem: Problem) {
        self.sorted.retain(|other| other.span.start != span.start);
        self.push(problem);
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
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
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
