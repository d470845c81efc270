//! `traceparent: 10/s`

use serde_json::Value as Json;

use crate::language::node::Node;
use crate::language::problem::Report;
use crate::language::read::{Read, mismatch, scalar};
use crate::language::shape::{Shape, Written};
use crate::trace_context::Sampling;

impl<C: Report> Read<C> for Sampling {
    const EXPECTED: &'static str = Self::EXPECTED;

    fn read(node: &Node, cx: &mut C) -> Option<Self> {
        let written = &scalar::<Self, C>(node, cx)?.text;
        written.text.parse().ok().or_else(|| mismatch(node, cx))
    }

    fn shape() -> Shape {
        let form = r"^(off|\d+/s|\d+(\.\d+)?%)$";
        Shape::Form(form.into(), Self::EXPECTED, "10/s")
    }
}

impl Written for Sampling {
    fn written(&self) -> Json {
        Json::from(self.to_string())
    }
}
