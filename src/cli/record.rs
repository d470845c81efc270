//! From what the engine tells to what a report says, and to what others see
//! meanwhile.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::complain;
use crate::engine::{
    ErrorGroup, Flow, Observer, Outcome, Plan, RunOptions, SlowIteration, StopReason, Tick,
};
use crate::live::Feed;
use crate::metrics::{self, Metric, Recorder, Row, TagKey, Tags, Threshold, Timeline};
use crate::numbers::plural;
use crate::report::{
    CryptoFigures, ErrorLine, Interval, Journal, MachineLine, Report, RunLine, ScenarioLine,
    SlowLine, SpanLine, TargetLine, ThresholdLine, TraceLine, VersionsLine, in_order,
};
use crate::target::Target;
use crate::trace_context::TraceContext;

/// Listens to a run: keeps its time series, and its journal on disk.
pub(super) struct Record {
    folder: PathBuf,
    run: RunLine,
    thresholds: Vec<Threshold>,
    rows: Vec<Row>,
    timeline: Timeline,
    requests: Timeline,
    began: Instant,
    crypto_figures: Option<CryptoFigures>,
    journal: Option<Journal>,
    /// Whether it was told that the journal cannot be written.
    journal_failed: bool,
    feed: Option<Feed>,
}

impl Record {
    /// Of a run of `plan`, with its journal in `folder`.
    pub(super) fn new(
        plan: &Plan,
        folder: &Path,
        options: &RunOptions,
        crypto_figures: Option<CryptoFigures>,
    ) -> Self {
        let thresholds = plan
            .thresholds
            .iter()
            .map(|planned| planned.threshold.clone());
        Self {
            folder: folder.to_owned(),
            run: RunLine {
                name: plan.name.clone(),
                file: plan.file.display().to_string(),
                target: TargetLine {
                    name: String::new(),
                    url: String::new(),
                },
                seed: options.seed,
                crypto_backend: options.crypto_backend,
                started_at: Timestamp::now(),
                machine: MachineLine::this(),
                versions: VersionsLine::this(),
                scenarios: scenarios(plan),
            },
            thresholds: thresholds.collect(),
            rows: Vec::new(),
            timeline: Timeline::default(),
            requests: Timeline::of_endpoints(),
            began: Instant::now(),
            crypto_figures,
            journal: None,
            journal_failed: false,
            feed: None,
        }
    }

    /// The same, shown to others while the run goes on.
    pub(super) fn shown_by(mut self, feed: &Feed) -> Self {
        self.feed = Some(feed.clone());
        self
    }

    /// The report of what was played.
    pub(super) fn report(&mut self, plan: &Plan, outcome: Outcome) -> Report {
        let snapshot = outcome.recorder.snapshot(outcome.windows.clone());
        let thresholds = plan.thresholds.iter().map(|planned| {
            let threshold = &planned.threshold;
            let mut verdict = threshold.judge(&snapshot);
            // What has ended the run was not met, whatever came in afterwards.
            if let Some(StopReason::Threshold {
                threshold: text,
                seen,
            }) = &outcome.stopped
                && planned.abort_after.is_some()
                && *text == threshold.to_string()
            {
                verdict.passed = false;
                verdict.seen = format!("{seen} when it ended the run");
            }
            ThresholdLine {
                selector: threshold.selector.clone(),
                condition: threshold.condition.clone(),
                verdict,
            }
        });
        let thresholds = thresholds.collect();
        let slowest = outcome.slowest.iter();
        let slowest = slowest.map(|slow| slow_line(slow, self.began, &outcome.recorder));
        let slowest = slowest.collect();
        let ended = |outcome: metrics::Outcome| {
            let tags = Tags::new().with(TagKey::Outcome, outcome.name());
            snapshot.total(Metric::Iterations, &tags).count()
        };
        let cut = ended(metrics::Outcome::Cut) + ended(metrics::Outcome::Interrupted);
        Report {
            run: self.run.clone(),
            took: outcome.took,
            stopped: outcome.stopped.map(|reason| stopped(&reason, cut)),
            users: outcome.users,
            thresholds,
            errors: errors(&outcome.errors),
            time_series: std::mem::take(&mut self.rows),
            timeline: std::mem::take(&mut self.timeline),
            requests: std::mem::take(&mut self.requests),
            slowest,
            crypto_figures: self.crypto_figures.take(),
            notes: Vec::new(),
            snapshot,
        }
    }

    /// The report is written: the journal is not needed any more.
    pub(super) fn finish(self) {
        if let Some(journal) = self.journal
            && let Err(error) = journal.finish()
        {
            complain(&format!("warning: cannot remove the journal: {error}"));
        }
    }

    /// The run goes on: its report will have everything. So does the journal,
    /// if there is room for it later.
    fn keep(&mut self, result: Result<(), crate::report::JournalError>) {
        if let Err(error) = result
            && !std::mem::replace(&mut self.journal_failed, true)
        {
            complain(&format!(
                "warning: the journal has gaps from here on: {error}\nhint: the run goes on, and its report at the end has everything"
            ));
        }
    }
}

impl Observer for Record {
    fn start(&mut self, target: &Target, at: Timestamp, recorder: &Recorder) {
        self.run.started_at = at;
        self.began = Instant::now();
        self.run.target = TargetLine {
            name: target.name.clone(),
            url: target.api_url.to_string(),
        };
        let journal = Journal::begin(&self.folder, &self.run, &self.thresholds);
        if let Some(feed) = &self.feed {
            feed.begin(self.run.clone(), &self.thresholds, recorder);
        }
        let begun = journal.map(|journal| self.journal = Some(journal));
        self.keep(begun);
    }

    fn tick(&mut self, tick: &Tick<'_>) {
        if let Some(feed) = &self.feed {
            feed.second(&tick.row, tick.played.unwrap_or_default(), &tick.windows);
        }
        self.rows.push(tick.row.clone());
        let span = tick.row.span();
        for timeline in [&mut self.timeline, &mut self.requests] {
            let measured = tick.measured.iter().filter_map(|(id, measure)| {
                let (metric, tags) = tick.recorder.describe(*id)?;
                Some((metric, tags, measure))
            });
            timeline.add(span, measured);
        }
        if let Some(journal) = &mut self.journal {
            let added = journal.add(&Interval {
                row: tick.row.clone(),
                measured: tick.measured,
                recorder: tick.recorder,
                errors: errors(tick.errors),
                played: tick.played,
                windows: tick.windows.clone(),
            });
            self.keep(added);
        }
    }
}

/// An iteration with everything in it, at its place. A wait for a processor is
/// told after the work that it came before.
fn slow_line(slow: &SlowIteration, run: Instant, recorder: &Recorder) -> SlowLine {
    let mut work = Duration::ZERO;
    let mut spans = Vec::new();
    for traced in &slow.spans {
        let Some((metric, tags)) = recorder.describe(traced.series) else {
            continue;
        };
        let end = traced.end.saturating_duration_since(slow.began);
        let after = match metric {
            Metric::CryptoWait => work,
            _ => Duration::ZERO,
        };
        work = match metric {
            Metric::CryptoDuration => traced.took,
            _ => Duration::ZERO,
        };
        let start = end.saturating_sub(traced.took + after);
        spans.extend(SpanLine::new(metric, &tags, start, traced.took));
    }
    in_order(&mut spans);
    SlowLine {
        scenario: Arc::clone(&slow.scenario),
        vu: slow.vu,
        iteration: slow.iteration,
        failed: slow.failed,
        began: slow.began.saturating_duration_since(run),
        took: slow.took,
        trace: slow.trace.map(trace),
        spans,
    }
}

fn trace(context: TraceContext) -> TraceLine {
    TraceLine {
        id: context.id.to_string(),
        sampled: context.sampled,
    }
}

fn stopped(reason: &StopReason, cut: u64) -> String {
    let by = match reason {
        StopReason::Signal => "stopped by a signal".to_owned(),
        StopReason::Unread => "stopped because its terminal was closed".to_owned(),
        StopReason::Threshold { threshold, seen } => {
            format!("stopped by a threshold: {threshold}, seen {seen}")
        }
    };
    match cut {
        0 => by,
        _ => format!(
            "{by}; {} cut",
            plural(cut, "iteration was", "iterations were")
        ),
    }
}

fn scenarios(plan: &Plan) -> Vec<ScenarioLine> {
    let once = |name: &str, flow: &Flow| {
        let line = ScenarioLine {
            name: name.into(),
            executor: "once".into(),
            steps: flow.labels().to_vec(),
        };
        (!flow.is_empty()).then_some(line)
    };
    let scenarios = plan.scenarios.iter().map(|scenario| ScenarioLine {
        name: Arc::clone(&scenario.name),
        executor: scenario.executor.describe(),
        steps: scenario.flow.labels().to_vec(),
    });
    once("setup", &plan.setup)
        .into_iter()
        .chain(scenarios)
        .chain(once("teardown", &plan.teardown))
        .collect()
}

fn errors(groups: &[ErrorGroup]) -> Vec<ErrorLine> {
    let lines = groups.iter().map(|group| ErrorLine {
        step: Arc::clone(&group.step),
        kind: group.kind.clone(),
        count: group.count,
        sample: group.sample.clone(),
        trace: group.trace.map(trace),
    });
    lines.collect()
}
