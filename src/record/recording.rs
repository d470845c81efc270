//! Hears a run and keeps what its report needs.

use std::path::Path;
use std::time::Instant;

use super::commit::commit;
use super::journal::JournalWriter;
use super::lines::{errors, log, scenarios, skips, slow_line, stopped};
use super::thresholds::{Tripwires, judge};
use crate::clock::Clock;
use crate::engine::{
    Observer, Plan, PlannedThreshold, RunError, RunEvent, RunOptions, RunOutcome, Stop, Tick,
};
use crate::live::Feed;
use crate::metrics::{Metric, Outcome, Recorder, Row, Snapshot, Threshold, Timeline};
use crate::report::{
    CryptoFigures, HistoryLine, Kept, MachineLine, Missing, NotStarted, Report, ReportError,
    RunFolder, RunLine, RunResult, TargetLine, VersionsLine,
};
use crate::target::PlannedTarget;

/// Listens to a run: keeps its time series, and its journal on disk.
pub struct Record {
    clock: Clock,
    run: RunLine,
    thresholds: Vec<PlannedThreshold>,
    tripwires: Tripwires,
    rows: Vec<Row>,
    timeline: Timeline,
    requests: Timeline,
    began: Instant,
    crypto_figures: Option<CryptoFigures>,
    journal: Option<JournalWriter>,
    feed: Option<Feed>,
    warn: Warn,
}

/// Is told what goes wrong while a run goes on.
type Warn = Box<dyn Fn(&str) + Send + Sync>;

impl Record {
    /// Of a run of `plan` that `stop` ends.
    pub fn new(plan: &Plan, options: &RunOptions, stop: &Stop) -> Self {
        Self {
            run: RunLine {
                name: plan.name.clone(),
                file: plan.file.display().to_string(),
                target: planned(&plan.target),
                seed: options.seed,
                crypto_backend: options.crypto_backend,
                started_at: options.clock.timestamp(),
                machine: MachineLine::this(),
                versions: VersionsLine::this(),
                scenarios: scenarios(plan),
            },
            tripwires: Tripwires::new(&plan.thresholds, stop),
            thresholds: plan.thresholds.clone(),
            rows: Vec::new(),
            timeline: Timeline::default(),
            requests: Timeline::of_endpoints(),
            began: options.clock.now(),
            clock: options.clock.clone(),
            crypto_figures: None,
            journal: None,
            feed: None,
            warn: Box::new(|_| ()),
        }
    }

    /// The same with a journal in `folder`; `warn` is told what cannot be
    /// written while the run goes on.
    #[must_use]
    pub fn journalled(
        mut self,
        folder: &Path,
        warn: impl Fn(&str) + Send + Sync + 'static,
    ) -> Self {
        self.journal = Some(JournalWriter::new(folder.to_owned()));
        self.warn = Box::new(warn);
        self
    }

    /// The same, shown to others while the run goes on.
    #[must_use]
    pub fn shown_by(mut self, feed: &Feed) -> Self {
        self.feed = Some(feed.clone());
        self
    }

    /// The same with figures of `rehearse crypto` in its report.
    #[must_use]
    pub fn with_crypto_figures(mut self, figures: Option<CryptoFigures>) -> Self {
        self.crypto_figures = figures;
        self
    }

    /// The report of what was played.
    pub fn report(&mut self, outcome: RunOutcome) -> Report {
        let snapshot = outcome.recorder.snapshot(outcome.windows.clone());
        let slowest = outcome.slowest.iter();
        let slowest = slowest.map(|slow| slow_line(slow, self.began, &outcome.recorder));
        Report {
            run: self.run.clone(),
            took: outcome.took,
            thresholds: judge(&self.thresholds, &snapshot, outcome.stopped.as_ref()),
            stops: outcome
                .stopped
                .map(|reason| stopped(&reason, cut(&snapshot)))
                .into_iter()
                .collect(),
            users: outcome.users,
            errors: errors(&outcome.errors),
            log: log(&outcome.log, self.began),
            skips: skips(&outcome.skips),
            time_series: std::mem::take(&mut self.rows),
            timeline: std::mem::take(&mut self.timeline),
            requests: std::mem::take(&mut self.requests),
            slowest: slowest.collect(),
            crypto_figures: self.crypto_figures.take(),
            notes: Vec::new(),
            snapshot,
        }
    }

    /// What is to be said of a run that did not take place, unless the files or
    /// the command line are at fault.
    pub fn not_started(&self, error: &RunError) -> Option<NotStarted> {
        let missing = missing(error)?;
        let reason = error.to_string();
        let run = self.run.clone();
        Some(NotStarted::new(run, missing, &reason, error.hint()))
    }

    /// Writes the report's files, and a line into the history of the folder
    /// `history`. The journal goes once the report is where it should be.
    ///
    /// # Errors
    /// When it can be written nowhere.
    pub fn keep(
        mut self,
        result: &RunResult,
        folder: &RunFolder,
        history: Option<&Path>,
    ) -> Result<Kept, ReportError> {
        let kept = folder.keep(result)?;
        if let Some(reports) = history {
            let line = HistoryLine::new(result, &kept.folder, commit());
            // The report is written, so a run is no failure because of this.
            let missing = line.append(reports).err();
            self.warn(missing.map(|error| format!("warning: not in the history: {error}")));
        }
        if kept.refused.is_none() {
            let journal = self.journal.take();
            self.warn(journal.and_then(JournalWriter::finish));
        }
        Ok(kept)
    }

    fn begin(&mut self, recorder: &Recorder) {
        self.began = self.clock.now();
        let thresholds = self.thresholds.iter();
        let thresholds: Vec<Threshold> = thresholds
            .map(|planned| planned.threshold.clone())
            .collect();
        if let Some(journal) = &mut self.journal {
            let warning = journal.begin(&self.run, &thresholds);
            self.warn(warning);
        }
        if let Some(feed) = &self.feed {
            feed.begin(self.run.clone(), &thresholds, recorder);
        }
    }

    fn tick(&mut self, tick: &Tick<'_>) {
        if let Some(feed) = &self.feed {
            feed.second(&tick.row, tick.played.unwrap_or_default(), &tick.windows);
        }
        self.rows.push(tick.row.clone());
        let span = tick.row.span();
        for timeline in [&mut self.timeline, &mut self.requests] {
            timeline.add(span, tick.measured.iter().map(|(_, series)| series));
        }
        if let Some(journal) = &mut self.journal {
            let warning = journal.add(tick);
            self.warn(warning);
        }
        self.tripwires.look(tick);
    }

    fn warn(&self, warning: Option<String>) {
        if let Some(warning) = warning {
            (self.warn)(&warning);
        }
    }
}

impl Observer for Record {
    fn hear(&mut self, event: &RunEvent<'_>) {
        match event {
            RunEvent::Started {
                target,
                at,
                recorder,
            } => {
                self.run.started_at = *at;
                self.run.target = TargetLine {
                    name: target.name.clone(),
                    url: target.api_url.to_string(),
                };
                self.begin(recorder);
            }
            RunEvent::Tick(tick) => self.tick(tick),
            RunEvent::ScenariosStarted { .. } | RunEvent::ScenariosEnded => {}
        }
    }
}

/// The target as far as it is known before the run.
fn planned(target: &PlannedTarget) -> TargetLine {
    let url = target
        .environment()
        .map(|target| target.api_url.to_string());
    TargetLine {
        name: target.preview().name.clone(),
        url: url.unwrap_or_default(),
    }
}

/// What a run lacks that cannot start.
fn missing(error: &RunError) -> Option<Missing> {
    if error.is_user_error() {
        return None;
    }
    match error {
        RunError::Unreachable { .. } | RunError::Waited { .. } => Some(Missing::Target),
        RunError::PushSource(_) => Some(Missing::Mailbox),
        RunError::Vault(_) => Some(Missing::Vault),
        RunError::Simulator(_) => Some(Missing::Simulator),
        RunError::Client(_) | RunError::Own(_) => Some(Missing::Machine),
        RunError::Variable { .. } | RunError::Target(_) | RunError::Stopped { .. } => None,
    }
}

fn cut(snapshot: &Snapshot) -> u64 {
    let ended = |outcome: Outcome| snapshot.count(Metric::Iterations, &[outcome.tag()]);
    ended(Outcome::Cut) + ended(Outcome::Interrupted)
}
