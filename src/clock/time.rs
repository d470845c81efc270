//! The time, as an argument: the machine's in a run, by hand in a test.

#![expect(
    clippy::disallowed_methods,
    reason = "this is where the time comes from"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::numbers::nanoseconds;

/// Longer than anything waits.
pub const CENTURY: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

/// Tells the time, and waits for it. Clones tell the same time.
#[derive(Clone, Debug, Default)]
pub struct Clock(Option<Arc<ByHand>>);

/// A time that is moved by a test. What it shows when it is not moved is the
/// present of its making, or the runtime's paused time.
#[derive(Debug)]
struct ByHand {
    start: Instant,
    started_at: Timestamp,
    /// Nanoseconds by which it was moved.
    moved: AtomicU64,
    follows_runtime: bool,
}

impl Clock {
    /// The machine's clocks.
    pub fn real() -> Self {
        Self::default()
    }

    /// A clock that starts at the present and moves only by [`Clock::advance`].
    pub fn manual() -> Self {
        Self::by_hand(false)
    }

    /// A clock that starts at the present and moves with the async runtime's
    /// time, which a test has paused.
    pub fn paused() -> Self {
        Self::by_hand(true)
    }

    fn by_hand(follows_runtime: bool) -> Self {
        Self(Some(Arc::new(ByHand {
            start: runtime_now(),
            started_at: Timestamp::now(),
            moved: AtomicU64::new(0),
            follows_runtime,
        })))
    }

    /// True when it is the machine's, so that a thread may wait for it.
    pub fn is_real(&self) -> bool {
        self.0.is_none()
    }

    /// Moves a clock by hand forward; does nothing to the machine's.
    pub fn advance(&self, by: Duration) {
        if let Some(hand) = &self.0 {
            hand.moved.fetch_add(nanoseconds(by), Ordering::Relaxed);
        }
    }

    /// This moment, by a clock that never goes back.
    pub fn now(&self) -> Instant {
        self.0.as_ref().map_or_else(runtime_now, |hand| hand.now())
    }

    /// How long ago a moment was.
    pub fn since(&self, moment: Instant) -> Duration {
        self.now().saturating_duration_since(moment)
    }

    /// This moment, by the calendar.
    pub fn timestamp(&self) -> Timestamp {
        let Some(hand) = &self.0 else {
            return Timestamp::now();
        };
        let passed = hand.now().saturating_duration_since(hand.start);
        // Beyond the year 9999 it stands still.
        hand.started_at
            .saturating_add(passed)
            .unwrap_or(Timestamp::MAX)
    }

    /// Milliseconds since 1970.
    pub fn unix_millis(&self) -> i64 {
        self.timestamp().as_millisecond()
    }

    /// The moment `after` from now, in milliseconds since 1970.
    pub fn unix_millis_in(&self, after: Duration) -> i64 {
        let after = i64::try_from(after.as_millis()).unwrap_or(i64::MAX);
        self.unix_millis().saturating_add(after)
    }

    /// Resolves at `moment`.
    pub async fn sleep_until(&self, moment: Instant) {
        tokio::time::sleep_until(self.of_runtime(moment)).await;
    }

    /// When the runtime's timers have to go off to do so at `moment`.
    pub(super) fn of_runtime(&self, moment: Instant) -> tokio::time::Instant {
        if self.is_real() {
            return moment.into();
        }
        let left = moment.saturating_duration_since(self.now());
        let now = tokio::time::Instant::from_std(runtime_now());
        // As tokio's own sleeps do: a wait without end is a long one.
        now.checked_add(left).unwrap_or(now + CENTURY)
    }
}

impl ByHand {
    fn now(&self) -> Instant {
        let unmoved = if self.follows_runtime {
            runtime_now()
        } else {
            self.start
        };
        unmoved + Duration::from_nanos(self.moved.load(Ordering::Relaxed))
    }
}

/// Outside tests, the system's monotonic clock and nothing else.
fn runtime_now() -> Instant {
    tokio::time::Instant::now().into_std()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Clock;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn copies_of_a_manual_clock_move_together() {
        let clock = Clock::manual();
        let (before, at) = (clock.unix_millis(), clock.now());
        clock.clone().advance(SECOND * 2);
        assert_eq!(clock.unix_millis(), before + 2000);
        assert_eq!(clock.since(at), SECOND * 2);
    }

    #[test]
    fn an_endless_wait_does_not_overflow() {
        assert_eq!(Clock::real().unix_millis_in(Duration::MAX), i64::MAX);
    }

    #[tokio::test(start_paused = true)]
    async fn a_paused_clock_moves_with_the_runtime() {
        let clock = Clock::paused();
        let (at, date) = (clock.now(), clock.timestamp());
        clock.sleep_until(at + SECOND * 3600).await;
        assert_eq!(clock.since(at), SECOND * 3600);
        assert_eq!(clock.timestamp().duration_since(date).as_secs(), 3600);
    }
}
