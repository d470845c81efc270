//! Whether one measurement differs from another, or only looks so. Knows
//! nothing of iCure, nor of the files that measurements come from.
//!
//! docs/compare.md says in plain words what is done here, and how often it errs.

mod adjust;
mod blocks;
mod change_point;
mod fail_on;
mod judge;
pub mod render;
mod runs;
mod seconds;
mod statistic;
mod verdict;

pub use change_point::change_points;
pub use fail_on::{FailOn, Failure};
pub use judge::{Change, Comparison, Doubt, Interval, LineChange, Margin, compare};
pub use seconds::{Line, LineKind, LineName, Run, Second};
pub use statistic::Statistic;
pub use verdict::Verdict;

#[cfg(test)]
mod simulation;
