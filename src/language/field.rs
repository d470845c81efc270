//! Declared fields. What a mapping can hold is a table of constants: reading,
//! schema, reference page and messages all come from it.

use std::marker::PhantomData;

use super::fields::Fields;
use super::form::{form, lines};
use super::node::{Node, Text};
use super::problem::{Problems, Report};
use super::read::Read;
use super::shape::{Key, Presence, Shape, Written, shown};

/// A key of a mapping, and the type of what stands there, which is read with the
/// help of a `C`.
pub struct Field<T, C = Problems> {
    key: Key,
    value: PhantomData<fn(C) -> T>,
}

/// A key of a mapping that has a value also when it is left out.
pub struct Defaulted<T: 'static, C = Problems> {
    field: Field<T, C>,
    default: &'static T,
}

impl<T: Read<C>, C> Field<T, C> {
    /// A key that need not be there; `about` says what it is for, in words that
    /// end without a full stop.
    pub const fn new(name: &'static str, about: &'static str) -> Self {
        Self {
            key: Key::new(name, about, T::shape).expecting(T::EXPECTED),
            value: PhantomData,
        }
    }
}

impl<T, C> Field<T, C> {
    /// The same where it must be there.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.key = self.key.required();
        self
    }

    /// The same with a value as a user would write it, for messages; that of
    /// its type otherwise.
    #[must_use]
    pub const fn example(mut self, written: &'static str) -> Self {
        self.key = self.key.example(written);
        self
    }

    /// The same where messages show it although it can be left out.
    #[must_use]
    pub const fn shown(mut self) -> Self {
        self.key = self.key.shown();
        self
    }

    /// The same with what other tools call it.
    #[must_use]
    pub const fn also(mut self, names: &'static [&'static str]) -> Self {
        self.key = self.key.also(names);
        self
    }

    /// The same where `default` stands for it when it is left out.
    #[must_use]
    pub const fn or(mut self, default: &'static T) -> Defaulted<T, C>
    where
        T: Written,
    {
        self.key.presence = Presence::Default(default);
        Defaulted {
            field: self,
            default,
        }
    }

    /// The key, whatever its type.
    pub const fn key(&self) -> Key {
        self.key
    }
}

impl<T, C> Defaulted<T, C> {
    /// The key, whatever its type.
    pub const fn key(&self) -> Key {
        self.field.key
    }

    /// What stands for it when it is left out.
    pub const fn default(&self) -> &'static T {
        self.default
    }

    /// The field, for those who want to know whether it was written.
    pub const fn written(&self) -> &Field<T, C> {
        &self.field
    }
}

/// What a mapping can hold. A new key is a constant with its type, and its
/// place here; whoever reads the mapping asks for it by the constant.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// How messages call the mapping.
    pub what: &'static str,
    /// Its keys in the order in which they are told, in groups: some are of
    /// several tables.
    pub keys: &'static [&'static [Key]],
}

impl Table {
    /// Its keys.
    pub fn keys(&self) -> Vec<Key> {
        self.keys.concat()
    }

    /// What can be written.
    pub fn shape(&self) -> Shape {
        Shape::Mapping(self.keys())
    }

    /// What it is, for whoever wrote something else.
    pub fn form(&self) -> String {
        form(self.what, &self.keys(), None)
    }

    /// The key that a word is for which stands in place of the mapping.
    pub fn key_of(&self, word: &Node) -> Option<Key> {
        let word = word.scalar_value()?;
        let keys = self.keys();
        shown(&keys).into_iter().find(|key| key.fits(word)).copied()
    }

    /// Each line of the mapping with these entries, and with those that it cannot
    /// be without.
    pub fn form_of(&self, entries: &[(Text, Node)]) -> Vec<String> {
        lines(&self.keys(), entries)
    }

    /// Opens a mapping with these keys. `None`, with a problem, when the node
    /// is something else.
    pub fn open<'n>(&self, node: &'n Node, cx: &mut impl Report) -> Option<Fields<'n>> {
        Fields::of(node, self.what, self.keys(), cx)
    }
}
