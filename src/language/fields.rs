//! Reads a mapping key by key. A key that nobody asked for is a problem.

use super::names::nearest;
use super::node::{Map, Node, Value};
use super::problem::Problem;
use super::read::Read;
use super::shape::{Key, Presence, Shape, Written};
use super::source::Span;
use crate::expression::context::Context;

/// A mapping that is being read.
pub struct Fields<'n> {
    what: String,
    node: &'n Node,
    map: &'n Map,
    asked: Vec<Key>,
    /// What was not there, of which one key at least is needed.
    missing: Vec<(Vec<&'static str>, Problem)>,
}

impl<'n> Fields<'n> {
    /// Opens a mapping; `what` is how messages call it. `None`, with a
    /// problem, when the node is something else.
    pub fn open(node: &'n Node, what: &str, cx: &mut Context<'_>) -> Option<Self> {
        let Value::Map(map) = &node.value else {
            let help = format!("{what} is a mapping from keys to values");
            let message = format!("expected a mapping, found {}", node.kind());
            cx.push(Problem::new(node.label(), message, help));
            return None;
        };
        Some(Self {
            what: what.to_owned(),
            node,
            map,
            asked: Vec::new(),
            missing: Vec::new(),
        })
    }

    /// A value that must be there; `about` says what it is for.
    pub fn required<T: Read>(
        &mut self,
        name: &'static str,
        about: &'static str,
        cx: &mut Context<'_>,
    ) -> Option<T> {
        if let Some(node) = self.needed(name, about, T::shape) {
            return T::read(node, cx);
        }
        let problem = Problem::new(
            self.node.at,
            format!("{} needs `{name}`", self.what),
            format!("add `{name}:` with {}", T::EXPECTED),
        );
        self.lacks(&[name], problem, cx);
        None
    }

    /// Notes that one of these keys should be there. It is taken back when one
    /// of them turns out to be misspelt, which is mistake enough.
    pub fn lacks(&mut self, names: &[&'static str], problem: Problem, cx: &mut Context<'_>) {
        cx.push(problem.clone());
        self.missing.push((names.to_vec(), problem));
    }

    /// A value that may be there; `about` says what it is for.
    pub fn optional<T: Read>(
        &mut self,
        name: &'static str,
        about: &'static str,
        cx: &mut Context<'_>,
    ) -> Option<T> {
        T::read(self.node(name, about, T::shape)?, cx)
    }

    /// A value that may be there, or what stands for it.
    pub fn or<T: Read + Written>(
        &mut self,
        name: &'static str,
        about: &'static str,
        default: T,
        cx: &mut Context<'_>,
    ) -> T {
        let presence = Presence::Default(default.written());
        self.ask(Key::new(name, about, T::shape).present(presence));
        let read = self.look(name).and_then(|node| T::read(node, cx));
        read.unwrap_or(default)
    }

    /// A value that may be there, as it is written. It counts as read.
    pub fn node(
        &mut self,
        name: &'static str,
        about: &'static str,
        shape: fn() -> Shape,
    ) -> Option<&'n Node> {
        self.ask(Key::new(name, about, shape));
        self.look(name)
    }

    /// A value that must be there, as it is written. Whoever asks says what is
    /// missing when it is not.
    pub fn needed(
        &mut self,
        name: &'static str,
        about: &'static str,
        shape: fn() -> Shape,
    ) -> Option<&'n Node> {
        self.ask(Key::new(name, about, shape).present(Presence::Required));
        self.look(name)
    }

    /// A value as it is written, for those who only look at it.
    pub fn look(&self, name: &str) -> Option<&'n Node> {
        self.map
            .entries
            .iter()
            .find(|(key, _)| key.text == name)
            .map(|(_, node)| node)
    }

    fn ask(&mut self, key: Key) {
        if !self.asked.iter().any(|known| known.name == key.name) {
            self.asked.push(key);
        }
    }

    /// Whether the key is there.
    pub fn has(&self, name: &str) -> bool {
        self.look(name).is_some()
    }

    /// Where the value is, if the key is there.
    pub fn span_of(&self, name: &str) -> Option<Span> {
        self.look(name).map(Node::label)
    }

    /// How messages call the mapping.
    pub fn what(&self) -> &str {
        &self.what
    }

    /// Where to point when something is missing in this mapping.
    #[expect(
        clippy::misnamed_getters,
        reason = "where to point is not the whole mapping"
    )]
    pub fn span(&self) -> Span {
        self.node.at
    }

    /// Ends reading where the other keys of the mapping are read elsewhere.
    pub fn leave(self, cx: &mut Context<'_>) {
        cx.hear(self.asked);
    }

    /// Ends reading: what was not asked for is a problem.
    pub fn finish(self, cx: &mut Context<'_>) {
        self.finish_with(cx, |_| None);
    }

    /// The same, where more can be said of a key that has no meaning here.
    pub fn finish_with(self, cx: &mut Context<'_>, help: impl Fn(&str) -> Option<String>) {
        let elsewhere = self.map.elsewhere;
        let asked: Vec<&str> = self.asked.iter().map(|key| key.name).collect();
        let known: Vec<&str> = asked.iter().chain(elsewhere).copied().collect();
        for (key, _) in &self.map.entries {
            let name = key.text.as_str();
            if asked.contains(&name) {
                continue;
            }
            let mut problem = Problem::unknown_key(key, &self.what, &known);
            let meant = nearest(name, &asked);
            for (names, missing) in &self.missing {
                if meant.is_some_and(|meant| names.contains(&meant)) {
                    cx.retract(missing);
                }
            }
            if elsewhere.contains(&name) {
                problem.help = Some(format!(
                    "`{name}` stands beside {}, not in it: indent it less",
                    self.what
                ));
            } else if asked.is_empty() {
                problem.help = Some(format!("{} takes no arguments", self.what));
            } else if let Some(help) = help(name) {
                problem.help = Some(help);
            }
            cx.push(problem);
        }
        self.leave(cx);
    }
}
