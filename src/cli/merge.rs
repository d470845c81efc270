//! `rehearse merge`: reports of several runners as one.

use std::path::{Path, PathBuf};

use clap::Args;

use super::help::after;
use super::report::{read_played, write};
use super::terminal::Terminal;
use super::{Exit, complain};
use crate::report::{Part, SummarySize, merge as join};

/// Join the reports of several runners of one plan
///
/// Histograms are added bucket by bucket, counters summed, time series aligned by the clock, and
/// thresholds judged over the whole. The exit code is that of the joined run.
#[derive(Debug, Args)]
#[command(after_help = after(&[("rehearse merge shard-1 shard-2 --out merged", "join the reports of two runners")], &[(Exit::Good, "the joined run passed"), (Exit::Failed, "something failed in the joined run"), (Exit::Wrong, "a folder cannot be read, the runs are not of one plan, or the command line is wrong"), (Exit::NotKept, "the report cannot be written")]))]
pub(super) struct Arguments {
    /// Folders of the runs
    #[arg(required = true, value_name = "DIR")]
    folders: Vec<PathBuf>,
    /// Folder for the joined report; new or empty
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

pub(super) fn merge(arguments: &Arguments, terminal: Terminal) -> Exit {
    let report = match parts(&arguments.folders).and_then(|parts| {
        join(&parts).map_err(|error| {
            format!("{error}\nhint: only runs of the same scenario file and version can be joined; to hold runs against each other there is `rehearse compare`")
        })
    }) {
        Ok(report) => report,
        Err(error) => return refuse(&error),
    };
    if let Err(error) = make(&arguments.out) {
        return refuse(&error);
    }
    let form = terminal.summary(SummarySize::Steps);
    write(&report.into(), &arguments.out, form, super::play::exit)
}

fn refuse(error: &str) -> Exit {
    complain(error);
    Exit::Wrong
}

/// What each runner has measured. One that is named twice would count twice.
fn parts(folders: &[PathBuf]) -> Result<Vec<Part>, String> {
    let mut seen = Vec::new();
    let parts = folders.iter().map(|folder| {
        let place = folder.canonicalize().unwrap_or_else(|_| folder.clone());
        if seen.contains(&place) {
            let folder = folder.display();
            return Err(format!(
                "`{folder}` is named twice\nhint: name each runner's folder once"
            ));
        }
        seen.push(place);
        let report = read_played(folder)?;
        let name = folder.file_name().unwrap_or(folder.as_os_str());
        Ok(Part {
            name: name.to_string_lossy().into_owned(),
            report,
        })
    });
    parts.collect()
}

/// Makes the folder, unless there is one with nothing in it.
fn make(folder: &Path) -> Result<(), String> {
    let shown = folder.display();
    std::fs::create_dir_all(folder).map_err(|error| {
        format!("cannot make {shown}: {error}\nhint: choose another folder with `--out`")
    })?;
    let mut entries =
        std::fs::read_dir(folder).map_err(|error| format!("cannot read {shown}: {error}"))?;
    if entries.next().is_some() {
        return Err(format!(
            "{shown} is not empty\nhint: choose another folder with `--out`"
        ));
    }
    Ok(())
}
