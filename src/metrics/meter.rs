//! A recorder bound to what is being measured.

use std::sync::Arc;
use std::time::Duration;

use super::recorder::{BaseId, Recorder, SeriesId};
use super::{Metric, TagKey, Tags};

/// Records under fixed tags, to which each measurement adds its own. Cheap to
/// clone.
#[derive(Clone)]
pub struct Meter {
    recorder: Recorder,
    tags: Arc<Tags>,
    base: BaseId,
}

impl Meter {
    /// Records into `recorder` under `tags`.
    pub fn new(recorder: Recorder, tags: Tags) -> Self {
        let base = recorder.base(&tags);
        Self {
            recorder,
            tags: Arc::new(tags),
            base,
        }
    }

    /// The same with one more fixed tag.
    #[must_use]
    pub fn with(&self, key: TagKey, value: &str) -> Self {
        Self::new(self.recorder.clone(), (*self.tags).clone().with(key, value))
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

    fn series(&self, metric: Metric, tags: &[(TagKey, &str)]) -> SeriesId {
        self.recorder.series(self.base, metric, tags)
    }
}
