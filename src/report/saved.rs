//! `measurements.json`: the report as this program keeps it, with every
//! histogram whole. `rehearse report` makes all other files of it again.
//!
//! The layout is for programs of the same version; others read `report.json`.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::file_error::FileError;
use super::{
    CryptoFigures, ErrorLine, Format, LogSaid, NotStarted, Report, RunLine, RunResult, SkipLine,
    SlowLine, StopLine, ThresholdLine,
};
use crate::metrics::{
    self, Measure, Metric, PackedMeasure, Row, Series, Snapshot, Tags, Timeline, Verdict, Windows,
    nanoseconds,
};
use crate::{ceilings, files, shown};

pub(super) const FORMAT: Format = Format {
    name: "measurements",
    file: FILE,
    render,
    not_started: Some(not_started),
};

/// Name of the file in a run's folder.
const FILE: &str = "measurements.json";

/// Name and number of the layout.
const SCHEMA: &str = "rehearse/measurements/2";

/// The one before: it said in words alone what has ended a run.
const BEFORE: &str = "rehearse/measurements/1";

/// The layout of a run of which nothing was measured.
const NOT_STARTED: &str = "rehearse/not-started/1";

/// What says how the rest is to be read.
#[derive(Deserialize)]
struct Layout {
    schema: String,
}

/// A run that did not start.
#[derive(Serialize, Deserialize)]
struct Absent {
    schema: String,
    #[serde(flatten)]
    not_started: NotStarted,
}

#[derive(Serialize, Deserialize)]
struct Document {
    schema: String,
    run: RunLine,
    #[serde(with = "nanoseconds")]
    took: Duration,
    /// Of earlier versions.
    #[serde(default, skip_serializing)]
    stopped: Option<String>,
    #[serde(default)]
    stops: Vec<StopLine>,
    users: u64,
    thresholds: Vec<Threshold>,
    errors: Vec<ErrorLine>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    log: Vec<LogSaid>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    skips: Vec<SkipLine>,
    rows: Vec<Row>,
    slowest: Vec<SlowLine>,
    crypto_figures: Option<CryptoFigures>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    notes: Vec<(String, String)>,
    #[serde(default)]
    windows: Windows,
    series: Vec<Packed>,
    timeline: Timeline,
    #[serde(default = "Timeline::of_endpoints")]
    requests: Timeline,
}

#[derive(Serialize, Deserialize)]
struct Threshold {
    selector: String,
    condition: String,
    passed: bool,
    measured: bool,
    seen: String,
}

/// A series by its name.
#[derive(Serialize, Deserialize)]
struct Packed {
    metric: String,
    tags: BTreeMap<String, String>,
    values: PackedMeasure,
}

fn render(report: &Report) -> Result<Vec<u8>, String> {
    let series = report.snapshot.series().iter();
    // An empty histogram tells nothing.
    let series = series.filter(
        |series| !matches!(&series.measure, Measure::Duration(histogram) if histogram.is_empty()),
    );
    let document = Document {
        schema: SCHEMA.into(),
        run: report.run.clone(),
        took: report.took,
        stopped: None,
        stops: report.stops.clone(),
        users: report.users,
        thresholds: report.thresholds.iter().map(Threshold::new).collect(),
        errors: report.errors.clone(),
        log: report.log.clone(),
        skips: report.skips.clone(),
        rows: report.time_series.clone(),
        slowest: report.slowest.clone(),
        crypto_figures: report.crypto_figures.clone(),
        notes: report.notes.clone(),
        windows: report.snapshot.windows().clone(),
        series: series.map(Packed::new).collect::<Result<_, _>>()?,
        timeline: report.timeline.clone(),
        requests: report.requests.clone(),
    };
    let text = serde_json::to_string(&document).map_err(|error| error.to_string())?;
    Ok(shown::json(text).into_bytes())
}

fn not_started(not_started: &NotStarted) -> Result<Vec<u8>, String> {
    let document = Absent {
        schema: NOT_STARTED.into(),
        not_started: not_started.clone(),
    };
    let text = serde_json::to_string(&document).map_err(|error| error.to_string())?;
    Ok(shown::json(text).into_bytes())
}

/// True when a run's folder has the measurements of a run that has ended.
pub fn is_saved(folder: &Path) -> bool {
    folder.join(FILE).is_file()
}

/// The report of a run that has ended, from its folder.
///
/// # Errors
/// When there is none, or it was written by another version.
pub fn read_saved(folder: &Path) -> Result<RunResult, FileError> {
    let path = folder.join(FILE);
    let read = || -> Result<RunResult, String> {
        let bytes = files::read(&path, ceilings::MEASURED).map_err(|error| error.to_string())?;
        match &*parsed::<Layout>(&bytes)?.schema {
            SCHEMA | BEFORE => Ok(parsed::<Document>(&bytes)?.report()?.into()),
            NOT_STARTED => Ok(parsed::<Absent>(&bytes)?.not_started.into()),
            found => Err(format!("expected `{SCHEMA}`, found `{found}`")),
        }
    };
    read().map_err(|reason| FileError::new(&path, reason))
}

fn parsed<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, String> {
    serde_json::from_slice(bytes).map_err(|error| format!("not the measurements of a run: {error}"))
}

impl Document {
    fn report(self) -> Result<Report, String> {
        let thresholds = self.thresholds.into_iter().map(Threshold::read);
        let series = self.series.into_iter().map(Packed::read);
        let stops = self.stopped.into_iter().map(StopLine::in_words);
        Ok(Report {
            run: self.run,
            took: self.took,
            stops: stops.chain(self.stops).collect(),
            users: self.users,
            thresholds: thresholds.collect::<Result<_, _>>()?,
            snapshot: Snapshot::new(self.windows, series.collect::<Result<_, _>>()?),
            errors: self.errors,
            log: self.log,
            skips: self.skips,
            time_series: self.rows,
            timeline: self.timeline,
            requests: self.requests,
            slowest: self.slowest,
            crypto_figures: self.crypto_figures,
            notes: self.notes,
        })
    }
}

impl Threshold {
    fn new(line: &ThresholdLine) -> Self {
        Self {
            selector: line.threshold.selector.to_string(),
            condition: line.threshold.condition.to_string(),
            passed: line.verdict.passed,
            measured: line.verdict.measured,
            seen: line.verdict.seen.clone(),
        }
    }

    fn read(self) -> Result<ThresholdLine, String> {
        let threshold = metrics::Threshold::parse(&self.selector, &self.condition);
        Ok(ThresholdLine {
            threshold: threshold.map_err(|error| error.message)?,
            verdict: Verdict {
                passed: self.passed,
                measured: self.measured,
                seen: self.seen,
            },
        })
    }
}

impl Packed {
    fn new(series: &Series) -> Result<Self, String> {
        Ok(Self {
            metric: series.metric.name().to_owned(),
            tags: series.tags.names(),
            values: PackedMeasure::pack(&series.measure).map_err(|error| error.to_string())?,
        })
    }

    fn read(self) -> Result<Series, String> {
        let metric = Metric::named(&self.metric)
            .ok_or_else(|| format!("unknown metric `{}`", self.metric))?;
        Ok(Series {
            metric,
            tags: Tags::read(&self.tags)?,
            measure: self.values.unpack().map_err(|error| error.to_string())?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::example::{example, not_started, played};
    use super::super::{FORMATS, RunFolder, RunResult, StopKind};
    use super::{FILE, read_saved};

    #[test]
    fn every_format_comes_out_the_same_again() {
        let folder = tempfile::tempdir().unwrap();
        for result in [RunResult::from(example()), not_started().into()] {
            RunFolder::existing(folder.path()).write(&result).unwrap();
            let again = read_saved(folder.path()).unwrap();
            for format in FORMATS {
                let (first, second) = (format.content(&result), format.content(&again));
                assert!(first.unwrap() == second.unwrap(), "{}", format.file);
            }
        }
    }

    #[test]
    fn measurements_of_the_version_before_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let text = String::from_utf8(super::render(&example()).unwrap()).unwrap();
        let words =
            "one: stopped at the first failed iteration (--fail-fast); 2 iterations were cut";
        let text = text
            .replace(super::SCHEMA, super::BEFORE)
            .replace(r#""stops":[]"#, &format!(r#""stopped":"{words}""#));
        std::fs::write(folder.path().join(FILE), text).unwrap();
        let report = played(read_saved(folder.path()).unwrap());
        assert_eq!(report.stops.len(), 1);
        assert_eq!(report.stops[0].kind, StopKind::FailedIteration);
        assert_eq!(report.stops[0].text, words);
    }

    #[test]
    fn what_is_something_else_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        for text in ["{}", "[", "{\"schema\": 1}"] {
            std::fs::write(folder.path().join(FILE), text).unwrap();
            let error = read_saved(folder.path()).err().unwrap().to_string();
            assert!(error.contains(FILE), "{error}");
            assert!(error.contains("not the measurements of a run"), "{error}");
        }
    }
}
