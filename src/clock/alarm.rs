//! Waiting for a moment more exactly than a runtime's own timers, which are a
//! millisecond coarse.

use std::time::Instant;

use super::time::Clock;

/// Waits for one moment after the other. Belongs to the runtime in which it was
/// made.
///
/// On Linux by a timer of the system in the runtime's own reactor: no second
/// thread has to wake this one. Elsewhere, and where there is no descriptor left
/// for it, by the runtime's timers.
pub struct Alarm {
    clock: Clock,
    #[cfg(target_os = "linux")]
    timer: Option<linux::Timer>,
}

impl Alarm {
    /// By this clock.
    pub fn of(clock: &Clock) -> Self {
        Self {
            clock: clock.clone(),
            #[cfg(target_os = "linux")]
            timer: linux::Timer::of(clock),
        }
    }

    /// Resolves at `moment`; at once when it has passed.
    pub async fn until(&mut self, moment: Instant) {
        #[cfg(target_os = "linux")]
        if let Some(timer) = &self.timer {
            loop {
                let left = moment.saturating_duration_since(self.clock.now());
                if left.is_zero() {
                    return;
                }
                if timer.after(left).await.is_err() {
                    break;
                }
            }
        }
        if self.clock.now() < moment {
            self.clock.sleep_until(moment).await;
        }
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::io;
    use std::os::fd::OwnedFd;
    use std::time::Duration;

    use rustix::time::{
        Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
        timerfd_settime,
    };
    use tokio::io::Interest;
    use tokio::io::unix::AsyncFd;

    use super::Clock;

    pub(super) struct Timer(AsyncFd<OwnedFd>);

    impl Timer {
        /// `None` by a clock that is not the machine's.
        pub(super) fn of(clock: &Clock) -> Option<Self> {
            if !clock.is_real() {
                return None;
            }
            let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
            let timer = timerfd_create(TimerfdClockId::Monotonic, flags).ok()?;
            #[expect(
                deprecated,
                reason = "unsound for what changes its descriptor: an `OwnedFd` does not"
            )]
            let registered = AsyncFd::with_interest(timer, Interest::READABLE);
            registered.ok().map(Self)
        }

        /// Waits for so long, or less.
        pub(super) async fn after(&self, left: Duration) -> io::Result<()> {
            let once = Itimerspec {
                it_interval: Timespec::default(),
                it_value: Timespec::try_from(left).map_err(io::Error::other)?,
            };
            timerfd_settime(&self.0, TimerfdTimerFlags::empty(), &once)?;
            // Setting it again takes back what was not read.
            self.0.readable().await?.clear_ready();
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Alarm;
    use crate::clock::Clock;

    #[tokio::test]
    async fn it_is_never_early_and_a_wait_that_was_given_up_is_none() {
        let clock = Clock::real();
        let mut alarm = Alarm::of(&clock);
        let start = clock.now();
        for micros in [300, 700, 900, 2500, 0, 2600] {
            let moment = start + Duration::from_micros(micros);
            tokio::select! {
                biased;
                () = alarm.until(moment + Duration::from_secs(3600)) => panic!(),
                () = tokio::task::yield_now() => {}
            }
            alarm.until(moment).await;
            assert!(clock.now() >= moment);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn it_follows_a_paused_clock() {
        let clock = Clock::paused();
        let start = clock.now();
        Alarm::of(&clock)
            .until(start + Duration::from_secs(5))
            .await;
        assert_eq!(clock.since(start), Duration::from_secs(5));
    }
}
