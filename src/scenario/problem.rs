//! What is wrong with a file, and where.

use std::fmt;
use std::ops::Range;

use super::names::suggestion;
use super::node::Text;
use super::source::Span;

/// One thing that is wrong: what, where, and how to mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub(super) span: Span,
    pub(super) message: String,
    pub(super) label: Option<String>,
    pub(super) help: Option<String>,
}

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
            message: message.into(),
            label: None,
            help: Some(help.into()).filter(|help| !help.is_empty()),
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
    }

    /// A key of a mapping that is not one of those that are known.
    pub(super) fn unknown_key(key: &Text, place: &str, known: &[&str]) -> Self {
        let help = suggestion(&key.text, known).unwrap_or_default();
        Self::new(
            key.span,
            format!("unknown key `{}` in {place}", key.text),
            help,
        )
        .labelled("no such key")
    }

    /// Words beside the underlined part of the line.
    #[must_use]
    pub fn labelled(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// What is wrong, in one line.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// How to mend it.
    pub fn help(&self) -> Option<&str> {
        self.help.as_deref()
    }

    /// Where it is.
    pub fn span(&self) -> Span {
        self.span
    }
}

/// All that is wrong with a file, in the order of the file.
#[derive(Clone, Debug, Default)]
pub struct Problems {
    sorted: Vec<Problem>,
}

impl Problems {
    /// Adds a problem in its place; one that is there already is left out.
    pub fn push(&mut self, problem: Problem) {
        if self.sorted.contains(&problem) {
            return;
        }
        let place = self
            .sorted
            .partition_point(|other| other.span.start <= problem.span.start);
        self.sorted.insert(place, problem);
    }

    /// Puts a problem in the place of all that begin where it does.
    pub(super) fn replace_at(&mut self, span: Span, problem: Problem) {
        self.sorted.retain(|other| other.span.start != span.start);
        self.push(problem);
    }

    /// True when nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.sorted.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.sorted.len()
    }

    /// The problems, in the order of the file.
    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.sorted.iter()
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
    use crate::scenario::source::Span;

    fn at(start: usize, message: &str) -> Problem {
        Problem::new(Span { start, end: start }, message, "")
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
