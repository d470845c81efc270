//! `rehearse trend`: how the figures of a plan went from run to run.

mod json;
mod markdown;
mod model;
mod svg;
mod terminal;

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use model::{Point, StepTrend, Trend, of};

use super::help::after;
use super::{Exit, complain, say};
use crate::compare::{Statistic, change_points};
use crate::report::{HISTORY, History, HistoryLine, HistoryStep};

/// Show a plan's figures from run to run, and mark where they changed
///
/// Every run adds a line to `history.jsonl` beside its folder. A run is marked when it is further
/// from the median of up to eight runs before than four times their usual spread, and than 5 %.
#[derive(Debug, Args)]
#[command(after_help = after(&[("rehearse trend", "the last 30 runs of the plan that was played last"), ("rehearse trend --name smoke --step login --stat p99", "one step of one plan"), ("rehearse trend --format svg > trend.svg", "as a drawing")], &[(Exit::Good, "printed"), (Exit::Wrong, "there is no such plan or step, or the command line is wrong")]))]
pub(super) struct Arguments {
    /// Name of the plan [default: that of the last run]
    #[arg(long, value_name = "NAME", help_heading = "What is shown")]
    name: Option<String>,
    /// Only this step, as `step` or `scenario/step`
    #[arg(long, value_name = "STEP", help_heading = "What is shown")]
    step: Option<String>,
    /// Statistic to show: p50, p95, p99, mean, `error_rate` or throughput
    #[arg(long, value_name = "STATISTIC", default_value = "p95", value_parser = parse_statistic, help_heading = "What is shown")]
    stat: Statistic,
    /// Number of runs to show, from the latest
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..), help_heading = "What is shown")]
    last: u32,
    /// Folder that holds a folder for each run
    #[arg(
        long,
        value_name = "DIR",
        default_value = "reports",
        help_heading = "Input and output"
    )]
    reports: PathBuf,
    /// Output format
    #[arg(
        long,
        value_enum,
        default_value_t,
        value_name = "FORMAT",
        help_heading = "Input and output"
    )]
    format: Format,
}

/// To add a format: one file with a function, one line here and in `render`.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Format {
    /// For the terminal
    #[default]
    Text,
    /// For programs
    Json,
    /// For job summaries and comments
    Markdown,
    /// A drawing, for pages
    Svg,
}

pub(super) fn trend(arguments: &Arguments) -> Exit {
    let path = arguments.reports.join(HISTORY);
    let history = match History::read(&path) {
        Ok(history) => history,
        Err(error) => {
            let reason = error.reason;
            complain(&format!(
                "cannot read {}: {reason}\nhint: each `rehearse run` adds a line to it; name another folder with `--reports`",
                path.display()
            ));
            return Exit::Wrong;
        }
    };
    for (number, why) in &history.unread {
        complain(&format!(
            "warning: {}:{number}: left out: {why}",
            path.display()
        ));
    }
    match chosen(&history, arguments).and_then(|trend| render(&trend, arguments.format)) {
        Ok(text) => {
            say(&text);
            Exit::Good
        }
        Err(error) => {
            complain(&error);
            Exit::Wrong
        }
    }
}

fn render(trend: &Trend<'_>, format: Format) -> Result<String, String> {
    match format {
        Format::Text => Ok(terminal::render(trend)),
        Format::Markdown => Ok(markdown::render(trend)),
        Format::Svg => Ok(svg::render(trend)),
        Format::Json => json::render(trend).map_err(|error| error.to_string()),
    }
}

fn chosen<'a>(history: &'a History, arguments: &'a Arguments) -> Result<Trend<'a>, String> {
    let last = history.lines.last().map(|line| &*line.name);
    let name = arguments
        .name
        .as_deref()
        .or(last)
        .ok_or("no run in the history yet")?;
    let mut runs: Vec<&HistoryLine> = history
        .lines
        .iter()
        .filter(|line| line.name == name)
        .collect();
    if runs.is_empty() {
        let mut names: Vec<String> = history
            .lines
            .iter()
            .map(|line| format!("`{}`", line.name))
            .collect();
        names.sort();
        names.dedup();
        return Err(format!(
            "no run of `{name}` in the history\nhint: it has runs of {}",
            names.join(", ")
        ));
    }
    runs.sort_by_key(|run| run.at);
    let mut names: Vec<String> = Vec::new();
    for step in runs.iter().rev().flat_map(|run| run.steps()) {
        let name = full_name(step);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let all = names.join(", ");
    if let Some(wanted) = &arguments.step {
        names.retain(|name| {
            name == wanted || name.split_once('/').is_some_and(|(_, step)| step == wanted)
        });
        if names.is_empty() {
            return Err(format!(
                "no step `{wanted}` in the runs of `{name}`\nhint: they have {all}"
            ));
        }
    }
    let most = usize::try_from(arguments.last).unwrap_or(usize::MAX);
    let first = runs.len().saturating_sub(most);
    let steps = names
        .into_iter()
        .map(|name| step_trend(&runs, first, name, arguments.stat));
    Ok(Trend {
        name,
        statistic: arguments.stat,
        steps: steps.filter(|step| !step.points.is_empty()).collect(),
        runs: runs.split_off(first),
    })
}

/// A step in the runs from `first` on.
fn step_trend<'a>(
    runs: &[&'a HistoryLine],
    first: usize,
    name: String,
    statistic: Statistic,
) -> StepTrend<'a> {
    let found = runs.iter().enumerate().filter_map(|(place, run)| {
        let step = run.steps().iter().find(|step| full_name(step) == name)?;
        Some((place, *run, value(step, statistic)?))
    });
    let found: Vec<(usize, &HistoryLine, f64)> = found.collect();
    let values: Vec<f64> = found.iter().map(|(_, _, value)| *value).collect();
    // Of all runs: which ones are shown must not change what is marked.
    let points = found.into_iter().zip(change_points(&values));
    let points = points.filter_map(|((place, run, value), changed)| {
        Some(Point {
            run,
            column: place.checked_sub(first)?,
            value,
            changed,
        })
    });
    StepTrend {
        name,
        points: points.collect(),
    }
}

fn full_name(step: &HistoryStep) -> String {
    format!("{}/{}", step.scenario, step.step)
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
fn value(step: &HistoryStep, statistic: Statistic) -> Option<f64> {
    let times = &step.times;
    let time = |milliseconds: Option<f64>| Some(milliseconds? * 1e6);
    match statistic {
        Statistic::P50 => time(times.p50_ms),
        Statistic::P95 => time(times.p95_ms),
        Statistic::P99 => time(times.p99_ms),
        Statistic::Mean => time(times.mean_ms),
        Statistic::Throughput => step.throughput,
        Statistic::ErrorRate => {
            let failed = step.failed + step.unfinished;
            let all = step.ok + failed;
            (all > 0).then(|| failed as f64 / all as f64)
        }
    }
}

impl Point<'_> {
    /// When, which commit, and where its report is.
    fn of(&self) -> [String; 3] {
        of(self.run)
    }
}

impl StepTrend<'_> {
    fn changes(&self) -> impl Iterator<Item = (&Point<'_>, &Point<'_>)> {
        let pairs = self.points.windows(2);
        pairs
            .filter(|pair| pair[1].changed)
            .map(|pair| (&pair[0], &pair[1]))
    }

    fn range(&self) -> (f64, f64) {
        let values = || self.points.iter().map(|point| point.value);
        (
            values().fold(f64::INFINITY, f64::min),
            values().fold(f64::NEG_INFINITY, f64::max),
        )
    }
}

fn parse_statistic(text: &str) -> Result<Statistic, String> {
    Statistic::named(text).ok_or_else(|| {
        let names = Statistic::ALL.map(Statistic::name);
        format!("expected one of: {}", names.join(", "))
    })
}

#[cfg(test)]
mod tests;
