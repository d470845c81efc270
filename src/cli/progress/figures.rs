//! What a table shows of a run, of all that was measured until now.

use std::collections::VecDeque;
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use crate::engine::{Plan, Tick};
use crate::metrics::{
    Measure, Metric, Outcome, Recorder, Row, Snapshot, TagKey, Tags, Threshold, Windows, per_second,
};
use crate::numbers::{grouped, plural, rate, time};
use crate::report::break_down;
use crate::shown::line as one_line;

/// Rates are those of so long a time: a single second has 0 or 1 of a slow one.
const RECENT: Duration = Duration::from_secs(10);

/// Less of what was requested than this is told in another colour.
const DELIVERED: f64 = 0.95;

/// What is played, as far as a table names it.
pub(super) struct Outline {
    scenarios: Vec<(Arc<str>, Vec<Arc<str>>)>,
    thresholds: Vec<Threshold>,
}

impl Outline {
    pub(super) fn of(plan: &Plan) -> Self {
        let scenarios = plan.scenarios.iter();
        let thresholds = plan.thresholds.iter();
        Self {
            scenarios: scenarios
                .map(|scenario| (Arc::clone(&scenario.name), scenario.flow.labels().to_vec()))
                .collect(),
            thresholds: thresholds
                .map(|planned| planned.threshold.clone())
                .collect(),
        }
    }
}

/// The last few intervals, of which rates are made.
#[derive(Default)]
pub(super) struct Recent(VecDeque<Interval>);

struct Interval {
    length: Duration,
    scenarios: Vec<Rates>,
}

/// Iterations of a scenario in an interval.
#[derive(Clone, Copy)]
struct Rates {
    /// How many per second were to start, where that does not depend on the target.
    requested: Option<f64>,
    /// How many have ended.
    ended: u64,
}

impl Recent {
    /// Adds an interval of the scenarios.
    pub(super) fn add(&mut self, plan: &Plan, tick: &Tick<'_>) {
        let Some(played) = tick.played else {
            return;
        };
        let length = tick.row.length;
        let middle = played.saturating_sub(length / 2);
        let scenarios = plan.scenarios.iter().map(|scenario| {
            let at = middle.checked_sub(scenario.timing.start_time);
            Rates {
                requested: at.and_then(|at| scenario.executor.requested(at)),
                ended: ended(tick, &scenario.name),
            }
        });
        let scenarios = scenarios.collect();
        self.0.push_back(Interval { length, scenarios });
        while self.length() > RECENT && self.0.len() > 1 {
            self.0.pop_front();
        }
    }

    fn length(&self) -> Duration {
        self.0.iter().map(|interval| interval.length).sum()
    }

    /// How many iterations per second were to start, and how many have ended.
    fn rates(&self, scenario: usize) -> [Option<f64>; 2] {
        let of = self.0.iter();
        let of =
            of.filter_map(|interval| Some((interval.length, interval.scenarios.get(scenario)?)));
        let (mut due, mut known, mut ended) = (0.0, Duration::ZERO, 0);
        for (length, rates) in of {
            ended += rates.ended;
            if let Some(requested) = rates.requested {
                due += requested * length.as_secs_f64();
                known += length;
            }
        }
        let requested = (!known.is_zero()).then(|| due / known.as_secs_f64());
        [requested, per_second(ended, self.length())]
    }
}

/// Iterations of a scenario that have ended in an interval, warm-up included.
fn ended(tick: &Tick<'_>, scenario: &str) -> u64 {
    let series = tick.measured.iter().map(|(_, series)| series);
    let ended = series.filter(|series| {
        series.metric == Metric::Iterations
            && series.tags.get(TagKey::Scenario) == Some(scenario)
            && (series.tags.outcome() == Outcome::Skipped || !series.tags.outcome().is_unfinished())
    });
    ended.map(|series| series.measure.count()).sum()
}

/// What is known when an interval ends. Its figures are made by whoever draws.
pub(super) struct Seen {
    recorder: Recorder,
    windows: Windows,
    rates: Vec<[Option<f64>; 2]>,
    row: Row,
    /// How long this program used processors in the interval.
    processors: Duration,
}

impl Seen {
    pub(super) fn new(tick: &Tick<'_>, recent: &Recent, plan: &Plan, processors: Duration) -> Self {
        let scenarios = 0..plan.scenarios.len();
        Self {
            recorder: tick.recorder.clone(),
            windows: tick.windows.clone(),
            rates: scenarios.map(|number| recent.rates(number)).collect(),
            row: tick.row.clone(),
            processors,
        }
    }
}

/// How a figure looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Tone {
    #[default]
    Plain,
    Warn,
    Bad,
}

/// A figure, and how it looks.
pub(super) type Cell = (String, Tone);

/// A scenario or a step.
pub(super) struct Line {
    pub(super) name: String,
    pub(super) cells: [Cell; 4],
}

impl Line {
    pub(super) fn is_bad(&self) -> bool {
        self.cells.iter().any(|(_, tone)| *tone == Tone::Bad)
    }
}

/// A threshold as it stands.
pub(super) struct Judged {
    /// `None` when there is nothing to look at yet.
    pub(super) passed: Option<bool>,
    pub(super) text: String,
    pub(super) seen: String,
}

/// What a table shows.
pub(super) struct Figures {
    pub(super) scenarios: Vec<Line>,
    pub(super) steps: Vec<Line>,
    pub(super) thresholds: Vec<Judged>,
    /// What is awaited, and how this program fares.
    pub(super) runner: String,
}

pub(super) const OF_SCENARIOS: [&str; 4] = ["requested", "delivered", "failed", "dropped"];
pub(super) const OF_STEPS: [&str; 4] = ["ok", "failed", "p50", "p95"];

impl Figures {
    /// Takes milliseconds when there are many series: it is not for a thread on
    /// which something is played.
    pub(super) fn of(seen: &Seen, outline: &Outline) -> Self {
        let snapshot = seen.recorder.collected(seen.windows.clone());
        let scenarios = outline.scenarios.iter().zip(&seen.rates);
        let thresholds = outline.thresholds.iter();
        Self {
            scenarios: scenarios
                .map(|((name, _), rates)| scenario(&snapshot, name, *rates))
                .collect(),
            steps: steps(&snapshot, outline),
            thresholds: thresholds
                .map(|threshold| judged(threshold, &snapshot))
                .collect(),
            runner: runner(seen, &snapshot),
        }
    }
}

fn scenario(snapshot: &Snapshot, name: &Arc<str>, rates: [Option<f64>; 2]) -> Line {
    let [requested, delivered] = rates;
    let main = [(TagKey::Scenario, &**name), (TagKey::Phase, "main")];
    let ended = |outcome: Outcome| {
        let tags = [main[0], main[1], outcome.tag()];
        snapshot.count(Metric::Iterations, &tags)
    };
    let failed = ended(Outcome::Failed) + ended(Outcome::Cut);
    let is_short = requested
        .zip(delivered)
        .is_some_and(|(requested, delivered)| delivered < requested * DELIVERED);
    let tone = if is_short { Tone::Warn } else { Tone::Plain };
    Line {
        name: one_line(name).into_owned(),
        cells: [
            (rate(requested), Tone::Plain),
            (rate(delivered), tone),
            bad(failed),
            bad(snapshot.count(Metric::DroppedIterations, &main)),
        ],
    }
}

/// How many of what should not be.
fn bad(count: u64) -> Cell {
    let tone = if count > 0 { Tone::Bad } else { Tone::Plain };
    (grouped(count), tone)
}

/// Every step, with its scenario where there are several.
fn steps(snapshot: &Snapshot, outline: &Outline) -> Vec<Line> {
    let mut names = Vec::new();
    for (scenario, steps) in &outline.scenarios {
        for step in steps {
            let name = (Arc::clone(scenario), Arc::clone(step));
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    let lines = break_down(snapshot, &names).into_iter().map(|line| {
        let name = match outline.scenarios.len() {
            1 => line.step.name.to_string(),
            _ => format!("{} / {}", line.scenario, line.step.name),
        };
        let spans = line.step.spans();
        let figure = |share| {
            if spans.is_empty() {
                "-".to_owned()
            } else {
                spans.quantile(share).to_string()
            }
        };
        Line {
            name: one_line(&name).into_owned(),
            cells: [
                (grouped(line.step.good.count()), Tone::Plain),
                bad(line.step.failed.count() + line.step.cut.count()),
                (figure(0.5), Tone::Plain),
                (figure(0.95), Tone::Plain),
            ],
        }
    });
    lines.collect()
}

fn judged(threshold: &Threshold, snapshot: &Snapshot) -> Judged {
    let verdict = threshold.judge(snapshot);
    Judged {
        passed: verdict.measured.then_some(verdict.passed),
        text: one_line(&threshold.to_string()).into_owned(),
        seen: verdict.seen,
    }
}

fn runner(seen: &Seen, snapshot: &Snapshot) -> String {
    let row = &seen.row;
    let share = |part: Duration, whole: Duration| {
        let share = part.as_secs_f64() / whole.as_secs_f64().max(f64::EPSILON);
        format!("{:.0} %", 100.0 * share)
    };
    let cores = std::thread::available_parallelism();
    let cores = cores.map_or(1, |cores| u32::try_from(cores.get()).unwrap_or(u32::MAX));
    let mut text = format!(
        "OTPs awaited {}; runner: {} busy, CPU {} of {cores} cores",
        row.otps_pending,
        share(row.generator_busy, row.length),
        share(seen.processors, row.length * cores),
    );
    let lag = snapshot.total(Metric::IterationStartLag, &Tags::new());
    // Writing to a text does not fail.
    let _ = match lag {
        Measure::Duration(lag) if !lag.is_empty() => {
            write!(text, ", start lag p95 {}", time(lag.quantile(0.95)))
        }
        _ => Ok(()),
    };
    let skipped = snapshot.count(Metric::Iterations, &[Outcome::Skipped.tag()]);
    if skipped > 0 {
        let skipped = plural(skipped, "iteration", "iterations");
        let _ = write!(text, ", {skipped} skipped");
    }
    if !row.stalled.is_zero() {
        let _ = write!(text, ", stood still {}", time(row.stalled));
    }
    text
}
