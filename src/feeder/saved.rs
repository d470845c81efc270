//! `vault`: everybody whose credentials are saved under a name like this.

use std::path::Path;
use std::sync::Arc;

use minijinja::Value;

use super::{FeederError, FeederKind, Rows, Source};
use crate::document::ReadContext;
use crate::expression::{Type, row_value};
use crate::glob::glob;
use crate::language::{Key, Node, Read, Shape, Text};
use crate::vault::Vault;

pub(super) const KIND: FeederKind = FeederKind {
    key: Key::new(
        "vault",
        "names of saved credentials, with `*` for anything",
        || Shape::Text,
    )
    .example(r#""*@example.org""#),
    compile,
};

#[derive(Debug)]
struct Saved {
    pattern: String,
}

/// Names only: credentials are read by the step that needs them.
struct Names(Vec<String>);

fn compile(node: &Node, _: &Path, cx: &mut ReadContext) -> Option<Box<dyn Source>> {
    let pattern = Text::read(node, cx)?;
    Some(Box::new(Saved {
        pattern: pattern.text,
    }))
}

impl Source for Saved {
    fn row_type(&self) -> Type {
        Type::record([("name", Type::Text)])
    }

    fn needs_vault(&self) -> bool {
        true
    }

    fn rows(&self, vault: Option<&Vault>) -> Result<Arc<dyn Rows>, FeederError> {
        let names = vault.map(Vault::names).transpose()?.unwrap_or_default();
        let names: Vec<String> = names
            .into_iter()
            .filter(|name| glob(&self.pattern, name))
            .collect();
        if names.is_empty() {
            return Err(FeederError::Empty {
                hint: format!(
                    "the vault holds no credentials named `{}`; `rehearse vault list` shows the names",
                    self.pattern
                ),
            });
        }
        Ok(Arc::new(Names(names)))
    }
}

impl Rows for Names {
    fn count(&self) -> u64 {
        self.0.len() as u64
    }

    fn row(&self, number: u64) -> Result<Value, FeederError> {
        let number = usize::try_from(number).unwrap_or(usize::MAX);
        let name = self.0.get(number).ok_or(FeederError::UsedUp {
            count: self.count(),
        })?;
        let entries = [("name".to_owned(), Value::from(name.as_str()))];
        Ok(row_value(&entries))
    }
}
