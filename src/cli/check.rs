//! `rehearse check`: what is wrong with files, without playing them.

use std::path::PathBuf;

use clap::Args;
use clap::builder::PossibleValuesParser;

use super::messages::say_in;
use super::trust::TrustFlags;
use super::{Exit, complain};
use crate::check::{FORMS, findings};
use crate::engine::{Inspected, inspect};
use crate::language::Look;

/// Validate scenarios, targets and libraries
///
/// Nothing is sent, and nothing is written. Exit codes: 0 nothing is wrong;
/// 2 something is, or a file cannot be read.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Scenario files, target files and libraries of steps
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// For people, for scripts, or for code hosts
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
    let mut readable = true;
    for file in &arguments.files {
        match inspect(file, &arguments.trust.environment(file)) {
            Ok(several) => {
                for one in several {
                    let name = one.file().name();
                    if inspected.iter().all(|known| known.file().name() != name) {
                        inspected.push(one);
                    }
                }
            }
            Err(error) => {
                complain(&error.to_string());
                readable = false;
            }
        }
    }
    let form = FORMS.iter().find(|form| form.name == arguments.format);
    // There is one: the parser of the command line knows the same table.
    if let Some(form) = form {
        say_in(look, &(form.render)(&inspected, look));
    }
    let wrong = findings(&inspected)
        .iter()
        .any(|finding| finding.is_error() || arguments.strict);
    if wrong || !readable {
        Exit::Wrong
    } else {
        Exit::Good
    }
}
