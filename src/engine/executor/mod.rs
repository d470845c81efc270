//! When iterations start.
//!
//! An executor knows nothing of steps: it asks a group for virtual users
//! and tells each when to play an iteration. What it computes, it computes
//! with [`schedule`](super::schedule). To add an executor: one file with an
//! [`Executor`] and its `KIND`, one line in [`EXECUTORS`].

mod arrivals;
mod backoff;
mod closed;
mod constant_arrival_rate;
mod constant_vus;
mod counted;
mod kind;
mod pause;
mod per_vu_iterations;
mod ramping_arrival_rate;
mod ramping_vus;
mod rate;
mod shared_iterations;
mod stage;

pub use kind::{BoxFuture, Compile, Executor, ExecutorKind, Extent, Model, Overrides};
pub(super) use pause::think_time_shape;
pub(super) use per_vu_iterations::once;
pub(super) use rate::WrittenRate;

/// Every kind of executor; the first is the default. A further one is one file
/// and two lines, its module and its row.
pub const EXECUTORS: &[ExecutorKind] = &[
    per_vu_iterations::KIND,
    shared_iterations::KIND,
    constant_vus::KIND,
    ramping_vus::KIND,
    constant_arrival_rate::KIND,
    ramping_arrival_rate::KIND,
];
