//! What is particular about a kind of entity.

use crate::simulator::Failure;
use crate::simulator::auth::Caller;
use crate::simulator::document::{Document, Head};
use crate::simulator::store::{Field, Query, Table};
use crate::wire::DataOwnerKind;

/// Who reads and writes entities of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::simulator) enum Openness {
    /// Those whom a document names, and the patient that it is.
    Shared,
    /// Everybody with an account reads it. The data owner that it is and the
    /// user who made it write it.
    Public,
    /// Practitioners read all of them, everybody else the own one.
    Accounts,
}

/// A kind of entity.
pub(in crate::simulator) struct Kind {
    pub(in crate::simulator) table: Table,
    /// Its part of the path.
    pub(in crate::simulator) path: &'static str,
    /// What the platform calls one, in events.
    pub(in crate::simulator) class: &'static str,
    /// What one is called in a refusal.
    pub(in crate::simulator) name: &'static str,
    pub(super) openness: Openness,
    /// What must hold for each that is written.
    pub(super) check: fn(&Document) -> Result<(), Failure>,
    /// What must hold for a new one; fills in what is missing.
    pub(super) prepare: fn(&mut Document, &Head, &Caller) -> Result<(), Failure>,
    /// Fields that stay as they were; filled in when missing.
    pub(super) lasting: &'static [&'static str],
}

impl Kind {
    /// A path below that of the kind.
    pub(in crate::simulator) fn at(&self, rest: &str) -> String {
        format!("/{}{rest}", self.path)
    }

    /// Whether the document is the caller itself.
    fn is_own(&self, head: &Head, caller: &Caller) -> bool {
        match self.table {
            Table::Patients | Table::Practitioners | Table::Devices => head.id == caller.owner_id,
            Table::Users => head.id == caller.user_id,
            _ => false,
        }
    }

    pub(in crate::simulator) fn may_read(&self, head: &Head, caller: &Caller) -> bool {
        let is_reader = match self.openness {
            Openness::Shared => caller.may_read(head),
            Openness::Public => true,
            Openness::Accounts => caller.kind == DataOwnerKind::Hcp,
        };
        is_reader || self.is_own(head, caller)
    }

    pub(super) fn may_write(&self, head: &Head, caller: &Caller) -> bool {
        let is_writer = match self.openness {
            Openness::Shared => caller.may_write(head),
            Openness::Public => head.author.as_ref() == Some(&caller.user_id),
            Openness::Accounts => false,
        };
        is_writer || self.is_own(head, caller)
    }

    /// What the caller may read, but for what is deleted.
    pub(super) fn readable(&self, caller: &Caller) -> Query {
        match self.openness {
            Openness::Shared => {}
            Openness::Accounts if caller.kind != DataOwnerKind::Hcp => {
                return Query::Ids(vec![caller.user_id.clone()]);
            }
            Openness::Public | Openness::Accounts => return Query::All,
        }
        let mut readers = vec![Query::Term(Field::Reader, caller.owner_id.clone())];
        let keys = caller.shown.iter();
        readers.extend(keys.map(|key| Query::Term(Field::Reader, key.to_owned())));
        if self.table == Table::Patients {
            readers.push(Query::Ids(vec![caller.owner_id.clone()]));
        }
        Query::Any(readers)
    }
}
