//! How often something is played.

use std::num::NonZeroU64;

use super::arguments::value;
use super::error::StepError;
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
            NonZeroU64::read(node, cx)?;
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
        value(
            "repeat",
            <NonZeroU64 as Read<ReadContext>>::EXPECTED,
            &self.0,
            scope,
        )
    }
}
