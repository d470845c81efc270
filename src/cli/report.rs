//! `rehearse report`: a report of a run that was killed.

use std::path::{Path, PathBuf};

use clap::Args;

use super::{Exit, complain, say};
use crate::report::{Journal, RunFolder, summary};

/// Make a report of a run that was killed, from the journal in its folder
///
/// Everything up to a second or two before its end is there.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The folder of the run, below `reports`
    folder: PathBuf,
}

pub(super) fn report(arguments: &Arguments) -> Exit {
    let report = match Journal::read(&arguments.folder) {
        Ok(report) => report,
        Err(error) => {
            complain(&format!(
                "{error}\nhint: name the folder of a run that was killed; one that has ended has `report.json`"
            ));
            return Exit::Wrong;
        }
    };
    say(&summary(&report));
    match RunFolder::existing(&arguments.folder).write(&report) {
        Ok(files) => {
            say(&wrote(&arguments.folder, &files));
            if report.passed() {
                Exit::Good
            } else {
                Exit::Failed
            }
        }
        Err(error) => {
            complain(&error.to_string());
            Exit::Wrong
        }
    }
}

/// Tells where the report is, and what files it consists of.
pub(super) fn wrote(folder: &Path, files: &[PathBuf]) -> String {
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
