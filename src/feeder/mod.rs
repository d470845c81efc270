//! Feeders: rows of data that are handed to virtual users.
//!
//! To add a kind of data: one file with a [`Source`] and its `KIND`, one line
//! in [`FEEDERS`].

mod chunks;
mod csv;
mod error;
mod inline;
mod json_lines;
mod order;
mod saved;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use minijinja::Value;

pub use error::FeederError;
pub use order::Order;

use crate::document::Document;
use crate::expression::{Context, Type};
use crate::language::{Fields, Node, Problem, Shape, Text};
use crate::vault::Vault;

/// Rows, each a mapping from columns to values.
pub trait Rows: Send + Sync {
    /// How many there are.
    fn count(&self) -> u64;

    /// One of them, from 0.
    ///
    /// # Errors
    /// When it can no longer be read.
    fn row(&self, number: u64) -> Result<Value, FeederError>;
}

/// Where rows come from, read and checked.
pub trait Source: fmt::Debug + Send + Sync {
    /// Whether they are in the vault.
    fn needs_vault(&self) -> bool {
        false
    }

    /// What is known of each row.
    fn row_type(&self) -> Type;

    /// The rows, as they are when a scenario begins. `vault` is there when it
    /// was asked for.
    ///
    /// # Errors
    /// When they cannot be read.
    fn rows(&self, vault: Option<&Vault>) -> Result<Arc<dyn Rows>, FeederError>;
}

/// A kind of data, named by the key that holds it.
pub struct FeederKind {
    /// The key that a user writes.
    pub name: &'static str,
    /// What stands there, in one sentence.
    pub about: &'static str,
    /// What can stand there.
    pub shape: fn() -> Shape,
    /// Reads the value of that key, in a file that is in a folder; problems go
    /// to the context.
    pub compile: fn(&Node, &Path, &mut Context<'_>) -> Option<Box<dyn Source>>,
}

/// Every kind of data.
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
pub fn read(document: &Document, folder: &Path, cx: &mut Context<'_>) -> Vec<Feeder> {
    let Some(node) = &document.feeders else {
        return Vec::new();
    };
    let read = |(name, node)| read_feeder(name, node, folder, cx);
    node.entries().filter_map(read).collect()
}

/// What a feeder can be.
pub fn shape() -> Shape {
    Shape::asked_for(|node, cx| read_feeder(&Text::bare(""), node, Path::new(""), cx))
}

fn read_feeder(name: &Text, node: &Node, folder: &Path, cx: &mut Context<'_>) -> Option<Feeder> {
    let mut fields = Fields::open(node, "a feeder", cx)?;
    let order = fields.or("order", "who gets which row", Order::default(), cx);
    let given: Vec<(&FeederKind, &Node)> = FEEDERS
        .iter()
        .filter_map(|kind| Some((kind, fields.node(kind.name, kind.about, kind.shape)?)))
        .collect();
    fields.finish(cx);
    let (kind, data) = match given[..] {
        [one] => one,
        [] => {
            let kinds: Vec<&str> = FEEDERS.iter().map(|kind| kind.name).collect();
            cx.push(Problem::new(
                name.span,
                format!("the feeder `{}` has no rows", name.text),
                format!("give it one of `{}`", kinds.join("`, `")),
            ));
            return None;
        }
        [_, (second, node), ..] => {
            let message = format!("`{}` is a second kind of rows", second.name);
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
