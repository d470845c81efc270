//! Plays a plan: starts the target, lets executors decide when iterations
//! start, and puts the outcome together. Knows steps only by trait.

mod counts;
mod ending;
mod errors;
mod event;
pub mod executor;
mod feed;
mod flow;
mod inspect;
mod keys;
mod language;
mod limits;
mod log;
mod measured;
mod parsed_plan;
mod part;
mod phase;
mod plan;
mod planned_scenario;
mod pool;
mod progress;
mod run;
pub mod schedule;
mod selection;
mod skips;
mod slowest;
mod stop;
mod thresholds;
mod ticker;
mod vu;
mod workers;

#[cfg(test)]
mod tests;

pub use counts::Counts;
pub use errors::ErrorGroup;
pub use event::{Observer, RunEvent, Tick};
pub use executor::{Extent, Model, Overrides};
pub use flow::{BLOCKS, Flow, OutlineLine};
pub use inspect::{Inspected, inspect};
pub use keys::PlannedKeys;
pub use language::language;
pub use log::{LogItem, LogLine};
pub(crate) use parsed_plan::KNOWN;
pub use plan::{Plan, PlanError};
pub use planned_scenario::PlannedScenario;
pub use run::{RunError, RunOptions, RunOutcome, run};
pub use selection::Selection;
pub use skips::SkipGroup;
pub use slowest::SlowIteration;
pub use stop::{Stop, StopReason};
pub use thresholds::PlannedThreshold;
