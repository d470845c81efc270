//! How often something is played.

use std::fmt;
use std::num::NonZeroU64;

use super::arguments::value;
use super::error::StepError;
use crate::ceilings;
use crate::document::ReadContext;
use crate::expression::{Scope, Template, Wanted};
use crate::language::{Node, Read, Shape};

/// A number from 1, or an expression that gives one.
pub struct Times {
    template: Box<Template>,
    written: String,
}

/// As written, in words: `3 times`, `{{ rows }} times`, `once`.
impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.written.as_str() {
            "1" => f.write_str("once"),
            times => write!(f, "{times} times"),
        }
    }
}

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
        Some(Self {
            template: Box::new(Template::of_kind(node, Wanted::Whole, cx)?),
            written: node
                .scalar()
                .map(|text| text.text.clone())
                .unwrap_or_default(),
        })
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
        self.up_to(ceilings::TIMES, "repeat", scope)
    }

    /// The same with another ceiling, in the words of another argument.
    pub(super) fn up_to(
        &self,
        most: u64,
        argument: &'static str,
        scope: &Scope,
    ) -> Result<NonZeroU64, StepError> {
        let expected = <NonZeroU64 as Read<ReadContext>>::EXPECTED;
        let times: NonZeroU64 = value(argument, expected, &self.template, scope)?;
        if times.get() > most {
            return Err(StepError::Argument {
                argument,
                reason: format!("expected at most {most} times, got {times}"),
            });
        }
        Ok(times)
    }
}
