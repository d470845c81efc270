//! What open models have in common: iterations start when they are due.

use std::fmt;
use std::num::NonZeroU64;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::kind::{BoxFuture, Executor, Extent, Model, Settings};
use crate::ceilings;
use crate::clock::Clock;
use crate::document::{Defaulted, Field};
use crate::engine::pool::{Pool, order};
use crate::engine::schedule::{Arrivals, Profile, SeededRng, Spacing};
use crate::engine::stop::Stop;
use crate::engine::vu::VuGroup;
use crate::language::{Choice, Key, Problem};
use crate::metrics::Dropped;

/// How often a sleeping thread looks whether it should stop.
const NAP: Duration = Duration::from_millis(20);

/// Virtual users of an open model.
#[derive(Clone, Copy, Debug)]
pub(super) struct VuAllocation {
    /// There from the start.
    pub(super) pre_allocated: u64,
    /// No more than these.
    pub(super) max: u64,
    pub(super) spacing: Spacing,
}

impl Choice for Spacing {
    const EXPECTED: &'static str = "`uniform` or `poisson`";
    const CHOICES: &'static [(&'static str, Self)] =
        &[("uniform", Self::Uniform), ("poisson", Self::Poisson)];
}

const PRE_ALLOCATED_VUS: Field<NonZeroU64> = Field::new(
    "pre_allocated_vus",
    "virtual users who are there from the start: rate × duration of an iteration",
)
.required();
const MAX_VUS: Field<NonZeroU64> = Field::new(
    "max_vus",
    "how many virtual users there may be at most; as many as `pre_allocated_vus` \
     otherwise. What is due when all of them are busy is dropped and counted",
);
const SPACING: Defaulted<Spacing> =
    Field::new("arrivals", "at equal distances, or at random moments").or(&Spacing::Uniform);

/// Settings of [`VuAllocation`].
pub(super) const ALLOCATION: &[Key] = &[PRE_ALLOCATED_VUS.key(), MAX_VUS.key(), SPACING.key()];

impl VuAllocation {
    /// Reads `pre_allocated_vus`, `max_vus` and `arrivals`. `--vus` stands for
    /// the first of them.
    pub(super) fn read(settings: &mut Settings<'_, '_>) -> Self {
        settings.refuse(&["iterations"]);
        let given = settings.overrides.vus;
        if !settings.fields.has("pre_allocated_vus") && given.is_none() {
            let problem = Problem::new(
                settings.name.span,
                format!("`{}` needs `pre_allocated_vus`", settings.name.text),
                "how many iterations are under way at once: rate × duration of an iteration",
            );
            let missing = &["pre_allocated_vus"];
            settings.fields.lacks(missing, problem, settings.cx);
        }
        let written = settings.fields.given(&PRE_ALLOCATED_VUS, settings.cx);
        let pre_allocated = given.or(written).map_or(1, NonZeroU64::get);
        let pre_allocated = settings.at_most("pre_allocated_vus", pre_allocated, ceilings::VUS);
        let max = settings.get(&MAX_VUS).map(NonZeroU64::get);
        let max = max.map(|max| settings.at_most("max_vus", max, ceilings::VUS));
        if max.is_some_and(|max| max < pre_allocated) {
            settings.problem(
                "max_vus",
                format!("`max_vus` is less than the {pre_allocated} of `pre_allocated_vus`"),
                "make it at least as many, or remove it",
            );
        }
        Self {
            pre_allocated,
            max: max.unwrap_or(pre_allocated).max(pre_allocated),
            spacing: settings.get_or(&SPACING),
        }
    }
}

impl fmt::Display for VuAllocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.spacing == Spacing::Poisson {
            f.write_str(", at random moments (Poisson)")?;
        }
        if self.max > self.pre_allocated {
            write!(f, ", {} to {} virtual users", self.pre_allocated, self.max)
        } else {
            write!(f, ", {} virtual users", self.pre_allocated)
        }
    }
}

/// Iterations that start when a profile says.
#[derive(Debug)]
pub(super) struct OpenModel {
    /// The profile in words.
    pub(super) rate: String,
    pub(super) profile: Profile,
    pub(super) allocation: VuAllocation,
}

impl Executor for OpenModel {
    fn describe(&self) -> String {
        format!("{}{}", self.rate, self.allocation)
    }

    fn extent(&self) -> Extent {
        // Random arrivals are as many on average.
        let is_exact = self.allocation.spacing == Spacing::Uniform;
        Extent {
            iterations: is_exact.then_some(self.profile.arrivals()),
            duration: Some(self.profile.duration()),
            max_vus: self.allocation.max,
        }
    }

    fn model(&self) -> Model {
        Model::Open
    }

    fn execute<'a>(&'a self, group: &'a VuGroup) -> BoxFuture<'a, ()> {
        Box::pin(execute(group, &self.profile, self.allocation))
    }
}

/// Starts an iteration at each arrival. One for which there is no user, and no
/// further user may come, is dropped and counted: what was due is what was
/// played, cut or dropped.
async fn execute(group: &VuGroup, profile: &Profile, allocation: VuAllocation) {
    let pool = Arc::new(Pool::default());
    let mut users = JoinSet::new();
    for _ in 0..allocation.pre_allocated {
        // Idle from here on, and not only once its task has begun: the first
        // iteration is due at once.
        let Some(order) = pool.enlist() else { break };
        let (pool, user) = (Arc::clone(&pool), group.user());
        group.spawn(&mut users, async move { pool.serve(user, order).await });
    }
    let draw = SeededRng::new(
        group.seed(),
        &format!("{} arrivals", group.scenario()),
        0,
        0,
    );
    let arrivals = Arrivals::new(profile.clone(), allocation.spacing, draw);
    let (due, mut dropped_no_vu) = mpsc::unbounded_channel();
    let timetable = Timetable {
        clock: group.clock().clone(),
        start: group.moment(Duration::ZERO),
        stop: group.stop().clone(),
        abandoned: Arc::new(AtomicBool::new(false)),
    };
    // Dropped when this future is, and then the thread ends.
    let _abandon = Abandon(Arc::clone(&timetable.abandoned));
    let mut ticking = JoinSet::new();
    let hand_out = {
        let (pool, stop) = (Arc::clone(&pool), group.stop().clone());
        move |moment| {
            if stop.is_draining() || !pool.give(moment) {
                // The receiver is gone only when the scenario is.
                let _ = due.send(moment);
            }
        }
    };
    if group.clock().is_real() {
        ticking.spawn_blocking(move || timetable.tick(arrivals, hand_out));
    } else {
        ticking.spawn(async move { timetable.follow(arrivals, hand_out).await });
    }
    let mut present = allocation.pre_allocated;
    while let Some(moment) = dropped_no_vu.recv().await {
        if group.stop().is_draining() {
            group.drop_iteration(moment, Dropped::Stopped);
        } else if pool.give(moment) {
            // Somebody has become idle in the meantime.
        } else if present < allocation.max {
            present += 1;
            let (pool, user) = (Arc::clone(&pool), group.unplanned_user(moment));
            let serving = async move { pool.serve(user, order(moment)).await };
            group.spawn(&mut users, serving);
        } else {
            group.drop_iteration(moment, Dropped::NoVu);
        }
    }
    group.join(&mut ticking).await;
    // The scenario lasts as long as it says, also when the last arrival is early.
    if group.wait_until(group.moment(profile.duration())).await {
        group.stop().drain();
    }
    pool.close();
    group.join(&mut users).await;
}

/// Tells the ticking thread that nobody waits for it any more.
struct Abandon(Arc<AtomicBool>);

impl Drop for Abandon {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// When arrivals are due, by a clock.
struct Timetable {
    clock: Clock,
    start: Instant,
    stop: Stop,
    abandoned: Arc<AtomicBool>,
}

impl Timetable {
    /// Tells each arrival when its moment has come, late ones too. Once it is
    /// time to stop, those whose moment has not come are not due any more.
    ///
    /// For a thread of its own: the timers of the async runtime are a
    /// millisecond coarse, and wait for its threads to be free.
    fn tick(&self, arrivals: Arrivals, mut due: impl FnMut(Instant)) {
        for after in arrivals {
            let moment = self.start + after;
            if !self.sleep_until(moment) {
                return;
            }
            due(moment);
        }
    }

    /// The same by a clock that is moved by hand, for which no thread can wait.
    async fn follow(&self, arrivals: Arrivals, mut due: impl FnMut(Instant)) {
        for after in arrivals {
            let moment = self.start + after;
            tokio::select! {
                biased;
                () = self.clock.sleep_until(moment) => due(moment),
                () = self.stop.draining() => return,
            }
        }
    }

    /// False when it was time to stop before `moment` came.
    fn sleep_until(&self, moment: Instant) -> bool {
        loop {
            let left = moment.saturating_duration_since(self.clock.now());
            if self.abandoned.load(Ordering::Relaxed) {
                return false;
            }
            if left.is_zero() {
                return true;
            }
            if self.stop.is_draining() {
                return false;
            }
            std::thread::sleep(left.min(NAP));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Arrivals, Clock, Profile, SeededRng, Spacing, Timetable};
    use crate::engine::stop::Stop;

    #[test]
    fn what_is_overdue_when_the_run_stops_was_due_and_the_rest_is_not() {
        let profile = Profile::constant(100.0, Duration::from_secs(3600));
        let draw = SeededRng::new(1, "test", 0, 0);
        let clock = Clock::real();
        let timetable = Timetable {
            // Late: eleven moments have passed when it begins.
            start: clock.now().checked_sub(Duration::from_millis(101)).unwrap(),
            clock: clock.clone(),
            stop: Stop::new(),
            abandoned: std::sync::Arc::default(),
        };
        timetable.stop.drain();
        let mut due = Vec::new();
        let began = clock.now();
        let arrivals = Arrivals::new(profile, Spacing::Uniform, draw);
        timetable.tick(arrivals, |moment| due.push(moment));
        assert!(due.len() >= 11, "{}", due.len());
        let last = clock.since(began) + Duration::from_millis(101);
        assert!(*due.last().unwrap() <= timetable.start + last);
    }
}
