//! What the executors with a number of iterations have in common: their
//! settings.

use std::num::NonZeroU64;
use std::time::Duration;

use super::closed::Pacing;
use super::kind::{Overrides, VUS, count};
use crate::document::{Defaulted, Field, ReadContext};
use crate::language::{Fields, Text};

/// How long they may take; k6 has the same default.
pub(super) const MAX_DURATION: Defaulted<Duration> =
    Field::new("max_duration", "when no further iteration starts").or(&Duration::from_secs(600));

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
            max_duration: *MAX_DURATION.default(),
            pacing: Pacing::default(),
        }
    }

    /// Reads them; `iterations` says whose the iterations are.
    pub(super) fn read(
        fields: &mut Fields<'_>,
        iterations: &Defaulted<NonZeroU64>,
        name: &Text,
        overrides: Overrides,
        cx: &mut ReadContext,
    ) -> Self {
        overrides.refuse(&["duration"], name, cx);
        Self {
            vus: count(&VUS, overrides.vus, fields, cx),
            iterations: count(iterations, overrides.iterations, fields, cx),
            max_duration: fields.get_or(&MAX_DURATION, cx),
            pacing: Pacing::read(fields, cx),
        }
    }
}
