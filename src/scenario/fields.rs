//! Reads a mapping key by key. A key that nobody asked for is a problem.

use super::context::Context;
use super::node::{Map, Node, Value};
use super::problem::Problem;
use super::read::Read;
use super::source::Span;

/// A mapping that is being read.
pub struct Fields<'n> {
    what: String,
    node: &'n Node,
    map: &'n Map,
    asked: Vec<&'static str>,
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
        })
    }

    /// A value that must be there.
    pub fn required<T: Read>(&mut self, name: &'static str, cx: &mut Context<'_>) -> Option<T> {
        if let Some(node) = self.node(name) {
            return T::read(node, cx);
        }
        cx.push(Problem::new(
            self.node.at,
            format!("{} needs `{name}`", self.what),
            format!("add `{name}:` with {}", T::EXPECTED),
        ));
        None
    }

    /// A value that may be there.
    pub fn optional<T: Read>(&mut self, name: &'static str, cx: &mut Context<'_>) -> Option<T> {
        T::read(self.node(name)?, cx)
    }

    /// The value as it is written; it counts as read.
    pub fn node(&mut self, name: &'static str) -> Option<&'n Node> {
        if !self.asked.contains(&name) {
            self.asked.push(name);
        }
        self.find(name)
    }

    /// Whether the key is there.
    pub fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// Where the value is, if the key is there.
    pub fn span_of(&self, name: &str) -> Option<Span> {
        self.find(name).map(Node::label)
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

    /// Ends reading: what was not asked for is a problem.
    pub fn finish(self, cx: &mut Context<'_>) {
        let elsewhere = self.map.elsewhere;
        let known: Vec<&str> = self.asked.iter().chain(elsewhere).copied().collect();
        for (key, _) in &self.map.entries {
            let name = key.text.as_str();
            if self.asked.contains(&name) {
                continue;
            }
            let mut problem = Problem::unknown_key(key, &self.what, &known);
            if elsewhere.contains(&name) {
                problem.help = Some(format!(
                    "`{name}` stands beside {}, not in it: indent it less",
                    self.what
                ));
            } else if self.asked.is_empty() {
                problem.help = Some(format!("{} takes no arguments", self.what));
            }
            cx.push(problem);
        }
    }

    fn find(&self, name: &str) -> Option<&'n Node> {
        self.map
            .entries
            .iter()
            .find(|(key, _)| key.text == name)
            .map(|(_, node)| node)
    }
}
