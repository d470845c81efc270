//! One interval of a run in a few numbers.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Histogram, Measure, Metric, Outcome, Series, SeriesId, Span, TagKey, nanoseconds};

mod join;

pub use join::join_rows;

/// What a time series holds of one interval, a second unless the machine was
/// busy. Times are in nanoseconds when written to a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// End of the interval, from the start of the run, setup included.
    #[serde(with = "nanoseconds")]
    pub at: Duration,
    /// How long the interval was.
    #[serde(with = "nanoseconds")]
    pub length: Duration,
    /// Iterations that ended well.
    pub iterations: u64,
    /// Iterations that failed, or were cut when the grace ran out.
    pub failed: u64,
    /// Those of them that were cut: they are in no percentile.
    #[serde(default)]
    pub unfinished: u64,
    /// Iterations that the scenario has ended on purpose.
    #[serde(default)]
    pub skipped: u64,
    /// Iterations that found no virtual user.
    pub dropped: u64,
    /// Requests that ended.
    pub requests: u64,
    /// Iterations of the main part that have ended, well or not.
    #[serde(default)]
    pub measured_iterations: u64,
    /// Requests of the main part that have ended.
    #[serde(default)]
    pub measured_requests: u64,
    /// Steps that failed.
    pub errors: u64,
    /// Median duration of the good iterations that ended.
    #[serde(with = "nanoseconds")]
    pub p50: Duration,
    /// 95th percentile.
    #[serde(with = "nanoseconds")]
    pub p95: Duration,
    /// 99th percentile.
    #[serde(with = "nanoseconds")]
    pub p99: Duration,
    /// Longest.
    #[serde(with = "nanoseconds")]
    pub max: Duration,
    /// Virtual users that are there.
    pub vus: u64,
    /// Virtual users in an iteration.
    pub busy: u64,
    /// Virtual users waiting for a one-time password.
    pub otps_pending: u64,
    /// Different accounts authenticated so far.
    pub users: u64,
    /// How long of it the load generator stood still.
    #[serde(
        default,
        with = "nanoseconds",
        skip_serializing_if = "Duration::is_zero"
    )]
    pub stalled: Duration,
    /// How long of it the busiest threads of the load generator were at work.
    #[serde(
        default,
        with = "nanoseconds",
        skip_serializing_if = "Duration::is_zero"
    )]
    pub generator_busy: Duration,
}

impl Row {
    /// The interval.
    pub fn span(&self) -> Span {
        Span {
            start: self.at.saturating_sub(self.length),
            length: self.length,
        }
    }

    /// Sums up everything measured in an interval.
    pub fn sum(measured: &[(SeriesId, Series)]) -> Self {
        let mut row = Self::default();
        let mut durations = Histogram::new();
        for (_, series) in measured {
            let Series {
                metric,
                tags,
                measure,
            } = series;
            let outcome = tags.outcome();
            if tags.get(TagKey::Phase) == Some("main") && !outcome.is_unfinished() {
                match metric {
                    Metric::Iterations => row.measured_iterations += measure.count(),
                    Metric::HttpReqs => row.measured_requests += measure.count(),
                    _ => {}
                }
            }
            let once = matches!(tags.get(TagKey::Phase), Some("setup" | "teardown"));
            match (metric, measure, outcome) {
                // Setup and teardown are no iterations of a scenario.
                (Metric::Iterations | Metric::IterationDuration, _, _) if once => {}
                (Metric::Iterations, Measure::Count(n), Outcome::Ok) => row.iterations += n,
                (Metric::Iterations, Measure::Count(n), Outcome::Failed) => row.failed += n,
                (Metric::Iterations, Measure::Count(n), Outcome::Cut) => {
                    row.failed += n;
                    row.unfinished += n;
                }
                (Metric::Iterations, Measure::Count(n), Outcome::Skipped) => row.skipped += n,
                (Metric::DroppedIterations, Measure::Count(n), _) => row.dropped += n,
                (Metric::HttpReqs, Measure::Count(n), _) => row.requests += n,
                (Metric::Errors, Measure::Count(n), _) => row.errors += n,
                (Metric::IterationDuration, Measure::Duration(histogram), Outcome::Ok) => {
                    durations.merge(histogram);
                }
                _ => {}
            }
        }
        row.p50 = durations.quantile(0.5);
        row.p95 = durations.quantile(0.95);
        row.p99 = durations.quantile(0.99);
        row.max = durations.max();
        row
    }
}
