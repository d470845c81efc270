//! Times an operation.

use std::path::Path;
use std::sync::Barrier;
use std::time::Duration;

use hdrhistogram::Histogram;

use super::operation::Pace;
use super::work::Work;
use crate::clock::Clock;
use crate::crypto::CryptoError;
use crate::{ceilings, files};

/// A batch takes at least this long: five hundred looks at the clock.
pub(super) const BATCH: Duration = Duration::from_micros(20);

/// Share of the time that goes by before anything is recorded: caches and the
/// processor's frequency settle.
const WARM_UP: f64 = 0.1;

/// What was measured of one operation.
#[derive(Clone, Debug)]
pub struct Figures {
    /// How often it was done, by all threads.
    pub operations: u64,
    /// How many batches the histogram has.
    pub batches: u64,
    /// How many operations make a batch.
    pub batch: u64,
    /// How many a second, all threads taken together.
    pub per_second: f64,
    /// How many a second of processor time, each thread by its own; `None`
    /// where the system does not tell.
    pub per_processor_second: Option<f64>,
    /// Share of the time in which the threads had a processor; `None` where the
    /// system does not tell.
    pub processor_share: Option<f64>,
    /// Nanoseconds that an operation took on average.
    pub mean: f64,
    /// Picoseconds of an operation: the means of the batches.
    pub histogram: Histogram<u64>,
}

impl Figures {
    /// Nanoseconds that an operation took in a share (0 to 1) of the batches,
    /// or less.
    #[expect(clippy::cast_precision_loss, reason = "three digits are right")]
    pub fn quantile(&self, quantile: f64) -> f64 {
        self.histogram.value_at_quantile(quantile) as f64 / 1e3
    }
}

/// What one thread has done.
struct Part {
    operations: u64,
    batches: u64,
    took: Duration,
    processor: Option<Duration>,
    histogram: Histogram<u64>,
}

/// Does an operation for as long as `time`, on each of so many threads, and at
/// least once.
pub(super) fn measure(
    make: impl Fn() -> Result<Work, CryptoError>,
    pace: Pace,
    threads: usize,
    time: Duration,
    clock: &Clock,
) -> Result<Figures, CryptoError> {
    // Everything that can fail is made before: a thread that gave up would
    // leave the others waiting at the barrier.
    let works = (0..threads).map(|_| Ok((make()?, empty()?)));
    let mut works = works.collect::<Result<Vec<_>, CryptoError>>()?;
    let batch = match (pace, works.first_mut()) {
        (Pace::Batches, Some((work, _))) => batch(work, clock)?,
        _ => 1,
    };
    let start = Barrier::new(threads);
    let parts = std::thread::scope(|scope| {
        let threads: Vec<_> = works
            .into_iter()
            .map(|(work, histogram)| {
                let start = &start;
                scope.spawn(move || run(work, histogram, (pace, batch), start, time, clock))
            })
            .collect();
        let parts = threads.into_iter().map(|thread| match thread.join() {
            Ok(part) => part,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        parts.collect::<Result<Vec<_>, _>>()
    })?;
    Ok(merge(&parts, batch, empty()?))
}

/// How many operations take [`BATCH`].
fn batch(work: &mut Work, clock: &Clock) -> Result<u64, CryptoError> {
    let mut times = 1;
    loop {
        let start = clock.now();
        work(times)?;
        if clock.since(start) >= BATCH {
            return Ok(times);
        }
        times *= 2;
    }
}

fn run(
    mut work: Work,
    histogram: Histogram<u64>,
    (pace, batch): (Pace, u64),
    together: &Barrier,
    time: Duration,
    clock: &Clock,
) -> Result<Part, CryptoError> {
    let mut part = Part {
        operations: 0,
        batches: 0,
        took: Duration::ZERO,
        processor: None,
        histogram,
    };
    together.wait();
    if pace == Pace::Batches {
        let start = clock.now();
        while clock.since(start) < time.mul_f64(WARM_UP) {
            work(batch)?;
        }
    }
    let before = processor_time();
    let start = clock.now();
    let mut last = start;
    while part.batches == 0 || last - start < time {
        work(batch)?;
        let now = clock.now();
        // The end of one batch is the beginning of the next one: no time is
        // left out, that of looking and recording included.
        let took = now - last;
        last = now;
        part.operations += batch;
        part.batches += 1;
        let each = took.as_nanos() * 1000 / u128::from(batch);
        // Cannot fail: it resizes to hold the value.
        let _ = part
            .histogram
            .record(u64::try_from(each).unwrap_or(u64::MAX));
    }
    part.took = last - start;
    part.processor = before.and_then(|before| processor_time()?.checked_sub(before));
    Ok(part)
}

/// Grows with the largest value, and is right to three digits.
fn empty() -> Result<Histogram<u64>, CryptoError> {
    Histogram::new(3).map_err(|_| CryptoError::Failed("making a histogram"))
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
fn merge(parts: &[Part], batch: u64, mut histogram: Histogram<u64>) -> Figures {
    let sum = |of: fn(&Part) -> Duration| parts.iter().map(of).sum::<Duration>();
    let (mut operations, mut batches, mut per_second) = (0, 0, 0.0);
    for part in parts {
        // Cannot fail: it resizes to hold whatever the other one holds.
        let _ = histogram.add(&part.histogram);
        operations += part.operations;
        batches += part.batches;
        per_second += part.operations as f64 / part.took.as_secs_f64();
    }
    let processor: Option<Duration> = parts.iter().map(|part| part.processor).sum();
    let processor = processor.filter(|time| !time.is_zero());
    let per = |time: Duration| operations as f64 / time.as_secs_f64();
    Figures {
        operations,
        batches,
        batch,
        per_second,
        per_processor_second: processor.map(per),
        processor_share: processor
            .map(|time| (time.as_secs_f64() / sum(|part| part.took).as_secs_f64()).min(1.0)),
        mean: sum(|part| part.took).as_secs_f64() * 1e9 / operations as f64,
        histogram,
    }
}

/// How long this thread has been on a processor: the first number of Linux's
/// `schedstat`, in nanoseconds.
fn processor_time() -> Option<Duration> {
    let text = files::read_text(Path::new("/proc/thread-self/schedstat"), ceilings::SYSTEM).ok()?;
    let nanoseconds = text.split_whitespace().next()?.parse().ok()?;
    Some(Duration::from_nanos(nanoseconds))
}
