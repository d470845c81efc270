//! What was measured of one thing.

use super::{Measure, Metric, Tags};

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
