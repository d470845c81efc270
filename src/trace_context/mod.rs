//! W3C Trace Context: what a request says of the trace that it belongs to, so
//! that an iteration of ours is found among the traces of the server.
//!
//! Ids are drawn from the system's randomness, never from the seed of a run:
//! two runs with one seed are two sets of traces.

mod id;
mod sampling;

pub use id::{TraceContext, TraceId};
pub use sampling::{Sampler, Sampling};
