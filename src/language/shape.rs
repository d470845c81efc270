//! What can be written where: the same calls that read a file tell it, so that a
//! schema and the documentation cannot say anything else than what is read.

use std::fmt;

use serde_json::Value as Json;

use super::node::{Meaning, Scalar};

/// What a value can look like.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// Anything.
    Any,
    /// A text; a number or a boolean is taken as it is written.
    Text,
    /// A condition: an expression without braces.
    Condition,
    /// A whole number, from this one.
    Whole(u64),
    /// Any number.
    Number,
    /// `true` or `false`.
    Bool,
    /// A text of some form: a regular expression, what it is called, and one.
    Form(String, &'static str, &'static str),
    /// A text with `{{ … }}` in it.
    Expression,
    /// One of these words.
    Words(Vec<&'static str>),
    /// A list of such items.
    List(Box<Shape>),
    /// A mapping from names of the user's own.
    Entries(Box<Shape>),
    /// A mapping with these keys.
    Mapping(Vec<Key>),
    /// One of several.
    Either(Vec<Shape>),
    /// Nothing after the colon.
    Nothing,
    /// What is described elsewhere under this name.
    Named(&'static str),
    /// A mapping whose keys follow from a word in it.
    Tagged(Box<Tagged>),
    /// A mapping with one key that says what it is.
    Keyed(Box<Keyed>),
    /// A mapping with these keys, where nothing must be there beside the last
    /// one: it names a file with the rest.
    Layer(Vec<Key>, Key),
}

/// A mapping whose keys follow from a word in it: a scenario and its executor.
#[derive(Clone, Debug, PartialEq)]
pub struct Tagged {
    /// The key that has the word.
    pub tag: Key,
    /// The word, if the key is not there.
    pub default: Option<&'static str>,
    /// Keys that are there with each.
    pub common: Vec<Key>,
    /// The words.
    pub kinds: Vec<Kind>,
}

/// A mapping with one key that says what it is: a step, or a block.
#[derive(Clone, Debug, PartialEq)]
pub struct Keyed {
    /// Those that `beside` can stand beside.
    pub steps: Vec<Kind>,
    /// Keys beside those.
    pub beside: Vec<Key>,
    /// Others.
    pub blocks: Vec<Kind>,
    /// Keys beside the others.
    pub beside_blocks: Vec<Key>,
}

/// One of several kinds.
#[derive(Clone, Debug, PartialEq)]
pub struct Kind {
    /// The word that a user writes.
    pub name: &'static str,
    /// What it is, in words that end without a full stop.
    pub about: &'static str,
    /// What belongs to it.
    pub shape: Shape,
}

impl Kind {
    /// Whether the word alone is enough.
    pub fn can_be_bare(&self) -> bool {
        matches!(&self.shape, Shape::Mapping(keys) if !keys.iter().any(Key::is_required))
    }
}

/// The whole language: what each kind of file can hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Language {
    /// A scenario file.
    pub scenario: Shape,
    /// A library of steps.
    pub library: Shape,
    /// A target file.
    pub target: Shape,
    /// What the others name, each with its title.
    pub named: Vec<Named>,
}

/// A part of the language that has a name.
#[derive(Clone, Debug, PartialEq)]
pub struct Named {
    /// The name that [`Shape::Named`] has.
    pub name: &'static str,
    /// What the documentation calls it.
    pub title: &'static str,
    /// What it is.
    pub shape: Shape,
}

impl Shape {
    /// A list of such items.
    #[must_use]
    pub fn list(self) -> Self {
        Self::List(Box::new(self))
    }

    /// A mapping from names of the user's own to such values.
    #[must_use]
    pub fn entries(self) -> Self {
        Self::Entries(Box::new(self))
    }

    /// One, or a list of them.
    #[must_use]
    pub fn one_or_list(self) -> Self {
        Self::Either(vec![self.clone(), self.list()])
    }

    /// This or that.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match self {
            Self::Either(mut shapes) => {
                shapes.push(other);
                Self::Either(shapes)
            }
            one => Self::Either(vec![one, other]),
        }
    }

    /// A value as a user would write it.
    pub fn example(&self) -> String {
        match self {
            Self::Condition => "vu == 1".to_owned(),
            Self::Whole(least) => least.to_string(),
            Self::Number => "1.5".to_owned(),
            Self::Bool => "true".to_owned(),
            Self::Form(_, _, example) => (*example).to_owned(),
            Self::Expression => "\"{{ vu }}\"".to_owned(),
            Self::Words(words) => words.first().copied().unwrap_or_default().to_owned(),
            Self::List(item) => format!("[{}]", item.example()),
            Self::Entries(value) => format!("{{name: {}}}", value.example()),
            Self::Mapping(keys) | Self::Layer(keys, _) => {
                let keys = shown(keys).into_iter();
                let keys = keys.map(|key| format!("{}: {}", key.name, key.written()));
                format!("{{{}}}", keys.collect::<Vec<_>>().join(", "))
            }
            Self::Either(shapes) => shapes.first().map(Self::example).unwrap_or_default(),
            Self::Nothing => String::new(),
            Self::Named("steps") => "[reload]".to_owned(),
            Self::Named("secret") => r#""${SECRET}""#.to_owned(),
            Self::Any | Self::Text | Self::Tagged(_) | Self::Keyed(_) | Self::Named(_) => {
                "…".to_owned()
            }
        }
    }

    /// The keys of a mapping; none when it is something else.
    pub fn keys(&self) -> &[Key] {
        match self {
            Self::Mapping(keys) => keys,
            _ => &[],
        }
    }
}

/// A key of a mapping.
#[derive(Clone, Copy)]
pub struct Key {
    /// The key as a user writes it.
    pub name: &'static str,
    /// What it is for, in words that end without a full stop.
    pub about: &'static str,
    /// Whether it must be there.
    pub presence: Presence,
    shape: fn() -> Shape,
    expected: &'static str,
    example: Option<&'static str>,
    shown: bool,
    also: &'static [&'static str],
}

/// Keys for anchors, in files of every kind.
pub const ANCHORS: Key = Key::new(
    "x-…",
    "any value; nothing reads it: a place for anchors that aliases refer to",
    || Shape::Any,
);

/// Required keys, and those that are shown besides; one at least.
pub(crate) fn shown(keys: &[Key]) -> Vec<&Key> {
    let mut shown: Vec<&Key> = keys.iter().filter(|key| key.is_shown()).collect();
    if shown.is_empty() {
        let without_default = keys.iter().find(|key| key.default().is_none());
        shown.extend(without_default.or(keys.first()));
    }
    shown
}

/// Whether a key must be there.
#[derive(Clone, Copy)]
pub enum Presence {
    /// It must.
    Required,
    /// It need not.
    Optional,
    /// It need not, and this stands for it then.
    Default(&'static dyn Written),
}

impl Key {
    /// A key that need not be there.
    pub const fn new(name: &'static str, about: &'static str, shape: fn() -> Shape) -> Self {
        Self {
            name,
            about,
            presence: Presence::Optional,
            shape,
            expected: "a value",
            example: None,
            shown: false,
            also: &[],
        }
    }

    /// The same where it must be there.
    #[must_use]
    pub const fn required(self) -> Self {
        Self {
            presence: Presence::Required,
            ..self
        }
    }

    /// The same with what a user should write, as it stands after "expected".
    #[must_use]
    pub const fn expecting(self, expected: &'static str) -> Self {
        Self { expected, ..self }
    }

    /// The same with a value as a user would write it; that of its shape
    /// otherwise.
    #[must_use]
    pub const fn example(self, written: &'static str) -> Self {
        Self {
            example: Some(written),
            ..self
        }
    }

    /// The same with what other tools call it, for messages.
    #[must_use]
    pub const fn also(self, also: &'static [&'static str]) -> Self {
        Self { also, ..self }
    }

    /// Whether it has a mapping with this key.
    pub(crate) fn has_inside(&self, name: &str) -> bool {
        let has = |shape: &Shape| shape.keys().iter().any(|key| key.name == name);
        match self.shape() {
            Shape::Either(shapes) => shapes.iter().any(has),
            shape => has(&shape),
        }
    }

    /// Whether other tools call it so.
    pub(crate) fn is_also_called(&self, written: &str) -> bool {
        let plain = |name: &str| name.to_lowercase().replace(['-', '_'], "");
        self.also.iter().any(|name| plain(name) == plain(written))
    }

    /// The same where messages show it although it can be left out.
    #[must_use]
    pub const fn shown(self) -> Self {
        Self {
            shown: true,
            ..self
        }
    }

    /// Whether a written key is this one. A name that ends with `…` stands for all
    /// that begin so.
    pub(crate) fn is_called(&self, written: &str) -> bool {
        match self.prefix() {
            Some(prefix) => written.len() > prefix.len() && written.starts_with(prefix),
            None => self.name == written,
        }
    }

    /// How the keys begin that it stands for, when it is not one alone.
    pub(crate) fn prefix(&self) -> Option<&'static str> {
        self.name.strip_suffix('…')
    }

    /// Whether messages show it.
    pub(crate) fn is_shown(&self) -> bool {
        self.shown || self.is_required()
    }

    /// A value for it as a user would write it.
    pub fn written(&self) -> String {
        match (self.example, self.default()) {
            (Some(example), _) => example.to_owned(),
            (None, Some(Json::String(default))) => default,
            (None, Some(default)) => default.to_string(),
            (None, None) => self.shape().example(),
        }
    }

    /// Whether a word could be its value: a condition may be any text, others
    /// are one word.
    pub(crate) fn fits(&self, word: &Scalar) -> bool {
        let text = word.text.as_str();
        let one_word =
            !text.contains(char::is_whitespace) || text.starts_with("{{") || self.name == "name";
        let is_number = matches!(word.meaning(), Meaning::Whole(_));
        match self.shape() {
            Shape::Condition => !text.contains("{{"),
            Shape::Text | Shape::Any | Shape::Expression => one_word && !is_number,
            Shape::Form(..) => one_word,
            Shape::Whole(_) => is_number,
            Shape::Either(shapes) => match shapes.first() {
                Some(Shape::Whole(_)) => is_number,
                Some(Shape::Text) => one_word && !is_number,
                _ => false,
            },
            _ => false,
        }
    }

    /// The key with a value, as a user would write it; `None` where that says
    /// nothing.
    pub(crate) fn form(&self) -> Option<String> {
        let written = self.written();
        let says = !matches!(&*written, "" | "…" | "null");
        says.then(|| format!("{}: {written}", self.name))
    }

    /// A value of its own for it, as a user would write it.
    pub(crate) fn example_of_its_own(&self) -> Option<&'static str> {
        self.example
    }

    /// Whether it must be there.
    pub fn is_required(&self) -> bool {
        matches!(self.presence, Presence::Required)
    }

    /// What stands for it when it is left out, as it would be written.
    pub fn default(&self) -> Option<Json> {
        match self.presence {
            Presence::Default(default) => Some(default.written()),
            _ => None,
        }
    }

    /// What a user should write, as it stands after "expected".
    pub fn expected(&self) -> &'static str {
        self.expected
    }

    /// What its value can look like.
    pub fn shape(&self) -> Shape {
        (self.shape)()
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
            && self.about == other.about
            && self.is_required() == other.is_required()
            && self.default() == other.default()
            && self.shape() == other.shape()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("name", &self.name)
            .field("about", &self.about)
            .field("required", &self.is_required())
            .field("default", &self.default())
            .field("shape", &self.shape())
            .finish_non_exhaustive()
    }
}

/// The names of keys.
pub(crate) const fn names<const N: usize>(keys: &[Key; N]) -> [&'static str; N] {
    let mut names = [""; N];
    let mut index = 0;
    while index < N {
        names[index] = keys[index].name;
        index += 1;
    }
    names
}

/// A value as a user would write it.
pub trait Written {
    /// How it is written.
    fn written(&self) -> Json;
}
