//! A report before it is written.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::breakdown::{StepBreakdown, StepName, break_down};
use super::figures::CryptoFigures;
use super::machine::{MachineLine, VersionsLine};
use super::slowest::{SlowLine, TraceLine};
use super::stopped::{StopKind, StopLine};
use crate::crypto::CryptoBackend;
use crate::metrics::{
    Dropped, Histogram, Measure, Metric, Outcome, Row, Snapshot, Spans, TagKey, Tags, Threshold,
    Timeline, Verdict,
};

/// Everything there is to report of a run. Holds no secret.
pub struct Report {
    /// What was played.
    pub run: RunLine,
    /// How long the scenarios took.
    pub took: Duration,
    /// What has ended the run before its time.
    pub stops: Vec<StopLine>,
    /// How many different accounts were authenticated.
    pub users: u64,
    /// What was measured.
    pub snapshot: Snapshot,
    /// What became of each threshold.
    pub thresholds: Vec<ThresholdLine>,
    /// What failed.
    pub errors: Vec<ErrorLine>,
    /// What scenarios have said by `log`.
    pub log: Vec<LogSaid>,
    /// Why iterations were skipped.
    pub skips: Vec<SkipLine>,
    /// One row a second, setup included.
    pub time_series: Vec<Row>,
    /// Each step, interval by interval.
    pub timeline: Timeline,
    /// Each endpoint, interval by interval.
    pub requests: Timeline,
    /// Iterations that took longest, by scenario.
    pub slowest: Vec<SlowLine>,
    /// How fast the machine does the cryptography, measured on its own.
    pub crypto_figures: Option<CryptoFigures>,
    /// What runners said whose reports were joined, and what to do about it.
    pub notes: Vec<(String, String)>,
}

/// What one `log` of a scenario has said. It holds no secret.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LogSaid {
    /// Scenario that it belongs to.
    pub scenario: String,
    /// How reports call it: `log`, `log 2`.
    pub item: String,
    /// Its lines, the first of them when there are many.
    pub lines: Vec<LoggedLine>,
    /// How many more there were, beyond a few a second and 100 in all.
    pub withheld: u64,
}

/// Iterations that one step has skipped for one reason. It holds no secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SkipLine {
    /// Scenario that they belong to.
    pub scenario: Arc<str>,
    /// The step that has skipped them.
    pub step: Arc<str>,
    /// What it has said; of one step, 20 reasons are told apart.
    pub reason: Arc<str>,
    /// How many, warm-up included.
    pub count: u64,
}

/// A line of a `log`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LoggedLine {
    /// When, from the start of the run, setup included.
    pub at_ms: f64,
    /// Number of the virtual user.
    pub vu: u64,
    /// Number of its iteration.
    pub iteration: u64,
    /// What was said.
    pub text: String,
}

/// What is known of a run when it starts.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct RunLine {
    /// Name of the plan.
    pub name: String,
    /// Path of the scenario file as given.
    pub file: String,
    /// Name of the target, and the host of its API.
    pub target: TargetLine,
    /// Makes names, addresses and the like the same again.
    pub seed: u64,
    /// Whose cryptography was used.
    #[serde(default = "before_auto")]
    #[schemars(with = "String")]
    pub crypto_backend: CryptoBackend,
    /// When it started.
    #[schemars(with = "String")]
    pub started_at: Timestamp,
    /// Where it was measured.
    #[serde(default)]
    pub machine: MachineLine,
    /// What it was measured with.
    #[serde(default)]
    pub versions: VersionsLine,
    /// What was played.
    pub scenarios: Vec<ScenarioLine>,
}

/// Where the traffic went.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct TargetLine {
    /// Its name.
    pub name: String,
    /// Its API's URL.
    pub url: String,
}

impl TargetLine {
    /// `staging at https://…`; the simulator in this process has an address only
    /// once it runs.
    pub(super) fn told(&self) -> String {
        if self.url.is_empty() {
            self.name.clone()
        } else {
            format!("{} at {}", self.name, self.url)
        }
    }
}

/// A scenario that was played; setup and teardown are scenarios here.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ScenarioLine {
    /// Its name.
    pub name: Arc<str>,
    /// What its executor does, in a sentence.
    pub executor: String,
    /// Labels of its steps, in order.
    pub steps: Vec<Arc<str>>,
}

/// A threshold and its verdict.
#[derive(Clone, Debug)]
pub struct ThresholdLine {
    /// What must hold.
    pub threshold: Threshold,
    /// Whether it does.
    pub verdict: Verdict,
}

/// What reports say that were written when it was the default.
fn before_auto() -> CryptoBackend {
    CryptoBackend::RustCrypto
}

impl ThresholdLine {
    /// Holds it against what was measured.
    pub fn judge(threshold: &Threshold, snapshot: &Snapshot) -> Self {
        Self {
            threshold: threshold.clone(),
            verdict: threshold.judge(snapshot),
        }
    }
}

/// Errors of one step and kind.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ErrorLine {
    /// Scenario that it belongs to; empty in reports that did not say it.
    #[serde(default)]
    pub scenario: Arc<str>,
    /// Step that failed.
    pub step: Arc<str>,
    /// Kind of error.
    pub kind: String,
    /// How many.
    pub count: u64,
    /// The first one's message.
    pub sample: String,
    /// The trace that the first one belongs to, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<TraceLine>,
}

/// A condition that a scenario states, and how often it held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckLine {
    /// Scenario that it belongs to.
    pub scenario: String,
    /// Step that it follows.
    pub step: String,
    /// `check` or `expect`.
    pub kind: String,
    /// The condition as written.
    pub condition: String,
    /// How often it held.
    pub held: u64,
    /// How often it was looked at.
    pub total: u64,
}

/// Iterations by how they ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Iterations {
    /// All steps were good.
    pub good: u64,
    /// A step failed.
    pub failed: u64,
    /// The scenario ended them on purpose.
    pub skipped: u64,
    /// Still under way when the grace ran out.
    pub cut: u64,
    /// Cut by the user.
    pub interrupted: u64,
    /// Due, and never begun.
    pub dropped: u64,
}

/// What counts: no setup, no warm-up, no teardown.
const MAIN: (TagKey, &str) = (TagKey::Phase, "main");

/// What counts of a scenario, of which setup and teardown are one each.
fn of_scenario(name: &str) -> [(TagKey, &str); 2] {
    let phase = if matches!(name, "setup" | "teardown") {
        (TagKey::Phase, name)
    } else {
        MAIN
    };
    [(TagKey::Scenario, name), phase]
}

impl Report {
    /// Why the run ended before its time, if it did.
    pub fn stopped(&self) -> Option<String> {
        let texts: Vec<&str> = self.stops.iter().map(|stop| &*stop.text).collect();
        (!texts.is_empty()).then(|| texts.join("; "))
    }

    /// True when this has ended the run.
    pub(super) fn stopped_by(&self, kind: StopKind) -> bool {
        self.stops.iter().any(|stop| stop.kind == kind)
    }

    /// Iterations by how they ended, without setup, warm-up and teardown.
    pub fn iterations(&self) -> Iterations {
        self.iterations_under(&[MAIN])
    }

    /// Iterations of a scenario by how they ended, without warm-up.
    pub(super) fn iterations_of(&self, scenario: &str) -> Iterations {
        self.iterations_under(&of_scenario(scenario))
    }

    fn iterations_under(&self, tags: &[(TagKey, &str)]) -> Iterations {
        let count = |outcome: Outcome| {
            let tags = [tags, &[outcome.tag()]].concat();
            self.snapshot.count(Metric::Iterations, &tags)
        };
        Iterations {
            good: count(Outcome::Ok),
            failed: count(Outcome::Failed),
            skipped: count(Outcome::Skipped),
            cut: count(Outcome::Cut),
            interrupted: count(Outcome::Interrupted),
            dropped: self.snapshot.count(Metric::DroppedIterations, tags),
        }
    }

    /// Durations of iterations, without setup, warm-up and teardown. Those that
    /// were due and never began would have taken longer than nothing.
    pub fn iteration_spans(&self) -> Spans {
        self.spans_under(&[MAIN])
    }

    /// The same of one scenario.
    pub(super) fn iteration_spans_of(&self, scenario: &str) -> Spans {
        self.spans_under(&of_scenario(scenario))
    }

    fn spans_under(&self, under: &[(TagKey, &str)]) -> Spans {
        let took = |outcome: Outcome| {
            let tags = under.iter().copied().chain([outcome.tag()]);
            let tags = tags.fold(Tags::new(), |tags, (key, value)| tags.with(key, value));
            match self.snapshot.total(Metric::IterationDuration, &tags) {
                Measure::Duration(histogram) => histogram,
                _ => Histogram::new(),
            }
        };
        let no_vu = [under, &[(TagKey::Kind, Dropped::NoVu.name())]].concat();
        Spans {
            finished: took(Outcome::Ok),
            cut: took(Outcome::Cut),
            never_began: self.snapshot.count(Metric::DroppedIterations, &no_vu),
        }
    }

    /// Every condition that was looked at, in the order of the steps.
    pub fn checks(&self) -> Vec<CheckLine> {
        let mut lines: Vec<CheckLine> = Vec::new();
        for series in self.snapshot.series() {
            let Measure::Rate { held, total } = series.measure else {
                continue;
            };
            let tag = |key| series.tags.get(key).unwrap_or_default().to_owned();
            let line = CheckLine {
                scenario: tag(TagKey::Scenario),
                step: tag(TagKey::Step),
                kind: tag(TagKey::Kind),
                condition: tag(TagKey::Check),
                held,
                total,
            };
            let same = |known: &&mut CheckLine| {
                (&known.scenario, &known.step, &known.kind, &known.condition)
                    == (&line.scenario, &line.step, &line.kind, &line.condition)
            };
            match lines.iter_mut().find(same) {
                Some(known) => {
                    known.held += held;
                    known.total += total;
                }
                None => lines.push(line),
            }
        }
        lines
    }

    /// What failed and how, for people; a `fail` says both in one word.
    pub(super) fn error_name(&self, line: &ErrorLine) -> String {
        let step = self.step_name(&line.scenario, &line.step);
        if line.step.split(' ').next_back() == Some(&line.kind) {
            step
        } else {
            format!("{step}, {}", line.kind)
        }
    }

    /// A step's name for people: with its scenario where there are several.
    pub(super) fn step_name(&self, scenario: &str, step: &str) -> String {
        if self.run.scenarios.len() > 1 && !scenario.is_empty() {
            format!("{scenario} / {step}")
        } else {
            step.to_owned()
        }
    }

    /// Each step with its parts, in the order of the scenarios; a label that
    /// several steps of a scenario share is one line.
    pub fn steps(&self) -> Vec<StepBreakdown> {
        let mut names: Vec<StepName> = Vec::new();
        for scenario in &self.run.scenarios {
            for step in &scenario.steps {
                let name = (Arc::clone(&scenario.name), Arc::clone(step));
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        break_down(&self.snapshot, &names)
    }

    /// Sum of a counter over the whole run.
    pub fn count(&self, metric: Metric) -> u64 {
        self.snapshot.count(metric, &[])
    }
}
