//! From what was measured to families.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use super::family::{Buckets, Family, FamilyKind, Label, Point, Unit, Value};
use crate::metrics::{Histogram, Measure, Metric, MetricKind, Row, Series, Snapshot, TagKey};
use crate::report::{Report, RunLine, ThresholdLine};

const QUANTILES: [f64; 5] = [0.5, 0.9, 0.95, 0.99, 0.999];

/// Everything that is shown of a run, at a moment or at its end.
pub struct Figures<'a> {
    /// What is played.
    pub run: &'a RunLine,
    /// How long the scenarios have been going on.
    pub took: Duration,
    /// Whether the run has passed, once that is known.
    pub passed: Option<bool>,
    /// Those that are met or missed.
    pub thresholds: Cow<'a, [ThresholdLine]>,
    /// The last second, once there was one.
    pub last: Option<&'a Row>,
    /// What was measured.
    pub snapshot: &'a Snapshot,
}

impl<'a> Figures<'a> {
    /// Those of a run that has ended.
    pub fn of(report: &'a Report) -> Self {
        Self {
            run: &report.run,
            took: report.took,
            passed: Some(report.verdict().passed()),
            thresholds: Cow::Borrowed(&report.thresholds),
            last: report.time_series.last(),
            snapshot: &report.snapshot,
        }
    }

    /// All families that have a value.
    pub fn families(&self) -> Vec<Family> {
        let mut all = self.run();
        all.push(self.measured_time());
        all.extend(self.thresholds());
        all.extend(self.levels());
        let measured = Metric::ALL.iter().flat_map(|metric| self.measured(*metric));
        all.extend(measured);
        all.retain(|family| !family.points.is_empty());
        all
    }

    fn run(&self) -> Vec<Family> {
        let run = self.run;
        let labels = vec![
            ("name", run.name.as_str().into()),
            ("target", run.target.name.as_str().into()),
            ("seed", run.seed.to_string().into()),
            ("version", env!("CARGO_PKG_VERSION").into()),
        ];
        let passed = self.passed.map(|passed| f64::from(u8::from(passed)));
        vec![
            Family {
                name: "run".into(),
                unit: Unit::None,
                kind: FamilyKind::Info,
                about: "What is played, and where",
                points: vec![Point {
                    labels,
                    value: Value::Number(1.0),
                }],
            },
            gauge(
                "run_passed",
                "Whether the run has passed, known at its end",
                passed,
            ),
            in_seconds(gauge(
                "run_took",
                "How long the scenarios have been going on",
                Some(self.took.as_secs_f64()),
            )),
            in_seconds(gauge(
                "run_started",
                "When the run started, since 1970",
                Some(started(run)),
            )),
        ]
    }

    /// What a count of a part is divided by, to say how many per second.
    fn measured_time(&self) -> Family {
        let parts = self.snapshot.windows().parts().iter();
        let points = parts.map(|part| Point {
            labels: vec![
                (TagKey::Scenario.name(), Arc::clone(&part.scenario)),
                (TagKey::Phase.name(), Arc::clone(&part.phase)),
            ],
            value: Value::Number(part.window.length().as_secs_f64()),
        });
        Family {
            points: points.collect(),
            ..in_seconds(gauge(
                "measured",
                "How long a part of the run was measured",
                None,
            ))
        }
    }

    fn thresholds(&self) -> Option<Family> {
        let points = self.thresholds.iter();
        let points = points.map(|line| Point {
            labels: vec![
                ("selector", line.threshold.selector.to_string().into()),
                ("condition", line.threshold.condition.to_string().into()),
            ],
            value: Value::Number(f64::from(u8::from(line.verdict.passed))),
        });
        let points: Vec<Point> = points.collect();
        (!points.is_empty()).then(|| Family {
            points,
            ..gauge("threshold_passed", "Whether the threshold is met", None)
        })
    }

    /// What is read each second and belongs to no scenario.
    fn levels(&self) -> Vec<Family> {
        let read = |level: fn(&Row) -> u64| self.last.map(|row| number(level(row)));
        vec![
            gauge(
                "busy_vus",
                "Virtual users in an iteration",
                read(|row| row.busy),
            ),
            gauge(
                "otps_pending",
                "Virtual users waiting for a one-time password",
                read(|row| row.otps_pending),
            ),
            gauge(
                "users",
                "Different accounts authenticated so far",
                read(|row| row.users),
            ),
        ]
    }

    fn measured(&self, metric: Metric) -> Vec<Family> {
        let unit = match metric.kind() {
            MetricKind::Trend => Unit::Seconds,
            _ if metric.counts_bytes() => Unit::Bytes,
            _ => Unit::None,
        };
        let family = |suffix: &str, kind, about, value: fn(&Measure) -> Option<Value>| Family {
            name: format!("{metric}{suffix}"),
            unit,
            kind,
            about,
            points: self.points(metric, value),
        };
        let about = metric.about();
        match metric.kind() {
            MetricKind::Counter => {
                vec![family("", FamilyKind::Counter, about, |measure| {
                    Some(Value::Count(measure.count()))
                })]
            }
            MetricKind::Gauge => {
                vec![family(
                    "",
                    FamilyKind::Gauge,
                    about,
                    |measure| match measure {
                        Measure::Level(level) => Some(Value::Number(number(level.last))),
                        _ => None,
                    },
                )]
            }
            MetricKind::Rate => vec![
                family("", FamilyKind::Counter, about, |measure| {
                    Some(Value::Count(measure.count()))
                }),
                family(
                    "_held",
                    FamilyKind::Counter,
                    "Those of them that held",
                    |measure| match measure {
                        Measure::Rate { held, .. } => Some(Value::Count(*held)),
                        _ => None,
                    },
                ),
            ],
            MetricKind::Trend => vec![
                family("", FamilyKind::Histogram, about, |measure| {
                    Some(Value::Buckets(Buckets::of(histogram(measure)?)))
                }),
                family(
                    "_quantile",
                    FamilyKind::Quantiles,
                    "The same in quantiles of the whole run, to three digits",
                    |measure| Some(quantiles(histogram(measure)?)),
                ),
            ],
        }
    }

    fn points(&self, metric: Metric, value: fn(&Measure) -> Option<Value>) -> Vec<Point> {
        let series = self.snapshot.series().iter();
        let series = series.filter(|series| series.metric == metric);
        let point = |series: &Series| {
            Some(Point {
                labels: labels(series),
                value: value(&series.measure)?,
            })
        };
        series.filter_map(point).collect()
    }
}

fn labels(series: &Series) -> Vec<Label> {
    let tags = series.tags.iter();
    tags.map(|(key, value)| (key.name(), Arc::clone(value)))
        .collect()
}

fn histogram(measure: &Measure) -> Option<&Histogram> {
    match measure {
        Measure::Duration(histogram) => Some(histogram),
        _ => None,
    }
}

fn quantiles(histogram: &Histogram) -> Value {
    let all = QUANTILES.iter();
    let all = all.map(|quantile| (*quantile, histogram.quantile(*quantile).as_secs_f64()));
    Value::Quantiles(all.collect())
}

/// A gauge with one series, or with none.
fn gauge(name: &str, about: &'static str, value: Option<f64>) -> Family {
    Family {
        name: name.into(),
        unit: Unit::None,
        kind: FamilyKind::Gauge,
        about,
        points: value
            .into_iter()
            .map(|value| Point {
                labels: Vec::new(),
                value: Value::Number(value),
            })
            .collect(),
    }
}

fn in_seconds(family: Family) -> Family {
    Family {
        unit: Unit::Seconds,
        ..family
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "numbers of people are far below 2^53"
)]
fn number(value: u64) -> f64 {
    value as f64
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a time of this millennium in ms"
)]
fn started(run: &RunLine) -> f64 {
    run.started_at.as_millisecond() as f64 / 1e3
}
