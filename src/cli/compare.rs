//! `rehearse compare`: whether one run differs from another, or only looks so.

mod measured;

use std::path::{Path, PathBuf};

use clap::Args;

use super::help::after;
use super::report::read_played;
use super::{Exit, complain, say};
use crate::compare::render::{Format, Page};
use crate::compare::{FailOn, Failure, Margin, compare as hold};
use crate::report::Report;

/// Compare runs: test whether differences are significant
///
/// With one run on each side, noise is estimated from blocks of seconds; with several, from the
/// runs. The exit code is 1 when a change is beyond a limit of `--fail-on`, and not due to chance.
#[derive(Debug, Args)]
#[command(after_help = after(&[("rehearse compare reports/monday reports/tuesday", "compare two runs"), ("rehearse compare --base old/* --new new/*", "compare several runs on each side"), ("rehearse compare reports/monday reports/tuesday --fail-on 'p95 > +10%'", "fail when the 95th percentile rose by more than 10 %")], &[(Exit::Good, "no change beyond a limit"), (Exit::Failed, "a change is beyond a limit of `--fail-on`, and not due to chance"), (Exit::Wrong, "a folder cannot be read, a limit matches nothing, or the command line is wrong")]))]
pub(super) struct Arguments {
    /// Folder of the run before
    #[arg(
        value_name = "BASE",
        required_unless_present = "base_runs",
        requires = "new"
    )]
    base: Option<PathBuf>,
    /// Folder of the run after
    #[arg(value_name = "NEW")]
    new: Option<PathBuf>,
    /// Folders of several runs before
    #[arg(long = "base", value_name = "DIR", num_args = 1.., conflicts_with = "base", requires = "new_runs")]
    base_runs: Vec<PathBuf>,
    /// Folders of several runs after
    #[arg(long = "new", value_name = "DIR", num_args = 1.., requires = "base_runs")]
    new_runs: Vec<PathBuf>,
    /// Fail on changes beyond this limit, such as `p95 > +10%`, `throughput < -5%`, or
    /// `error_rate{step=login} > +0.1%`; repeatable
    #[arg(long, value_name = "LIMIT", help_heading = "Judgement")]
    fail_on: Vec<FailOn>,
    /// Ignore changes of times and throughput smaller than this, in percent
    #[arg(long, value_name = "PERCENT", default_value = "5%", value_parser = parse_margin, help_heading = "Judgement")]
    margin: f64,
    /// Output format
    #[arg(
        long,
        value_enum,
        default_value_t,
        value_name = "FORMAT",
        help_heading = "Output"
    )]
    format: Format,
}

pub(super) fn compare(arguments: &Arguments) -> Exit {
    match page(arguments) {
        Ok((text, failed)) => {
            say(&text);
            if failed { Exit::Failed } else { Exit::Good }
        }
        Err(error) => {
            complain(&error);
            Exit::Wrong
        }
    }
}

/// What is to be said, and whether that is a failure.
fn page(arguments: &Arguments) -> Result<(String, bool), String> {
    let one = |folder: &Option<PathBuf>| folder.iter().cloned().collect::<Vec<_>>();
    let folders = if arguments.base_runs.is_empty() {
        [one(&arguments.base), one(&arguments.new)]
    } else {
        [arguments.base_runs.clone(), arguments.new_runs.clone()]
    };
    let [base, new] = folders.each_ref().map(|side| reports(side));
    let reports = [base?, new?];
    let [base, new] = reports
        .each_ref()
        .map(|side| side.iter().map(measured::run).collect::<Vec<_>>());
    let margin = Margin {
        relative: arguments.margin,
        ..Margin::default()
    };
    let comparison = hold(&base, &new, margin);
    if comparison.lines.is_empty() {
        return Err("the two sides have no step and no endpoint in common\nhint: compare runs of the same scenario; warm-up is in no figure".into());
    }
    let failures = arguments
        .fail_on
        .iter()
        .map(|limit| limit.check(&comparison));
    let failures: Result<Vec<Vec<Failure>>, String> = failures.collect();
    let failures = failures.map_err(|error| {
        format!("--fail-on {error}\nhint: correct the braces, or leave them out for all of them")
    })?;
    let page = Page {
        sides: [0, 1].map(|side| described(&folders[side], &reports[side])),
        warnings: measured::warnings(&reports),
        comparison: &comparison,
        failures: failures.concat(),
        limits: arguments.fail_on.len(),
        judged: arguments
            .fail_on
            .iter()
            .filter(|limit| limit.is_judged(&comparison))
            .count(),
    };
    let text = page.render(arguments.format)?;
    Ok((text, page.failed()))
}

fn reports(folders: &[PathBuf]) -> Result<Vec<Report>, String> {
    folders.iter().map(|folder| read_played(folder)).collect()
}

fn described(folders: &[PathBuf], reports: &[Report]) -> Vec<String> {
    let lines = folders.iter().zip(reports);
    lines.map(|(folder, report)| line(folder, report)).collect()
}

fn line(folder: &Path, report: &Report) -> String {
    format!(
        "{}: {}, {}, {}",
        folder.display(),
        report.run.name,
        report.run.started_at.strftime("%Y-%m-%d %H:%M UTC"),
        report.verdict()
    )
}

fn parse_margin(text: &str) -> Result<f64, String> {
    let number = text.trim_end_matches('%').trim().parse::<f64>().ok();
    number
        .filter(|percent| (0.0..100.0).contains(percent))
        .map(|percent| percent / 100.0)
        .ok_or_else(|| "expected a share in percent, such as 5%".into())
}
