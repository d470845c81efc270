//! Ceilings on requests per second.
//!
//! A request reserves the earliest moment at which every ceiling that applies
//! to it admits one more, and then sleeps until that moment. Reservations are
//! made in the order of asking, so nobody is overtaken, and a timer that fires
//! late delays its own request but not those after it: over time the rate is
//! the one that was asked for.

mod gate;

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, Instant};

use gate::Gate;
use parking_lot::Mutex;

use crate::clock::Clock;
use crate::glob::glob;

/// Requests that share a ceiling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LimitScope {
    /// All of them.
    Run,
    /// Those of one scenario.
    Scenario(Arc<str>),
    /// Those whose endpoint matches, as `POST /contact` or `/user/*`.
    Endpoint(Pattern),
}

/// A ceiling.
#[derive(Clone, Debug, PartialEq)]
pub struct LimitRule {
    /// Requests that it is about.
    pub scope: LimitScope,
    /// How many per second.
    pub rate: RequestRate,
    /// How many may come at once after a pause.
    pub burst: NonZeroU32,
}

/// Requests per second: a positive, finite number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RequestRate(f64);

impl RequestRate {
    /// `None` when `rate` is not a positive, finite number, or so small that
    /// the next request would come in more than a year.
    pub fn per_second(rate: f64) -> Option<Self> {
        (rate.is_finite() && rate > 1.0 / 31_536_000.0).then_some(Self(rate))
    }

    /// The number.
    pub fn each_second(self) -> f64 {
        self.0
    }

    /// Time from one request to the next.
    fn period(self) -> Duration {
        Duration::from_secs_f64(1.0 / self.0)
    }
}

/// A path with `*` for anything, and maybe a method before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(String);

impl std::fmt::Display for Pattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Pattern {
    /// A pattern; any text is one.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Whether an endpoint is meant. A pattern without a method means all.
    pub fn matches(&self, method: &str, endpoint: &str) -> bool {
        glob(&self.0, endpoint) || glob(&self.0, &format!("{method} {endpoint}"))
    }
}

/// All ceilings of a run.
#[derive(Clone)]
pub struct RateLimits {
    inner: Arc<Inner>,
}

struct Inner {
    clock: Clock,
    start: Instant,
    scopes: Vec<LimitScope>,
    gates: Mutex<Vec<Gate>>,
}

impl RateLimits {
    /// Ceilings that begin to count now.
    pub fn new(rules: &[LimitRule], clock: &Clock) -> Self {
        Self {
            inner: Arc::new(Inner {
                clock: clock.clone(),
                start: clock.now(),
                scopes: rules.iter().map(|rule| rule.scope.clone()).collect(),
                gates: Mutex::new(rules.iter().map(Gate::new).collect()),
            }),
        }
    }

    /// Waits until the request may be sent; `None` when no ceiling applies to
    /// it.
    pub async fn permit(&self, scenario: &str, method: &str, endpoint: &str) -> Option<Permit> {
        let clock = &self.inner.clock;
        let asked = clock.now();
        let applying: Vec<usize> = self.inner.applying(scenario, method, endpoint);
        if applying.is_empty() {
            return None;
        }
        let mut moment = self.inner.with(&applying, gate::reserve);
        loop {
            let due = self.inner.start + moment;
            if due > clock.now() {
                clock.sleep_until(due).await;
            }
            match self.inner.with(&applying, |gates, now| {
                gate::claim(gates, now).map(|()| self.inner.start + now)
            }) {
                Ok(at) => {
                    let waited = at.saturating_duration_since(asked);
                    return Some(Permit { at, waited });
                }
                Err(later) => moment = later,
            }
        }
    }
}

/// A permission to send a request, now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permit {
    /// When it was given.
    pub at: Instant,
    /// How long that took.
    pub waited: Duration,
}

impl Inner {
    /// Places of the ceilings that apply to a request.
    fn applying(&self, scenario: &str, method: &str, endpoint: &str) -> Vec<usize> {
        let applies = |scope: &LimitScope| match scope {
            LimitScope::Run => true,
            LimitScope::Scenario(name) => **name == *scenario,
            LimitScope::Endpoint(pattern) => pattern.matches(method, endpoint),
        };
        let scopes = self.scopes.iter().enumerate();
        scopes
            .filter(|(_, scope)| applies(scope))
            .map(|(place, _)| place)
            .collect()
    }

    /// Works with some of the gates, and with the time since the start. The time
    /// is read under the lock, so that it never goes back.
    fn with<T>(&self, places: &[usize], work: impl FnOnce(&mut [&mut Gate], Duration) -> T) -> T {
        let mut gates = self.gates.lock();
        let chosen = gates.iter_mut().enumerate();
        let mut chosen: Vec<&mut Gate> = chosen
            .filter(|(place, _)| places.contains(place))
            .map(|(_, gate)| gate)
            .collect();
        work(&mut chosen, self.clock.since(self.start))
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;
    use std::time::{Duration, Instant};

    use super::{Clock, LimitRule, LimitScope, Pattern, RateLimits, RequestRate};

    fn rule(scope: LimitScope, rate: f64) -> LimitRule {
        LimitRule {
            scope,
            rate: RequestRate::per_second(rate).unwrap(),
            burst: NonZeroU32::MIN,
        }
    }

    #[test]
    fn a_rate_is_positive_and_finite() {
        for wrong in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e-12] {
            assert!(RequestRate::per_second(wrong).is_none(), "{wrong}");
        }
        assert!(RequestRate::per_second(0.5).is_some());
    }

    #[test]
    fn a_pattern_has_a_star_for_anything() {
        let cases = [
            ("/contact", true),
            ("POST /contact", true),
            ("GET /contact", false),
            ("/con*", true),
            ("*", true),
            ("P*t /c*ct", false),
            ("P*T /c*ct", true),
            ("/contact/*", false),
        ];
        for (pattern, matches) in cases {
            assert_eq!(
                Pattern::new(pattern).matches("POST", "/contact"),
                matches,
                "{pattern}"
            );
        }
    }

    #[tokio::test]
    async fn requests_are_spread_evenly_and_only_those_that_are_meant() {
        let limits = RateLimits::new(
            &[rule(LimitScope::Scenario("a".into()), 100.0)],
            &Clock::real(),
        );
        assert_eq!(limits.permit("b", "GET", "/").await, None);
        let start = Instant::now();
        for _ in 0..21 {
            assert!(limits.permit("a", "GET", "/").await.is_some());
        }
        // 21 permits span 20 periods of 10 ms.
        let took = start.elapsed();
        assert!(took >= Duration::from_millis(200), "{took:?}");
    }

    /// Ten seconds at 200/s, asked for by many at once: every permit is handed
    /// out, within half a per cent of the time that the rate says.
    #[tokio::test(flavor = "multi_thread")]
    async fn the_rate_is_reached_and_not_exceeded() {
        const RATE: u32 = 200;
        let limits = RateLimits::new(&[rule(LimitScope::Run, f64::from(RATE))], &Clock::real());
        let mut users = tokio::task::JoinSet::new();
        let start = Instant::now();
        for _ in 0..50 {
            let limits = limits.clone();
            users.spawn(async move {
                let mut at = Vec::new();
                for _ in 0..40 {
                    let permit = limits.permit("a", "GET", "/").await.unwrap();
                    at.push(permit.at.duration_since(start));
                }
                at
            });
        }
        let mut at: Vec<Duration> = users.join_all().await.concat();
        at.sort_unstable();
        let span = at[at.len() - 1].abs_diff(at[0]).as_secs_f64();
        let rate = 1999.0 / span;
        assert!((rate / f64::from(RATE) - 1.0).abs() < 0.005, "{rate}/s");
        let most = at.iter().enumerate().map(|(index, first)| {
            let window = *first + Duration::from_secs(1);
            at[index..].partition_point(|t| *t < window)
        });
        // One more than the rate: the burst.
        assert!(
            most.clone().max() <= Some(RATE as usize + 1),
            "{:?}",
            most.max()
        );
    }
}
