//! Families in the text formats of Prometheus.

use std::fmt::{self, Write};

use super::family::{BOUNDS, Buckets, Family, FamilyKind, Label, Point, Value};
use crate::report::escape::label;

/// A text format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax {
    /// Prometheus' own, version 0.0.4.
    Prometheus,
    /// OpenMetrics 1.0.
    OpenMetrics,
}

impl Syntax {
    /// The media type that says so.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Prometheus => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }
}

/// Writes families, one after the other.
pub fn text(families: &[Family], syntax: Syntax) -> String {
    let mut out = String::new();
    for each in families {
        // Writing to a text does not fail.
        let _ = family(&mut out, each, syntax);
    }
    if syntax == Syntax::OpenMetrics {
        out.push_str("# EOF\n");
    }
    out
}

fn family(out: &mut String, family: &Family, syntax: Syntax) -> fmt::Result {
    let name = family.full_name();
    let suffix = match family.kind {
        FamilyKind::Info => "_info",
        FamilyKind::Counter => "_total",
        FamilyKind::Gauge | FamilyKind::Histogram | FamilyKind::Quantiles => "",
    };
    // In Prometheus' own format a family is called as its series are.
    let (title, kind) = match (syntax, family.kind) {
        (Syntax::OpenMetrics, FamilyKind::Info) => (name.clone(), "info"),
        (Syntax::Prometheus, FamilyKind::Info) => (format!("{name}{suffix}"), "gauge"),
        (Syntax::OpenMetrics, FamilyKind::Counter) => (name.clone(), "counter"),
        (Syntax::Prometheus, FamilyKind::Counter) => (format!("{name}{suffix}"), "counter"),
        (_, FamilyKind::Gauge) => (name.clone(), "gauge"),
        (_, FamilyKind::Histogram) => (name.clone(), "histogram"),
        (_, FamilyKind::Quantiles) => (name.clone(), "summary"),
    };
    writeln!(out, "# TYPE {title} {kind}")?;
    if syntax == Syntax::OpenMetrics && !family.unit.name().is_empty() {
        writeln!(out, "# UNIT {title} {}", family.unit.name())?;
    }
    writeln!(out, "# HELP {title} {}", family.about)?;
    for point in &family.points {
        series(out, &name, suffix, point)?;
    }
    Ok(())
}

fn series(out: &mut String, name: &str, suffix: &str, point: &Point) -> fmt::Result {
    let plain = labels(&point.labels, None);
    match &point.value {
        Value::Number(value) => writeln!(out, "{name}{suffix}{plain} {value}"),
        Value::Count(count) => writeln!(out, "{name}{suffix}{plain} {count}"),
        Value::Quantiles(all) => all.iter().try_for_each(|(quantile, seconds)| {
            let labels = labels(&point.labels, Some(("quantile", &format!("{quantile:?}"))));
            writeln!(out, "{name}{labels} {seconds}")
        }),
        Value::Buckets(buckets) => {
            histogram(out, name, point, buckets)?;
            let sum = buckets.sum.as_secs_f64();
            writeln!(out, "{name}_count{plain} {}", buckets.count)?;
            writeln!(out, "{name}_sum{plain} {sum}")
        }
    }
}

/// Each bucket holds those before it too.
fn histogram(out: &mut String, name: &str, point: &Point, buckets: &Buckets) -> fmt::Result {
    let mut sum = 0;
    for (bound, count) in BOUNDS.iter().zip(&buckets.counts) {
        sum += count;
        // With a point, as OpenMetrics has it: `1.0`.
        let bound = format!("{:?}", bound.as_secs_f64());
        let labels = labels(&point.labels, Some(("le", &bound)));
        writeln!(out, "{name}_bucket{labels} {sum}")?;
    }
    let labels = labels(&point.labels, Some(("le", "+Inf")));
    writeln!(out, "{name}_bucket{labels} {}", buckets.count)
}

fn labels(labels: &[Label], more: Option<(&str, &str)>) -> String {
    let all = labels.iter().map(|(key, value)| (*key, &**value));
    let mut out = String::new();
    for (key, value) in all.chain(more) {
        out.push(if out.is_empty() { '{' } else { ',' });
        // Writing to a text does not fail.
        let _ = write!(out, "{key}=\"{}\"", label(value));
    }
    if !out.is_empty() {
        out.push('}');
    }
    out
}
