//! Samples, histograms and thresholds. Knows nothing of iCure.
//!
//! To add a metric: one variant of [`Metric`] and its lines in that file.

mod dropped;
mod histogram;
mod measure;
mod meter;
mod metric;
mod packed;
mod recorder;
mod row;
mod selector;
mod snapshot;
mod tags;
mod threshold;

pub use dropped::Dropped;
pub use histogram::Histogram;
pub use measure::{Level, Measure};
pub use meter::{Meter, Origin};
pub use metric::{Metric, MetricKind};
pub use packed::{PackError, PackedMeasure};
pub use recorder::{BaseId, Recorder, SeriesId};
pub use row::Row;
pub use selector::{Selector, SyntaxError};
pub use snapshot::{Series, Snapshot};
pub use tags::{TagKey, Tags};
pub use threshold::{Condition, Threshold, Verdict};
