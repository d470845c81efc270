//! `think_time` as it is written.

use std::time::Duration;

use crate::document::{Field, ReadContext, Record, record};
use crate::engine::schedule::Pause;
use crate::language::{Node, Problem, Read, Shape, Table, duration_shape};

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
            fields
                .get(&UNIFORM, cx)
                .map(|Uniform { min, max }| Self::Uniform { min, max }),
            fields
                .get(&NORMAL, cx)
                .map(|Normal { mean, stddev }| Self::Normal { mean, stddev }),
            fields
                .get(&EXPONENTIAL, cx)
                .map(|Exponential { mean }| Self::Exponential { mean }),
        ];
        let keys = FIELDS.keys();
        let given = keys.iter().filter(|key| fields.has(key.name)).count();
        if given != 1 {
            let names: Vec<&'static str> = keys.iter().map(|key| key.name).collect();
            let help = format!("one of `{}`", names.join("`, `"));
            let message = "`think_time` needs one distribution";
            let problem = Problem::new(fields.span(), message, help);
            fields.lacks(&names, problem, cx);
        }
        fields.finish(cx);
        read.into_iter().flatten().next().filter(|_| given == 1)
    }

    fn shape() -> Shape {
        Shape::Named("think_time")
    }
}

/// A duration, or a mapping with one distribution.
pub(in crate::engine) fn think_time_shape() -> Shape {
    duration_shape().or(FIELDS.shape())
}

record! {
    struct Uniform of "`uniform`" {
        /// the shortest
        min: Duration, required;
        /// the longest
        max: Duration, required, example("3s");
    }
}

impl Read<ReadContext> for Uniform {
    const EXPECTED: &'static str = "`{min: 1s, max: 3s}`";

    fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        let mut fields = Self::TABLE.open(node, cx)?;
        let read = Self::take(&mut fields, cx);
        let span = fields.span_of("max");
        fields.finish(cx);
        let read = read?;
        if let Some(span) = span
            && read.max < read.min
        {
            cx.problem(span, "`max` is less than `min`", "exchange them");
            return None;
        }
        Some(read)
    }

    fn shape() -> Shape {
        Self::TABLE.shape()
    }
}

record! {
    struct Normal of "`normal`" expected "`{mean: 2s, stddev: 500ms}`" {
        /// its mean
        mean: Duration, required;
        /// its standard deviation
        stddev: Duration, required;
    }
}

record! {
    struct Exponential of "`exponential`" expected "`{mean: 2s}`" {
        /// its mean
        mean: Duration, required;
    }
}
