//! Time spans in a few numbers.

use schemars::JsonSchema;
use serde::Serialize;

use crate::metrics::{Bound, Histogram, Spans};
use crate::numbers::milliseconds;

/// Time spans in a few numbers; times in milliseconds.
#[derive(Serialize, JsonSchema)]
pub(super) struct Times {
    /// How many were finished.
    count: u64,
    /// How many were still under way when the grace ran out.
    #[serde(default, skip_serializing_if = "is_zero")]
    unfinished: u64,
    /// Names of the times of which only the least that they can be is known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    at_least: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none", flatten)]
    figures: Option<Quantiles>,
}

/// Time spans in a few numbers.
#[derive(Serialize, JsonSchema)]
#[expect(
    clippy::struct_field_names,
    reason = "a reader of the file must see the unit"
)]
struct Quantiles {
    min_ms: f64,
    mean_ms: f64,
    stddev_ms: f64,
    p50_ms: f64,
    p90_ms: f64,
    p95_ms: f64,
    p99_ms: f64,
    p99_9_ms: f64,
    max_ms: f64,
    sum_ms: f64,
}

pub(super) fn times(histogram: &Histogram) -> Times {
    figures(&Spans::of_finished(histogram.clone()))
}

pub(super) fn figures(spans: &Spans) -> Times {
    let mut at_least = Vec::new();
    let mut told = |name, figure: Bound| {
        at_least.extend(figure.is_at_least().then_some(name));
        milliseconds(figure.value())
    };
    let sum = spans.finished.sum() + spans.cut.sum();
    let sum = match spans.unfinished() {
        0 => Bound::Exact(sum),
        _ => Bound::AtLeast(sum),
    };
    let figures = (!spans.is_empty()).then(|| Quantiles {
        min_ms: told("min_ms", spans.min()),
        mean_ms: told("mean_ms", spans.mean()),
        stddev_ms: told("stddev_ms", spans.standard_deviation()),
        p50_ms: told("p50_ms", spans.quantile(0.5)),
        p90_ms: told("p90_ms", spans.quantile(0.9)),
        p95_ms: told("p95_ms", spans.quantile(0.95)),
        p99_ms: told("p99_ms", spans.quantile(0.99)),
        p99_9_ms: told("p99_9_ms", spans.quantile(0.999)),
        max_ms: told("max_ms", spans.max()),
        sum_ms: told("sum_ms", sum),
    });
    Times {
        count: spans.finished.count(),
        unfinished: spans.unfinished(),
        at_least,
        figures,
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}
