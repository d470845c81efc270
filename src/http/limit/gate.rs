//! One ceiling, as arithmetic over planned moments.
//!
//! `governor` keeps the count (GCRA: a leaky bucket that needs one number). Its
//! clock is ours to set, to the moment that is being planned instead of the
//! moment at which somebody asks.

use std::cell::Cell;
use std::collections::VecDeque;
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::StateStore;
use governor::{Quota, RateLimiter};

use super::LimitRule;

/// A clock that shows the moment being planned.
#[derive(Default)]
struct Planned(Cell<Duration>);

impl Clock for Planned {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.get()
    }
}

/// What is wanted of a limiter, which knows it as a key.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Ask {
    /// Whether it admits the moment.
    Try,
    /// The same, and to count it.
    Take,
}

/// GCRA's one number, for either key.
#[derive(Default)]
struct Tally(Cell<Option<Nanos>>);

impl StateStore for Tally {
    type Key = Ask;

    fn measure_and_replace<T, F, E>(&self, ask: &Ask, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let (outcome, next) = measure(self.0.get())?;
        if *ask == Ask::Take {
            self.0.set(Some(next));
        }
        Ok(outcome)
    }
}

/// The count of one ceiling.
pub(super) struct Gate {
    limiter: RateLimiter<Ask, Tally, Planned, NoOpMiddleware<Duration>>,
    /// The last moment that was reserved: none before it is given any more.
    last: Duration,
    /// The last permits as they were used, as many as a window may hold.
    used: VecDeque<Duration>,
    window: usize,
}

/// No window of this length holds more than the rate and the burst.
const WINDOW: Duration = Duration::from_secs(1);

impl Gate {
    pub(super) fn new(rule: &LimitRule) -> Self {
        let period = rule.rate.period();
        // A period of zero is not possible: rates are finite.
        let quota = Quota::with_period(period)
            .unwrap_or_else(|| Quota::per_second(std::num::NonZeroU32::MAX))
            .allow_burst(rule.burst);
        let in_window = WINDOW.as_nanos() / period.as_nanos().max(1);
        let burst = usize::try_from(rule.burst.get()).unwrap_or(usize::MAX);
        let window = usize::try_from(in_window).unwrap_or(usize::MAX);
        Self {
            limiter: RateLimiter::new(quota, Tally::default(), Planned::default()),
            last: Duration::ZERO,
            used: VecDeque::new(),
            window: window.saturating_add(burst),
        }
    }

    /// Admits `moment`, or says which one it would.
    fn ask(&self, moment: Duration, ask: &Ask) -> Result<(), Duration> {
        self.limiter.clock().0.set(moment);
        let answer = self.limiter.check_key(ask);
        answer.map_err(|not_until| not_until.earliest_possible())
    }

    /// The moment from which one more permit can be used: a timer that fires
    /// late must not make the next window too full.
    fn usable_from(&self) -> Duration {
        let full = self.used.len() >= self.window;
        let first = self.used.front().filter(|_| full);
        first.map_or(Duration::ZERO, |first| *first + WINDOW)
    }

    fn note_use(&mut self, moment: Duration) {
        if self.used.len() >= self.window {
            self.used.pop_front();
        }
        self.used.push_back(moment);
    }
}

/// Reserves the earliest moment, not before `now`, that all of `gates` admit.
///
/// The moment is found before any of them counts it, so that no gate counts a
/// moment that another one refuses.
pub(super) fn reserve(gates: &mut [&mut Gate], now: Duration) -> Duration {
    let mut moment = gates.iter().fold(now, |at, gate| at.max(gate.last));
    while let Some(later) = gates
        .iter()
        .find_map(|gate| gate.ask(moment, &Ask::Try).err())
    {
        moment = later;
    }
    for gate in gates {
        // They all admit it, as was just found.
        let _ = gate.ask(moment, &Ask::Take);
        gate.last = moment;
    }
    moment
}

/// Uses a permit whose moment has come. Otherwise, the moment to wait for.
pub(super) fn claim(gates: &mut [&mut Gate], now: Duration) -> Result<(), Duration> {
    let open = gates.iter().map(|gate| gate.usable_from()).max();
    if let Some(later) = open.filter(|open| *open > now) {
        return Err(later);
    }
    for gate in gates {
        gate.note_use(now);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;
    use std::time::Duration;

    use proptest::prelude::*;

    use super::{Gate, claim, reserve};
    use crate::http::limit::{LimitRule, LimitScope, RequestRate};

    fn gate(rate: f64, burst: u32) -> Gate {
        Gate::new(&LimitRule {
            scope: LimitScope::Run,
            rate: RequestRate::per_second(rate).unwrap(),
            burst: NonZeroU32::new(burst).unwrap(),
        })
    }

    #[test]
    fn a_burst_comes_at_once_and_the_rest_at_the_rate() {
        let mut gate = gate(10.0, 3);
        let moments: Vec<u128> = (0..5)
            .map(|_| reserve(&mut [&mut gate], Duration::ZERO).as_millis())
            .collect();
        assert_eq!(moments, [0, 0, 0, 100, 200]);
        // After a pause, the burst is there again.
        let later = Duration::from_secs(10);
        let again = [(); 4].map(|()| reserve(&mut [&mut gate], later).as_millis());
        assert_eq!(again, [10_000, 10_000, 10_000, 10_100]);
    }

    proptest! {
        /// For any set of limits, and whoever asks when: no window of any gate
        /// holds more than its quota, and moments never go back.
        #[test]
        fn no_window_exceeds_its_quota(
            rules in prop::collection::vec((1.0_f64..2000.0, 1_u32..20), 1..4),
            asks in prop::collection::vec((0_u64..3_000_000, prop::collection::vec(any::<bool>(), 4)), 1..300),
        ) {
            let mut gates: Vec<Gate> = rules.iter().map(|(rate, burst)| gate(*rate, *burst)).collect();
            let mut taken: Vec<Vec<Duration>> = vec![Vec::new(); gates.len()];
            let mut now = Duration::ZERO;
            for (pause, chosen) in &asks {
                now += Duration::from_nanos(*pause);
                let mut some: Vec<&mut Gate> = gates.iter_mut().zip(chosen).filter(|(_, c)| **c).map(|(g, _)| g).collect();
                if some.is_empty() {
                    continue;
                }
                let moment = reserve(&mut some, now);
                prop_assert!(moment >= now);
                for (moments, _) in taken.iter_mut().zip(chosen).filter(|(_, c)| **c) {
                    prop_assert!(moments.last().is_none_or(|last| *last <= moment));
                    moments.push(moment);
                }
            }
            for (moments, (rate, burst)) in taken.iter().zip(&rules) {
                for (index, first) in moments.iter().enumerate() {
                    for window in [0.01, 0.1, 1.0] {
                        let end = *first + Duration::from_secs_f64(window);
                        let count = moments[index..].partition_point(|moment| *moment < end);
                        // Periods are whole nanoseconds.
                        let quota = f64::from(*burst) + (rate * window * 1.000_01).ceil();
                        #[expect(clippy::cast_precision_loss)]
                        let count = count as f64;
                        prop_assert!(count <= quota, "{count} in {window} s at {rate}/s, burst {burst}");
                    }
                }
            }
        }

        /// However late permits are used: no window holds more than its quota.
        #[test]
        fn lateness_never_fills_a_window(
            rate in 1.0_f64..200.0,
            burst in 1_u32..5,
            late in prop::collection::vec(0_u64..300_000_000, 1..300),
        ) {
            let mut gate = gate(rate, burst);
            let mut slots: Vec<Duration> = late
                .iter()
                .map(|late| reserve(&mut [&mut gate], Duration::ZERO) + Duration::from_nanos(*late))
                .collect();
            slots.sort_unstable();
            let (mut used, mut now) = (Vec::new(), Duration::ZERO);
            for slot in slots {
                now = now.max(slot);
                while let Err(later) = claim(&mut [&mut gate], now) {
                    prop_assert!(later > now);
                    now = later;
                }
                used.push(now);
            }
            for (index, first) in used.iter().enumerate() {
                let end = *first + Duration::from_secs(1);
                let count = used[index..].partition_point(|moment| *moment < end);
                #[expect(clippy::cast_precision_loss)]
                let count = count as f64;
                prop_assert!(count <= rate.floor() + f64::from(burst), "{count} at {rate}/s, burst {burst}");
            }
        }

        /// Alone and always asked for, a gate gives its full rate.
        #[test]
        fn nothing_of_the_rate_is_lost(rate in 1.0_f64..5000.0, burst in 1_u32..10) {
            let mut gate = gate(rate, burst);
            let last = (0..1000).map(|_| reserve(&mut [&mut gate], Duration::ZERO)).last().unwrap();
            let exact = (1000.0 - f64::from(burst)) / rate;
            prop_assert!((last.as_secs_f64() - exact).abs() < 1e-5, "{last:?} is not {exact}");
        }
    }
}
