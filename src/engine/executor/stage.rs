//! Stages as they are written: `{duration: 30s, target: 10}`.

use std::time::Duration;

use super::kind::Settings;
use crate::ceilings;
use crate::document::{Field, ReadContext};
use crate::language::{Node, Problem, Read, Shape, Table, WrittenRate};

/// A time span, and the value at its end.
#[derive(Clone, Copy, Debug)]
pub(super) struct WrittenStage<T> {
    pub(super) duration: Duration,
    pub(super) target: T,
}

/// What a stage can lead to.
pub(super) trait Target: Read<ReadContext> + PartialEq {
    /// A stage, as it stands after "expected".
    const STAGE: &'static str;
}

impl Target for u64 {
    const STAGE: &'static str = "a stage such as `{duration: 30s, target: 10}`";
}

impl Target for WrittenRate {
    const STAGE: &'static str = "a stage such as `{duration: 30s, target: 100/s}`";
}

const DURATION: Field<Duration> = Field::new("duration", "how long it takes").required();

impl<T: Target> WrittenStage<T> {
    const TARGET: Field<T> = Field::new("target", "the value at its end").required();
    const FIELDS: Table = Table {
        what: "a stage",
        keys: &[&[DURATION.key(), Self::TARGET.key()]],
    };
}

impl<T: Target> Read<ReadContext> for WrittenStage<T> {
    const EXPECTED: &'static str = T::STAGE;

    fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        let mut fields = Self::FIELDS.open(node, cx)?;
        let duration = fields.get(&DURATION, cx);
        let target = fields.get(&Self::TARGET, cx);
        fields.finish(cx);
        Some(Self {
            duration: duration?,
            target: target?,
        })
    }

    fn shape() -> Shape {
        Self::FIELDS.shape()
    }
}

/// `stages`, of values of some kind.
pub(super) const fn field<T: Target>() -> Field<Vec<WrittenStage<T>>> {
    let about = "one after another, each leads from the value before it to its own";
    Field::new("stages", about).required()
}

/// Reads `stages`, of which there must be one at least.
pub(super) fn stages<T: Target>(
    field: &Field<Vec<WrittenStage<T>>>,
    settings: &mut Settings<'_, '_>,
) -> Option<Vec<WrittenStage<T>>> {
    let stages = settings.get(field)?;
    settings.at_most("stages", stages.len() as u64, ceilings::STAGES);
    if stages.is_empty() {
        let help = format!("add {}", T::STAGE);
        settings.problem("stages", "there are no stages", help);
    }
    warn_of_idle(&stages, settings);
    Some(stages)
}

/// A stage without length is a jump. One to where the value is already changes
/// nothing, and one that is followed by another jump is never reached.
fn warn_of_idle<T: Target>(stages: &[WrittenStage<T>], settings: &mut Settings<'_, '_>) {
    let Some(nodes) = settings.fields.look("stages").map(Node::items) else {
        return;
    };
    for (index, (stage, node)) in stages.iter().zip(nodes).enumerate() {
        if !stage.duration.is_zero() {
            continue;
        }
        let before = index.checked_sub(1).and_then(|before| stages.get(before));
        let after = stages.get(index + 1);
        let (message, help) = if before.is_some_and(|before| before.target == stage.target) {
            (
                "this stage changes nothing",
                "it has no length, and the value is that of the stage before it: remove it",
            )
        } else if after.is_some_and(|after| after.duration.is_zero()) {
            (
                "this stage is never reached",
                "it has no length, and the next one jumps on at once: remove it",
            )
        } else {
            continue;
        };
        let warning = Problem::new(node.span, message, help);
        settings.cx.warn(warning.of("without-effect"));
    }
}
