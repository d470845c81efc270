//! A recorder bound to what is being measured.

use std::sync::Arc;

use super::{BaseId, Recorder, SeriesId, TagKey, Tags, Together, TypedMetric};

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
        self.together(tags, |these| these.record(metric, value))
    }

    /// Records values that have the same tags, which are looked up once. `work`
    /// must not record by any other way meanwhile.
    pub fn together<T>(
        &self,
        tags: &[(TagKey, &str)],
        work: impl FnOnce(&mut Together<'_>) -> T,
    ) -> T {
        self.recorder.together(self.base, tags, work)
    }
}
