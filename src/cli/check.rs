//! `rehearse check`: what is wrong with files, without playing them.

use std::path::PathBuf;

use clap::Args;
use clap::builder::PossibleValuesParser;

use super::help::after;
use super::messages::say_in;
use super::trust::TrustFlags;
use super::yaml_files::of_ours;
use super::{Exit, complain};
use crate::check::{FORMS, findings};
use crate::engine::{Inspected, inspect};
use crate::language::{Look, path_help};
use crate::numbers::plural;

/// Validate scenarios, targets and libraries
///
/// Nothing is sent, and nothing is written.
#[derive(Debug, Args)]
#[command(after_help = after(&[("rehearse check mine.yaml", "print the problems of a scenario and the files it names"), ("rehearse check scenarios --strict", "all files of a folder; warnings fail, too"), ("rehearse check mine.yaml --format sarif > problems.sarif", "for code hosts")], &[(Exit::Good, "no problems found"), (Exit::Wrong, "there are problems, or a file cannot be read")]))]
pub(super) struct Arguments {
    /// Scenario files, target files and libraries of steps, and folders that have some
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Format of the problems
    #[arg(long, value_name = "FORMAT", default_value = FORMS[0].name, value_parser = formats())]
    format: String,
    /// Treat warnings as errors
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    trust: TrustFlags,
}

fn formats() -> PossibleValuesParser {
    PossibleValuesParser::new(FORMS.iter().map(|form| form.name))
}

pub(super) fn check(arguments: &Arguments, look: Look) -> Exit {
    let mut inspected: Vec<Inspected> = Vec::new();
    let mut unreadable = 0;
    let variables = match arguments.trust.variables() {
        Ok(variables) => variables,
        Err(exit) => return exit,
    };
    let files = match of_ours(&arguments.files) {
        Ok(files) => files,
        Err(error) => {
            complain(&error);
            return Exit::Wrong;
        }
    };
    for file in &files {
        let environment = arguments.trust.environment(file, &variables);
        match inspect(file, &environment) {
            Ok(several) => {
                for one in several {
                    let name = one.file().name();
                    if inspected.iter().all(|known| known.file().name() != name) {
                        inspected.push(one);
                    }
                }
            }
            Err(error) => {
                let hint = path_help(file);
                complain(&if file.is_file() {
                    error.to_string()
                } else {
                    format!("{error}\nhint: {hint}")
                });
                unreadable += 1;
            }
        }
    }
    let form = FORMS.iter().find(|form| form.name == arguments.format);
    // There is one: the parser of the command line knows the same table. Of nothing
    // but files that cannot be read, people are not told that there are no problems.
    let none = inspected.is_empty() && arguments.format == FORMS[0].name;
    if let Some(form) = form.filter(|_| !none) {
        say_in(look, &(form.render)(&inspected, look));
    }
    let wrong = findings(&inspected)
        .iter()
        .any(|finding| finding.is_error() || arguments.strict);
    if unreadable > 0 {
        let files = plural(unreadable, "file", "files");
        complain(&format!("{files} could not be read"));
    }
    if wrong || unreadable > 0 {
        Exit::Wrong
    } else {
        Exit::Good
    }
}
