//! What closed models have in common: a user who starts its next iteration
//! when the last one is over.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::engine::clock::now;
use crate::engine::crew::{Crew, CrewMember};
use crate::engine::schedule::Pause;
use crate::scenario::{Context, Fields, Node, Read};

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
            think_time: fields.optional("think_time", cx),
            pacing: fields.optional("pacing", cx),
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

/// `think_time: 2s`, or a mapping with one distribution.
impl Read for Pause {
    const EXPECTED: &'static str = "a duration such as `2s`, or a distribution such as \
                                    `{uniform: {min: 1s, max: 3s}}`";

    fn read(node: &Node, cx: &mut Context<'_>) -> Option<Self> {
        if node.scalar().is_some() {
            return Duration::read(node, cx).map(Self::Constant);
        }
        let mut fields = Fields::open(node, "`think_time`", cx)?;
        let constant = fields.optional::<Duration>("constant", cx);
        let uniform = fields.node("uniform").map(|node| read_uniform(node, cx));
        let normal = fields.node("normal").map(|node| read_normal(node, cx));
        let exponential = fields
            .node("exponential")
            .map(|node| read_exponential(node, cx));
        let given = ["constant", "uniform", "normal", "exponential"];
        let given = given.iter().filter(|name| fields.has(name)).count();
        let span = fields.span();
        fields.finish(cx);
        if given != 1 {
            cx.problem(
                span,
                "`think_time` needs one distribution",
                "one of `constant`, `uniform`, `normal`, `exponential`",
            );
            return None;
        }
        constant
            .map(Self::Constant)
            .or(uniform.flatten())
            .or(normal.flatten())
            .or(exponential.flatten())
    }
}

fn read_uniform(node: &Node, cx: &mut Context<'_>) -> Option<Pause> {
    let mut fields = Fields::open(node, "`uniform`", cx)?;
    let min = fields.required::<Duration>("min", cx);
    let max = fields.required::<Duration>("max", cx);
    let span = fields.span_of("max");
    fields.finish(cx);
    let (min, max) = (min?, max?);
    if let Some(span) = span
        && max < min
    {
        cx.problem(span, "`max` is less than `min`", "exchange them");
        return None;
    }
    Some(Pause::Uniform { min, max })
}

fn read_normal(node: &Node, cx: &mut Context<'_>) -> Option<Pause> {
    let mut fields = Fields::open(node, "`normal`", cx)?;
    let mean = fields.required("mean", cx);
    let stddev = fields.required("stddev", cx);
    fields.finish(cx);
    Some(Pause::Normal {
        mean: mean?,
        stddev: stddev?,
    })
}

fn read_exponential(node: &Node, cx: &mut Context<'_>) -> Option<Pause> {
    let mut fields = Fields::open(node, "`exponential`", cx)?;
    let mean = fields.required("mean", cx);
    fields.finish(cx);
    Some(Pause::Exponential { mean: mean? })
}
