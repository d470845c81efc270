//! What a run says and writes, as arguments.

use std::path::{Path, PathBuf};

use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};

use super::messages::{note, say, say_in};
use super::terminal::{Terminal, size};
use super::{Exit, complain};
use crate::files;
use crate::language::Problem;
use crate::report::{
    FORMATS, Format, Formats, RunResult, SummaryForm, annotation, annotations, not_started_summary,
    summary,
};

/// What is said at the end of a run, and what is written.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(super) struct OutputArguments {
    /// Show no progress, and of the summary only the verdict, a line for each scenario, and what
    /// failed
    #[arg(long, short, conflicts_with = "details")]
    pub(super) quiet: bool,
    /// Show the parts of each step in the summary: requests, waits, cryptography
    #[arg(long)]
    details: bool,
    /// What standard output shows at the end
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    summary: Summary,
    /// Write the report to this file as well, such as `json=run.json`; `-` is standard output, which
    /// moves the summary to standard error; repeatable
    #[arg(long, value_name = "FORMAT=FILE", value_parser = parse_out)]
    out: Vec<Out>,
    #[command(flatten)]
    pub(super) kept: KeptArguments,
}

/// What is kept of a run.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(super) struct KeptArguments {
    /// Folder that holds a folder for each run
    #[arg(long, value_name = "DIR", default_value = "reports")]
    pub(super) reports: PathBuf,
    /// Write only these reports into the run's folder, such as `json,junit`
    #[arg(long, value_name = "FORMATS", value_delimiter = ',', value_parser = formats())]
    only_files: Vec<String>,
    /// Keep nothing: no folder, no journal, no history line
    #[arg(long, conflicts_with_all = ["only_files", "reports"])]
    pub(super) no_report: bool,
    /// Add no line to `history.jsonl`, which `rehearse trend` reads
    #[arg(long)]
    no_history: bool,
}

/// What standard output says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Summary {
    /// For people
    #[default]
    Text,
    /// What `report.json` holds
    Json,
    /// For people, and annotations for GitHub Actions
    Github,
    /// Nothing
    None,
}

/// A format, and the file that it goes to; none is standard output.
#[derive(Clone, Debug)]
struct Out {
    format: &'static Format,
    file: Option<PathBuf>,
}

fn formats() -> PossibleValuesParser {
    PossibleValuesParser::new(FORMATS.iter().map(|format| format.name))
}

fn parse_out(text: &str) -> Result<Out, String> {
    let names: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
    let expected = || {
        format!(
            "expected FORMAT=FILE, such as json=run.json, of {}",
            names.join(", ")
        )
    };
    let (name, file) = text.split_once('=').ok_or_else(expected)?;
    let format = FORMATS.iter().find(|format| format.name == name);
    let format = format.ok_or_else(|| {
        format!(
            "there is no format `{name}`; {}",
            Problem::suggest(name, &names)
        )
    })?;
    if file.is_empty() {
        return Err(expected());
    }
    let file = (file != "-").then(|| PathBuf::from(file));
    Ok(Out { format, file })
}

impl KeptArguments {
    /// What is written into the run's folder.
    pub(super) fn formats(&self) -> Formats {
        if self.only_files.is_empty() {
            return Formats::default();
        }
        let wanted = |format: &&Format| self.only_files.iter().any(|name| name == format.name);
        let wanted = FORMATS.iter().filter(wanted).map(|format| format.name);
        Formats::only(wanted.collect())
    }

    /// Where the history of runs is, if a line is wanted.
    pub(super) fn history(&self) -> Option<&Path> {
        (!self.no_history && !self.no_report).then_some(&*self.reports)
    }
}

impl OutputArguments {
    /// How the summary looks.
    pub(super) fn form(&self, terminal: Terminal) -> SummaryForm {
        terminal.summary(size(self.quiet, self.details))
    }

    /// The flag, if any, that makes sense for one scenario file alone, and what to do instead.
    pub(super) fn for_one(&self) -> Option<(&'static str, &'static str)> {
        let file = self.out.iter().any(|out| out.file.is_some());
        let hint = "each file's reports are in a folder of its own below `--reports`; or write to standard output, as in `--out json=-`";
        file.then_some(("--out", hint))
    }

    /// Says what is wanted on standard output, or beside it when a report goes there.
    pub(super) fn say(&self, result: &RunResult, form: SummaryForm) {
        let text = match self.summary {
            Summary::None => return,
            Summary::Json => {
                let rendered = FORMATS.iter().find(|format| format.name == "json");
                let rendered = rendered.map(|format| rendered_by(format, result));
                match rendered.transpose() {
                    Ok(json) => json.flatten().unwrap_or_default(),
                    Err(error) => return complain(&error),
                }
            }
            Summary::Text => summarised(result, form),
            Summary::Github => summarised(result, form) + "\n" + &annotated(result),
        };
        self.tell(&text, form);
    }

    /// Says more, where the summary is said; nothing where that is for programs.
    pub(super) fn add(&self, text: &str, form: SummaryForm) {
        if matches!(self.summary, Summary::Text | Summary::Github) {
            self.tell(text, form);
        }
    }

    fn tell(&self, text: &str, form: SummaryForm) {
        if self.out.iter().any(|out| out.file.is_none()) {
            note(text.trim_end());
        } else {
            say_in(form.look, text);
        }
    }

    /// Writes the report to the files that were asked for.
    pub(super) fn write(&self, result: &RunResult) -> Exit {
        let mut exit = Exit::Good;
        for Out { format, file } in &self.out {
            let written = rendered_by(format, result).and_then(|text| match (text, file) {
                (None, _) => {
                    let name = format.name;
                    complain(&format!(
                        "warning: no {name} is written: nothing was measured"
                    ));
                    Ok(())
                }
                (Some(text), None) => {
                    say(&text);
                    Ok(())
                }
                (Some(text), Some(path)) => files::replace(path, text.as_bytes())
                    .map_err(|error| format!("cannot write {}: {error}", path.display())),
            });
            if let Err(error) = written {
                complain(&format!("{error}\nhint: name another file with `--out`"));
                exit = Exit::NotKept;
            }
        }
        exit
    }
}

fn rendered_by(format: &Format, result: &RunResult) -> Result<Option<String>, String> {
    let text = format.content(result)?.map(String::from_utf8).transpose();
    text.map_err(|error| error.to_string())
}

/// The summary of a run, or of one that did not start.
pub(super) fn summarised(result: &RunResult, form: SummaryForm) -> String {
    match result {
        RunResult::Played(report) => summary(report, form),
        RunResult::NotStarted(not_started) => not_started_summary(not_started, form),
    }
}

fn annotated(result: &RunResult) -> String {
    match result {
        RunResult::Played(report) => annotations(report),
        RunResult::NotStarted(not_started) => annotation(not_started),
    }
}
