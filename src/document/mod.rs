//! The scenario file: scenarios, steps, items, libraries, thresholds. It knows
//! steps, blocks and executors by their names only: each reads its own arguments.

pub(crate) mod attached;
pub(crate) mod context;
pub(crate) mod files;
pub(crate) mod item;
pub(crate) mod library;
pub(crate) mod marks;
pub(crate) mod model;
pub(crate) mod read;
pub(crate) mod record;
pub(crate) mod secret_place;
pub(crate) mod sites;
pub(crate) mod step;
mod traceparent;

pub use context::{Defaulted, Field, ReadContext};
pub use files::Library;
pub use item::{BlockDoc, ItemDoc, begin_steps, read_items};
pub use library::parse_library;
pub use marks::{MARK_KEYS, Marks};
pub use model::{Document, Known, ScenarioDoc, ThresholdDoc, UnknownVariable};
pub use read::{EXECUTOR, SCENARIO_KEYS, file_shape, parse, steps_shape};
pub use record::Record;
pub(crate) use record::{record, words};
pub use secret_place::secret_shape;
pub use step::StepDoc;

#[cfg(test)]
mod tests;
