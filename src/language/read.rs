//! Values that are written as they are: numbers, texts, durations, addresses.

use std::borrow::Cow;
use std::num::NonZeroU64;
use std::time::Duration;

use serde_json::Value as Json;
use url::Url;

use super::duration::{format_duration, parse_duration, pattern};
use super::node::{Meaning, Node, Scalar, Text, Value};
use super::problem::Problem;
use super::shape::{Shape, Written};
use crate::expression::context::Context;
use crate::trace_context::Sampling;

/// Something that can be read out of a YAML value.
pub trait Read: Sized {
    /// What a user should write, as it stands after "expected".
    const EXPECTED: &'static str;

    /// Reads the value; problems go to the context, and there is at least one
    /// when the result is `None`.
    fn read(node: &Node, cx: &mut Context<'_>) -> Option<Self>;

    /// What can be written.
    fn shape() -> Shape;
}

/// Something that is written as one of several words.
pub trait Choice: Clone + PartialEq + Sized + 'static {
    /// What a user should write, as it stands after "expected".
    const EXPECTED: &'static str;
    /// The words.
    const CHOICES: &'static [(&'static str, Self)];
}

impl<T: Choice> Read for T {
    const EXPECTED: &'static str = T::EXPECTED;

    fn read(node: &Node, cx: &mut Context<'_>) -> Option<Self> {
        cx.choice(node, T::EXPECTED, T::CHOICES)
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

/// The scalar of a node that must be one.
pub(crate) fn scalar<'n>(
    node: &'n Node,
    expected: &str,
    cx: &mut Context<'_>,
) -> Option<&'n Scalar> {
    if let Value::Scalar(scalar) = &node.value {
        return Some(scalar);
    }
    cx.mismatch(node, expected);
    None
}

/// `traceparent: 10/s`
impl Read for Sampling {
    const EXPECTED: &'static str = Self::EXPECTED;

    fn read(node: &Node, cx: &mut Context<'_>) -> Option<Self> {
        let scalar = scalar(node, Self::EXPECTED, cx)?;
        let sampling = scalar.text.text.parse();
        if sampling.is_err() {
            cx.mismatch(node, Self::EXPECTED);
        }
        sampling.ok()
    }

    fn shape() -> Shape {
        let form = r"^(off|\d+/s|\d+(\.\d+)?%)$";
        Shape::Form(form.into(), Self::EXPECTED, "10/s")
    }
}

impl Written for Sampling {
    fn written(&self) -> Json {
        Json::from(self.to_string())
    }
}

impl Read for u64 {
    const EXPECTED: &'static str = "a whole number";

    fn read(node: &Node, cx: &mut Context<'_>) -> Option<Self> {
        let scalar = scalar(node, Self::EXPECTED, cx)?;
        match scalar.meaning() {
            Meaning::Whole(number) => {
                if number < 0 {
                    let message = "expected a whole number from 0, found a negative one";
                    cx.problem(node.span, message, "");
                }
                Self::try_from(number).ok()
            }
            Meaning::Fraction(_) => {
                cx.problem(node.span, "expected a whole number, found a fraction", "");
                None
            }
            _ => {
                cx.mismatch(node, Self::EXPECTED);
                None
            }
        }
    }

    fn shape() -> Shape {
        Shape::Whole(0)
    }
}

impl Read for NonZeroU64 {
    const EXPECTED: &'static str = "a whole number from 1";

    fn read(node: &Node, cx: &mut Context<'_>) -> Option<Self> {
        let number = u64::read(node, cx)?;
        if number == 0 {
            cx.problem(node.span, "expected a whole number from 1, found 0", "");
        }
        Self::new(number)
    }

    fn shape() -> Shape {
        Shape::Whole(1)
    }
}

impl Read for f64 {
    const EXPECTED: &'static str = "a number";

    #[expect(
        clippy::cast_precision_loss,
        reason = "a number of 16 digits and more has no business where a fraction is expected"
    )]
    fn read(node: &Node, cx: &mut Context<'_>) -> Option<Self> {
        match scalar(node, Self::EXPECTED, cx)?.meaning() {
            Meaning::Whole(number) => Some(number as Self),
            Meaning::Fraction(number) => Some(number),
            _ => {
                cx.mismatch(node, Self::EXPECTED);
                None
            }
        }
    }

    fn shape() -> Shape {
        Shape::Number
    }
}

impl Read for bool {
    const EXPECTED: &'static str = "`true` or `false`";

    fn read(node: &Node, cx: &mut Context<'_>) -> Option<Self> {
        if let Meaning::Bool(value) = scalar(node, Self::EXPECTED, cx)?.meaning() {
            return Some(value);
        }
        cx.mismatch(node, Self::EXPECTED);
        None
    }

    fn shape() -> Shape {
        Shape::Bool
    }
}

/// As written: `0123` and `1.10` keep their zeros.
impl Read for Text {
    const EXPECTED: &'static str = "a text";

    fn read(node: &Node, cx: &mut Context<'_>) -> Option<Self> {
        scalar(node, Self::EXPECTED, cx).map(|scalar| scalar.text.clone())
    }

    fn shape() -> Shape {
        Shape::Text
    }
}

/// As written: `0123` and `1.10` keep their zeros.
impl Read for String {
    const EXPECTED: &'static str = "a text";

    fn read(node: &Node, cx: &mut Context<'_>) -> Option<Self> {
        Text::read(node, cx).map(|text| text.text)
    }

    fn shape() -> Shape {
        Shape::Text
    }
}

impl Read for Duration {
    const EXPECTED: &'static str = "a duration such as `500ms`, `2s` or `1m30s`";

    fn read(node: &Node, cx: &mut Context<'_>) -> Option<Self> {
        let scalar = scalar(node, Self::EXPECTED, cx)?;
        match parse_duration(&scalar.text.text) {
            Ok(duration) => Some(duration),
            Err(error) => {
                cx.problem(
                    node.span,
                    format!("`{}` is not a duration", scalar.text.text),
                    error.to_string(),
                );
                None
            }
        }
    }

    fn shape() -> Shape {
        Shape::Form(pattern(), "duration such as `1m30s`", "2s")
    }
}

impl Read for Url {
    const EXPECTED: &'static str = "an address such as `https://api.icure.cloud`";

    fn read(node: &Node, cx: &mut Context<'_>) -> Option<Self> {
        let text = &scalar(node, Self::EXPECTED, cx)?.text;
        let refuse = |cx: &mut Context<'_>, reason: &str| {
            let message = format!("`{}` is not an address of a host", text.text);
            cx.problem(text.span, message, reason);
            None
        };
        match Url::parse(&text.text) {
            Err(_) if text.text.contains("${") => refuse(
                cx,
                "`${NAME}` is for secrets only: write the address, or give it with `--set`",
            ),
            Err(error) => refuse(cx, &format!("{error}; expected {}", Self::EXPECTED)),
            Ok(url) if !matches!(url.scheme(), "http" | "https") || !url.has_host() => refuse(
                cx,
                "it must begin with `http://` or `https://` and name a host",
            ),
            Ok(url) if !url.username().is_empty() || url.password().is_some() => {
                // The text is not repeated: it holds a password.
                cx.problem(
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
impl Read for Cow<'static, str> {
    const EXPECTED: &'static str = String::EXPECTED;

    fn read(node: &Node, cx: &mut Context<'_>) -> Option<Self> {
        String::read(node, cx).map(Cow::Owned)
    }

    fn shape() -> Shape {
        Shape::Text
    }
}

impl<T: Read> Read for Vec<T> {
    const EXPECTED: &'static str = "a list";

    fn read(node: &Node, cx: &mut Context<'_>) -> Option<Self> {
        let Value::List(items) = &node.value else {
            let message = format!("expected a list, found {}", node.kind());
            let help = format!("write `[…]`; each item is {}", T::EXPECTED);
            cx.push(Problem::new(node.label(), message, help));
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
