//! How long to wait before a source that is away is tried again.

use std::time::Duration;

/// The wait after the first failure, and the longest.
const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(5);

/// Waits that double with each failure in a row.
#[derive(Default)]
pub(super) struct Backoff {
    failed: u32,
}

impl Backoff {
    /// The wait after another failure.
    pub(super) fn next(&mut self) -> Duration {
        let full = FIRST * (1 << self.failed.min(6));
        self.failed = self.failed.saturating_add(1);
        // Many that were cut at the same time should not come back at the same time.
        let jitter = 0.5 + rand::random::<f64>() / 2.0;
        full.min(LONGEST).mul_f64(jitter)
    }

    /// It works again.
    pub(super) fn reset(&mut self) {
        self.failed = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::{Backoff, FIRST, LONGEST};

    #[test]
    fn waits_grow_to_the_longest_and_begin_again() {
        let mut backoff = Backoff::default();
        for failed in 0..100 {
            let full = LONGEST.min(FIRST * (1 << failed.min(20)));
            let wait = backoff.next();
            assert!(wait >= full / 2 && wait <= full, "{failed}: {wait:?}");
        }
        backoff.reset();
        assert!(backoff.next() <= FIRST);
    }
}
