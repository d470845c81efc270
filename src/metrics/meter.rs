//! A recorder bound to what is being measured.

use std::sync::Arc;

use super::{BaseId, Recorder, SeriesId, TagKey, Tags, TypedMetric};

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

    /// Records a value, and says of which series it is.
    pub fn record<M: TypedMetric>(
        &self,
        metric: M,
        tags: &[(TagKey, &str)],
        value: M::Value,
    ) -> SeriesId {
        self.recorder.record_under(self.base, metric, tags, value)
    }
}
