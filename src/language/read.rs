//! Values that are written as they are: numbers, texts, durations, addresses.

use std::borrow::Cow;
use std::num::NonZeroU64;
use std::time::Duration;

use serde_json::Value as Json;
use url::Url;

use super::duration::{format_duration, parse_duration, pattern};
use super::names::{nearest, suggestion};
use super::node::{Meaning, Node, Scalar, Text, Value};
use super::problem::{Problem, Problems, Report};
use super::shape::{Shape, Written};

/// Something that can be read out of a YAML value, with the help of a `C`.
pub trait Read<C>: Sized {
    /// What a user should write, as it stands after "expected".
    const EXPECTED: &'static str;

    /// Reads the value; problems go to `cx`, and there is at least one
    /// when the result is `None`.
    fn read(node: &Node, cx: &mut C) -> Option<Self>;

    /// What can be written.
    fn shape() -> Shape;
}

/// Something that is written as one of several words.
pub trait Choice: Clone + PartialEq + Sized + 'static {
    /// What a user should write, as it stands after "expected".
    const EXPECTED: &'static str;
    /// The words.
    const CHOICES: &'static [(&'static str, Self)];
    /// Other words for them, for messages.
    const ALSO: &'static [(&'static str, &'static str)] = &[];
}

impl<C: Report, T: Choice> Read<C> for T {
    const EXPECTED: &'static str = <T as Choice>::EXPECTED;

    fn read(node: &Node, cx: &mut C) -> Option<Self> {
        let read = choice(node, <T as Choice>::EXPECTED, T::CHOICES, cx.problems());
        let is_it = |(also, _): &&(&str, &str)| node.scalar().is_some_and(|it| it.text == *also);
        if let (None, Some((_, word))) = (&read, T::ALSO.iter().find(is_it)) {
            let help = format!("did you mean `{word}`?");
            cx.problems().help_at(node.label(), help);
        }
        read
    }

    fn shape() -> Shape {
        Shape::Words(T::CHOICES.iter().map(|(word, _)| *word).collect())
    }
}

impl<T: Choice> Written for T {
    fn written(&self) -> Json {
        let mut choices = T::CHOICES.iter();
        let word = choices.find(|(_, value)| value == self);
        word.map_or(Json::Null, |(word, _)| Json::from(*word))
    }
}

impl Written for u64 {
    fn written(&self) -> Json {
        Json::from(*self)
    }
}

impl Written for NonZeroU64 {
    fn written(&self) -> Json {
        Json::from(self.get())
    }
}

impl Written for f64 {
    fn written(&self) -> Json {
        Json::from(*self)
    }
}

impl Written for bool {
    fn written(&self) -> Json {
        Json::from(*self)
    }
}

impl Written for Cow<'static, str> {
    fn written(&self) -> Json {
        Json::from(&**self)
    }
}

impl Written for Duration {
    fn written(&self) -> Json {
        Json::from(format_duration(*self))
    }
}

/// Notes that a node is something else than a `T`.
pub(crate) fn mismatch<T: Read<C>, C: Report>(node: &Node, cx: &mut C) -> Option<T> {
    cx.problems().push(Problem::mismatch(node, T::EXPECTED));
    None
}

/// The scalar of a node that must be one, to be a `T`.
pub(crate) fn scalar<'n, T: Read<C>, C: Report>(node: &'n Node, cx: &mut C) -> Option<&'n Scalar> {
    if let Value::Scalar(scalar) = &node.value {
        return Some(scalar);
    }
    mismatch::<T, C>(node, cx);
    None
}

/// Reads one of several words.
pub(crate) fn choice<T: Clone>(
    node: &Node,
    expected: &str,
    choices: &[(&str, T)],
    problems: &mut Problems,
) -> Option<T> {
    let Some(text) = node.scalar() else {
        problems.push(Problem::mismatch(node, expected));
        return None;
    };
    let found = choices.iter().find(|(word, _)| *word == text.text);
    if found.is_none() {
        let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
        let message = format!("expected {expected}, found `{}`", text.text);
        let is_told = |word: &&str| expected.contains(&format!("`{word}`"));
        let help = if words.iter().all(is_told) {
            // Those are all that there are.
            nearest(&text.text, &words).map(|word| format!("did you mean `{word}`?"))
        } else {
            suggestion(&text.text, &words)
        };
        problems.problem(text.span, message, help.unwrap_or_default());
    }
    found.map(|(_, value)| value.clone())
}

impl<C: Report> Read<C> for u64 {
    const EXPECTED: &'static str = "a whole number";

    fn read(node: &Node, cx: &mut C) -> Option<Self> {
        let scalar = scalar::<Self, C>(node, cx)?;
        match scalar.meaning() {
            Meaning::Whole(number) => {
                if number < 0 {
                    let message = "expected a whole number from 0, found a negative one";
                    cx.problems().problem(node.span, message, "");
                }
                Self::try_from(number).ok()
            }
            Meaning::Fraction(_) => {
                cx.problems()
                    .problem(node.span, "expected a whole number, found a fraction", "");
                None
            }
            _ => mismatch(node, cx),
        }
    }

    fn shape() -> Shape {
        Shape::Whole(0)
    }
}

impl<C: Report> Read<C> for NonZeroU64 {
    const EXPECTED: &'static str = "a whole number from 1";

    fn read(node: &Node, cx: &mut C) -> Option<Self> {
        let number = u64::read(node, cx)?;
        if number == 0 {
            cx.problems()
                .problem(node.span, "expected a whole number from 1, found 0", "");
        }
        Self::new(number)
    }

    fn shape() -> Shape {
        Shape::Whole(1)
    }
}

impl<C: Report> Read<C> for f64 {
    const EXPECTED: &'static str = "a number";

    #[expect(
        clippy::cast_precision_loss,
        reason = "a number of 16 digits and more has no business where a fraction is expected"
    )]
    fn read(node: &Node, cx: &mut C) -> Option<Self> {
        match scalar::<Self, C>(node, cx)?.meaning() {
            Meaning::Whole(number) => Some(number as Self),
            Meaning::Fraction(number) => Some(number),
            _ => mismatch(node, cx),
        }
    }

    fn shape() -> Shape {
        Shape::Number
    }
}

impl<C: Report> Read<C> for bool {
    const EXPECTED: &'static str = "`true` or `false`";

    fn read(node: &Node, cx: &mut C) -> Option<Self> {
        if let Meaning::Bool(value) = scalar::<Self, C>(node, cx)?.meaning() {
            return Some(value);
        }
        mismatch(node, cx)
    }

    fn shape() -> Shape {
        Shape::Bool
    }
}

/// As written: `0123` and `1.10` keep their zeros.
impl<C: Report> Read<C> for Text {
    const EXPECTED: &'static str = "a text";

    fn read(node: &Node, cx: &mut C) -> Option<Self> {
        scalar::<Self, C>(node, cx).map(|scalar| scalar.text.clone())
    }

    fn shape() -> Shape {
        Shape::Text
    }
}

/// As written: `0123` and `1.10` keep their zeros.
impl<C: Report> Read<C> for String {
    const EXPECTED: &'static str = "a text";

    fn read(node: &Node, cx: &mut C) -> Option<Self> {
        Text::read(node, cx).map(|text| text.text)
    }

    fn shape() -> Shape {
        Shape::Text
    }
}

impl<C: Report> Read<C> for Duration {
    const EXPECTED: &'static str = "a duration such as `500ms`, `2s` or `1m30s`";

    fn read(node: &Node, cx: &mut C) -> Option<Self> {
        let scalar = scalar::<Self, C>(node, cx)?;
        match parse_duration(&scalar.text.text) {
            Ok(duration) => Some(duration),
            Err(error) => {
                cx.problems().problem(
                    node.span,
                    format!("`{}` is not a duration", scalar.text.text),
                    error.to_string(),
                );
                None
            }
        }
    }

    fn shape() -> Shape {
        duration_shape()
    }
}

/// What a duration can look like.
pub fn duration_shape() -> Shape {
    Shape::Form(pattern(), "duration such as `1m30s`", "2s")
}

impl<C: Report> Read<C> for Url {
    const EXPECTED: &'static str = "an address such as `https://api.icure.cloud`";

    fn read(node: &Node, cx: &mut C) -> Option<Self> {
        let text = &scalar::<Self, C>(node, cx)?.text;
        let refuse = |cx: &mut C, reason: &str| {
            let message = format!("`{}` is not an address of a host", text.text);
            cx.problems().problem(text.span, message, reason);
            None
        };
        match Url::parse(&text.text) {
            Err(_) if text.text.contains("${") => refuse(
                cx,
                "`${NAME}` is for secrets only: write the address, or give it with `--set`",
            ),
            Err(error) => refuse(
                cx,
                &format!("{error}; expected {}", <Self as Read<C>>::EXPECTED),
            ),
            Ok(url) if !matches!(url.scheme(), "http" | "https") || !url.has_host() => refuse(
                cx,
                "it must begin with `http://` or `https://` and name a host",
            ),
            Ok(url) if !url.username().is_empty() || url.password().is_some() => {
                // The text is not repeated: it holds a password.
                cx.problems().problem(
                    text.span,
                    "an address must hold no user name and no password",
                    "addresses are shown in reports: remove what is before the `@`",
                );
                None
            }
            Ok(url) => Some(url),
        }
    }

    fn shape() -> Shape {
        Shape::Form(
            "^https?://".to_owned(),
            "address of a host",
            "https://api.example.org",
        )
    }
}

/// A text of which there is one in the program already.
impl<C: Report> Read<C> for Cow<'static, str> {
    const EXPECTED: &'static str = "a text";

    fn read(node: &Node, cx: &mut C) -> Option<Self> {
        String::read(node, cx).map(Cow::Owned)
    }

    fn shape() -> Shape {
        Shape::Text
    }
}

impl<C: Report, T: Read<C>> Read<C> for Vec<T> {
    const EXPECTED: &'static str = "a list";

    fn read(node: &Node, cx: &mut C) -> Option<Self> {
        let Value::List(items) = &node.value else {
            let message = format!("expected a list, found {}", node.kind());
            let help = format!("write `[…]`; each item is {}", T::EXPECTED);
            cx.problems()
                .push(Problem::new(node.label(), message, help));
            return None;
        };
        // Every item is read, so that all problems are told at once.
        let read: Vec<Option<T>> = items.iter().map(|item| T::read(item, cx)).collect();
        read.into_iter().collect()
    }

    fn shape() -> Shape {
        T::shape().list()
    }
}
