//! What can be written where: the same calls that read a file tell it, so that a
//! schema and the documentation cannot say anything else than what is read.

use serde_json::Value as Json;

use super::fields::Fields;
use super::node::Node;
use super::problem::Problems;
use super::source::Span;
use crate::expression::context::Context;

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
    /// A text of some form: a regular expression, and what it is called.
    Form(String, &'static str),
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
    /// The mapping that a reader asks for: it is made to read an empty one.
    /// [`Shape::Any`] when it does not end with [`Fields::finish`].
    ///
    /// [`Fields::finish`]: super::Fields::finish
    pub fn asked_for<T>(read: impl FnOnce(&Node, &mut Context<'_>) -> T) -> Self {
        Self::asked_for_in(&Node::empty(Span::default()), read)
    }

    /// The same, where what is asked for depends on what is there.
    pub fn asked_for_in<T>(node: &Node, read: impl FnOnce(&Node, &mut Context<'_>) -> T) -> Self {
        let mut problems = Problems::default();
        let mut cx = Context::bare(&mut problems).listening();
        read(node, &mut cx);
        cx.heard().map_or(Self::Any, Self::Mapping)
    }

    /// The keys that are read out of a mapping which somebody else opens.
    pub fn asked_of<T>(read: impl FnOnce(&mut Fields<'_>, &mut Context<'_>) -> T) -> Self {
        Self::asked_for(|node, cx| {
            let mut fields = Fields::open(node, "a mapping", cx)?;
            let read = read(&mut fields, cx);
            fields.finish(cx);
            Some(read)
        })
    }

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

    /// The keys of a mapping; none when it is something else.
    pub fn keys(&self) -> &[Key] {
        match self {
            Self::Mapping(keys) => keys,
            _ => &[],
        }
    }

    /// Variants of one mapping as one: every key that some of them has; only
    /// what each of them needs is needed.
    pub fn variants(variants: &[Self]) -> Self {
        let mut all: Vec<Key> = Vec::new();
        for key in variants.iter().flat_map(Self::keys) {
            if !all.iter().any(|known| known.name == key.name) {
                all.push(key.clone());
            }
        }
        for key in &mut all {
            let needed = |variant: &Self| {
                let mut keys = variant.keys().iter();
                keys.any(|other| other.name == key.name && other.is_required())
            };
            if key.is_required() && !variants.iter().all(needed) {
                key.presence = Presence::Optional;
            }
        }
        Self::Mapping(all)
    }
}

/// A key of a mapping.
#[derive(Clone, Debug)]
pub struct Key {
    /// The key as a user writes it.
    pub name: &'static str,
    /// What it is for, in words that end without a full stop.
    pub about: &'static str,
    /// Whether it must be there.
    pub presence: Presence,
    shape: fn() -> Shape,
}

/// Whether a key must be there.
#[derive(Clone, Debug, PartialEq)]
pub enum Presence {
    /// It must.
    Required,
    /// It need not.
    Optional,
    /// It need not, and this stands for it then.
    Default(Json),
}

impl Key {
    /// A key that need not be there.
    pub const fn new(name: &'static str, about: &'static str, shape: fn() -> Shape) -> Self {
        Self {
            name,
            about,
            presence: Presence::Optional,
            shape,
        }
    }

    /// The same, of another presence.
    #[must_use]
    pub fn present(self, presence: Presence) -> Self {
        Self { presence, ..self }
    }

    /// Whether it must be there.
    pub fn is_required(&self) -> bool {
        self.presence == Presence::Required
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
            && self.presence == other.presence
            && self.shape() == other.shape()
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
