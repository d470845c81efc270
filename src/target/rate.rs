//! How many requests are sent at most, in targets and in scenarios.

use std::time::Duration;

use crate::document::ReadContext;
use crate::http::RequestRate;
use crate::language::node::Node;
use crate::language::rate::WrittenRate;
use crate::language::read::Read;
use crate::language::shape::Shape;

/// A number without a unit is meant per second.
impl Read<ReadContext> for RequestRate {
    const EXPECTED: &'static str = <WrittenRate as Read<ReadContext>>::EXPECTED;

    fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        let written = WrittenRate::read(node, cx)?;
        let rate = Self::per_second(written.per_second(Duration::from_secs(1)));
        if rate.is_none() {
            let message = "a rate limit of zero lets nothing through";
            cx.problem(node.span, message, "write a rate such as `100/s`");
        }
        rate
    }

    fn shape() -> Shape {
        <WrittenRate as Read<ReadContext>>::shape()
    }
}
