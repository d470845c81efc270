//! Families in OTLP's data model.
//!
//! Names and units are such that a translation to Prometheus gives the names
//! that our own endpoint has.

use std::sync::Arc;
use std::time::Duration;

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value};
use opentelemetry_proto::tonic::metrics::v1::{
    AggregationTemporality, Gauge, Histogram, HistogramDataPoint, Metric, NumberDataPoint,
    ResourceMetrics, ScopeMetrics, Sum, metric::Data, number_data_point,
};
use opentelemetry_proto::tonic::resource::v1::Resource;
use uuid::Uuid;

use crate::live::Shown;
use crate::report::exposition::{BOUNDS, Family, FamilyKind, Label, Point, Unit, Value};
use crate::shown::line;

/// Which run exports.
#[derive(Clone, Debug)]
pub struct Origin {
    /// Name of the report's folder.
    pub run: Arc<str>,
    /// Different for each process, as OpenTelemetry wants it.
    instance: Uuid,
}

impl Origin {
    /// The run whose report lies in this folder.
    pub fn new(run: &str) -> Self {
        Self {
            run: run.into(),
            instance: Uuid::new_v4(),
        }
    }
}

pub(super) fn request(shown: &Shown, origin: &Origin) -> ExportMetricsServiceRequest {
    let moment = Moment {
        start: nanoseconds(shown.run.started_at.as_nanosecond()),
        now: nanoseconds(shown.at.as_nanosecond()),
    };
    let metrics = shown.families.iter();
    let metrics = metrics
        .filter_map(|family| metric(family, moment))
        .collect();
    let scope = InstrumentationScope {
        name: "rehearse".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        ..InstrumentationScope::default()
    };
    ExportMetricsServiceRequest {
        resource_metrics: vec![ResourceMetrics {
            resource: Some(resource(shown, origin)),
            scope_metrics: vec![ScopeMetrics {
                scope: Some(scope),
                metrics,
                schema_url: String::new(),
            }],
            schema_url: String::new(),
        }],
    }
}

fn resource(shown: &Shown, origin: &Origin) -> Resource {
    let run = &shown.run;
    Resource {
        attributes: vec![
            attribute("service.name", "rehearse"),
            attribute("service.version", env!("CARGO_PKG_VERSION")),
            attribute("service.instance.id", &origin.instance.to_string()),
            attribute("rehearse.plan", &run.name),
            attribute("rehearse.target", &run.target.name),
            attribute("rehearse.run", &origin.run),
        ],
        ..Resource::default()
    }
}

/// Between which moments something was measured, since 1970.
#[derive(Clone, Copy)]
struct Moment {
    start: u64,
    now: u64,
}

fn nanoseconds(since_1970: i128) -> u64 {
    u64::try_from(since_1970).unwrap_or_default()
}

/// `None` for quantiles, which cannot be added up and which OTLP has for old
/// sources only: whoever gets histograms makes their own.
fn metric(family: &Family, moment: Moment) -> Option<Metric> {
    let suffix = match family.kind {
        FamilyKind::Quantiles => return None,
        FamilyKind::Info => "_info",
        _ => "",
    };
    let unit = match family.unit {
        Unit::None => "",
        Unit::Seconds => "s",
        Unit::Bytes => "By",
    };
    let points = || family.points.iter();
    let data = match family.kind {
        FamilyKind::Histogram => Data::Histogram(Histogram {
            data_points: points().filter_map(|it| histogram(it, moment)).collect(),
            aggregation_temporality: AggregationTemporality::Cumulative.into(),
        }),
        FamilyKind::Counter => Data::Sum(Sum {
            data_points: points().filter_map(|it| number(it, moment)).collect(),
            aggregation_temporality: AggregationTemporality::Cumulative.into(),
            is_monotonic: true,
        }),
        _ => Data::Gauge(Gauge {
            data_points: points().filter_map(|it| number(it, moment)).collect(),
        }),
    };
    Some(Metric {
        name: format!("rehearse.{}{suffix}", family.name),
        description: family.about.into(),
        unit: unit.into(),
        metadata: Vec::new(),
        data: Some(data),
    })
}

fn number(point: &Point, moment: Moment) -> Option<NumberDataPoint> {
    let value = match &point.value {
        Value::Number(value) => number_data_point::Value::AsDouble(*value),
        Value::Count(count) => {
            number_data_point::Value::AsInt(i64::try_from(*count).unwrap_or(i64::MAX))
        }
        Value::Buckets(_) | Value::Quantiles(_) => return None,
    };
    Some(NumberDataPoint {
        attributes: attributes(&point.labels),
        start_time_unix_nano: moment.start,
        time_unix_nano: moment.now,
        value: Some(value),
        ..NumberDataPoint::default()
    })
}

fn histogram(point: &Point, moment: Moment) -> Option<HistogramDataPoint> {
    let Value::Buckets(buckets) = &point.value else {
        return None;
    };
    let mut counts = buckets.counts.clone();
    // One more than there are bounds: those above all of them.
    counts.push(buckets.count.saturating_sub(counts.iter().sum()));
    Some(HistogramDataPoint {
        attributes: attributes(&point.labels),
        start_time_unix_nano: moment.start,
        time_unix_nano: moment.now,
        count: buckets.count,
        sum: Some(buckets.sum.as_secs_f64()),
        min: Some(buckets.min.as_secs_f64()),
        max: Some(buckets.max.as_secs_f64()),
        bucket_counts: counts,
        explicit_bounds: BOUNDS.iter().map(Duration::as_secs_f64).collect(),
        ..HistogramDataPoint::default()
    })
}

fn attributes(labels: &[Label]) -> Vec<KeyValue> {
    let labels = labels.iter();
    labels.map(|(key, value)| attribute(key, value)).collect()
}

fn attribute(key: &str, value: &str) -> KeyValue {
    KeyValue {
        key: key.into(),
        value: Some(AnyValue {
            value: Some(any_value::Value::StringValue(line(value).into_owned())),
        }),
        ..KeyValue::default()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{BOUNDS, Moment, Point, Value, histogram};
    use crate::report::exposition::Buckets;

    #[test]
    fn buckets_that_hold_more_than_is_counted_are_no_panic() {
        let buckets = Buckets {
            counts: vec![1; BOUNDS.len()],
            count: 3,
            sum: Duration::ZERO,
            min: Duration::ZERO,
            max: Duration::ZERO,
        };
        let point = Point {
            labels: Vec::new(),
            value: Value::Buckets(buckets),
        };
        let point = histogram(&point, Moment { start: 0, now: 1 }).unwrap();
        assert_eq!(point.bucket_counts.len(), BOUNDS.len() + 1);
        assert_eq!(point.bucket_counts.last(), Some(&0));
    }
}
