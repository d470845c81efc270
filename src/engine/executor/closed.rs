//! What closed models have in common: a user who starts its next iteration
//! when the last one is over.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::engine::clock::now;
use crate::engine::crew::{Crew, CrewMember};
use crate::engine::schedule::Pause;
use crate::scenario::{Context, Fields};

/// What happens between two iterations of a user.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Rhythm {
    /// A wait after each iteration.
    think_time: Option<Pause>,
    /// Least time from the start of one iteration to the start of the next.
    pacing: Option<Duration>,
}

impl Rhythm {
    /// Reads `think_time` and `pacing`.
    pub(super) fn read(fields: &mut Fields<'_>, cx: &mut Context<'_>) -> Self {
        Self {
            think_time: fields.optional("think_time", "a wait after each iteration", cx),
            pacing: fields.optional(
                "pacing",
                "least time from the start of an iteration to that of the same user's next one",
                cx,
            ),
        }
    }

    /// Waits after an iteration that was to start at `due`, and returns when
    /// the next one is to start.
    async fn pass(self, user: &CrewMember, due: Instant) -> Instant {
        if let Some(pause) = self.think_time {
            user.rest(pause).await;
        }
        let Some(pacing) = self.pacing else {
            return now();
        };
        // Counted from when the last one was to start: what a timer is late
        // does not add up. Who is late by a whole beat does not catch up.
        let next = due + pacing;
        if next <= now() {
            return now();
        }
        user.sleep_until(next).await;
        next
    }
}

/// How many iterations a user may still start.
#[derive(Clone)]
pub(super) enum Quota {
    /// As many as there is time for.
    Endless,
    /// This many.
    Own(u64),
    /// This many, together with others.
    Shared(Arc<AtomicU64>),
}

impl Quota {
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
pub(super) async fn play(mut user: CrewMember, rhythm: Rhythm, mut quota: Quota) {
    let mut due = now();
    while !user.is_done() && quota.take() {
        // After the last one there is nothing to wait for.
        if !user.play(None).await || quota.is_used_up() {
            break;
        }
        due = rhythm.pass(&user, due).await;
    }
    // What is left of a shared one may still be somebody else's.
    if let Quota::Own(left) = quota {
        user.leave_out(left);
    }
}

/// Waits for all users. Once `limit` is over they start no further iterations.
pub(super) async fn finish(crew: &Crew, mut users: JoinSet<()>, limit: Duration) {
    let over = async {
        if crew.wait_until(crew.moment(limit)).await {
            crew.stop().drain();
        }
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = crew.join(&mut users) => {}
        () = over => {}
    }
}
