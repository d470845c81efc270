//! What was measured, at one moment.

use super::{Measure, Metric, Series, TagKey, Tags, Window, Windows};

/// Everything measured up to a moment.
#[derive(Clone)]
pub struct Snapshot {
    windows: Windows,
    series: Vec<Series>,
}

impl Snapshot {
    pub(crate) fn new(windows: Windows, series: Vec<Series>) -> Self {
        Self { windows, series }
    }

    /// When each part of the run was measured.
    pub fn windows(&self) -> &Windows {
        &self.windows
    }

    /// The time in which what has these tags was measured. What is of no part
    /// of the run is measured all the time.
    pub fn window(&self, metric: Metric, wanted: &Tags) -> Window {
        if metric.has_phase() {
            self.windows.of(wanted)
        } else {
            self.windows.whole()
        }
    }

    /// How many per second, of a counter, have ended: of the main part, unless
    /// `wanted` names a phase. What was not let finish is not among them, unless
    /// it names an outcome or a status. `None` when nothing was measured.
    pub fn rate(&self, metric: Metric, wanted: &Tags) -> Option<f64> {
        let named = |key| wanted.get(key).is_some();
        let ended = self.total_of(metric, wanted, |series| {
            let is_main = series
                .get(TagKey::Phase)
                .is_none_or(|phase| phase == "main");
            (named(TagKey::Phase) || is_main)
                && (named(TagKey::Outcome)
                    || named(TagKey::Status)
                    || !series.outcome().is_unfinished())
        });
        self.window(metric, wanted).rate(ended.count())
    }

    /// Every series, in the order in which they were first measured.
    pub fn series(&self) -> &[Series] {
        &self.series
    }

    /// All series of `metric` that have the tags `wanted`, added up.
    pub fn total(&self, metric: Metric, wanted: &Tags) -> Measure {
        self.total_of(metric, wanted, |_| true)
    }

    /// How many values there are of a metric, in the series that have these tags.
    pub fn count(&self, metric: Metric, tags: &[(TagKey, &str)]) -> u64 {
        let tags = tags.iter().copied();
        let tags = tags.fold(Tags::new(), |tags, (key, value)| tags.with(key, value));
        self.total(metric, &tags).count()
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

    fn of<'a>(&'a self, metric: Metric, wanted: &'a Tags) -> impl Iterator<Item = &'a Series> {
        self.series
            .iter()
            .filter(move |series| series.metric == metric && series.tags.contain(wanted))
    }
}
