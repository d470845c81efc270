//! What closed models have in common: a user who starts its next iteration
//! when the last one is over.

use std::time::{Duration, Instant};

use tokio::task::JoinSet;

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

    async fn pass(self, user: &CrewMember, began: Instant) {
        if let Some(pause) = self.think_time {
            user.rest(pause).await;
        }
        if let Some(pacing) = self.pacing {
            user.sleep_until(began + pacing).await;
        }
    }
}

/// Plays iterations one after another, as long as `more` grants a further one
/// and the user is not told to stop.
pub(super) async fn play(
    mut user: CrewMember,
    rhythm: Rhythm,
    mut more: impl FnMut() -> bool + Send,
) {
    while !user.is_done() && more() {
        let began = Instant::now();
        if !user.play(None).await {
            return;
        }
        rhythm.pass(&user, began).await;
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
