//! Samples, histograms and thresholds. Knows nothing of iCure.
//!
//! To add a metric: one variant of [`Metric`] and its lines in that file.

mod bound;
mod condition;
mod cutoff;
mod dropped;
mod histogram;
mod measure;
mod measured;
mod meter;
mod metric;
pub mod nanoseconds;
mod outcome;
mod own_shortage;
mod packed;
mod quantity;
mod recorder;
mod registry;
mod row;
mod selector;
mod shard;
mod snapshot;
mod spans;
mod statistic;
mod tag_key;
mod tags;
mod threshold;
mod timeline;
mod trace;
mod underway;
mod window;

pub use bound::Bound;
pub use condition::Condition;
pub use cutoff::{CutBy, Cutoff};
pub use dropped::Dropped;
pub use histogram::Histogram;
pub use measure::{Level, Measure};
pub use meter::{Meter, Origin};
pub use metric::{Metric, MetricKind};
pub use outcome::Outcome;
pub use own_shortage::OwnShortage;
pub use packed::{PackError, PackedMeasure};
pub use recorder::Recorder;
pub use registry::{BaseId, SeriesId};
pub use row::{Row, join_rows};
pub use selector::{Selector, SyntaxError};
pub use snapshot::{Series, Snapshot};
pub use spans::Spans;
pub use tag_key::TagKey;
pub use tags::Tags;
pub use threshold::{Threshold, Verdict};
pub use timeline::{Moment, Span, Timeline};
pub use trace::{Trace, Traced};
pub use underway::Underway;
pub use window::{PartWindow, Window, Windows, per_second};
