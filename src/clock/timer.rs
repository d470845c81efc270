//! A timer for what nearly always ends in time.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use tokio::time::Sleep;

use super::time::Clock;

/// Waits for one moment after the other. To wait for a later one than the last
/// time costs nothing until that one has come: the runtime's list of timers is
/// not touched.
pub struct Timer {
    clock: Clock,
    /// Goes off at this moment, which may be too early.
    set: Option<(Instant, Pin<Box<Sleep>>)>,
}

impl Timer {
    /// By this clock.
    pub fn of(clock: &Clock) -> Self {
        let clock = clock.clone();
        Self { clock, set: None }
    }

    /// Resolves at `moment`.
    pub async fn until(&mut self, moment: Instant) {
        std::future::poll_fn(|cx| self.poll(moment, cx)).await;
    }

    fn poll(&mut self, moment: Instant, cx: &mut Context<'_>) -> Poll<()> {
        let begin = || Box::pin(tokio::time::sleep_until(self.clock.of_runtime(moment)));
        let (until, sleep) = self.set.get_or_insert_with(|| (moment, begin()));
        let mut is_wrong = moment < *until;
        loop {
            if is_wrong {
                sleep.as_mut().reset(self.clock.of_runtime(moment));
                *until = moment;
            }
            ready!(sleep.as_mut().poll(cx));
            if *until >= moment {
                return Poll::Ready(());
            }
            is_wrong = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Timer;
    use crate::clock::Clock;

    #[tokio::test(start_paused = true)]
    async fn it_goes_off_at_each_moment_whether_it_is_set_later_or_earlier() {
        let clock = Clock::paused();
        let mut timer = Timer::of(&clock);
        let start = clock.now();
        let second = |n| start + Duration::from_secs(n);
        for (wanted, given_up) in [(1, 30), (2, 31), (40, 3), (41, 41), (41, 50)] {
            tokio::select! {
                biased;
                () = timer.until(second(given_up)), if given_up > wanted => panic!(),
                () = tokio::task::yield_now() => {}
            }
            timer.until(second(wanted)).await;
            assert_eq!(clock.now(), second(wanted));
        }
    }
}
