//! How busy the threads of this program are.

use std::time::Duration;

use tokio::runtime::{Handle, RuntimeMetrics};

/// Of so many hundredths of a time, a thread that has work to do all the time
/// is at work: it looks for news in between.
const ALL: u32 = 95;

/// How much of the time threads were at work, from one look to the next.
pub struct Busy(Vec<(RuntimeMetrics, Duration)>);

impl Busy {
    /// Of the threads of these runtimes.
    pub fn of<'h>(runtimes: impl IntoIterator<Item = &'h Handle>) -> Self {
        let metrics = runtimes.into_iter().map(Handle::metrics);
        let began = metrics.map(|metrics| {
            let before = at_work(&metrics);
            (metrics, before)
        });
        Self(began.collect())
    }

    /// How long the threads of the busiest runtime were at work since the last
    /// look, on average.
    pub fn look(&mut self) -> Duration {
        let since = self.0.iter_mut().map(|(metrics, before)| {
            let now = at_work(metrics);
            now.saturating_sub(std::mem::replace(before, now))
        });
        since.max().unwrap_or_default()
    }
}

/// How long this program has used processors, all its threads taken together.
pub fn processor_time() -> Duration {
    let spent = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::try_from(spent).unwrap_or_default()
}

/// Whether whoever was at work so long of a time had none left.
pub fn is_saturated(busy: Duration, of: Duration) -> bool {
    busy > Duration::ZERO && busy * 100 >= of * ALL
}

fn at_work(metrics: &RuntimeMetrics) -> Duration {
    let workers = metrics.num_workers();
    let sum: Duration = (0..workers)
        .map(|worker| metrics.worker_total_busy_duration(worker))
        .sum();
    u32::try_from(workers).map_or(sum, |workers| sum / workers.max(1))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::runtime::Handle;

    use super::{Busy, is_saturated};
    use crate::clock::Clock;

    #[tokio::test]
    async fn work_is_told_from_waiting() {
        let clock = Clock::real();
        let mut busy = Busy::of([&Handle::current()]);
        let start = clock.now();
        while clock.since(start) < Duration::from_millis(50) {
            std::hint::spin_loop();
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
        assert!(busy.look() >= Duration::from_millis(50));
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert!(busy.look() < Duration::from_millis(40));
        assert_eq!(Busy::of([]).look(), Duration::ZERO);
    }

    #[test]
    fn what_is_left_decides() {
        let second = Duration::from_secs(1);
        assert!(is_saturated(second, second));
        assert!(is_saturated(second * 95 / 100, second));
        assert!(!is_saturated(second * 94 / 100, second));
        assert!(!is_saturated(Duration::ZERO, Duration::ZERO));
    }
}
