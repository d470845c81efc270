//! `think_time` as it is written.

use std::time::Duration;

use crate::engine::schedule::Pause;
use crate::expression::Context;
use crate::language::{Fields, Node, Read, Shape};

/// `think_time: 2s`, or a mapping with one distribution.
impl Read for Pause {
    const EXPECTED: &'static str = "a duration such as `2s`, or a distribution such as \
                                    `{uniform: {min: 1s, max: 3s}}`";

    fn read(node: &Node, cx: &mut Context<'_>) -> Option<Self> {
        if node.scalar().is_some() {
            return Duration::read(node, cx).map(Self::Constant);
        }
        let mut fields = Fields::open(node, "`think_time`", cx)?;
        let constant = fields.optional::<Duration>("constant", "always this long", cx);
        let uniform = fields
            .node("uniform", "anything between two durations", || {
                Shape::asked_for(read_uniform)
            })
            .map(|node| read_uniform(node, cx));
        let normal = fields
            .node("normal", "around a mean", || Shape::asked_for(read_normal))
            .map(|node| read_normal(node, cx));
        let exponential = fields
            .node("exponential", "mostly short, sometimes long", || {
                Shape::asked_for(read_exponential)
            })
            .map(|node| read_exponential(node, cx));
        let given = ["constant", "uniform", "normal", "exponential"];
        let given = given.iter().filter(|name| fields.has(name)).count();
        let span = fields.span();
        fields.finish(cx);
        if given != 1 {
            cx.problem(
                span,
                "`think_time` needs one distribution",
                "one of `constant`, `uniform`, `normal`, `exponential`",
            );
            return None;
        }
        constant
            .map(Self::Constant)
            .or(uniform.flatten())
            .or(normal.flatten())
            .or(exponential.flatten())
    }

    fn shape() -> Shape {
        Shape::Named("think_time")
    }
}

/// A duration, or a mapping with one distribution.
pub(in crate::engine) fn think_time_shape() -> Shape {
    Duration::shape().or(Shape::asked_for(Pause::read))
}

fn read_uniform(node: &Node, cx: &mut Context<'_>) -> Option<Pause> {
    let mut fields = Fields::open(node, "`uniform`", cx)?;
    let min = fields.required::<Duration>("min", "the shortest", cx);
    let max = fields.required::<Duration>("max", "the longest", cx);
    let span = fields.span_of("max");
    fields.finish(cx);
    let (min, max) = (min?, max?);
    if let Some(span) = span
        && max < min
    {
        cx.problem(span, "`max` is less than `min`", "exchange them");
        return None;
    }
    Some(Pause::Uniform { min, max })
}

fn read_normal(node: &Node, cx: &mut Context<'_>) -> Option<Pause> {
    let mut fields = Fields::open(node, "`normal`", cx)?;
    let mean = fields.required("mean", "its mean", cx);
    let stddev = fields.required("stddev", "its standard deviation", cx);
    fields.finish(cx);
    Some(Pause::Normal {
        mean: mean?,
        stddev: stddev?,
    })
}

fn read_exponential(node: &Node, cx: &mut Context<'_>) -> Option<Pause> {
    let mut fields = Fields::open(node, "`exponential`", cx)?;
    let mean = fields.required("mean", "its mean", cx);
    fields.finish(cx);
    Some(Pause::Exponential { mean: mean? })
}
