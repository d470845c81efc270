//! How much there was in the measured part of a run, and how many per second.

use std::time::Duration;

use super::Report;
use crate::metrics::{Metric, Row, TagKey, Tags};

impl Report {
    /// How many per second of a counter, in the measured part of the run.
    pub fn rate(&self, metric: Metric) -> Option<f64> {
        self.snapshot.rate(metric, &Tags::new())
    }

    /// How long the main part was measured.
    pub fn measured_time(&self) -> Duration {
        self.snapshot.windows().of(&Tags::new()).length()
    }

    /// Sum of a counter over one phase of the run.
    pub fn count_in(&self, phase: &str, metric: Metric) -> u64 {
        self.snapshot.count(metric, &[(TagKey::Phase, phase)])
    }

    /// Iterations that were warm-up, however they ended.
    pub fn warmup_iterations(&self) -> u64 {
        self.count_in("warmup", Metric::Iterations)
    }

    /// Successful runs of a step per second, while its scenario was measured.
    pub fn throughput(&self, scenario: &str, good: u64) -> Option<f64> {
        self.snapshot.windows().of_scenario(scenario).rate(good)
    }

    /// How much of each interval of the time series, in milliseconds, lies in
    /// the measured part.
    pub fn measured_ms(&self) -> Vec<f64> {
        let window = self.snapshot.windows().of(&Tags::new());
        let spans = self.time_series.iter().map(Row::span);
        let shares = window.shares(spans).into_iter();
        shares.map(crate::numbers::milliseconds).collect()
    }
}
