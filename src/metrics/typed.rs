//! Metrics with the type of their values, so that recording another does not
//! compile.

use std::time::Duration;

use super::{Counter, Gauge, Measure, Metric, MetricKind, Rate, Trend};

/// A metric of which the values have a type.
///
/// ```
/// use std::time::Duration;
/// use rehearse::metrics::{Counter, Meter, Recorder, Tags, Trend};
///
/// let meter = Meter::new(Recorder::new(), Tags::new());
/// meter.record(Counter::HTTP_REQS, &[], 1);
/// meter.record(Trend::HTTP_REQ_DURATION, &[], Duration::from_millis(2));
/// ```
///
/// A counter takes no time span:
///
/// ```compile_fail,E0308
/// use std::time::Duration;
/// use rehearse::metrics::{Counter, Meter, Recorder, Tags};
///
/// let meter = Meter::new(Recorder::new(), Tags::new());
/// meter.record(Counter::HTTP_REQS, &[], Duration::from_millis(2));
/// ```
pub trait TypedMetric: Copy {
    /// What is recorded.
    type Value: Copy;

    /// How the values add up.
    const KIND: MetricKind;

    /// The metric, to read it.
    fn metric(self) -> Metric;

    /// Adds a value to what was measured.
    fn add(measure: &mut Measure, value: Self::Value);

    /// The time that a value says has passed, if it says so.
    fn span(_value: Self::Value) -> Option<Duration> {
        None
    }
}

impl TypedMetric for Counter {
    type Value = u64;
    const KIND: MetricKind = MetricKind::Counter;

    fn metric(self) -> Metric {
        self.0
    }

    fn add(measure: &mut Measure, by: u64) {
        if let Measure::Count(sum) = measure {
            *sum += by;
        }
    }
}

impl TypedMetric for Trend {
    type Value = Duration;
    const KIND: MetricKind = MetricKind::Trend;

    fn metric(self) -> Metric {
        self.0
    }

    fn add(measure: &mut Measure, took: Duration) {
        if let Measure::Duration(histogram) = measure {
            histogram.record(took);
        }
    }

    fn span(took: Duration) -> Option<Duration> {
        Some(took)
    }
}

impl TypedMetric for Rate {
    type Value = bool;
    const KIND: MetricKind = MetricKind::Rate;

    fn metric(self) -> Metric {
        self.0
    }

    fn add(measure: &mut Measure, good: bool) {
        if let Measure::Rate { held, total } = measure {
            *held += u64::from(good);
            *total += 1;
        }
    }
}

impl TypedMetric for Gauge {
    type Value = u64;
    const KIND: MetricKind = MetricKind::Gauge;

    fn metric(self) -> Metric {
        self.0
    }

    fn add(measure: &mut Measure, value: u64) {
        if let Measure::Level(level) = measure {
            level.read(value);
        }
    }
}
