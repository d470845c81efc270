//! The scenario file: scenarios, steps, items, libraries, thresholds. It knows
//! steps, blocks and executors by their names only: each reads its own arguments.

pub(crate) mod attached;
pub(crate) mod item;
pub(crate) mod library;
pub(crate) mod model;
pub(crate) mod read;
pub(crate) mod step;

pub use item::{BlockDoc, ItemDoc, MARK_KEYS, Marks, read_items};
pub use library::{Library, Outside};
pub use model::{Document, Known, ScenarioDoc, ThresholdDoc, UnknownVariable};
pub use read::{EXECUTOR, SCENARIO_KEYS, file_shape, parse, parse_to_check, steps_shape};
pub use step::StepDoc;

#[cfg(test)]
mod tests;
