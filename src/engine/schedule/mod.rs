//! When things should happen, as pure functions of the plan: no clock, no
//! task. Executors only carry out what is computed here.
//!
//! Every time is counted from the scenario's start and computed from its own
//! index, never from the previous one, so that errors do not add up.

mod arrivals;
mod profile;
mod seeded_rng;
mod vu_ramp;

pub use arrivals::{Arrivals, Spacing};
pub use profile::{Profile, Stage};
pub use seeded_rng::{Pause, SeededRng};
pub use vu_ramp::VuRamp;
