//! The time: one source for everything that expires.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// Where the simulator takes the time from.
#[derive(Clone, Debug, Default)]
pub struct Clock(Source);

#[derive(Clone, Debug, Default)]
enum Source {
    #[default]
    System,
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self::default()
    }

    /// A clock that starts at the present and moves only by
    /// [`Clock::advance`]; its copies move together.
    pub fn manual() -> Self {
        let now = jiff::Timestamp::now().as_millisecond();
        Self(Source::Manual(Arc::new(AtomicI64::new(now))))
    }

    /// Moves a manual clock forward; does nothing to the machine's.
    pub fn advance(&self, by: Duration) {
        if let Source::Manual(now) = &self.0 {
            now.fetch_add(millis(by), Ordering::Relaxed);
        }
    }

    /// Milliseconds since 1970.
    pub(super) fn now(&self) -> i64 {
        match &self.0 {
            Source::System => jiff::Timestamp::now().as_millisecond(),
            Source::Manual(now) => now.load(Ordering::Relaxed),
        }
    }

    /// The moment `after` from now, milliseconds since 1970.
    pub(super) fn in_future(&self, after: Duration) -> i64 {
        self.now().saturating_add(millis(after))
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Clock;

    #[test]
    fn copies_of_a_manual_clock_move_together() {
        let clock = Clock::manual();
        let before = clock.clone().now();
        clock.advance(Duration::from_secs(2));
        assert_eq!(clock.clone().now(), before + 2000);
    }

    #[test]
    fn an_endless_wait_does_not_overflow() {
        assert_eq!(Clock::system().in_future(Duration::MAX), i64::MAX);
    }
}
