//! `rehearse report`: a report of a run that was killed.

use std::path::PathBuf;

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
            for file in files {
                say(&format!("\n  report: {}\n", file.display()));
            }
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
