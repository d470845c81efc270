//! Reads a mapping key by key. A key that nobody keys for is a problem.

use super::field::{Defaulted, Field, form};
use super::names::nearest;
use super::node::{Map, Node, Text, Value};
use super::problem::{Problem, Report};
use super::read::Read;
use super::shape::{Key, shown};
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
            // What was put in place of something else may be a secret.
            let word = node.scalar_value().filter(|it| it.text.verbatim.is_some());
            let help = form(what, &keys, word);
            cx.problems().push(no_mapping(node, help));
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
        read_as(&field.key(), self.demand(&field.key(), cx)?, cx)
    }

    /// The value of a field if it is there; whoever asks says what is missing
    /// when it is not.
    pub fn given<T: Read<C>, C: Report>(&self, field: &Field<T, C>, cx: &mut C) -> Option<T> {
        read_as(&field.key(), self.look(field.key().name)?, cx)
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
            let mut help = format!("add `{name}:` with {}", key.expected());
            if let Some(form) = key.form() {
                help = format!("{help}, as in `{form}`");
            }
            let message = format!("{} needs `{name}`", self.what);
            let problem = Problem::new(self.node.at, message, help);
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
        let names = self.map.entries.iter().map(|(key, _)| key);
        let is_unknown = |name: &&Text| !self.keys.iter().any(|key| key.is_called(&name.text));
        // Those that are like none that there is.
        let mut strange: Vec<Problem> = Vec::new();
        let mut missing = self.missing.clone();
        for key in names.filter(is_unknown) {
            let name = key.text.as_str();
            let mut problem = Problem::unknown_key(key, &self.what, &known);
            let meant = nearest(name, &keys);
            missing.retain(|(names, missing)| {
                let is_meant = meant.is_some_and(|meant| names.contains(&meant));
                if is_meant {
                    cx.problems().retract(missing);
                }
                !is_meant
            });
            if elsewhere.contains(&name) {
                problem.help = Some(format!(
                    "`{name}` stands beside {}, not in it: indent it less",
                    self.what
                ));
            } else if keys.is_empty() {
                problem.help = Some(form(&self.what, &[], None));
            } else if let Some(help) = help(name) {
                problem.help = Some(help);
            } else if meant.is_none() {
                strange.push(problem.clone());
            }
            cx.problems().push(problem);
        }
        self.join(&strange, &missing, cx);
    }

    /// Keys that there are not, where one that must be there is not: that is one
    /// mistake, and the form tells all of it.
    fn join(
        &self,
        strange: &[Problem],
        missing: &[(Vec<&'static str>, Problem)],
        cx: &mut impl Report,
    ) {
        let in_form = shown(&self.keys);
        let is_shown = |name: &&str| in_form.iter().any(|key| key.name == *name);
        let mut told = missing
            .iter()
            .filter(|(names, _)| names.iter().any(is_shown))
            .peekable();
        let ([first, others @ ..], true) = (strange, told.peek().is_some()) else {
            return;
        };
        for problem in others.iter().chain(told.map(|(_, problem)| problem)) {
            cx.problems().retract(problem);
        }
        cx.problems().retract(first);
        let help = form(&self.what, &self.keys, None);
        cx.problems().push(Problem {
            help: Some(help),
            ..first.clone()
        });
    }
}

/// Reads what stands at a key. Who has written something else is shown how it is
/// written.
pub fn read_as<T: Read<C>, C: Report>(key: &Key, node: &Node, cx: &mut C) -> Option<T> {
    let read = T::read(node, cx);
    if read.is_none() {
        show_form(key, node, cx);
    }
    read
}

/// Shows the form of a key where what is said of its value does not.
pub fn show_form(key: &Key, node: &Node, cx: &mut impl Report) {
    let form = || Some(format!("for example\n  {}", key.form()?));
    cx.problems().show_form(node.label(), form);
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
