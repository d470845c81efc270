//! What the executors with a number of iterations have in common: their
//! settings.

use std::time::Duration;

use super::closed::Pacing;
use super::{MAX_DURATION, Overrides, VUS, count};
use crate::expression::Context;
use crate::language::{Fields, Text};

/// `vus`, `iterations`, `max_duration`, and what happens in between.
#[derive(Debug)]
pub(super) struct Counted {
    pub(super) vus: u64,
    pub(super) iterations: u64,
    pub(super) max_duration: Duration,
    pub(super) pacing: Pacing,
}

impl Counted {
    /// One user, one pass, nothing in between.
    pub(super) fn once() -> Self {
        Self {
            vus: 1,
            iterations: 1,
            max_duration: MAX_DURATION,
            pacing: Pacing::default(),
        }
    }

    /// Reads them; `about_iterations` says whose the iterations are.
    pub(super) fn read(
        fields: &mut Fields<'_>,
        about_iterations: &'static str,
        name: &Text,
        overrides: Overrides,
        cx: &mut Context<'_>,
    ) -> Self {
        overrides.refuse(&["duration"], name, cx);
        Self {
            vus: count("vus", VUS, overrides.vus, fields, cx),
            iterations: count(
                "iterations",
                about_iterations,
                overrides.iterations,
                fields,
                cx,
            ),
            max_duration: fields.or(
                "max_duration",
                "when no further iteration starts",
                MAX_DURATION,
                cx,
            ),
            pacing: Pacing::read(fields, cx),
        }
    }
}
