//! `rehearse report`: the report of a run once more, or that of a run that was
//! killed.

use std::path::{Path, PathBuf};

use clap::Args;

use super::help::after;
use super::messages::say_in;
use super::output::summarised;
use super::terminal::{Terminal, size};
use super::{Exit, complain, say};
use crate::report::{
    Journal, Report, RunFolder, RunResult, SummaryForm, SummarySize, is_saved, read_saved,
};

/// Write the reports of a run again, from what is in its folder
///
/// A run that was killed has everything up to a second or two before its end.
#[derive(Debug, Args)]
#[command(after_help = after(&[("rehearse report reports/20260101T120000Z-smoke", "write the reports of a run again")], &[(Exit::Good, "the run had passed"), (Exit::Failed, "something in the run had failed"), (Exit::Unreachable, "the run had not started"), (Exit::Wrong, "the folder cannot be read, or the command line is wrong"), (Exit::NotKept, "the reports cannot be written")]))]
pub(super) struct Arguments {
    /// The run's folder, below `reports`
    folder: PathBuf,
    /// Show the parts of each step in the summary: requests, waits, cryptography
    #[arg(long)]
    details: bool,
}

pub(super) fn report(arguments: &Arguments, terminal: Terminal) -> Exit {
    let result = match read(&arguments.folder) {
        Ok(result) => result,
        Err(error) => {
            complain(&format!(
                "{error}\nhint: name the folder of a run, below `reports`; it has `measurements.json`, or `journal.jsonl` when the run was killed"
            ));
            return Exit::Wrong;
        }
    };
    if let RunResult::NotStarted(not_started) = &result {
        complain(&not_started.told());
    }
    let form = terminal.summary(size(false, arguments.details));
    write(&result, &arguments.folder, form, |report| {
        if report.verdict().failed() {
            Exit::Failed
        } else {
            Exit::Good
        }
    })
}

/// Shows the summary and writes the files; `exit` says how it ends when it could.
pub(super) fn write(
    result: &RunResult,
    folder: &Path,
    form: SummaryForm,
    exit: impl Fn(&Report) -> Exit,
) -> Exit {
    say_in(form.look, &summarised(result, form));
    match RunFolder::existing(folder).write(result) {
        Ok(files) => {
            say(&wrote(folder, &files, form));
            match result {
                RunResult::Played(report) => exit(report),
                RunResult::NotStarted(_) => Exit::Unreachable,
            }
        }
        Err(error) => {
            complain(&error.to_string());
            Exit::NotKept
        }
    }
}

/// From the journal of a run that was killed, or the measurements of one that
/// has ended. A journal comes first: measurements beside it were made of it.
pub(super) fn read(folder: &Path) -> Result<RunResult, String> {
    if is_saved(folder) && !Journal::is_in(folder) {
        read_saved(folder).map_err(|error| error.to_string())
    } else {
        let report = Journal::read(folder).map_err(|error| error.to_string())?;
        Ok(report.into())
    }
}

/// The same of a run that has measured something.
pub(super) fn read_played(folder: &Path) -> Result<Report, String> {
    match read(folder) {
        Ok(RunResult::Played(report)) => Ok(*report),
        Ok(RunResult::NotStarted(not_started)) => Err(format!(
            "{}: this run did not start, so nothing was measured: {}\nhint: leave it out",
            folder.display(),
            not_started.reason
        )),
        Err(error) => Err(format!(
            "{error}\nhint: name folders of runs, below `reports`, written by this version"
        )),
    }
}

/// Tells where the report is, and what files it consists of unless little is wanted.
pub(super) fn wrote(folder: &Path, files: &[PathBuf], form: SummaryForm) -> String {
    if form.size == SummarySize::Verdict {
        return format!("  report: {}\n", folder.display());
    }
    let names: Vec<_> = files
        .iter()
        .filter_map(|file| file.file_name())
        .map(|name| name.to_string_lossy())
        .collect();
    format!(
        "\n  report: {}\n          {}\n",
        folder.display(),
        names.join(", ")
    )
}
