//! Reads a mapping key by key. A key that nobody keys for is a problem.

use super::field::{Defaulted, Field, form};
use super::names::nearest;
use super::node::{Map, Node, Text, Value};
use super::problem::{Problem, Report};
use super::read::Read;
use super::shape::Key;
use super::source::Span;

/// A mapping that is being read.
pub struct Fields<'n> {
    what: String,
    node: &'n Node,
    map: &'n Map,
    keys: Vec<Key>,
    /// What was not there, of which one key at least is needed.
    missing: Vec<(Vec<&'static str>, Problem)>,
}

impl<'n> Fields<'n> {
    /// Opens a mapping with these keys, where no one table has them all.
    pub fn of(node: &'n Node, what: &str, keys: Vec<Key>, cx: &mut impl Report) -> Option<Self> {
        let Value::Map(map) = &node.value else {
            cx.problems().push(no_mapping(node, form(what, &keys)));
            return None;
        };
        Some(Self {
            what: what.to_owned(),
            node,
            map,
            keys,
            missing: Vec::new(),
        })
    }

    /// The value of a field. When it must be there and is not, that is a
    /// problem.
    pub fn get<T: Read<C>, C: Report>(&mut self, field: &Field<T, C>, cx: &mut C) -> Option<T> {
        if field.key().is_required() {
            return self.require(field, cx);
        }
        self.given(field, cx)
    }

    /// The same of a field without which another one leaves nothing to read.
    pub fn require<T: Read<C>, C: Report>(&mut self, field: &Field<T, C>, cx: &mut C) -> Option<T> {
        T::read(self.demand(&field.key(), cx)?, cx)
    }

    /// The value of a field if it is there; whoever asks says what is missing
    /// when it is not.
    pub fn given<T: Read<C>, C: Report>(&self, field: &Field<T, C>, cx: &mut C) -> Option<T> {
        T::read(self.look(field.key().name)?, cx)
    }

    /// The value of a field, or what stands for it.
    pub fn get_or<T: Read<C> + Clone, C: Report>(&self, field: &Defaulted<T, C>, cx: &mut C) -> T {
        let read = self.given(field.written(), cx);
        read.unwrap_or_else(|| field.default().clone())
    }

    /// A value that must be there, as it is written.
    pub fn demand(&mut self, key: &Key, cx: &mut impl Report) -> Option<&'n Node> {
        let found = self.look(key.name);
        if found.is_none() {
            let name = key.name;
            let problem = Problem::new(
                self.node.at,
                format!("{} needs `{name}`", self.what),
                format!("add `{name}:` with {}", key.expected()),
            );
            self.lacks(&[name], problem, cx);
        }
        found
    }

    /// Takes keys back that have no meaning here.
    pub fn without(&mut self, names: &[&str]) {
        self.keys.retain(|key| !names.contains(&key.name));
    }

    /// Notes that one of these keys should be there. It is taken back when one
    /// of them turns out to be misspelt, which is mistake enough.
    pub fn lacks(&mut self, names: &[&'static str], problem: Problem, cx: &mut impl Report) {
        cx.problems().push(problem.clone());
        self.missing.push((names.to_vec(), problem));
    }

    /// A value as it is written, for those who only look at it.
    pub fn look(&self, name: &str) -> Option<&'n Node> {
        self.map
            .entries
            .iter()
            .find(|(key, _)| key.text == name)
            .map(|(_, node)| node)
    }

    /// Whether the key is there.
    pub fn has(&self, name: &str) -> bool {
        self.look(name).is_some()
    }

    /// Where the value is, if the key is there.
    pub fn span_of(&self, name: &str) -> Option<Span> {
        self.look(name).map(Node::label)
    }

    /// Where to point when something is missing in this mapping.
    #[expect(
        clippy::misnamed_getters,
        reason = "where to point is not the whole mapping"
    )]
    pub fn span(&self) -> Span {
        self.node.at
    }

    /// Ends reading: what was not keys for is a problem.
    pub fn finish(self, cx: &mut impl Report) {
        self.finish_with(cx, |_| None);
    }

    /// The same, where more can be said of a key that has no meaning here.
    pub fn finish_with(self, cx: &mut impl Report, help: impl Fn(&str) -> Option<String>) {
        let elsewhere = self.map.elsewhere;
        let keys: Vec<&str> = self.keys.iter().map(|key| key.name).collect();
        let known: Vec<&str> = keys.iter().chain(elsewhere).copied().collect();
        for (key, _) in &self.map.entries {
            let name = key.text.as_str();
            if self.keys.iter().any(|key| key.is_called(name)) {
                continue;
            }
            let mut problem = Problem::unknown_key(key, &self.what, &known);
            let meant = nearest(name, &keys);
            for (names, missing) in &self.missing {
                if meant.is_some_and(|meant| names.contains(&meant)) {
                    cx.problems().retract(missing);
                }
            }
            if elsewhere.contains(&name) {
                problem.help = Some(format!(
                    "`{name}` stands beside {}, not in it: indent it less",
                    self.what
                ));
            } else if keys.is_empty() {
                problem.help = Some(form(&self.what, &[]));
            } else if let Some(help) = help(name) {
                problem.help = Some(help);
            }
            cx.problems().push(problem);
        }
    }
}

/// The entries of a mapping from names of the user's own; `form` is one of
/// them. `None`, with a problem, when the node is something else.
pub fn entries<'n, C: Report>(
    node: &'n Node,
    what: &str,
    form: &str,
    cx: &mut C,
) -> Option<impl Iterator<Item = (&'n Text, &'n Node)> + use<'n, C>> {
    if !matches!(node.value, Value::Map(_)) {
        let help = format!("{what} takes names of your own:\n{form}");
        cx.problems().push(no_mapping(node, help));
        return None;
    }
    Some(node.entries())
}

/// Something else stands where a mapping should.
pub(crate) fn no_mapping(node: &Node, help: String) -> Problem {
    let message = format!("expected a mapping, found {}", node.kind());
    Problem::new(node.label(), message, help)
}
