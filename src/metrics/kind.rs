//! How the values of a metric add up.

/// How the values of a metric add up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MetricKind {
    /// Something that is counted.
    Counter,
    /// Something that holds or does not.
    Rate,
    /// A time span, kept as a histogram.
    Trend,
    /// A number that goes up and down, read from time to time.
    Gauge,
}
