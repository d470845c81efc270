//! The journal of a run: what was measured, second by second, on disk as soon
//! as it is known. A run that is killed has lost a second or two; `rehearse
//! report` makes a report of the rest.
//!
//! One JSON document a line: first the run, then intervals. A last line that
//! is cut off is left out; one in the middle that is damaged is left out and
//! told.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{BufReader, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::file_error::FileError;
use super::{ErrorLine, Report, RunLine, SkipLine, StopKind, StopLine, ThresholdLine};
use crate::metrics::{
    Measure, Metric, PackedMeasure, Row, Series, SeriesId, Snapshot, Tags, Threshold, Timeline,
    Windows,
};
use crate::numbers::{nanoseconds, plural};
use crate::{ceilings, files, shown};

/// Name and number of the layout.
const SCHEMA: &str = "rehearse/journal/1";

/// Name of the file in a run's folder.
const FILE: &str = "journal.jsonl";

/// A journal that is being written.
pub struct Journal {
    path: PathBuf,
    file: File,
    /// How often the name of a series was written.
    known: HashMap<u32, u8>,
    errors: u64,
    skips: u64,
    /// The last line may lack its end.
    torn: bool,
}

#[derive(Serialize, Deserialize)]
struct Head {
    schema: String,
    run: RunLine,
    /// Selector and condition of each threshold.
    thresholds: Vec<(String, String)>,
}

#[derive(Serialize, Deserialize)]
struct Line {
    row: Row,
    /// Series that come for the first time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    series: Vec<Name>,
    values: Vec<(u32, PackedMeasure)>,
    /// Nanoseconds that the scenarios have been going on; not there in setup.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    played: Option<u64>,
    /// When each part of the run was measured so far.
    #[serde(default)]
    windows: Windows,
    /// All errors so far, when there are new ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    errors: Vec<ErrorLine>,
    /// Why iterations were skipped so far, when there are new ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    skips: Vec<SkipLine>,
}

#[derive(Serialize, Deserialize)]
struct Name {
    id: u32,
    metric: String,
    tags: BTreeMap<String, String>,
}

impl Journal {
    /// Begins the journal of a run in its folder.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn begin(
        folder: &Path,
        run: &RunLine,
        thresholds: &[Threshold],
    ) -> Result<Self, FileError> {
        let path = folder.join(FILE);
        let file = File::create_new(&path).map_err(|error| FileError::new(&path, error))?;
        let mut journal = Self {
            path,
            file,
            known: HashMap::new(),
            errors: 0,
            skips: 0,
            torn: false,
        };
        let thresholds = thresholds.iter().map(|threshold| {
            (
                threshold.selector.to_string(),
                threshold.condition.to_string(),
            )
        });
        journal.write(&Head {
            schema: SCHEMA.to_owned(),
            run: run.clone(),
            thresholds: thresholds.collect(),
        })?;
        Ok(journal)
    }

    /// Adds an interval: what was measured in it, and for how long the scenarios
    /// have been going on, when each part was measured, and what has failed and why
    /// iterations were skipped so far. When this returns, killing the process loses none of it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn add(
        &mut self,
        row: &Row,
        measured: &[(SeriesId, Series)],
        played: Option<Duration>,
        windows: &Windows,
        (errors, skips): (Vec<ErrorLine>, Vec<SkipLine>),
    ) -> Result<(), FileError> {
        let mut line = Line {
            row: row.clone(),
            series: Vec::new(),
            values: Vec::new(),
            played: played.map(nanoseconds),
            windows: windows.clone(),
            errors: Vec::new(),
            skips: Vec::new(),
        };
        for (id, series) in measured {
            let index = id.index();
            let written = self.known.entry(index).or_default();
            // Twice, so that no single line is needed to read the others.
            if *written < 2 {
                *written += 1;
                line.series.push(Name::new(index, series));
            }
            let packed =
                PackedMeasure::pack(&series.measure).map_err(|e| FileError::new(&self.path, e))?;
            line.values.push((index, packed));
        }
        let count = errors.iter().map(|line| line.count).sum();
        if count != self.errors {
            self.errors = count;
            line.errors = errors;
        }
        let count = skips.iter().map(|line| line.count).sum();
        if count != self.skips {
            self.skips = count;
            line.skips = skips;
        }
        self.write(&line)
    }

    fn write<T: Serialize>(&mut self, line: &T) -> Result<(), FileError> {
        let text = serde_json::to_string(line).map_err(|e| FileError::new(&self.path, e))?;
        let mut bytes = shown::json(text).into_bytes();
        bytes.push(b'\n');
        if std::mem::take(&mut self.torn) {
            bytes.insert(0, b'\n');
        }
        // One write: the system has it whole, whatever becomes of us.
        self.file.write_all(&bytes).map_err(|error| {
            // What was in this line must be said again.
            self.known.clear();
            (self.errors, self.skips, self.torn) = (0, 0, true);
            FileError::new(&self.path, error)
        })
    }

    /// Removes the journal: the report has everything now.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub fn finish(self) -> Result<(), FileError> {
        match std::fs::remove_file(&self.path) {
            // Somebody else did.
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            done => done.map_err(|error| FileError::new(&self.path, error)),
        }
    }

    /// True when there is one in a run's folder.
    pub fn is_in(folder: &Path) -> bool {
        folder.join(FILE).is_file()
    }

    /// Makes a report of the journal in a run's folder.
    ///
    /// # Errors
    /// When there is none, or it is not a journal.
    pub fn read(folder: &Path) -> Result<Report, FileError> {
        let path = folder.join(FILE);
        let file = files::open(&path).map_err(|error| FileError::new(&path, error))?;
        let mut lines = BufReader::new(file);
        let mut line = Vec::new();
        let mut next = |line: &mut Vec<u8>| {
            let read = files::read_line(&mut lines, line, ceilings::JOURNAL_LINE);
            read.map_err(|error| FileError::new(&path, error))
        };
        if next(&mut line)? == 0 {
            return Err(FileError::new(&path, "the journal is empty"));
        }
        let head: Head = serde_json::from_slice(&line)
            .map_err(|error| FileError::new(&path, format!("not a journal: {error}")))?;
        if head.schema != SCHEMA {
            let reason = format!("expected a journal `{SCHEMA}`, found `{}`", head.schema);
            return Err(FileError::new(&path, reason));
        }
        let mut replay = Replay::new();
        while next(&mut line)? > 0 {
            match serde_json::from_slice::<Line>(&line) {
                Ok(line) => replay.add(line),
                // Cut off when the run was killed, as is to be expected.
                Err(_) if !line.ends_with(b"\n") => {}
                Err(_) if line.trim_ascii().is_empty() => {}
                Err(_) => replay.damaged += 1,
            }
        }
        replay
            .report(head)
            .map_err(|reason| FileError::new(&path, reason))
    }
}

/// Intervals that are added up again.
struct Replay {
    series: BTreeMap<u32, Series>,
    rows: Vec<Row>,
    played: Option<Duration>,
    windows: Windows,
    errors: Vec<ErrorLine>,
    skips: Vec<SkipLine>,
    timeline: Timeline,
    requests: Timeline,
    /// Lines that could not be read, wholly or in part.
    damaged: u64,
}

impl Replay {
    fn new() -> Self {
        Self {
            series: BTreeMap::new(),
            rows: Vec::new(),
            played: None,
            windows: Windows::default(),
            errors: Vec::new(),
            skips: Vec::new(),
            timeline: Timeline::default(),
            requests: Timeline::of_endpoints(),
            damaged: 0,
        }
    }

    fn add(&mut self, line: Line) {
        let mut whole = true;
        for name in &line.series {
            let Ok((metric, tags)) = name.read() else {
                whole = false;
                continue;
            };
            self.series.entry(name.id).or_insert_with(|| Series {
                metric,
                tags,
                measure: Measure::empty(metric.kind()),
            });
        }
        let mut measured = Vec::new();
        for (id, packed) in &line.values {
            let (Some(series), Ok(measure)) = (self.series.get_mut(id), packed.unpack()) else {
                whole = false;
                continue;
            };
            series.measure.merge(&measure);
            measured.push(Series {
                metric: series.metric,
                tags: series.tags.clone(),
                measure,
            });
        }
        let span = line.row.span();
        for timeline in [&mut self.timeline, &mut self.requests] {
            timeline.add(span, measured.iter());
        }
        if !line.errors.is_empty() {
            self.errors = line.errors;
        }
        if !line.skips.is_empty() {
            self.skips = line.skips;
        }
        self.rows.push(line.row);
        self.played = line.played.map(Duration::from_nanos);
        self.windows = line.windows;
        self.damaged += u64::from(!whole);
    }

    fn report(self, head: Head) -> Result<Report, String> {
        let took = self.played.unwrap_or_default();
        let users = self.rows.last().map_or(0, |row| row.users);
        let snapshot = Snapshot::new(self.windows, self.series.into_values().collect());
        let mut thresholds = Vec::new();
        for (selector, condition) in &head.thresholds {
            let threshold = Threshold::parse(selector, condition);
            let threshold = threshold.map_err(|error| error.message)?;
            thresholds.push(ThresholdLine::judge(&threshold, &snapshot));
        }
        let mut report = Report {
            run: head.run,
            took,
            stops: vec![StopLine {
                kind: StopKind::Killed,
                text: if self.played.is_some() {
                    "cut off: what the journal holds of it".into()
                } else {
                    "cut off during setup, so no scenario was played".into()
                },
            }],
            users,
            snapshot,
            thresholds,
            errors: self.errors,
            log: Vec::new(),
            skips: self.skips,
            time_series: self.rows,
            timeline: self.timeline,
            requests: self.requests,
            slowest: Vec::new(),
            crypto_figures: None,
            notes: Vec::new(),
        };
        if self.damaged > 0 {
            let damage = (
                format!(
                    "the journal is damaged: {} of it cannot be read",
                    plural(self.damaged, "second", "seconds")
                ),
                "what was measured in them is not in this report; everything else is".to_owned(),
            );
            report.notes = std::iter::once(damage).chain(report.warnings()).collect();
        }
        Ok(report)
    }
}

impl Name {
    fn new(id: u32, series: &Series) -> Self {
        Self {
            id,
            metric: series.metric.name().to_owned(),
            tags: series.tags.names(),
        }
    }

    fn read(&self) -> Result<(Metric, Tags), String> {
        let metric = Metric::named(&self.metric)
            .ok_or_else(|| format!("unknown metric `{}`", self.metric))?;
        Ok((metric, Tags::read(&self.tags)?))
    }
}
