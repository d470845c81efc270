//! What is known of a value before anything is played.

use std::borrow::Cow;

use minijinja::Value;
use minijinja::value::ValueKind;

use super::secret::take_secret;

/// What a value is, if it is there and not null: that is never known before.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Type {
    /// Nothing is known of it.
    #[default]
    Any,
    /// Null, always.
    Null,
    /// `true` or `false`.
    Bool,
    /// A number.
    Number,
    /// A text. It may be a secret one, as what a server sends back.
    Text,
    /// A secret, which is a text.
    Secret,
    /// A list of such items.
    List(Box<Type>),
    /// A mapping with these names and no others.
    Record(Fields),
    /// A mapping from any names to such values.
    Entries(Box<Type>),
}

/// Names of a mapping, each with what is known of its value.
pub type Fields = Vec<(Cow<'static, str>, Type)>;

/// Most names of a row that are worth knowing.
const MOST_FIELDS: usize = 1000;

impl Type {
    /// A list of such items.
    #[must_use]
    pub fn list(self) -> Self {
        Self::List(Box::new(self))
    }

    /// A mapping from any names to such values.
    #[must_use]
    pub fn entries(self) -> Self {
        Self::Entries(Box::new(self))
    }

    /// A mapping with these names and no others.
    pub fn record<const N: usize>(fields: [(&'static str, Self); N]) -> Self {
        let fields = fields.into_iter();
        Self::Record(fields.map(|(name, of)| (Cow::from(name), of)).collect())
    }

    /// A mapping with these names, which are known when a file is read.
    pub fn row(fields: impl IntoIterator<Item = (String, Self)>) -> Self {
        let one = |(name, of)| vec![(Cow::from(name), of)];
        let fields = fields.into_iter().map(one);
        fields.fold(Self::Record(Vec::new()), |all, one| {
            all.or(Self::Record(one))
        })
    }

    /// What a value is.
    pub fn of(value: &Value) -> Self {
        match value.kind() {
            ValueKind::Undefined | ValueKind::None => Self::Null,
            ValueKind::Bool => Self::Bool,
            ValueKind::Number => Self::Number,
            ValueKind::String => Self::Text,
            ValueKind::Seq | ValueKind::Iterable => {
                let items = value.try_iter().into_iter().flatten();
                Self::joined(items.map(|item| Self::of(&item))).list()
            }
            ValueKind::Map => {
                let keys: Vec<Value> = value.try_iter().into_iter().flatten().collect();
                let fields = keys.iter().map(|key| {
                    let inside = value.get_item(key).unwrap_or_default();
                    Some((key.as_str()?.to_owned(), Self::of(&inside)))
                });
                let fields: Option<Vec<_>> = fields.collect();
                fields.map_or(Self::Any, Self::row)
            }
            _ if take_secret(value).is_some() => Self::Secret,
            _ => Self::Any,
        }
    }

    /// What a value is that is one of the two.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Null, one) | (one, Self::Null) => one,
            (Self::Text, Self::Secret) | (Self::Secret, Self::Text) => Self::Text,
            (Self::List(a), Self::List(b)) => a.or(*b).list(),
            (Self::Entries(a), Self::Entries(b)) => a.or(*b).entries(),
            (Self::Record(a), Self::Record(b)) => either_record(a, b),
            (a, b) if a == b => a,
            _ => Self::Any,
        }
    }

    /// What a value is that is one of these; null when there are none.
    pub fn joined(types: impl IntoIterator<Item = Self>) -> Self {
        types.into_iter().fold(Self::Null, Self::or)
    }

    /// Whether it is known already that there is such a value under this name.
    pub fn has(&self, name: &str, of: &Self) -> bool {
        match self {
            Self::Record(fields) => {
                let mut fields = fields.iter();
                fields.any(|(known, known_of)| {
                    known == name && (known_of == of || *known_of == Self::Any)
                })
            }
            Self::Entries(value) => **value == Self::Any,
            _ => false,
        }
    }

    /// What an item of the list is.
    pub(crate) fn item(&self) -> Self {
        match self {
            Self::List(item) => (**item).clone(),
            Self::Text => Self::Text,
            _ => Self::Any,
        }
    }
}

/// A record that has the names of both. One that has too many is any mapping.
fn either_record(mut all: Fields, more: Fields) -> Type {
    for (name, of) in more {
        match all.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = std::mem::take(known).or(of),
            None => all.push((name, of)),
        }
    }
    if all.len() > MOST_FIELDS {
        return Type::Any.entries();
    }
    Type::Record(all)
}

#[cfg(test)]
mod tests {
    use minijinja::{Value, context};

    use super::Type;
    use crate::expression::secret::secret_value;

    #[test]
    fn a_value_tells_its_type() {
        let value = context! {
            n => 1, t => "x", b => true, none => (), s => secret_value("x".into()),
            l => vec![1, 2], mixed => vec![Value::from(1), Value::from("1")],
        };
        let expected = Type::record([
            ("n", Type::Number),
            ("t", Type::Text),
            ("b", Type::Bool),
            ("none", Type::Null),
            ("s", Type::Secret),
            ("l", Type::Number.list()),
            ("mixed", Type::Any.list()),
        ]);
        // The order of names is the mapping's own.
        let (Type::Record(mut found), Type::Record(mut expected)) = (Type::of(&value), expected)
        else {
            panic!("a mapping is a record");
        };
        found.sort_by(|a, b| a.0.cmp(&b.0));
        expected.sort_by(|a, b| a.0.cmp(&b.0));
        assert_eq!(found, expected);
    }

    #[test]
    fn one_of_two_rows_has_the_names_of_both() {
        let one = Type::record([("a", Type::Number), ("b", Type::Text)]);
        let other = Type::record([("b", Type::Number), ("c", Type::Bool)]);
        let both = Type::record([("a", Type::Number), ("b", Type::Any), ("c", Type::Bool)]);
        assert_eq!(one.or(other), both);
        assert_eq!(Type::Null.or(Type::Number), Type::Number);
        assert_eq!(Type::Text.or(Type::Number), Type::Any);
    }
}
