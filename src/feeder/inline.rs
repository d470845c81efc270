//! `rows`: a list of mappings in the scenario file itself.

use std::path::Path;
use std::sync::Arc;

use minijinja::Value;

use super::{FeederError, FeederKind, Rows, Source};
use crate::document::ReadContext;
use crate::expression::{Template, Type};
use crate::language::{Key, Node, Read, Shape};

pub(super) const KIND: FeederKind = FeederKind {
    key: Key::new("rows", "a list of rows, each a mapping", || {
        Shape::Any.entries().list()
    }),
    compile,
};

#[derive(Debug)]
struct Inline(Arc<Vec<Value>>);

fn compile(node: &Node, _: &Path, cx: &mut ReadContext) -> Option<Box<dyn Source>> {
    let Some(items) = node.list() else {
        cx.problem(
            node.label(),
            format!("expected a list of rows, found {}", node.kind()),
            "for example `- {email: ada@example.org}`",
        );
        return None;
    };
    if items.is_empty() {
        cx.problem(node.label(), "there are no rows", "add one");
    }
    let rows: Option<Vec<Value>> = items.iter().map(|item| row(item, cx)).collect();
    let rows = rows.filter(|rows| !rows.is_empty())?;
    Some(Box::new(Inline(Arc::new(rows))))
}

fn row(node: &Node, cx: &mut ReadContext) -> Option<Value> {
    if node.entries().next().is_none() {
        let message = format!("expected a row, found {}", node.kind());
        cx.problem(
            node.label(),
            message,
            "a row is a mapping from columns to values",
        );
        return None;
    }
    let row = Template::read(node, cx)?;
    let value = row.fixed_value();
    if value.is_none() {
        cx.problem(
            node.label(),
            "a row has an expression in it",
            "rows are data: use the row's values in an expression where they are needed",
        );
    }
    value
}

impl Source for Inline {
    fn row_type(&self) -> Type {
        Type::joined(self.0.iter().map(Type::of))
    }

    fn rows(&self, _: Option<&crate::vault::Vault>) -> Result<Arc<dyn Rows>, FeederError> {
        Ok(Arc::new(Self(Arc::clone(&self.0))))
    }
}

impl Rows for Inline {
    fn count(&self) -> u64 {
        self.0.len() as u64
    }

    fn row(&self, number: u64) -> Result<Value, FeederError> {
        let number = usize::try_from(number).unwrap_or(usize::MAX);
        let row = self.0.get(number).cloned();
        row.ok_or(FeederError::UsedUp {
            count: self.count(),
        })
    }
}
