//! Reports of several runners as one.

use std::time::Duration;

use jiff::Timestamp;

use super::{ErrorLine, Report, RunLine, SkipLine, SlowLine, StopLine, ThresholdLine};
use crate::metrics::{Level, Measure, Metric, Row, Series, Snapshot, Timeline, Windows, join_rows};

/// So many slow iterations of each scenario are kept, as in one run.
const SLOWEST: usize = 5;

/// A runner's report, and what the runner is called.
pub struct Part {
    /// Its folder.
    pub name: String,
    /// What it has measured.
    pub report: Report,
}

/// Reports that cannot be joined.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum MergeError {
    /// There are none.
    #[error("no report to join")]
    Nothing,
    /// Something was planned differently.
    #[error("`{other}` is of another plan than `{first}`: {what} `{theirs}` instead of `{ours}`")]
    Plan {
        /// The first runner.
        first: String,
        /// The one that differs.
        other: String,
        /// What differs.
        what: &'static str,
        /// With the first runner.
        ours: String,
        /// With the other.
        theirs: String,
    },
    /// Buckets that do not lie on one another.
    #[error("`{other}` has histograms of {theirs} significant digits, `{first}` of {ours}")]
    Precision {
        /// The first runner.
        first: String,
        /// The one that differs.
        other: String,
        /// Digits with the first runner.
        ours: u8,
        /// Digits with the other.
        theirs: u8,
    },
}

/// Joins reports of one plan, measured by several runners. Everything that was
/// counted is added up, bucket by bucket; what is judged is judged anew.
///
/// # Errors
/// When they are not of one plan.
pub fn merge(parts: &[Part]) -> Result<Report, MergeError> {
    let first = parts.first().ok_or(MergeError::Nothing)?;
    for other in &parts[1..] {
        agree(first, other)?;
    }
    let began = parts.iter().map(|part| part.report.run.started_at).min();
    let began = began.unwrap_or(first.report.run.started_at);
    let offsets: Vec<Duration> = parts.iter().map(|part| since(began, part)).collect();
    let reports = || {
        offsets
            .iter()
            .copied()
            .zip(parts.iter().map(|part| &part.report))
    };
    let rows: Vec<_> = reports()
        .map(|(at, report)| (at, &*report.time_series))
        .collect();
    let time_series = join_rows(&rows);
    // From the first start to the last end, by the clock.
    let took = reports()
        .map(|(at, report)| at + report.took)
        .max()
        .unwrap_or_default();
    let mut windows = Windows::default();
    for (at, report) in reports() {
        windows.join(report.snapshot.windows(), at);
    }
    let snapshot = Snapshot::new(windows, series(parts, &time_series));
    let timelines: Vec<_> = reports()
        .map(|(at, report)| (at, &report.timeline))
        .collect();
    let requests: Vec<_> = reports()
        .map(|(at, report)| (at, &report.requests))
        .collect();
    Ok(Report {
        run: run(first, began),
        took,
        stops: stops(parts),
        users: parts.iter().map(|part| part.report.users).sum(),
        thresholds: thresholds(parts, &snapshot),
        errors: errors(parts),
        log: parts
            .iter()
            .flat_map(|part| part.report.log.clone())
            .collect(),
        skips: skips(parts),
        time_series,
        timeline: Timeline::join(&timelines),
        requests: Timeline::join(&requests),
        slowest: slowest(reports()),
        crypto_figures: parts
            .iter()
            .find_map(|part| part.report.crypto_figures.clone()),
        notes: notes(parts),
        snapshot,
    })
}

/// How long after the first runner this one began.
fn since(began: Timestamp, part: &Part) -> Duration {
    let later = part.report.run.started_at.duration_since(began);
    Duration::try_from(later).unwrap_or_default()
}

fn agree(first: &Part, other: &Part) -> Result<(), MergeError> {
    let pairs = described(&first.report)
        .into_iter()
        .zip(described(&other.report));
    for ((what, ours), (_, theirs)) in pairs {
        if ours != theirs {
            return Err(MergeError::Plan {
                first: first.name.clone(),
                other: other.name.clone(),
                what,
                ours,
                theirs,
            });
        }
    }
    match (digits(&first.report), digits(&other.report)) {
        (Some(ours), Some(theirs)) if ours != theirs => Err(MergeError::Precision {
            first: first.name.clone(),
            other: other.name.clone(),
            ours,
            theirs,
        }),
        _ => Ok(()),
    }
}

/// What must be the same. Executors may differ: a plan can be split so that one
/// runner has more users than another.
fn described(report: &Report) -> [(&'static str, String); 3] {
    let scenarios = report.run.scenarios.iter();
    let scenarios = scenarios.map(|line| format!("{}: {}", line.name, line.steps.join(", ")));
    let thresholds = report.thresholds.iter();
    let thresholds = thresholds.map(|line| line.threshold.to_string());
    [
        ("the name", report.run.name.clone()),
        ("the steps", scenarios.collect::<Vec<_>>().join("; ")),
        ("the thresholds", thresholds.collect::<Vec<_>>().join("; ")),
    ]
}

/// Significant digits of its histograms.
fn digits(report: &Report) -> Option<u8> {
    let mut series = report.snapshot.series().iter();
    series.find_map(|series| match &series.measure {
        Measure::Duration(histogram) => histogram.digits(),
        _ => None,
    })
}

fn run(first: &Part, began: Timestamp) -> RunLine {
    RunLine {
        started_at: began,
        ..first.report.run.clone()
    }
}

fn series(parts: &[Part], rows: &[Row]) -> Vec<Series> {
    let mut all: Vec<Series> = Vec::new();
    for series in parts.iter().flat_map(|part| part.report.snapshot.series()) {
        let same = |known: &&mut Series| known.metric == series.metric && known.tags == series.tags;
        match all.iter_mut().find(same) {
            Some(known) => add(&mut known.measure, &series.measure),
            None => all.push(series.clone()),
        }
    }
    // Levels of runners add up second by second, which only the rows tell.
    for series in &mut all {
        if series.metric == Metric::Vus && !rows.is_empty() && parts.len() > 1 {
            let mut level = Level::default();
            for row in rows {
                level.read(row.vus);
            }
            series.measure = Measure::Level(level);
        }
    }
    all
}

fn add(sum: &mut Measure, more: &Measure) {
    match (sum, more) {
        // Side by side, not one after the other.
        (Measure::Level(sum), Measure::Level(more)) => {
            sum.readings = sum.readings.max(more.readings);
            sum.last += more.last;
            sum.min += more.min;
            sum.max += more.max;
        }
        (sum, more) => sum.merge(more),
    }
}

fn thresholds(parts: &[Part], snapshot: &Snapshot) -> Vec<ThresholdLine> {
    let lines = parts[0].report.thresholds.iter().enumerate();
    let lines = lines.map(|(index, line)| {
        let mut judged = ThresholdLine::judge(&line.threshold, snapshot);
        // What has ended a run was not met, whatever the others measured.
        let ended = parts.iter().find_map(|part| {
            let theirs = part.report.thresholds.get(index)?;
            let ended = theirs.verdict.seen.ends_with("when it ended the run");
            ended.then(|| format!("{}: {}", part.name, theirs.verdict.seen))
        });
        if let Some(seen) = ended {
            (judged.verdict.passed, judged.verdict.seen) = (false, seen);
        }
        judged
    });
    lines.collect()
}

fn errors(parts: &[Part]) -> Vec<ErrorLine> {
    let mut all: Vec<ErrorLine> = Vec::new();
    for line in parts.iter().flat_map(|part| &part.report.errors) {
        let same = |known: &&mut ErrorLine| {
            (&known.scenario, &known.step, &known.kind) == (&line.scenario, &line.step, &line.kind)
        };
        match all.iter_mut().find(same) {
            Some(known) => known.count += line.count,
            None => all.push(line.clone()),
        }
    }
    all
}

fn skips(parts: &[Part]) -> Vec<SkipLine> {
    let mut all: Vec<SkipLine> = Vec::new();
    for line in parts.iter().flat_map(|part| &part.report.skips) {
        let same = |known: &&mut SkipLine| {
            (&known.scenario, &known.step, &known.reason)
                == (&line.scenario, &line.step, &line.reason)
        };
        match all.iter_mut().find(same) {
            Some(known) => known.count += line.count,
            None => all.push(line.clone()),
        }
    }
    all
}

fn stops(parts: &[Part]) -> Vec<StopLine> {
    let stops = parts.iter().flat_map(|part| {
        part.report.stops.iter().map(|stop| StopLine {
            kind: stop.kind,
            text: format!("{}: {}", part.name, stop.text),
        })
    });
    stops.collect()
}

fn slowest<'a>(reports: impl Iterator<Item = (Duration, &'a Report)>) -> Vec<SlowLine> {
    let mut all: Vec<SlowLine> = Vec::new();
    for (offset, report) in reports {
        all.extend(report.slowest.iter().cloned().map(|line| SlowLine {
            began: line.began + offset,
            ..line
        }));
    }
    all.sort_by_key(|line| std::cmp::Reverse(line.took));
    let mut kept: Vec<SlowLine> = Vec::new();
    for line in all {
        if kept
            .iter()
            .filter(|known| known.scenario == line.scenario)
            .count()
            < SLOWEST
        {
            kept.push(line);
        }
    }
    kept
}

/// What each runner was warned of, and in what runners differ.
fn notes(parts: &[Part]) -> Vec<(String, String)> {
    let first = &parts[0].report.run;
    let mut notes = Vec::new();
    for part in parts {
        let warnings = part.report.warnings().into_iter();
        notes.extend(warnings.map(|(what, hint)| (format!("{}: {what}", part.name), hint)));
        let run = &part.report.run;
        let mut differs = |what: &str, theirs: &str, ours: &str| {
            if theirs != ours {
                notes.push((
                    format!(
                        "{}: {what} `{theirs}`, the first runner's was `{ours}`",
                        part.name
                    ),
                    "figures of all of them are added up; look at each report too".into(),
                ));
            }
        };
        differs("target", &run.target.name, &first.target.name);
        differs(
            "processor",
            &run.machine.processor,
            &first.machine.processor,
        );
        differs(
            "cryptography",
            &run.crypto_backend.to_string(),
            &first.crypto_backend.to_string(),
        );
        differs("rehearse", &run.versions.rehearse, &first.versions.rehearse);
    }
    notes
}

#[cfg(test)]
mod tests;
