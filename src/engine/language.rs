//! The whole language, put together from the tables that also read it.

use super::executor::{EXECUTORS, ExecutorKind, think_time_shape};
use super::flow::{BLOCKS, BlockKind, library_shape};
use super::{keys, limits, planned_scenario, thresholds};
use crate::document::{EXECUTOR, MARK_KEYS, SCENARIO_KEYS, file_shape, secret_shape};
use crate::feeder;
use crate::language::{Key, Keyed, Kind, Language, Named, Shape, Tagged};
use crate::otp::{SOURCES, SourceKind};
use crate::steps::{BESIDE, STEPS, StepKind, capture_shape, matchers_shape, retry_shape};
use crate::target::{SOURCE, TARGET};

/// What can be written in scenarios, libraries and targets.
pub fn language() -> Language {
    Kinds::all().language()
}

/// What the tables of the language hold. A new row is read, and is in schemas,
/// reference and messages, without a line here.
struct Kinds {
    steps: Vec<Kind>,
    beside: Vec<Key>,
    blocks: Vec<Kind>,
    executors: Vec<Kind>,
    sources: Vec<Kind>,
}

impl Kinds {
    fn all() -> Self {
        Self {
            steps: STEPS.iter().map(StepKind::kind).collect(),
            beside: BESIDE.iter().map(|kind| kind.key).collect(),
            blocks: BLOCKS.iter().map(BlockKind::kind).collect(),
            executors: EXECUTORS.iter().map(ExecutorKind::kind).collect(),
            sources: SOURCES.iter().map(SourceKind::kind).collect(),
        }
    }

    fn language(self) -> Language {
        let named = |name, title, shape| Named { name, title, shape };
        let scenario = Tagged {
            tag: EXECUTOR,
            default: self.executors.first().map(|kind| kind.name),
            common: SCENARIO_KEYS
                .iter()
                .chain(planned_scenario::COMMON)
                .copied()
                .collect(),
            kinds: self.executors,
        };
        let step = Keyed {
            steps: self.steps,
            beside: self.beside,
            blocks: self.blocks,
            beside_blocks: MARK_KEYS.to_vec(),
        };
        let otp = Tagged {
            tag: SOURCE,
            default: None,
            common: Vec::new(),
            kinds: self.sources,
        };
        Language {
            scenario: file_shape(),
            library: library_shape(),
            target: target(),
            named: vec![
                named("scenario", "A scenario", Shape::Tagged(Box::new(scenario))),
                named("steps", "A list of steps", Shape::Named("step").list()),
                named("step", "A step or block", Shape::Keyed(Box::new(step))),
                named("think_time", "`think_time`", think_time_shape()),
                named("capture", "`capture`", capture_shape()),
                named("retry", "`retry`", retry_shape()),
                named("matchers", "A matcher", matchers_shape()),
                named("feeder", "A feeder", feeder::shape()),
                named("rate_limit", "A rate limit", limits::shape()),
                named("keys", "`keys`", keys::shape()),
                named(
                    "condition",
                    "A condition of a threshold",
                    thresholds::shape(),
                ),
                named("otp", "`otp`", Shape::Tagged(Box::new(otp))),
                named("secret", "A secret", secret_shape()),
            ],
        }
    }
}

/// A target may be a layer over another file.
fn target() -> Shape {
    let extends = Key::new(
        "extends",
        "path of a target file that this one changes, relative to this file",
        || Shape::Text,
    );
    Shape::Layer(TARGET.keys(), extends)
}

#[cfg(test)]
mod tests;
