//! The virtual users of one scenario.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::ending::Ending;
use super::errors::ErrorLog;
use super::feed::Feeds;
use super::flow::{EarlyEnd, Flow, IterationRng, Player};
use super::log::Log;
use super::part::Part;
use super::phase::{PhaseMeters, ScenarioMeters};
use super::progress::Progress;
use super::schedule::{Pause, SeededRng};
use super::skips::SkipLog;
use super::slowest::{SlowIteration, Slowest};
use super::stop::{Stop, StopReason};
use super::workers::Workers;
use crate::clock::{CENTURY, Clock};
use crate::expression::Globals;
use crate::metrics::{Counter, Cutting, Dropped, Outcome, Phase, TagKey, Trace, Trend};
use crate::steps::{Services, VirtualUser};
use crate::trace_context::Sampler;

/// Everything the users of one scenario have in common.
pub struct VuGroup {
    shared: Arc<Shared>,
    users: AtomicU64,
}

pub(super) struct Shared {
    pub(super) clock: Clock,
    pub(super) scenario: Arc<str>,
    pub(super) flow: Arc<Flow>,
    pub(super) services: Arc<Services>,
    pub(super) globals: Arc<Globals>,
    pub(super) feeds: Feeds,
    pub(super) meters: ScenarioMeters,
    pub(super) errors: Arc<ErrorLog>,
    pub(super) log: Arc<Log>,
    pub(super) skips: Arc<SkipLog>,
    pub(super) progress: Arc<Progress>,
    pub(super) slowest: Arc<Slowest>,
    pub(super) sampler: Arc<Sampler>,
    /// The scenario's own, below the run's.
    pub(super) stop: Stop,
    /// The run's, if its first failed iteration ends it.
    pub(super) fail_fast: Option<Stop>,
    pub(super) seed: u64,
    /// When it starts: once its first users are there.
    pub(super) part: Arc<Part>,
    /// Where its users are played.
    pub(super) workers: Workers,
}

impl VuGroup {
    pub(super) fn new(shared: Shared) -> Self {
        Self {
            shared: Arc::new(shared),
            users: AtomicU64::new(0),
        }
    }

    /// A further user, who stops when the scenario does.
    pub(super) fn user(&self) -> Vu {
        self.user_until(self.shared.stop.child())
    }

    /// A further user, with a stop of its own. Users are numbered from 1, and
    /// no number is given twice: names and addresses depend on it.
    pub(super) fn user_until(&self, stop: Stop) -> Vu {
        let shared = Arc::clone(&self.shared);
        let number = self.users.fetch_add(1, Ordering::Relaxed) + 1;
        let scope = shared.globals.scope(&shared.scenario, number, 0);
        let trace = Trace::cut_by(stop.cutoff().clone());
        let user = VirtualUser::new(&shared.services, scope);
        shared.progress.user_starts();
        Vu {
            shared,
            cutting: stop.cutting(),
            stop,
            user,
            trace,
            number,
            iteration: 0,
        }
    }

    /// Has a user play beside the others.
    pub(super) fn spawn(
        &self,
        users: &mut JoinSet<()>,
        playing: impl Future<Output = ()> + Send + 'static,
    ) {
        self.shared.workers.spawn(users, playing);
    }

    /// Where users are played.
    pub(super) fn workers(&self) -> &Workers {
        &self.shared.workers
    }

    pub(super) fn stop(&self) -> &Stop {
        &self.shared.stop
    }

    /// A moment counted from the scenario's start.
    pub(super) fn moment(&self, after: Duration) -> Instant {
        self.shared.part.start() + after.min(CENTURY)
    }

    pub(super) fn clock(&self) -> &Clock {
        &self.shared.clock
    }

    pub(super) fn seed(&self) -> u64 {
        self.shared.seed
    }

    pub(super) fn scenario(&self) -> &str {
        &self.shared.scenario
    }

    /// Counts an iteration that was due at `moment` and does not start.
    pub(super) fn drop_iteration(&self, moment: Instant, why: Dropped) {
        self.shared.drop_iterations(moment, why, 1);
    }

    /// Counts iterations that were planned and that there was no time for.
    pub(super) fn leave_out(&self, iterations: u64) {
        self.shared.leave_out(iterations);
    }

    /// Counts a user who was not pre-allocated, and is there for an iteration
    /// that was due at `moment`.
    pub(super) fn unplanned_user(&self, moment: Instant) -> Vu {
        let meter = &self.shared.meters(moment).meter;
        meter.record(Counter::UNPLANNED_VUS, &[], 1);
        self.user()
    }

    /// Resolves at `moment`, or earlier when the scenario stops. True when the
    /// moment has come.
    pub(super) async fn wait_until(&self, moment: Instant) -> bool {
        tokio::select! {
            biased;
            () = self.shared.stop.draining() => false,
            () = self.shared.clock.sleep_until(moment) => true,
        }
    }

    /// Waits for users whose tasks end by themselves. A task that panicked is a
    /// bug of ours: let it be seen.
    pub(super) async fn join(&self, users: &mut JoinSet<()>) {
        while let Some(ended) = users.join_next().await {
            if let Err(error) = ended
                && error.is_panic()
            {
                self.shared.stop.cut();
                std::panic::resume_unwind(error.into_panic());
            }
        }
    }
}

impl Shared {
    fn drop_iterations(&self, moment: Instant, why: Dropped, number: u64) {
        let tags = [(TagKey::Kind, why.name())];
        let meter = &self.meters(moment).meter;
        meter.record(Counter::DROPPED_ITERATIONS, &tags, number);
    }

    /// Once somebody has stopped the run, what did not start is not dropped.
    fn leave_out(&self, iterations: u64) {
        if iterations > 0 && self.stop.reason().is_none() {
            self.drop_iterations(self.clock.now(), Dropped::MaxDuration, iterations);
        }
    }

    fn meters(&self, moment: Instant) -> &PhaseMeters {
        if self.part.is_warmup(moment) {
            &self.meters.warmup
        } else {
            &self.meters.main
        }
    }
}

/// One virtual user, playing iterations when told to.
pub(super) struct Vu {
    shared: Arc<Shared>,
    stop: Stop,
    cutting: Cutting,
    user: VirtualUser,
    /// What is measured of this iteration, one after the other.
    trace: Trace,
    number: u64,
    iteration: u64,
}

impl Vu {
    /// Plays one iteration. `due` is when it should have started, in an open
    /// model: its duration counts from then.
    pub(super) async fn play(&mut self, due: Option<Instant>) -> Ending {
        self.iteration += 1;
        let whose = (self.number, self.iteration);
        let shared = Arc::clone(&self.shared);
        self.user.begin(self.iteration);
        let began = shared.clock.now();
        let from = due.unwrap_or(began);
        let meters = shared.meters(from);
        self.trace.begin(shared.sampler.begin());
        if due.is_some() {
            let lag = began.saturating_duration_since(from);
            meters.meter.record(Trend::ITERATION_START_LAG, &[], lag);
        }
        shared.progress.iteration_starts();
        let ending = tokio::select! {
            biased;
            // First, as most end before anybody waits for the other.
            ending = steps(&shared, &mut self.user, &self.trace, meters, whose, due) => ending,
            () = &mut self.cutting => Ending::Cut,
        };
        let end = shared.clock.now();
        self.user.end();
        let tags = [self.outcome(ending).tag()];
        meters.meter.together(&tags, |these| {
            these.record(Counter::ITERATIONS, 1);
            // Of one that was cut, this is the least that it would have taken.
            let took = end.saturating_duration_since(from);
            these.record(Trend::ITERATION_DURATION, took);
            if due.is_some() {
                let service = end.duration_since(began);
                these.record(Trend::ITERATION_SERVICE_TIME, service);
            }
        });
        if !matches!(ending, Ending::Cut | Ending::Skipped) {
            self.offer(from, end, ending);
        }
        shared.progress.iteration_ends();
        if let (Ending::Failed, Phase::Main, Some(run)) = (ending, meters.phase, &shared.fail_fast)
        {
            run.give_up(StopReason::FailedIteration);
        }
        ending
    }

    fn outcome(&self, ending: Ending) -> Outcome {
        match ending {
            Ending::Good => Outcome::Ok,
            Ending::Failed => Outcome::Failed,
            Ending::Skipped => Outcome::Skipped,
            Ending::Cut => self.trace.outcome_if_dropped(),
        }
    }

    /// Whether the last iteration asked nobody anything that was answered: what
    /// made it fail is on this side, or nobody is there.
    pub(super) fn was_unanswered(&self) -> bool {
        !self.trace.is_answered()
    }

    /// Waits until `moment` because iterations fail at once, unless it is time
    /// to stop.
    pub(super) async fn back_off(&self, moment: Instant) {
        let began = self.shared.clock.now();
        self.sleep_until(moment).await;
        let meter = &self.shared.meters(began).meter;
        meter.record(Trend::FAILURE_BACKOFF, &[], self.shared.clock.since(began));
    }

    /// Offers the iteration that has ended to those who keep the slowest ones.
    fn offer(&self, from: Instant, end: Instant, ending: Ending) {
        let (took, trace) = (end.duration_since(from), &self.trace);
        let slowest = &self.shared.slowest;
        slowest.offer(took, trace, |spans| SlowIteration {
            scenario: Arc::clone(&self.shared.scenario),
            vu: self.number,
            iteration: self.iteration,
            failed: ending == Ending::Failed,
            began: from,
            took,
            trace: trace.context(),
            spans,
        });
    }

    /// Counts iterations that this user alone should have played and that there
    /// was no time for.
    pub(super) fn leave_out(&self, iterations: u64) {
        self.shared.leave_out(iterations);
    }

    /// True once this user may start no further iteration.
    pub(super) fn is_done(&self, now: Instant) -> bool {
        self.stop.is_draining() || self.shared.part.is_over(now)
    }

    /// Waits as people do between two iterations, unless it is time to stop.
    pub(super) async fn rest(&self, pause: Pause) {
        let mut draw = SeededRng::new(
            self.shared.seed,
            &format!("{} think time", self.shared.scenario),
            self.number,
            self.iteration,
        );
        self.sleep_until(self.shared.clock.now() + pause.draw(&mut draw))
            .await;
    }

    /// Waits until `moment`, unless it is time to stop.
    pub(super) async fn sleep_until(&self, moment: Instant) {
        tokio::select! {
            biased;
            () = self.stop.draining() => {}
            () = self.shared.clock.sleep_until(moment) => {}
        }
    }

    pub(super) fn clock(&self) -> &Clock {
        &self.shared.clock
    }

    /// What the last iteration has captured.
    pub(super) fn scope(&self) -> &crate::expression::Scope {
        &self.user.scope
    }
}

/// The steps of a user's iteration in order; the first that fails ends it.
async fn steps(
    shared: &Shared,
    user: &mut VirtualUser,
    trace: &Trace,
    meters: &PhaseMeters,
    whose: (u64, u64),
    due: Option<Instant>,
) -> Ending {
    let fed = shared.feeds.fill(&mut user.scope, shared.seed, whose);
    let chance = IterationRng::new(shared.seed, &shared.scenario, whose.0, whose.1);
    let mut player = Player {
        user,
        trace,
        due,
        meters,
        chance: &chance,
        errors: &shared.errors,
        clock: &shared.clock,
        log: &shared.log,
        skips: &shared.skips,
        stop: &shared.stop,
        whose,
    };
    if let Err(error) = fed {
        player.fail(&"feed".into(), &error);
        return Ending::Failed;
    }
    match player.play(shared.flow.items()).await {
        Ok(()) => Ending::Good,
        Err(EarlyEnd::Failed) => Ending::Failed,
        Err(EarlyEnd::Skipped) => Ending::Skipped,
    }
}

impl Drop for Vu {
    fn drop(&mut self) {
        self.shared.progress.user_ends();
    }
}
