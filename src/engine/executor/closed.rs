//! What closed models have in common: a user who starts its next iteration
//! when the last one is over.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::backoff::FailureBackoff;
use super::kind::Settings;
use crate::document::{Defaulted, Field};
use crate::engine::ending::Ending;
use crate::engine::schedule::Pause;
use crate::engine::vu::{Vu, VuGroup};
use crate::language::Key;

/// What happens between two iterations of a user.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pacing {
    /// A wait after each iteration.
    think_time: Option<Pause>,
    /// Least time from the start of one iteration to the start of the next.
    interval: Option<Duration>,
    /// A wait after iterations that fail at once.
    failure_backoff: FailureBackoff,
}

const THINK_TIME: Field<Pause> =
    Field::new("think_time", "a wait after each iteration").example("2s");
const INTERVAL: Field<Duration> = Field::new(
    "pacing",
    "least time from the start of an iteration to that of the same user's next one",
);
const FAILURE_BACKOFF: Defaulted<FailureBackoff> = Field::new(
    "failure_backoff",
    "the longest wait of a user whose iterations fail before anybody has answered a \
     request; `off` for none",
)
.or(&FailureBackoff::USUAL);

/// Settings of [`Pacing`].
pub(super) const PACING: &[Key] = &[THINK_TIME.key(), INTERVAL.key(), FAILURE_BACKOFF.key()];

impl Pacing {
    /// Reads `think_time`, `pacing` and `failure_backoff`.
    pub(super) fn read(settings: &mut Settings<'_, '_>) -> Self {
        Self {
            think_time: settings.get(&THINK_TIME),
            interval: settings.get(&INTERVAL),
            failure_backoff: settings.get_or(&FAILURE_BACKOFF),
        }
    }

    /// Waits after an iteration that was to start at `due`, and returns when
    /// the next one is to start.
    async fn pass(self, user: &Vu, due: Instant) -> Instant {
        if let Some(pause) = self.think_time {
            user.rest(pause).await;
        }
        let Some(pacing) = self.interval else {
            return user.clock().now();
        };
        // Counted from when the last one was to start: what a timer is late
        // does not add up. Who is late by a whole beat does not catch up.
        let next = due + pacing;
        let now = user.clock().now();
        if next <= now {
            return now;
        }
        user.sleep_until(next).await;
        next
    }

    /// Waits after an iteration that was to start at `due`, the `failures`th in a
    /// row that failed at once. It may have taken longer than the wait.
    async fn back_off(self, user: &Vu, due: Instant, failures: u32) {
        let next = self.failure_backoff.after(failures);
        let next = next.and_then(|wait| due.checked_add(wait));
        if let Some(next) = next
            && next > user.clock().now()
        {
            user.back_off(next).await;
        }
    }
}

/// How many iterations a user may still start.
#[derive(Clone)]
pub(super) enum IterationBudget {
    /// As many as there is time for.
    Endless,
    /// This many.
    Own(u64),
    /// This many, together with others.
    Shared(Arc<AtomicU64>),
}

impl IterationBudget {
    fn take(&mut self) -> bool {
        match self {
            Self::Endless => true,
            Self::Own(left) => {
                let some = *left > 0;
                *left = left.saturating_sub(1);
                some
            }
            Self::Shared(left) => left
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                    left.checked_sub(1)
                })
                .is_ok(),
        }
    }

    fn is_used_up(&self) -> bool {
        match self {
            Self::Endless => false,
            Self::Own(left) => *left == 0,
            Self::Shared(left) => left.load(Ordering::Relaxed) == 0,
        }
    }
}

/// Plays iterations one after another, as long as there are some left and the
/// user is not told to stop.
pub(super) async fn play(mut user: Vu, pacing: Pacing, mut budget: IterationBudget) {
    let (mut due, mut failures) = (user.clock().now(), 0_u32);
    while !user.is_done(due) && budget.take() {
        let ending = user.play(None).await;
        // After the last one there is nothing to wait for.
        if ending == Ending::Cut || budget.is_used_up() {
            break;
        }
        failures = match ending {
            Ending::Failed if user.was_unanswered() => failures.saturating_add(1),
            _ => 0,
        };
        pacing.back_off(&user, due, failures).await;
        due = pacing.pass(&user, due).await;
        // Timers, signals and other users have their turn, also when nothing
        // in the iteration had to be waited for.
        tokio::task::coop::consume_budget().await;
    }
    // What is left of a shared one may still be somebody else's.
    if let IterationBudget::Own(left) = budget {
        user.leave_out(left);
    }
}

/// Waits for all users. Once `limit` is over they start no further iterations.
pub(super) async fn finish(group: &VuGroup, mut users: JoinSet<()>, limit: Duration) {
    let over = async {
        if group.wait_until(group.moment(limit)).await {
            group.stop().drain();
        }
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = group.join(&mut users) => {}
        () = over => {}
    }
}
