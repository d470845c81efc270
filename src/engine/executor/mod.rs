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
mod iterations;
mod kind;
mod pause;
mod ramping_arrival_rate;
mod ramping_vus;
mod rate;
mod stage;

pub(super) use iterations::once;
pub use kind::{BoxFuture, Executor, ExecutorKind, Extent, Model, Overrides};
pub(super) use pause::think_time_shape;

/// Every kind of executor; the first is the default. A further one is one file
/// and two lines, its module and its row.
pub const EXECUTORS: &[ExecutorKind] = &[
    iterations::PER_VU,
    iterations::SHARED,
    constant_vus::KIND,
    ramping_vus::KIND,
    constant_arrival_rate::KIND,
    ramping_arrival_rate::KIND,
];
