//! `metrics.prom`: every series in the text format of OpenMetrics 1.0, which
//! Prometheus and its relatives read. Times are in seconds.

use std::fmt::Write;

use super::escape::label;
use super::{Format, Report};
use crate::metrics::{Histogram, Measure, Metric, MetricKind, Series};

pub(super) const FORMAT: Format = Format {
    file: "metrics.prom",
    render,
};

/// Quantiles of a duration.
const QUANTILES: [f64; 5] = [0.5, 0.9, 0.95, 0.99, 0.999];

fn render(report: &Report) -> Result<Vec<u8>, String> {
    let mut out = String::new();
    run(&mut out, report)
        .and_then(|()| thresholds(&mut out, report))
        .and_then(|()| {
            // Lines of one family must stand together.
            Metric::ALL
                .iter()
                .try_for_each(|metric| family(&mut out, report, *metric))
        })
        .map_err(|error| error.to_string())?;
    out.push_str("# EOF\n");
    Ok(out.into_bytes())
}

fn run(out: &mut String, report: &Report) -> std::fmt::Result {
    let run = &report.run;
    writeln!(out, "# TYPE rehearse_run info")?;
    writeln!(
        out,
        "rehearse_run_info{{name=\"{}\",target=\"{}\",seed=\"{}\",version=\"{}\"}} 1",
        label(&run.name),
        label(&run.target.name),
        run.seed,
        env!("CARGO_PKG_VERSION")
    )?;
    for (name, unit, value) in [
        (
            "rehearse_run_passed",
            "",
            f64::from(u8::from(report.passed())),
        ),
        (
            "rehearse_run_took_seconds",
            "seconds",
            report.took.as_secs_f64(),
        ),
        ("rehearse_run_started_seconds", "seconds", started(report)),
    ] {
        head(out, name, "gauge", unit)?;
        writeln!(out, "{name} {value}")?;
    }
    Ok(())
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a time of this millennium in ms"
)]
fn started(report: &Report) -> f64 {
    report.run.started_at.as_millisecond() as f64 / 1e3
}

fn thresholds(out: &mut String, report: &Report) -> std::fmt::Result {
    if report.thresholds.is_empty() {
        return Ok(());
    }
    let name = "rehearse_threshold_passed";
    head(out, name, "gauge", "")?;
    for line in &report.thresholds {
        writeln!(
            out,
            "{name}{{selector=\"{}\",condition=\"{}\"}} {}",
            label(&line.selector.to_string()),
            label(&line.condition.to_string()),
            u8::from(line.verdict.passed)
        )?;
    }
    Ok(())
}

fn family(out: &mut String, report: &Report, metric: Metric) -> std::fmt::Result {
    let series = || {
        report
            .snapshot
            .series()
            .iter()
            .filter(|s| s.metric == metric)
    };
    if series().next().is_none() {
        return Ok(());
    }
    match metric.kind() {
        MetricKind::Duration => {
            let name = format!("rehearse_{metric}_seconds");
            head(out, &name, "summary", "seconds")?;
            series().try_for_each(|series| summary(out, &name, series))
        }
        MetricKind::Counter => {
            let unit = if metric.counts_bytes() { "bytes" } else { "" };
            let name = format!(
                "rehearse_{metric}{}{unit}",
                if unit.is_empty() { "" } else { "_" }
            );
            head(out, &name, "counter", unit)?;
            series().try_for_each(|series| {
                writeln!(
                    out,
                    "{name}_total{} {}",
                    labels(series, None),
                    series.measure.count()
                )
            })
        }
        MetricKind::Level => {
            let name = format!("rehearse_{metric}");
            head(out, &name, "gauge", "")?;
            series().try_for_each(|series| match &series.measure {
                Measure::Level(level) => {
                    writeln!(out, "{name}{} {}", labels(series, None), level.last)
                }
                _ => Ok(()),
            })
        }
        MetricKind::Rate => {
            for (suffix, held) in [("", false), ("_held", true)] {
                let name = format!("rehearse_{metric}{suffix}");
                head(out, &name, "counter", "")?;
                series().try_for_each(|series| match &series.measure {
                    Measure::Rate { held: times, total } => {
                        let value = if held { times } else { total };
                        writeln!(out, "{name}_total{} {value}", labels(series, None))
                    }
                    _ => Ok(()),
                })?;
            }
            Ok(())
        }
    }
}

fn summary(out: &mut String, name: &str, series: &Series) -> std::fmt::Result {
    let empty = Histogram::new();
    let histogram = match &series.measure {
        Measure::Duration(histogram) => histogram,
        _ => &empty,
    };
    for quantile in QUANTILES {
        let seconds = histogram.quantile(quantile).as_secs_f64();
        writeln!(out, "{name}{} {seconds}", labels(series, Some(quantile)))?;
    }
    let labels = labels(series, None);
    writeln!(out, "{name}_count{labels} {}", histogram.count())?;
    writeln!(out, "{name}_sum{labels} {}", histogram.sum().as_secs_f64())
}

fn head(out: &mut String, name: &str, kind: &str, unit: &str) -> std::fmt::Result {
    writeln!(out, "# TYPE {name} {kind}")?;
    if unit.is_empty() {
        return Ok(());
    }
    writeln!(out, "# UNIT {name} {unit}")
}

fn labels(series: &Series, quantile: Option<f64>) -> String {
    let tags = series.tags.iter();
    let mut all: Vec<String> = tags
        .map(|(key, value)| format!("{}=\"{}\"", key.name(), label(value)))
        .collect();
    all.extend(quantile.map(|quantile| format!("quantile=\"{quantile}\"")));
    if all.is_empty() {
        String::new()
    } else {
        format!("{{{}}}", all.join(","))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::example::example;
    use super::render;

    fn rendered() -> String {
        String::from_utf8(render(&example()).unwrap()).unwrap()
    }

    #[test]
    fn every_kind_of_series() {
        insta::assert_snapshot!(rendered());
    }

    #[test]
    fn a_family_stands_together_and_the_end_is_marked() {
        let text = rendered();
        assert!(text.ends_with("\n# EOF\n"));
        let mut seen = HashSet::new();
        for line in text.lines().filter(|line| line.starts_with("# TYPE ")) {
            assert!(seen.insert(line), "{line} twice");
        }
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let (_, value) = line.rsplit_once(' ').unwrap();
            value.parse::<f64>().unwrap();
        }
    }
}
