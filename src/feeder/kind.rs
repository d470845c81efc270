//! What a kind of data is, and what is made of it.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use minijinja::Value;

use super::error::FeederError;
use crate::document::ReadContext;
use crate::expression::Type;
use crate::language::{Key, Node};
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
    /// The key that a user writes, and what can stand there.
    pub key: Key,
    /// Reads the value of that key, in a file that is in a folder; problems go
    /// to the context.
    pub compile: fn(&Node, &Path, &mut ReadContext) -> Option<Box<dyn Source>>,
}
