//! What was measured, at one moment.

use std::sync::Arc;
use std::time::Duration;

use super::{Measure, Metric, TagKey, Tags};

/// One metric under one set of tags, and its values.
#[derive(Clone)]
pub struct Series {
    /// What was measured.
    pub metric: Metric,
    /// What it is about.
    pub tags: Tags,
    /// The values, added up.
    pub measure: Measure,
}

/// Everything measured up to a moment.
#[derive(Clone)]
pub struct Snapshot {
    elapsed: Duration,
    series: Vec<Series>,
}

impl Snapshot {
    pub(crate) fn new(elapsed: Duration, series: Vec<Series>) -> Self {
        Self { elapsed, series }
    }

    /// How long it was measured.
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// Every series, in the order in which they were first measured.
    pub fn series(&self) -> &[Series] {
        &self.series
    }

    /// All series of `metric` that have the tags `wanted`, added up.
    pub fn total(&self, metric: Metric, wanted: &Tags) -> Measure {
        self.total_of(metric, wanted, |_| true)
    }

    /// The same for those whose tags are also accepted by `accept`.
    pub fn total_of(
        &self,
        metric: Metric,
        wanted: &Tags,
        accept: impl Fn(&Tags) -> bool,
    ) -> Measure {
        let mut total = Measure::empty(metric.kind());
        for series in self
            .of(metric, wanted)
            .filter(|series| accept(&series.tags))
        {
            total.merge(&series.measure);
        }
        total
    }

    /// The same, told apart by the values of one more key, in the order in which
    /// these were first seen. Series without the key are left out.
    pub fn by(&self, metric: Metric, wanted: &Tags, key: TagKey) -> Vec<(Arc<str>, Measure)> {
        let mut groups: Vec<(Arc<str>, Measure)> = Vec::new();
        for series in self.of(metric, wanted) {
            let Some((_, value)) = series.tags.iter().find(|(k, _)| *k == key) else {
                continue;
            };
            match groups.iter_mut().find(|(known, _)| known == value) {
                Some((_, measure)) => measure.merge(&series.measure),
                None => groups.push((Arc::clone(value), series.measure.clone())),
            }
        }
        groups
    }

    fn of<'a>(&'a self, metric: Metric, wanted: &'a Tags) -> impl Iterator<Item = &'a Series> {
        self.series
            .iter()
            .filter(move |series| series.metric == metric && series.tags.contain(wanted))
    }
}
