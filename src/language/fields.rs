//! Reads a mapping key by key. A key that nobody keys for is a problem.

use super::field::{Defaulted, Field};
use super::form::{entries_form, entry, form, form_with, key_of, levels};
use super::inline::inline;
use super::meant::meant;
use super::names::nearest;
use super::node::{Elsewhere, Map, Node, Text, Value};
use super::problem::{Problem, Report};
use super::read::Read;
use super::shape::{Key, Shape, shown};
use super::source::Span;

/// Most words of a choice that are shown, each in its line.
const MOST: usize = 5;

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
            let help = form(what, &keys, Some(node));
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

    /// Takes further keys, which are told of elsewhere.
    pub fn with(&mut self, keys: &[Key]) {
        self.keys.extend(keys);
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
        let Elsewhere {
            keys: elsewhere,
            are_outside,
        } = self.map.elsewhere;
        let keys: Vec<&str> = self.keys.iter().map(|key| key.name).collect();
        let mut known = keys.clone();
        known.extend(elsewhere.iter().filter(|_| !are_outside));
        // Those that are like none that there is.
        let mut strange: Vec<Problem> = Vec::new();
        let mut missing = self.missing.clone();
        let mut are_moved = false;
        for (key, node) in self.unknown() {
            let name = key.text.as_str();
            let is_outside = are_outside && elsewhere.contains(&name);
            if is_outside && std::mem::replace(&mut are_moved, true) {
                // The form tells it of all of them.
                continue;
            }
            let mut problem = Problem::unknown_key(key, &self.what, &known);
            let also = self.keys.iter().find(|key| key.is_also_called(name));
            let around = self.around(name);
            if around.is_some() && std::mem::replace(&mut are_moved, true) {
                continue;
            }
            let meant = also.or(around).map(|key| key.name);
            let meant = meant.or_else(|| nearest(name, &keys));
            missing.retain(|(names, missing)| {
                let is_meant = meant.is_some_and(|meant| names.contains(&meant));
                if is_meant {
                    cx.problems().retract(missing);
                }
                !is_meant
            });
            if is_outside {
                problem.help = Some(self.outside(name, elsewhere));
            } else if keys.is_empty() {
                problem.help = Some(form(&self.what, &[], None));
            } else if let Some(key) = also {
                problem.help = entry(key, node).map(|it| format!("here it is\n  {it}"));
            } else if let Some(help) = help(name) {
                problem.help = Some(help);
            } else if let Some(key) = around {
                problem.help = Some(self.inside(name, key));
            } else if meant.is_none() {
                strange.push(problem.clone());
            }
            cx.problems().push(problem);
        }
        self.join(&strange, &missing, cx);
    }

    /// The entries whose keys have no meaning here.
    fn unknown(&self) -> impl Iterator<Item = &(Text, Node)> {
        let is_known = |name: &str| self.keys.iter().any(|key| key.is_called(name));
        let entries = self.map.entries.iter();
        entries.filter(move |(key, _)| !is_known(&key.text))
    }

    /// The key of a mapping that has this key in it.
    fn around(&self, name: &str) -> Option<&Key> {
        self.keys.iter().find(|key| key.has_inside(name))
    }

    /// How it is written when `name` and its like stand in the mapping of a key.
    fn inside(&self, name: &str, around: &Key) -> String {
        let entries = self.map.entries.iter();
        let inside = entries.filter(|(key, _)| around.has_inside(&key.text));
        let inside = inside.map(|(key, node)| format!("{}: {}", key.text, inline(node)));
        let inside: Vec<String> = inside.collect();
        let around = around.name;
        format!(
            "`{name}` is a key of `{around}`\n  {around}: {{{}}}",
            inside.join(", ")
        )
    }

    /// How it is written when `name` and its like stand beside this mapping.
    fn outside(&self, name: &str, elsewhere: &[&str]) -> String {
        let help = format!("`{name}` stands beside {}, not in it", self.what);
        let Some(key) = key_of(&self.what) else {
            return format!("{help}: indent it less");
        };
        let line = |(key, node): &(Text, Node)| format!("{}: {}", key.text, inline(node));
        let is_beside = |(key, _): &&(Text, Node)| elsewhere.contains(&key.as_str());
        let (beside, inside): (Vec<_>, Vec<_>) = self.map.entries.iter().partition(is_beside);
        let lines = |all: Vec<&(Text, Node)>| all.into_iter().map(line).collect::<Vec<_>>();
        format!("{help}\n{}", levels(key, &lines(inside), &lines(beside)))
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
        let help = form_with(&self.what, &self.keys, &self.map.entries);
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
    let line = |value: &str| format!("{}: {value}", key.name);
    show_value(&key.shape(), node, line, key.form(), cx);
}

/// Shows what was meant by a value, in a line, or else an example of the line.
pub fn show_value(
    shape: &Shape,
    node: &Node,
    line: impl Fn(&str) -> String,
    example: Option<String>,
    cx: &mut impl Report,
) {
    let meant = meant(shape, node).filter(|it| *it != inline(node));
    let meant = meant.map(|value| line(&value));
    let examples: Vec<String> = match shape {
        Shape::Words(words) if words.len() <= MOST => words.iter().map(|word| line(word)).collect(),
        _ => example.into_iter().collect(),
    };
    cx.problems().show_form(node.label(), meant, &examples);
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
        let help = entries_form(what, form, node);
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
