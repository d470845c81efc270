//! What open models have in common: iterations start when they are due.

use std::fmt;
use std::num::NonZeroU64;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::kind::{BoxFuture, Executor, Extent, Model, Settings};
use crate::ceilings;
use crate::clock::{Alarm, Clock};
use crate::document::{Defaulted, Field};
use crate::engine::pool::{Order, Pool, order};
use crate::engine::schedule::{Arrivals, Profile, SeededRng, Spacing};
use crate::engine::stop::Stop;
use crate::engine::vu::{Vu, VuGroup};
use crate::language::{Choice, Key, Problem};
use crate::metrics::Dropped;

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
.also(&["vus", "users"])
.example("10")
.required();
const MAX_VUS: Field<NonZeroU64> = Field::new(
    "max_vus",
    "how many virtual users there may be at most; as many as `pre_allocated_vus` \
     otherwise. What is due when all of them are busy is dropped and counted",
)
.example("50");
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
                "how many iterations are under way at once: rate × duration of an iteration\n  \
                 pre_allocated_vus: 10",
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

    fn requested(&self, at: Duration) -> Option<f64> {
        Some(self.profile.at(at.as_secs_f64()))
    }

    fn execute<'a>(&'a self, group: &'a VuGroup) -> BoxFuture<'a, ()> {
        Box::pin(execute(group, &self.profile, self.allocation))
    }
}

/// Starts an iteration at each arrival. One for which there is no user, and no
/// further user may come, is dropped and counted: what was due is what was
/// played, cut or dropped.
async fn execute(group: &VuGroup, profile: &Profile, allocation: VuAllocation) {
    let workers = group.workers();
    let pools: Arc<[Pool]> = (0..workers.count()).map(|_| Pool::default()).collect();
    let mut users = JoinSet::new();
    for number in 0..allocation.pre_allocated {
        let turn = usize::try_from(number).unwrap_or_default() % pools.len();
        // Idle from here on, and not only once its task has begun: the first
        // iteration is due at once.
        let Some(order) = pools[turn].enlist() else {
            break;
        };
        serve(group, &pools, turn, &mut users, group.user(), order);
    }
    let (busy, mut unserved) = mpsc::unbounded_channel();
    let mut timetables = JoinSet::new();
    for turn in 0..pools.len() {
        let timetable = Timetable {
            clock: group.clock().clone(),
            start: group.moment(Duration::ZERO),
            stop: group.stop().clone(),
        };
        let draw = SeededRng::new(
            group.seed(),
            &format!("{} arrivals", group.scenario()),
            0,
            0,
        );
        // Each thread has the arrivals of its turn, and users of its own.
        let arrivals = Arrivals::new(profile.clone(), allocation.spacing, draw);
        let arrivals = arrivals.skip(turn).step_by(pools.len());
        let (pools, busy, stop) = (Arc::clone(&pools), busy.clone(), group.stop().clone());
        let following = async move {
            let start = |moment| !stop.is_draining() && give(&pools, turn, moment);
            // The receiver is gone only when the scenario is.
            let miss = |moment| {
                let _ = busy.send((turn, moment));
            };
            timetable.follow(arrivals, start, miss).await;
        };
        workers.spawn_on(turn, &mut timetables, following);
    }
    drop(busy);
    let mut present = allocation.pre_allocated;
    while let Some((turn, moment)) = unserved.recv().await {
        if group.stop().is_draining() {
            group.drop_iteration(moment, Dropped::Stopped);
        } else if give(&pools, turn, moment) {
            // Somebody has become idle in the meantime.
        } else if present < allocation.max {
            present += 1;
            let user = group.unplanned_user(moment);
            serve(group, &pools, turn, &mut users, user, order(moment));
        } else {
            group.drop_iteration(moment, Dropped::NoVu);
        }
    }
    group.join(&mut timetables).await;
    // The scenario lasts as long as it says, also when the last arrival is early.
    if group.wait_until(group.moment(profile.duration())).await {
        group.stop().drain();
    }
    pools.iter().for_each(Pool::close);
    group.join(&mut users).await;
}

/// Has a user serve the pool of its thread, with an order to begin with.
fn serve(
    group: &VuGroup,
    pools: &Arc<[Pool]>,
    turn: usize,
    users: &mut JoinSet<()>,
    user: Vu,
    order: Order,
) {
    let pools = Arc::clone(pools);
    let serving = async move { pools[turn].serve(user, order).await };
    group.workers().spawn_on(turn, users, serving);
}

/// Gives an iteration to an idle user, of this thread if there is one: nobody
/// has to be woken on another. False when all are busy.
fn give(pools: &[Pool], turn: usize, moment: Instant) -> bool {
    let (before, from) = pools.split_at(turn);
    from.iter().chain(before).any(|pool| pool.give(moment))
}

/// When arrivals are due, by a clock.
struct Timetable {
    clock: Clock,
    start: Instant,
    stop: Stop,
}

impl Timetable {
    /// Has each arrival `start` when its moment has come, late ones too, or else
    /// `miss`. Once it is time to stop, those whose moment has not come are not
    /// due any more.
    async fn follow(
        &self,
        arrivals: impl Iterator<Item = Duration>,
        mut start: impl FnMut(Instant) -> bool,
        mut miss: impl FnMut(Instant),
    ) {
        let mut alarm = Alarm::of(&self.clock);
        let mut draining = pin!(self.stop.draining());
        let mut now = self.clock.now();
        let mut has_yielded = false;
        for after in arrivals {
            let moment = self.start + after;
            if now < moment {
                if !self.stop.is_draining() {
                    tokio::select! {
                        biased;
                        () = alarm.until(moment) => {}
                        () = &mut draining => {}
                    }
                }
                (now, has_yielded) = (self.clock.now(), false);
                if now < moment {
                    return;
                }
            }
            if start(moment) {
                continue;
            }
            // Users of this thread whose answer is there may be about to finish.
            if !std::mem::replace(&mut has_yielded, true) {
                tokio::task::yield_now().await;
            }
            if !start(moment) {
                miss(moment);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Arrivals, Clock, Profile, SeededRng, Spacing, Timetable};
    use crate::engine::stop::Stop;

    #[tokio::test]
    async fn what_is_overdue_when_the_run_stops_was_due_and_the_rest_is_not() {
        let profile = Profile::constant(100.0, Duration::from_secs(3600));
        let draw = SeededRng::new(1, "test", 0, 0);
        let clock = Clock::real();
        let timetable = Timetable {
            // Late: eleven moments have passed when it begins.
            start: clock.now().checked_sub(Duration::from_millis(101)).unwrap(),
            clock: clock.clone(),
            stop: Stop::new(),
        };
        timetable.stop.drain();
        let mut due = Vec::new();
        let began = clock.now();
        let arrivals = Arrivals::new(profile, Spacing::Uniform, draw);
        let start = |moment| {
            due.push(moment);
            true
        };
        timetable.follow(arrivals, start, |_| panic!()).await;
        assert!(due.len() >= 11, "{}", due.len());
        let last = clock.since(began) + Duration::from_millis(101);
        assert!(*due.last().unwrap() <= timetable.start + last);
    }
}
