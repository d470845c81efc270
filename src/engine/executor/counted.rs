//! What the executors with a number of iterations have in common: their
//! settings.

use std::time::Duration;

use super::closed::Rhythm;
use super::{MAX_DURATION, Overrides, count};
use crate::scenario::{Context, Fields, Text};

/// `vus`, `iterations`, `max_duration`, and what happens in between.
#[derive(Debug)]
pub(super) struct Counted {
    pub(super) vus: u64,
    pub(super) iterations: u64,
    pub(super) max_duration: Duration,
    pub(super) rhythm: Rhythm,
}

impl Counted {
    /// One user, one pass, nothing in between.
    pub(super) fn once() -> Self {
        Self {
            vus: 1,
            iterations: 1,
            max_duration: MAX_DURATION,
            rhythm: Rhythm::default(),
        }
    }

    pub(super) fn read(
        fields: &mut Fields<'_>,
        name: &Text,
        overrides: Overrides,
        cx: &mut Context<'_>,
    ) -> Self {
        overrides.refuse(&["duration"], name, cx);
        Self {
            vus: count("vus", overrides.vus, 1, fields, cx),
            iterations: count("iterations", overrides.iterations, 1, fields, cx),
            max_duration: fields.optional("max_duration", cx).unwrap_or(MAX_DURATION),
            rhythm: Rhythm::read(fields, cx),
        }
    }
}
