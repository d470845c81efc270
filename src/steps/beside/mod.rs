//! What can stand beside a step: one file for each key, or pair of keys.

mod acting_as;
mod asserts;
mod captures;
mod conditions;
mod fails;
mod judgement;
pub(super) mod kind;
mod marks;
mod matcher;
mod name;
mod repeat;
pub(super) mod retry;
mod when;

pub use asserts::matchers_shape;
pub use judgement::{Judgement, Judging};
pub use kind::{Beside, BesideKind, Draft, Next, Stage, Turns};

/// Every key that can stand beside a step. A further one is one file and two
/// lines, its module and its row: the reader of files, the dry run, schema,
/// reference and messages take it from here. What it does when the step is
/// played is a `Beside`.
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
