//! What was measured, step by step: each step with the parts it consists of.

use std::sync::Arc;

use crate::metrics::{Histogram, Measure, Metric, Outcome, Series, Snapshot, Spans, TagKey, Tags};

/// A step, or a part of one.
#[derive(Clone)]
pub struct Line {
    /// Step, request, wait or operation.
    pub name: Arc<str>,
    /// Metric that it was measured with.
    pub metric: Metric,
    /// Time spans of those that were good.
    pub good: Histogram,
    /// Time spans of those that failed; never among the good ones.
    pub failed: Histogram,
    /// How long those had been under way that were cut when the grace ran out.
    pub cut: Histogram,
}

/// A step and its parts.
#[derive(Clone)]
pub struct StepBreakdown {
    /// Scenario that the step belongs to.
    pub scenario: Arc<str>,
    /// The step as a whole.
    pub step: Line,
    /// Requests, waits and operations, in the order in which they first came.
    pub parts: Vec<Line>,
}

/// A step's label, and the scenario that it belongs to.
pub type StepName = (Arc<str>, Arc<str>);

/// Takes the measurements of each step, in the order given.
pub fn break_down(snapshot: &Snapshot, steps: &[StepName]) -> Vec<StepBreakdown> {
    steps
        .iter()
        .map(|(scenario, step)| one(snapshot, scenario, step))
        .collect()
}

fn one(snapshot: &Snapshot, scenario: &Arc<str>, step: &Arc<str>) -> StepBreakdown {
    let wanted = Tags::new()
        .with(TagKey::Scenario, Arc::clone(scenario))
        .with(TagKey::Step, Arc::clone(step));
    let mut whole = Line::new(Arc::clone(step), Metric::StepDuration);
    let mut parts: Vec<Line> = Vec::new();
    for series in snapshot.series() {
        let warmup = series.tags.get(TagKey::Phase) == Some("warmup");
        if warmup || !series.tags.contain(&wanted) {
            continue;
        }
        let as_expected = series.tags.outcome() == Outcome::FailedAsExpected;
        if series.metric == Metric::StepDuration && !as_expected {
            whole.add(series);
        } else if let Some(name) = part_name(series.metric, &series.tags) {
            let known = parts
                .iter_mut()
                .find(|part| part.metric == series.metric && *part.name == name);
            if let Some(part) = known {
                part.add(series);
            } else {
                let mut part = Line::new(name.into(), series.metric);
                part.add(series);
                parts.push(part);
            }
        }
    }
    StepBreakdown {
        scenario: Arc::clone(scenario),
        step: whole,
        parts,
    }
}

/// How a part of a step is called; `None` for what is no time span. Plays that
/// failed as they had to are shown like a part: they are no plays of the good
/// ones, and all that happened in them.
pub(super) fn part_name(metric: Metric, tags: &Tags) -> Option<String> {
    let tag = |key| tags.get(key).unwrap_or("?");
    match metric {
        Metric::HttpReqDuration => {
            Some(format!("{} {}", tag(TagKey::Method), tag(TagKey::Endpoint)))
        }
        Metric::StepDuration => Some(Outcome::FailedAsExpected.name().into()),
        Metric::OtpWait => Some("wait for the one-time password".into()),
        Metric::EventLatency => Some("from the write to its event".into()),
        Metric::RateLimitWait => Some("wait for a permit".into()),
        Metric::CryptoWait => Some("CPU queue".into()),
        Metric::CryptoDuration => Some(tag(TagKey::Operation).to_owned()),
        Metric::VaultDuration => Some(format!("vault {}", tag(TagKey::Operation))),
        _ => None,
    }
}

impl Line {
    pub(super) fn new(name: Arc<str>, metric: Metric) -> Self {
        Self {
            name,
            metric,
            good: Histogram::new(),
            failed: Histogram::new(),
            cut: Histogram::new(),
        }
    }

    /// The good ones, and those that might have become good ones.
    pub fn spans(&self) -> Spans {
        Spans {
            finished: self.good.clone(),
            cut: self.cut.clone(),
            never_began: 0,
        }
    }

    pub(super) fn add(&mut self, series: &Series) {
        if let Measure::Duration(histogram) = &series.measure {
            let into = match series.tags.outcome() {
                Outcome::Failed => &mut self.failed,
                Outcome::Cut => &mut self.cut,
                // Of what the user or a failure elsewhere has ended, nothing
                // is known.
                Outcome::Skipped | Outcome::Interrupted | Outcome::Abandoned => return,
                Outcome::Ok | Outcome::FailedAsExpected => &mut self.good,
            };
            into.merge(histogram);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::break_down;
    use crate::metrics::{Meter, Outcome, Recorder, TagKey, Tags, Trend, Windows};

    #[test]
    fn a_step_has_its_own_parts_and_keeps_failures_apart() {
        let recorder = Recorder::new();
        let scenario = Meter::new(recorder.clone(), Tags::new().with(TagKey::Scenario, "s"));
        let second = Duration::from_secs(1);
        for step in ["login", "register"] {
            let meter = scenario.with(TagKey::Step, step);
            meter.record(Trend::OTP_WAIT, &[], second);
            for (status, outcome) in [
                ("200", Outcome::Ok),
                ("201", Outcome::Ok),
                ("500", Outcome::Failed),
            ] {
                let tags = [
                    (TagKey::Method, "GET"),
                    (TagKey::Endpoint, "/x"),
                    (TagKey::Status, status),
                    outcome.tag(),
                ];
                meter.record(Trend::HTTP_REQ_DURATION, &tags, second);
            }
            for outcome in [
                Outcome::Failed,
                Outcome::FailedAsExpected,
                Outcome::FailedAsExpected,
            ] {
                meter.record(Trend::STEP_DURATION, &[outcome.tag()], second);
            }
        }
        let names = [
            ("s".into(), "register".into()),
            ("s".into(), "never".into()),
        ];
        let steps = break_down(&recorder.snapshot(Windows::default()), &names);
        let [register, never] = &steps[..] else {
            panic!()
        };
        assert_eq!(
            (register.step.good.count(), register.step.failed.count()),
            (0, 1)
        );
        let parts: Vec<_> = register
            .parts
            .iter()
            .map(|part| (&*part.name, part.good.count(), part.failed.count()))
            .collect();
        assert_eq!(
            parts,
            [
                ("wait for the one-time password", 1, 0),
                ("GET /x", 2, 1),
                ("failed as expected", 2, 0)
            ]
        );
        assert!(never.step.good.is_empty() && never.parts.is_empty());
    }
}
