//! What an iteration is: steps, and blocks of steps that are played in some way
//! of their own.
//!
//! To add a block: one file with a [`Block`] and its `KIND`, one line in
//! [`BLOCKS`].

mod abort;
mod block;
mod choose;
mod compiler;
mod condition;
mod fail;
mod group;
mod include;
mod iteration_rng;
mod log;
mod message;
mod parallel;
mod player;
mod repeat;
mod set;
mod skip_iteration;
mod sleep;
mod while_;

pub use block::{Flow, OutlineLine};
#[cfg(test)]
pub(super) use compiler::Body;
pub use compiler::{BlockKind, Compiler};
pub use include::library_shape;
pub(super) use iteration_rng::IterationRng;
pub(super) use player::{EarlyEnd, Player};

/// Every kind of block. A further one is one file and two lines, its module
/// and its row.
pub const BLOCKS: &[BlockKind] = &[
    choose::KIND,
    group::KIND,
    repeat::KIND,
    while_::KIND,
    condition::KIND,
    parallel::KIND,
    sleep::KIND,
    set::KIND,
    log::KIND,
    fail::KIND,
    skip_iteration::KIND,
    abort::KIND,
    include::KIND,
];
