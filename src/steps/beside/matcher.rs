//! What can be asked of a value, and how it is told that it is not so.

use std::fmt::Display;

use minijinja::Value;
use regex::Regex;

use super::asserts::length;
use crate::expression::{Kind, Operator, Scope, Template, TextTemplate, holds, shown};
use crate::shown::SHOWN;

/// Something that must be so of a value.
#[derive(Debug)]
pub(super) enum Asked {
    Exists(bool),
    Equals(Template),
    NotEquals(Template),
    Contains(Template),
    StartsWith(TextTemplate),
    EndsWith(TextTemplate),
    Matches(Regex),
    Count(Template),
    Order(Operator, &'static str, Template),
}

/// What was found, if anything, and how it may be told.
pub(super) struct Looked<'a> {
    pub(super) found: Option<&'a Value>,
    /// Its name is that of a secret.
    pub(super) hidden: bool,
    /// Cuts secrets out.
    pub(super) cut: &'a dyn Fn(&str) -> String,
}

/// What was wanted, and what is there; `None` when nothing is.
type NotSo = (String, Option<String>);

impl Asked {
    pub(super) fn more(than: Template) -> Self {
        Self::Order(Operator::Greater, "more than", than)
    }

    pub(super) fn at_least(this: Template) -> Self {
        Self::Order(Operator::GreaterOrEqual, "at least", this)
    }

    pub(super) fn less(than: Template) -> Self {
        Self::Order(Operator::Less, "less than", than)
    }

    pub(super) fn at_most(this: Template) -> Self {
        Self::Order(Operator::LessOrEqual, "at most", this)
    }

    /// Whether it is so.
    pub(super) fn look(&self, looked: &Looked<'_>, scope: &Scope) -> Result<(), NotSo> {
        let made = |template: &Template| template.render(scope).map_err(not_comparable);
        let text = |template: &TextTemplate| template.render(scope).map_err(not_comparable);
        match self {
            Self::Exists(true) => looked.so(|_| true, || "to exist".to_owned()),
            Self::Exists(false) => match looked.found {
                None => Ok(()),
                Some(found) => Err(("not to exist".to_owned(), Some(looked.it_is(found, None)))),
            },
            Self::Equals(wanted) => looked.compare(Operator::Equal, "to equal", &made(wanted)?),
            Self::NotEquals(other) => {
                looked.compare(Operator::Different, "not to equal", &made(other)?)
            }
            Self::Contains(part) => {
                let part = made(part)?;
                let is_so = |found: &Value| holds(Operator::In, &part, found) == Some(true);
                looked.so(is_so, || format!("to contain {}", looked.shown(&part)))
            }
            Self::StartsWith(start) => looked.text("to start with", &text(start)?, |it, start| {
                it.starts_with(start)
            }),
            Self::EndsWith(end) => {
                looked.text("to end with", &text(end)?, |it, end| it.ends_with(end))
            }
            Self::Matches(pattern) => {
                let is_so = |found: &Value| found.as_str().is_some_and(|it| pattern.is_match(it));
                looked.so(is_so, || format!("to match `{pattern}`"))
            }
            Self::Count(number) => looked.count(&made(number)?),
            Self::Order(operator, words, other) => {
                looked.compare(*operator, &format!("to be {words}"), &made(other)?)
            }
        }
    }
}

/// What it was to be compared with has no value.
fn not_comparable(error: impl Display) -> NotSo {
    ("to be compared".to_owned(), Some(error.to_string()))
}

impl Looked<'_> {
    fn so(&self, is_so: impl Fn(&Value) -> bool, wanted: impl Fn() -> String) -> Result<(), NotSo> {
        match self.found {
            Some(found) if is_so(found) => Ok(()),
            Some(found) => Err((wanted(), Some(self.it_is(found, None)))),
            None => Err((wanted(), None)),
        }
    }

    /// Whether a text is so, beside a part of it.
    fn text(&self, words: &str, part: &str, is_so: fn(&str, &str) -> bool) -> Result<(), NotSo> {
        let is_so = |found: &Value| found.as_str().is_some_and(|it| is_so(it, part));
        self.so(is_so, || format!("{words} {}", self.shown(&part.into())))
    }

    /// A number and a text are never the same, nor is one more than the other.
    fn compare(&self, operator: Operator, words: &str, wanted: &Value) -> Result<(), NotSo> {
        let Some(found) = self.found else {
            return Err((format!("{words} {}", self.shown(wanted)), None));
        };
        let held = holds(operator, found, wanted);
        if held == Some(true) || (held.is_none() && operator == Operator::Different) {
            return Ok(());
        }
        let kinds = (Kind::of(found), Kind::of(wanted));
        let apart = (kinds.0 != kinds.1).then_some(kinds);
        let wanted = match apart {
            Some((_, wanted_kind)) => self.of_kind(wanted, wanted_kind),
            None => self.shown(wanted),
        };
        let seen = self.it_is(found, apart.map(|(kind, _)| kind));
        Err((format!("{words} {wanted}"), Some(seen)))
    }

    fn count(&self, number: &Value) -> Result<(), NotSo> {
        let wanted = || format!("to have a count of {}", self.shown(number));
        let Some(found) = self.found else {
            return Err((wanted(), None));
        };
        let Some(length) = length(found) else {
            let kind = Kind::of(found);
            return Err((wanted(), Some(self.it_is(found, Some(kind)))));
        };
        if holds(Operator::Equal, &Value::from(length), number) == Some(true) {
            return Ok(());
        }
        Err((wanted(), Some(format!("it has {length}"))))
    }

    fn it_is(&self, found: &Value, kind: Option<Kind>) -> String {
        let found = match kind {
            Some(kind) => self.of_kind(found, kind),
            None => self.shown(found),
        };
        format!("it is {found}")
    }

    /// A value with its kind: `the text "1"`.
    fn of_kind(&self, value: &Value, kind: Kind) -> String {
        let value = self.shown(value);
        match kind {
            Kind::Number | Kind::Text | Kind::Bool | Kind::List | Kind::Mapping => {
                let kind = kind.to_string();
                format!("the {} {value}", kind.trim_start_matches("a "))
            }
            _ => value,
        }
    }

    fn shown(&self, value: &Value) -> String {
        if self.hidden && !matches!(Kind::of(value), Kind::Bool | Kind::Null) {
            return SHOWN.to_owned();
        }
        shown(value, self.cut)
    }
}
