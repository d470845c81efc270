//! What can stand beside a step: one file for each key, or pair of keys.

mod acting_as;
mod captures;
mod conditions;
mod fails;
pub(super) mod kind;
mod marks;
mod name;
mod repeat;
mod retry;
mod when;

pub use kind::{Around, BesideKind, Draft, Next, Reader, Stage};

/// Every key that can stand beside a step. A further one is one file and two
/// lines, its module and its row: the reader of files, the dry run, schema,
/// reference and messages take it from here. What each attempt is played
/// through is an [`Around`].
pub const BESIDE: &[BesideKind] = &[
    captures::AS,
    captures::CAPTURE,
    name::NAME,
    when::WHEN,
    repeat::REPEAT,
    retry::RETRY,
    acting_as::ACTING_AS,
    fails::FAILS,
    conditions::EXPECT,
    conditions::CHECK,
    marks::TAGS,
    marks::SKIP,
];

/// Their names.
pub const BESIDE_NAMES: &[&str] = &{
    let mut names = [""; BESIDE.len()];
    let mut index = 0;
    while index < names.len() {
        names[index] = BESIDE[index].key.name;
        index += 1;
    }
    names
};

#[cfg(test)]
mod tests;
