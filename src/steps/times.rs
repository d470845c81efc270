//! How often something is played.

use std::num::NonZeroU64;

use super::arguments::value;
use super::error::StepError;
use crate::ceilings;
use crate::document::ReadContext;
use crate::expression::{Scope, Template};
use crate::language::{Node, Read, Shape};

/// A number from 1, or an expression that gives one.
pub struct Times(Template);

impl Read<ReadContext> for Times {
    const EXPECTED: &'static str = "a whole number from 1, or an expression";

    fn read(node: &Node, cx: &mut ReadContext) -> Option<Self> {
        let expression = node.scalar().is_some_and(|text| text.text.contains("{{"));
        if !expression {
            let times = NonZeroU64::read(node, cx)?;
            if times.get() > ceilings::TIMES {
                let message = format!("expected at most {} times, found {times}", ceilings::TIMES);
                cx.problem(node.label(), message, "");
                return None;
            }
        }
        Template::read(node, cx).map(Self)
    }

    fn shape() -> Shape {
        Shape::Whole(1).or(Shape::Expression)
    }
}

impl Times {
    /// The number.
    ///
    /// # Errors
    /// When the expression gives something else.
    pub fn get(&self, scope: &Scope) -> Result<NonZeroU64, StepError> {
        let expected = <NonZeroU64 as Read<ReadContext>>::EXPECTED;
        let times: NonZeroU64 = value("repeat", expected, &self.0, scope)?;
        if times.get() > ceilings::TIMES {
            return Err(StepError::Argument {
                argument: "repeat",
                reason: format!("expected at most {} times, got {times}", ceilings::TIMES),
            });
        }
        Ok(times)
    }
}
