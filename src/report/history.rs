//! `history.jsonl` beside the folders of runs: a line for each run, with its
//! key figures. Runs come and go, lines stay.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Line, NotStarted, Report, ReportError, RunResult, Word};
use crate::metrics::{Bound, Spans};
use crate::numbers::milliseconds;
use crate::{ceilings, files, shown};

/// Name of the file.
pub const HISTORY: &str = "history.jsonl";

/// Name and number of the layout of a line. Fields may be added.
const SCHEMA: &str = "rehearse/history/2";

/// The one before: every run in it was played.
const BEFORE: &str = "rehearse/history/1";

/// A run in a line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HistoryLine {
    schema: String,
    /// When it started.
    pub at: Timestamp,
    /// Name of the plan.
    pub name: String,
    /// Folder of its report, while that is there.
    pub folder: String,
    /// The commit of what was tested, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// Name of the target.
    pub target: String,
    /// Processor and system.
    pub machine: String,
    /// What it has come to.
    #[serde(flatten)]
    pub outcome: HistoryOutcome,
}

/// What a run has come to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "verdict")]
pub enum HistoryOutcome {
    /// Everything was good.
    #[serde(rename = "passed")]
    Passed(HistoryFigures),
    /// Somebody ended it, and nothing had failed until then.
    #[serde(rename = "stopped early")]
    StoppedEarly(HistoryFigures),
    /// Something failed.
    #[serde(rename = "failed")]
    Failed(HistoryFigures),
    /// Something that it needs could not be had.
    #[serde(rename = "did not start")]
    NotStarted {
        /// Why not.
        reason: String,
    },
}

/// What was measured of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HistoryFigures {
    /// How long the scenarios took.
    pub took_ms: f64,
    /// Every step that was played.
    pub steps: Vec<HistoryStep>,
}

/// A step's key figures; times are those of successful runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HistoryStep {
    /// Name of the scenario that it belongs to.
    pub scenario: String,
    /// Its label.
    pub step: String,
    /// Plays that were good.
    pub ok: u64,
    /// Plays that failed.
    pub failed: u64,
    /// Plays that were still under way when the grace ran out.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unfinished: u64,
    /// Successful runs in a second of the measured part; not there when nothing of
    /// the scenario was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub throughput: Option<f64>,
    /// Times, as far as they are known.
    #[serde(flatten)]
    pub times: HistoryTimes,
}

/// Times in milliseconds. One of which only a bound is known, because plays were
/// not finished, is left out: it is no figure to go by.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HistoryTimes {
    /// Arithmetic mean.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean_ms: Option<f64>,
    /// Median.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p50_ms: Option<f64>,
    /// 95th percentile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p95_ms: Option<f64>,
    /// 99th percentile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p99_ms: Option<f64>,
}

/// A history that was read: its lines, and the numbers of those that are none.
pub struct History {
    /// Runs, in the order in which they ended.
    pub lines: Vec<HistoryLine>,
    /// Numbers of lines that cannot be read, from 1, and why.
    pub unread: Vec<(usize, String)>,
}

impl HistoryLine {
    /// The line of a run.
    pub fn new(result: &RunResult, folder: &Path, commit: Option<String>) -> Self {
        let run = result.run();
        Self {
            schema: SCHEMA.into(),
            at: run.started_at,
            name: run.name.clone(),
            folder: folder.display().to_string(),
            commit,
            target: run.target.name.clone(),
            machine: format!("{}, {} threads", run.machine.processor, run.machine.threads),
            outcome: HistoryOutcome::of(result),
        }
    }

    /// Every step that was played.
    pub fn steps(&self) -> &[HistoryStep] {
        self.outcome.figures().map_or(&[], |figures| &figures.steps)
    }

    /// Adds it to the history below `reports`. Two processes that do so at once
    /// write one line after the other.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn append(&self, reports: &Path) -> Result<(), ReportError> {
        let path = reports.join(HISTORY);
        let write = || -> std::io::Result<()> {
            let mut line = shown::json(serde_json::to_string(self)?) + "\n";
            let mut options = File::options();
            let options = options.create(true).read(true).append(true);
            let mut file = files::through_no_link(options).open(&path)?;
            // Until the file is closed.
            file.lock()?;
            if !ends_with_a_line(&mut file)? {
                line.insert(0, '\n');
            }
            file.write_all(line.as_bytes())
        };
        write().map_err(|error| ReportError {
            path: path.clone(),
            reason: error.to_string(),
        })
    }
}

impl HistoryOutcome {
    fn of(result: &RunResult) -> Self {
        match result {
            RunResult::Played(report) => {
                let figures = HistoryFigures::of(report);
                match report.verdict().word {
                    Word::Passed => Self::Passed(figures),
                    Word::StoppedEarly => Self::StoppedEarly(figures),
                    Word::Failed => Self::Failed(figures),
                }
            }
            RunResult::NotStarted(not_started) => Self::NotStarted {
                reason: not_started.reason.clone(),
            },
        }
    }

    /// What was measured, if the run took place.
    pub fn figures(&self) -> Option<&HistoryFigures> {
        match self {
            Self::Passed(figures) | Self::StoppedEarly(figures) | Self::Failed(figures) => {
                Some(figures)
            }
            Self::NotStarted { .. } => None,
        }
    }

    /// The verdict in a word.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Passed(_) => Word::Passed.name(),
            Self::StoppedEarly(_) => Word::StoppedEarly.name(),
            Self::Failed(_) => Word::Failed.name(),
            Self::NotStarted { .. } => NotStarted::WORD,
        }
    }
}

impl HistoryFigures {
    fn of(report: &Report) -> Self {
        let steps = report.steps().into_iter();
        let steps = steps.filter(|step| {
            let Line {
                good, failed, cut, ..
            } = &step.step;
            good.count() + failed.count() + cut.count() > 0
        });
        let steps = steps.map(|step| HistoryStep {
            scenario: step.scenario.to_string(),
            step: step.step.name.to_string(),
            ok: step.step.good.count(),
            failed: step.step.failed.count(),
            unfinished: step.step.cut.count(),
            throughput: report
                .throughput(&step.scenario, step.step.good.count())
                .map(three_decimals),
            times: times(&step.step.spans()),
        });
        Self {
            took_ms: milliseconds(report.took),
            steps: steps.collect(),
        }
    }
}

/// False when somebody was killed while writing the last line.
fn ends_with_a_line(file: &mut File) -> std::io::Result<bool> {
    if file.metadata()?.len() == 0 {
        return Ok(true);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

impl History {
    /// Reads a history.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn read(path: &Path) -> Result<Self, ReportError> {
        let text = files::read(path, ceilings::MEASURED).map_err(|error| ReportError {
            path: PathBuf::from(path),
            reason: error.to_string(),
        })?;
        let mut history = Self {
            lines: Vec::new(),
            unread: Vec::new(),
        };
        let text = String::from_utf8_lossy(&text);
        for (number, line) in (1..).zip(text.lines()) {
            if line.trim().is_empty() {
                continue;
            }
            match serde_json::from_str::<HistoryLine>(line) {
                Ok(line) if [SCHEMA, BEFORE].contains(&&*line.schema) => history.lines.push(line),
                Ok(line) => {
                    let why = format!("expected `{SCHEMA}`, found `{}`", line.schema);
                    history.unread.push((number, why));
                }
                Err(error) => history.unread.push((number, error.to_string())),
            }
        }
        Ok(history)
    }
}

fn three_decimals(rate: f64) -> f64 {
    (rate * 1e3).round() / 1e3
}

fn times(spans: &Spans) -> HistoryTimes {
    if spans.is_empty() {
        return HistoryTimes::default();
    }
    let known = |figure: Bound| figure.exact().map(milliseconds);
    let [mean_ms, p50_ms, p95_ms, p99_ms, _] = spans.figures().map(known);
    HistoryTimes {
        mean_ms,
        p50_ms,
        p95_ms,
        p99_ms,
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

#[cfg(test)]
mod tests {
    use super::super::example::{example, hung, not_started};
    use super::{HISTORY, History, HistoryLine};

    #[test]
    fn a_bound_is_no_figure_of_the_history() {
        let folder = tempfile::tempdir().unwrap();
        let mut report = example();
        report.snapshot = hung();
        let line = HistoryLine::new(&report.into(), folder.path(), None);
        line.append(folder.path()).unwrap();
        let read = History::read(&folder.path().join(HISTORY)).unwrap();
        assert_eq!(read.lines, [line]);
        let step = &read.lines[0].steps()[0];
        assert_eq!((step.ok, step.unfinished), (90, 10));
        assert_eq!(step.times.p50_ms.map(f64::round), Some(50.0));
        assert_eq!((step.times.p95_ms, step.times.mean_ms), (None, None));
        assert_eq!(read.lines[0].outcome.word(), "failed");
    }

    #[test]
    fn a_line_of_the_version_before_and_a_run_that_did_not_start_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(HISTORY);
        let line = HistoryLine::new(&example().into(), folder.path(), None);
        let absent = HistoryLine::new(&not_started().into(), folder.path(), None);
        line.append(folder.path()).unwrap();
        let before = std::fs::read_to_string(&path).unwrap();
        let before = before.replace(super::SCHEMA, super::BEFORE);
        std::fs::write(&path, &before).unwrap();
        absent.append(folder.path()).unwrap();
        let history = History::read(&path).unwrap();
        assert!(history.unread.is_empty(), "{:?}", history.unread);
        assert_eq!(history.lines[0].outcome, line.outcome);
        assert_eq!(history.lines[1], absent);
        let text = std::fs::read_to_string(&path).unwrap();
        let absent = text.lines().last().unwrap();
        assert!(
            absent.contains(r#""verdict":"did not start","reason":"the target"#),
            "{absent}"
        );
        // What was measured has no line without figures.
        let torn = before.replace("took_ms", "tock_ms");
        std::fs::write(&path, torn).unwrap();
        assert_eq!(History::read(&path).unwrap().unread.len(), 1);
    }

    #[test]
    fn a_history_that_leads_elsewhere_is_not_written() {
        let folder = tempfile::tempdir().unwrap();
        let elsewhere = folder.path().join("elsewhere");
        std::os::unix::fs::symlink(&elsewhere, folder.path().join(HISTORY)).unwrap();
        let line = HistoryLine::new(&example().into(), folder.path(), None);
        assert!(line.append(folder.path()).is_err());
        assert!(!elsewhere.exists());
    }

    #[test]
    fn lines_written_at_once_are_all_whole() {
        let folder = tempfile::tempdir().unwrap();
        let line = HistoryLine::new(&example().into(), folder.path(), Some("0123abc".into()));
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| (0..20).for_each(|_| line.append(folder.path()).unwrap()));
            }
        });
        let history = History::read(&folder.path().join(HISTORY)).unwrap();
        assert!(history.unread.is_empty(), "{:?}", history.unread);
        assert_eq!(history.lines.len(), 160);
        assert!(history.lines.iter().all(|read| *read == line));
        assert_eq!(line.steps()[0].ok, 97);
        assert_eq!(
            line.steps().len(),
            2,
            "a step that was never played is not there"
        );
    }

    #[test]
    fn a_torn_line_spoils_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(HISTORY);
        std::fs::write(&path, "{\"schema\": \"reh").unwrap();
        let line = HistoryLine::new(&example().into(), folder.path(), None);
        line.append(folder.path()).unwrap();
        let history = History::read(&path).unwrap();
        assert_eq!(history.lines, [line]);
        assert_eq!(history.unread[0].0, 1);
    }
}
