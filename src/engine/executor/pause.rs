//! `think_time` as it is written.

use std::time::Duration;

use crate::document::{Field, ReadContext};
use crate::engine::schedule::Pause;
use crate::language::{Node, Read, Shape, Table, duration_shape};

const CONSTANT: Field<Duration> = Field::new("constant", "always this long");
const UNIFORM: Field<Uniform> = Field::new("uniform", "anything between two durations");
const NORMAL: Field<Normal> = Field::new("normal", "around a mean");
const EXPONENTIAL: Field<Exponential> = Field::new("exponential", "mostly short, sometimes long");

const FIELDS: Table = Table {
    what: "`think_time`",
    keys: &[&[
        CONSTANT.key(),
        UNIFORM.key(),
        NORMAL.key(),
        EXPONENTIAL.key(),
    ]],
};

/// `think_time: 2s`, or a mapping with one distribution.
impl Read<ReadContext> for Pause {
    const EXPECTED: &'static str = "a duration such as `2s`, or a distribution such as \
                                    `{uniform: {min: 1s, max: 3s}}`";

    fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        if node.scalar().is_some() {
            return Duration::read(node, cx).map(Self::Constant);
        }
        let mut fields = FIELDS.open(node, cx)?;
        let read = [
            fields.get(&CONSTANT, cx).map(Self::Constant),
            fields.get(&UNIFORM, cx).map(|Uniform(pause)| pause),
            fields.get(&NORMAL, cx).map(|Normal(pause)| pause),
            fields.get(&EXPONENTIAL, cx).map(|Exponential(pause)| pause),
        ];
        let keys = FIELDS.keys();
        let given = keys.iter().filter(|key| fields.has(key.name)).count();
        let span = fields.span();
        fields.finish(cx);
        if given != 1 {
            let names: Vec<String> = keys.iter().map(|key| format!("`{}`", key.name)).collect();
            cx.problem(
                span,
                "`think_time` needs one distribution",
                format!("one of {}", names.join(", ")),
            );
            return None;
        }
        read.into_iter().flatten().next()
    }

    fn shape() -> Shape {
        Shape::Named("think_time")
    }
}

/// A duration, or a mapping with one distribution.
pub(in crate::engine) fn think_time_shape() -> Shape {
    duration_shape().or(FIELDS.shape())
}

/// `{min: 1s, max: 3s}`
struct Uniform(Pause);

const MIN: Field<Duration> = Field::new("min", "the shortest").required();
const MAX: Field<Duration> = Field::new("max", "the longest").required().example("3s");

const UNIFORM_FIELDS: Table = Table {
    what: "`uniform`",
    keys: &[&[MIN.key(), MAX.key()]],
};

impl Read<ReadContext> for Uniform {
    const EXPECTED: &'static str = "`{min: 1s, max: 3s}`";

    fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        let mut fields = UNIFORM_FIELDS.open(node, cx)?;
        let min = fields.get(&MIN, cx);
        let max = fields.get(&MAX, cx);
        let span = fields.span_of("max");
        fields.finish(cx);
        let (min, max) = (min?, max?);
        if let Some(span) = span
            && max < min
        {
            cx.problem(span, "`max` is less than `min`", "exchange them");
            return None;
        }
        Some(Self(Pause::Uniform { min, max }))
    }

    fn shape() -> Shape {
        UNIFORM_FIELDS.shape()
    }
}

/// `{mean: 2s, stddev: 500ms}`
struct Normal(Pause);

const MEAN: Field<Duration> = Field::new("mean", "its mean").required();
const STDDEV: Field<Duration> = Field::new("stddev", "its standard deviation").required();

const NORMAL_FIELDS: Table = Table {
    what: "`normal`",
    keys: &[&[MEAN.key(), STDDEV.key()]],
};

impl Read<ReadContext> for Normal {
    const EXPECTED: &'static str = "`{mean: 2s, stddev: 500ms}`";

    fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        let mut fields = NORMAL_FIELDS.open(node, cx)?;
        let mean = fields.get(&MEAN, cx);
        let stddev = fields.get(&STDDEV, cx);
        fields.finish(cx);
        Some(Self(Pause::Normal {
            mean: mean?,
            stddev: stddev?,
        }))
    }

    fn shape() -> Shape {
        NORMAL_FIELDS.shape()
    }
}

/// `{mean: 2s}`
struct Exponential(Pause);

const EXPONENTIAL_FIELDS: Table = Table {
    what: "`exponential`",
    keys: &[&[MEAN.key()]],
};

impl Read<ReadContext> for Exponential {
    const EXPECTED: &'static str = "`{mean: 2s}`";

    fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        let mut fields = EXPONENTIAL_FIELDS.open(node, cx)?;
        let mean = fields.get(&MEAN, cx);
        fields.finish(cx);
        Some(Self(Pause::Exponential { mean: mean? }))
    }

    fn shape() -> Shape {
        EXPONENTIAL_FIELDS.shape()
    }
}
