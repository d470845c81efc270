//! A recorder bound to what is being measured.

use std::sync::Arc;
use std::time::Duration;

use super::{BaseId, Metric, Recorder, SeriesId, TagKey, Tags};

/// The moment from which durations count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    /// When the work began: a closed model, where nothing was due before.
    #[default]
    Start,
    /// When the work should have begun: an open model. Whatever kept it
    /// waiting, on our side too, is part of what a user would have waited.
    Intended,
}

/// Records under fixed tags, to which each measurement adds its own. Cheap to
/// clone.
#[derive(Clone)]
pub struct Meter {
    recorder: Recorder,
    tags: Arc<Tags>,
    base: BaseId,
    origin: Origin,
}

impl Meter {
    /// Records into `recorder` under `tags`.
    pub fn new(recorder: Recorder, tags: Tags) -> Self {
        let base = recorder.base(&tags);
        Self {
            recorder,
            tags: Arc::new(tags),
            base,
            origin: Origin::default(),
        }
    }

    /// The same with one more fixed tag.
    #[must_use]
    pub fn with(&self, key: TagKey, value: &str) -> Self {
        Self::new(self.recorder.clone(), (*self.tags).clone().with(key, value))
            .counting_from(self.origin)
    }

    /// The same with durations that count from another moment.
    #[must_use]
    pub fn counting_from(mut self, origin: Origin) -> Self {
        self.origin = origin;
        self
    }

    /// The moment from which durations count.
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// The value of a fixed tag.
    pub fn tag(&self, key: TagKey) -> Option<&str> {
        self.tags.get(key)
    }

    /// Records a duration.
    pub fn duration(&self, metric: Metric, tags: &[(TagKey, &str)], took: Duration) {
        self.recorder.duration(self.series(metric, tags), took);
    }

    /// Adds to a counter.
    pub fn count(&self, metric: Metric, tags: &[(TagKey, &str)], by: u64) {
        self.recorder.count(self.series(metric, tags), by);
    }

    /// Records whether something held.
    pub fn rate(&self, metric: Metric, tags: &[(TagKey, &str)], held: bool) {
        self.recorder.rate(self.series(metric, tags), held);
    }

    /// Records a reading of a number that goes up and down.
    pub fn level(&self, metric: Metric, value: u64) {
        self.recorder.level(self.series(metric, &[]), value);
    }

    fn series(&self, metric: Metric, tags: &[(TagKey, &str)]) -> SeriesId {
        self.recorder.series(self.base, metric, tags)
    }
}
