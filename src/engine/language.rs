//! The whole language, put together from the tables that also read it.

use super::executor::{EXECUTORS, think_time_shape};
use super::flow::{BLOCKS, library_shape};
use super::{keys, limits, planned_scenario, thresholds};
use crate::document::{BESIDE_KEYS, EXECUTOR, MARK_KEYS, SCENARIO_KEYS, file_shape};
use crate::feeder;
use crate::language::{Key, Keyed, Kind, Language, Named, Shape, Tagged};
use crate::otp::SOURCES;
use crate::steps::{STEPS, capture_shape, retry_shape};
use crate::target::{SOURCE, TARGET, secret_shape};

/// What can be written in scenarios, libraries and targets.
pub fn language() -> Language {
    let named = |name, title, shape| Named { name, title, shape };
    Language {
        scenario: file_shape(),
        library: library_shape(),
        target: target(),
        named: vec![
            named("scenario", "A scenario", scenario()),
            named("steps", "A list of steps", Shape::Named("step").list()),
            named("step", "A step or block", step()),
            named("think_time", "`think_time`", think_time_shape()),
            named("capture", "`capture`", capture_shape()),
            named("retry", "`retry`", retry_shape()),
            named("feeder", "A feeder", feeder::shape()),
            named("rate_limit", "A rate limit", limits::shape()),
            named("keys", "`keys`", keys::shape()),
            named(
                "condition",
                "A condition of a threshold",
                thresholds::shape(),
            ),
            named("otp", "`otp`", otp()),
            named("secret", "A secret", secret_shape()),
        ],
    }
}

fn scenario() -> Shape {
    let kinds = EXECUTORS.iter().map(|kind| Kind {
        name: kind.name,
        about: kind.about,
        shape: kind.shape(),
    });
    Shape::Tagged(Box::new(Tagged {
        tag: EXECUTOR,
        default: EXECUTORS.first().map(|kind| kind.name),
        common: SCENARIO_KEYS
            .iter()
            .chain(planned_scenario::TIMING)
            .copied()
            .collect(),
        kinds: kinds.collect(),
    }))
}

fn step() -> Shape {
    let steps = STEPS.iter().map(|kind| Kind {
        name: kind.name,
        about: kind.about,
        shape: kind.fields.shape(),
    });
    let blocks = BLOCKS.iter().map(|kind| Kind {
        name: kind.name,
        about: kind.about,
        shape: kind.shape(),
    });
    Shape::Keyed(Box::new(Keyed {
        steps: steps.collect(),
        beside: BESIDE_KEYS.to_vec(),
        blocks: blocks.collect(),
        beside_blocks: MARK_KEYS.to_vec(),
    }))
}

fn otp() -> Shape {
    let kinds = SOURCES.iter().map(|kind| Kind {
        name: kind.name,
        about: kind.about,
        shape: kind.fields.shape(),
    });
    Shape::Tagged(Box::new(Tagged {
        tag: SOURCE,
        default: None,
        common: Vec::new(),
        kinds: kinds.collect(),
    }))
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
