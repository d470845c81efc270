//! Feeders: rows of data that are handed to virtual users.
//!
//! To add a kind of data: one file with a [`Source`] and its `KIND`, one line
//! in [`FEEDERS`].

mod chunks;
mod csv;
mod error;
mod inline;
mod json_lines;
mod kind;
mod order;
mod saved;

use std::path::Path;

pub use error::FeederError;
pub use kind::{FeederKind, Rows, Source};
pub use order::Order;

use crate::document::{Defaulted, Document, Field, ReadContext};
use crate::language::{Fields, Key, Node, Problem, Shape, Text};

/// Every kind of data. A further one is one file and two lines, its module and
/// its row.
pub const FEEDERS: &[FeederKind] = &[inline::KIND, csv::KIND, json_lines::KIND, saved::KIND];

/// A feeder of a scenario file.
#[derive(Debug)]
pub struct Feeder {
    /// Its name, which is also the variable that takes a row.
    pub name: Text,
    /// Who gets which row.
    pub order: Order,
    /// Where the rows come from.
    pub source: Box<dyn Source>,
}

/// Reads `feeders` of a document whose file is in `folder`.
pub fn read(document: &Document, folder: &Path, cx: &mut ReadContext) -> Vec<Feeder> {
    let Some(node) = &document.feeders else {
        return Vec::new();
    };
    let read = |(name, node)| read_feeder(name, node, folder, cx);
    node.entries().filter_map(read).collect()
}

/// What a feeder can be.
pub fn shape() -> Shape {
    Shape::Mapping(keys())
}

const ORDER: Defaulted<Order> = Field::new("order", "who gets which row").or(&Order::Sequential);

fn keys() -> Vec<Key> {
    let kinds = FEEDERS.iter().map(|kind| kind.key);
    std::iter::once(ORDER.key()).chain(kinds).collect()
}

fn read_feeder(name: &Text, node: &Node, folder: &Path, cx: &mut ReadContext) -> Option<Feeder> {
    let mut fields = Fields::of(node, "a feeder", keys(), cx)?;
    let order = fields.get_or(&ORDER, cx);
    let given: Vec<(&FeederKind, &Node)> = FEEDERS
        .iter()
        .filter_map(|kind| Some((kind, fields.look(kind.key.name)?)))
        .collect();
    if given.is_empty() {
        let kinds: Vec<&str> = FEEDERS.iter().map(|kind| kind.key.name).collect();
        let message = format!("the feeder `{}` has no rows", name.text);
        let help = format!("give it one of `{}`", kinds.join("`, `"));
        fields.lacks(&kinds, Problem::new(name.span, message, help), cx);
    }
    fields.finish(cx);
    let (kind, data) = match given[..] {
        [] => return None,
        [one] => one,
        [_, (second, node), ..] => {
            let message = format!("`{}` is a second kind of rows", second.key.name);
            cx.problem(node.label(), message, "a feeder has one: make two of it");
            return None;
        }
    };
    Some(Feeder {
        name: name.clone(),
        order,
        source: (kind.compile)(data, folder, cx)?,
    })
}

#[cfg(test)]
mod tests;
