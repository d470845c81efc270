//! A YAML value that knows where it was written.

use std::ops::Range;

use super::source::Span;

/// A text with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// The text, without quotes and escapes.
    pub text: String,
    /// Its place, quotes included.
    pub span: Span,
    /// Where its first letter is, when the file has it letter by letter.
    pub(crate) verbatim: Option<usize>,
}

impl Text {
    /// A text that is in no file.
    pub fn bare(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            span: Span::default(),
            verbatim: None,
        }
    }

    fn moved(self, base: usize) -> Self {
        Self {
            span: self.span.moved(base),
            verbatim: self.verbatim.map(|first| first + base),
            ..self
        }
    }

    /// The text alone.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The place of a part of the text, or of all of it when the part is not
    /// in the file letter by letter.
    pub(crate) fn part(&self, range: Range<usize>) -> Span {
        match self.verbatim {
            Some(first) => {
                let start = range.start.min(self.text.len());
                let end = range.end.clamp(start, self.text.len());
                Span {
                    start: first + start,
                    end: first + end,
                }
            }
            None => self.span,
        }
    }
}

/// A YAML value with its place.
#[derive(Clone, Debug)]
pub struct Node {
    /// Its place.
    pub span: Span,
    /// Where to point when something is missing in it: its key, if it has one.
    pub(crate) at: Span,
    pub(crate) value: Value,
}

/// What a [`Node`] can be.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    /// `null`, `~`, or nothing after the colon.
    Nothing,
    Scalar(Scalar),
    List(Vec<Node>),
    Map(Map),
}

/// One word or text.
#[derive(Clone, Debug)]
pub(crate) struct Scalar {
    pub(crate) text: Text,
    /// Written without quotes, so that it may be a number or a boolean.
    pub(crate) plain: bool,
}

/// A mapping, in the order of the file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Map {
    pub(crate) entries: Vec<(Text, Node)>,
    /// Keys that are read elsewhere, and that a misspelt key may have meant.
    pub(crate) elsewhere: Elsewhere,
}

/// Keys that whoever reads a mapping does not read.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Elsewhere {
    pub(crate) keys: &'static [&'static str],
    /// They stand beside the mapping, and not in it.
    pub(crate) are_outside: bool,
}

/// What a scalar means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Meaning {
    Bool(bool),
    /// Of 64 bits, with a sign or without.
    Whole(i128),
    Fraction(f64),
    Text,
}

impl Scalar {
    /// Numbers are those of JSON, so that nothing is a number by surprise:
    /// `0123`, `+32470`, `12:30`, `0o17` and `1_000` are texts, and so are `yes`
    /// and `no`. So is what no number here could hold as it is written.
    pub(crate) fn meaning(&self) -> Meaning {
        let text = self.text.text.as_str();
        if !self.plain {
            return Meaning::Text;
        }
        match text {
            "true" | "True" | "TRUE" => return Meaning::Bool(true),
            "false" | "False" | "FALSE" => return Meaning::Bool(false),
            _ => {}
        }
        let digits = text.strip_prefix('-').unwrap_or(text);
        let (digits, exponent) = parted(digits, &['e', 'E']);
        let exponent = exponent.map(|it| it.strip_prefix(['+', '-']).unwrap_or(it));
        let (whole, fraction) = parted(digits, &['.']);
        let parts = [Some(whole), fraction, exponent];
        let mut parts = parts.iter().flatten();
        let all_digits = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !parts.all(all_digits) || (whole.len() > 1 && whole.starts_with('0')) {
            return Meaning::Text;
        }
        if fraction.is_none() && exponent.is_none() {
            let number = text.parse().ok();
            let number = number.filter(|it| (i64::MIN.into()..=u64::MAX.into()).contains(it));
            return number.map_or(Meaning::Text, Meaning::Whole);
        }
        let number = text.parse().ok().filter(|it: &f64| it.is_finite());
        number.map_or(Meaning::Text, Meaning::Fraction)
    }
}

/// What stands before one of these letters, and after it if it is there.
fn parted<'t>(text: &'t str, at: &[char]) -> (&'t str, Option<&'t str>) {
    match text.split_once(at) {
        Some((before, after)) => (before, Some(after)),
        None => (text, None),
    }
}

impl Node {
    /// A text that is in no file.
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            span: Span::default(),
            at: Span::default(),
            value: Value::Scalar(Scalar {
                text: Text::bare(text),
                plain: false,
            }),
        }
    }

    /// A number that is in no file.
    pub fn number(number: u64) -> Self {
        Self {
            span: Span::default(),
            at: Span::default(),
            value: Value::Scalar(Scalar {
                text: Text::bare(number.to_string()),
                plain: true,
            }),
        }
    }

    /// A mapping that is in no file.
    pub fn mapping(entries: impl IntoIterator<Item = (String, Node)>) -> Self {
        Self::empty(Span::default()).with(entries)
    }

    /// A mapping without entries, at a place.
    pub(crate) fn empty(at: Span) -> Self {
        Self {
            span: at,
            at,
            value: Value::Map(Map::default()),
        }
    }

    /// A mapping with entries of a file.
    pub(crate) fn holding(mut self, entries: Vec<(Text, Node)>) -> Self {
        self.value = Value::Map(Map {
            entries,
            elsewhere: Elsewhere::default(),
        });
        self
    }

    fn with(mut self, entries: impl IntoIterator<Item = (String, Node)>) -> Self {
        let entries = entries
            .into_iter()
            .map(|(key, node)| (Text::bare(key), node));
        self.value = Value::Map(Map {
            entries: entries.collect(),
            elsewhere: Elsewhere::default(),
        });
        self
    }

    /// The same with every word in it as a text, numbers and booleans included.
    #[must_use]
    pub fn as_texts(&self) -> Self {
        let value = match &self.value {
            Value::Nothing => Value::Nothing,
            Value::Scalar(scalar) => Value::Scalar(Scalar {
                plain: false,
                ..scalar.clone()
            }),
            Value::List(items) => Value::List(items.iter().map(Self::as_texts).collect()),
            Value::Map(map) => {
                let entries = map.entries.iter();
                Value::Map(Map {
                    entries: entries
                        .map(|(key, node)| (key.clone(), node.as_texts()))
                        .collect(),
                    ..map.clone()
                })
            }
        };
        Self { value, ..*self }
    }

    /// What a mapping has under a name.
    pub(crate) fn entry(&self, name: &str) -> Option<&Node> {
        let mut entries = self.entries();
        let (_, node) = entries.find(|(key, _)| key.text == name)?;
        Some(node)
    }

    /// The entries of a mapping; none when it is something else.
    pub fn entries(&self) -> impl Iterator<Item = (&Text, &Node)> {
        let entries = match &self.value {
            Value::Map(map) => map.entries.as_slice(),
            _ => &[],
        };
        entries.iter().map(|(key, node)| (key, node))
    }

    /// The items of a list, or the value itself when it is something else.
    pub fn items(&self) -> &[Node] {
        match &self.value {
            Value::List(items) => items,
            _ => std::slice::from_ref(self),
        }
    }

    /// The items of a list; `None` when it is something else.
    pub fn list(&self) -> Option<&[Node]> {
        match &self.value {
            Value::List(items) => Some(items),
            _ => None,
        }
    }

    /// Whether it is a mapping.
    pub fn is_mapping(&self) -> bool {
        matches!(self.value, Value::Map(_))
    }

    /// True when nothing was written.
    pub fn is_nothing(&self) -> bool {
        matches!(self.value, Value::Nothing)
    }

    /// The same in a file that comes after `base` bytes of others.
    pub(crate) fn moved(self, base: usize) -> Self {
        let value = match self.value {
            Value::Nothing => Value::Nothing,
            Value::Scalar(scalar) => Value::Scalar(Scalar {
                text: scalar.text.moved(base),
                ..scalar
            }),
            Value::List(items) => {
                Value::List(items.into_iter().map(|item| item.moved(base)).collect())
            }
            Value::Map(map) => Value::Map(Map {
                entries: map
                    .entries
                    .into_iter()
                    .map(|(key, node)| (key.moved(base), node.moved(base)))
                    .collect(),
                ..map
            }),
        };
        Self {
            span: self.span.moved(base),
            at: self.at.moved(base),
            value,
        }
    }

    /// A word or text, with how it is written.
    pub(crate) fn scalar_value(&self) -> Option<&Scalar> {
        match &self.value {
            Value::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// A word or text, as written, numbers and booleans included.
    pub fn scalar(&self) -> Option<&Text> {
        match &self.value {
            Value::Scalar(scalar) => Some(&scalar.text),
            _ => None,
        }
    }

    /// The value as JSON, without expressions.
    pub fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Nothing => serde_json::Value::Null,
            Value::Scalar(scalar) => match scalar.meaning() {
                Meaning::Bool(value) => value.into(),
                Meaning::Whole(number) => match u64::try_from(number) {
                    Ok(number) => number.into(),
                    // The range of `meaning`: what is negative has its sign's 64 bits.
                    Err(_) => i64::try_from(number).unwrap_or(i64::MIN).into(),
                },
                Meaning::Fraction(number) => number.into(),
                Meaning::Text => scalar.text.text.as_str().into(),
            },
            Value::List(items) => items.iter().map(Self::to_json).collect(),
            Value::Map(map) => {
                let entries = map.entries.iter();
                let entries = entries.map(|(key, node)| (key.text.clone(), node.to_json()));
                serde_json::Value::Object(entries.collect())
            }
        }
    }

    /// What a JSON pointer leads to, or what is nearest to it.
    pub fn at_pointer(&self, pointer: &str) -> &Self {
        let mut node = self;
        for step in pointer.split('/').skip(1) {
            let step = step.replace("~1", "/").replace("~0", "~");
            let inside = match &node.value {
                Value::List(items) => step.parse().ok().and_then(|at: usize| items.get(at)),
                _ => node
                    .entries()
                    .find(|(key, _)| key.text == step)
                    .map(|(_, node)| node),
            };
            match inside {
                Some(inside) => node = inside,
                None => break,
            }
        }
        node
    }

    /// What it is, for messages.
    pub fn kind(&self) -> &'static str {
        match &self.value {
            Value::Nothing => "nothing",
            Value::List(_) => "a list",
            Value::Map(_) => "a mapping",
            Value::Scalar(scalar) => match scalar.meaning() {
                Meaning::Bool(_) => "a boolean",
                Meaning::Whole(_) | Meaning::Fraction(_) => "a number",
                Meaning::Text => "a text",
            },
        }
    }

    /// Where to point at it: a mapping or list by its key.
    pub fn label(&self) -> Span {
        match self.value {
            Value::Scalar(_) => self.span,
            _ => self.at,
        }
    }

    /// The same mapping without keys that are read elsewhere.
    pub(crate) fn without(&self, keys: &'static [&'static str]) -> Self {
        let mut rest = self.clone();
        if let Value::Map(map) = &mut rest.value {
            map.entries
                .retain(|(key, _)| !keys.contains(&key.text.as_str()));
        }
        rest.reading_elsewhere(keys, false)
    }

    /// Takes a key out of a mapping.
    pub(crate) fn remove(&mut self, name: &str) {
        if let Value::Map(map) = &mut self.value {
            map.entries.retain(|(key, _)| key.text != name);
        }
    }

    /// Notes which keys stand beside this mapping, for whoever writes them in
    /// it.
    pub(crate) fn beside(self, keys: &'static [&'static str]) -> Self {
        self.reading_elsewhere(keys, true)
    }

    fn reading_elsewhere(mut self, keys: &'static [&'static str], are_outside: bool) -> Self {
        if let Value::Map(map) = &mut self.value {
            map.elsewhere = Elsewhere { keys, are_outside };
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::{Meaning, Node, Scalar, Text, Value};

    fn meaning(text: &str) -> Meaning {
        Scalar {
            text: Text::bare(text),
            plain: true,
        }
        .meaning()
    }

    #[test]
    fn numbers_are_those_of_json() {
        assert_eq!(
            meaning("20220929083400"),
            Meaning::Whole(20_220_929_083_400)
        );
        assert_eq!(meaning("-7"), Meaning::Whole(-7));
        assert_eq!(meaning("0.50"), Meaning::Fraction(0.5));
        for (text, number) in [("1e-7", 1e-7), ("1e5", 1e5), ("-2.5E+3", -2500.0)] {
            assert_eq!(meaning(text), Meaning::Fraction(number));
        }
        for number in [i128::from(i64::MIN), i64::MAX.into(), u64::MAX.into()] {
            assert_eq!(meaning(&number.to_string()), Meaning::Whole(number));
            let mut node = Node::text("");
            node.value = Value::Scalar(Scalar {
                text: Text::bare(number.to_string()),
                plain: true,
            });
            assert_eq!(node.to_json().to_string(), number.to_string());
        }
    }

    #[test]
    fn what_other_readers_take_for_something_else_stays_a_text() {
        for text in [
            "0123",
            "+32470123456",
            "12:30",
            "0o17",
            "0x1F",
            "12e4567",
            "1e",
            "e5",
            "1e5.0",
            "18446744073709551616",
            "-9223372036854775809",
            "1_000",
            "no",
            "yes",
            "on",
            "off",
            "y",
            ".5",
            "5.",
            "-",
            ".inf",
            ".nan",
            "99999999999999999999",
            "2024-01-01",
        ] {
            assert_eq!(meaning(text), Meaning::Text, "{text}");
        }
    }
}
