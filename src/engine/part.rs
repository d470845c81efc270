//! Parts of a run, and when each of them was measured.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use crate::clock::Clock;
use crate::metrics::{Phase, Span, Windows};

/// Setup, a scenario, or teardown.
#[derive(Debug)]
pub(super) struct Part {
    clock: Clock,
    name: Arc<str>,
    phase: Phase,
    /// Iterations that start before this long after the start are warm-up.
    warmup: Duration,
    /// How long iterations start, where that is limited by time.
    limit: Option<Duration>,
    start: OnceLock<Instant>,
    end: OnceLock<Instant>,
}

impl Part {
    /// A scenario that has not started. `limit` is how long its iterations
    /// start, where that is limited by time.
    pub(super) fn scenario(
        clock: &Clock,
        name: &Arc<str>,
        warmup: Duration,
        limit: Option<Duration>,
    ) -> Self {
        Self {
            clock: clock.clone(),
            name: Arc::clone(name),
            phase: Phase::Main,
            warmup,
            limit,
            start: OnceLock::new(),
            end: OnceLock::new(),
        }
    }

    /// Setup or teardown, which has not started.
    pub(super) fn once(clock: &Clock, phase: Phase) -> Self {
        Self {
            phase,
            ..Self::scenario(clock, &phase.name().into(), Duration::ZERO, None)
        }
    }

    /// It starts when this is asked for the first time.
    pub(super) fn start(&self) -> Instant {
        *self.start.get_or_init(|| self.clock.now())
    }

    /// Notes that no further iteration starts; the first time counts.
    pub(super) fn end(&self) {
        let _ = self.end.set(self.clock.now());
    }

    /// Whether an iteration that is due at `moment` is warm-up.
    pub(super) fn is_warmup(&self, moment: Instant) -> bool {
        moment.saturating_duration_since(self.start()) < self.warmup
    }

    /// Whether the time is over `now` in which iterations start.
    pub(super) fn is_over(&self, now: Instant) -> bool {
        let limit = self.limit.and_then(|limit| self.start().checked_add(limit));
        limit.is_some_and(|end| now >= end)
    }

    /// Plays to the end, and notes when the first of these happened: the time
    /// was over, `draining` resolved, all iterations had ended.
    pub(super) async fn watch(
        &self,
        draining: impl Future<Output = ()>,
        playing: impl Future<Output = ()>,
    ) {
        tokio::pin!(playing);
        tokio::select! {
            biased;
            () = draining => self.end(),
            () = &mut playing => return self.end(),
        }
        playing.await;
    }

    /// Adds when it was measured until `at`, counted from the start of the run.
    pub(super) fn add_to(&self, windows: Windows, run: Instant, at: Instant) -> Windows {
        let Some(start) = self.start.get() else {
            return windows;
        };
        let after = |moment: Instant| moment.saturating_duration_since(run);
        let (start, at) = (after(*start), after(at));
        let limit = self
            .limit
            .map_or(at, |limit| at.min(start.saturating_add(limit)));
        let end = self.end.get().map_or(limit, |end| limit.min(after(*end)));
        let warm = start.saturating_add(self.warmup).min(end);
        let span = |start: Duration, end: Duration| Span {
            start,
            length: end.saturating_sub(start),
        };
        windows
            .with(&self.name, Phase::Warmup.name(), span(start, warm))
            .with(&self.name, self.phase.name(), span(warm, end))
    }
}
