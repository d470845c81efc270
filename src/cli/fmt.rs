//! `rehearse fmt`: how files are laid out.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::Args;

use super::help::after;
use super::messages::refuse;
use super::yaml_files::in_folder;
use super::{Exit, complain, note, say};
use crate::language::{Environment, FileKind, FilesError, Look, Source, SourceMap, format};
use crate::numbers::plural;
use crate::shown::is_hidden;
use crate::{ceilings, files};

/// Format scenarios, targets and libraries
///
/// Indents, spaces and blank lines become the same everywhere; comments, anchors
/// and what the file says stay. A file that cannot be read as YAML is left as it
/// is.
#[derive(Debug, Args)]
#[command(after_help = after(&[("rehearse fmt scenarios", "every scenario, target and library in the folder"), ("rehearse fmt --check scenarios", "list what is not formatted, as a CI job does"), ("rehearse fmt - < mine.yaml", "standard input, formatted on standard output")], &[(Exit::Good, "all files are formatted"), (Exit::Failed, "with `--check`: some are not"), (Exit::Wrong, "a file cannot be read or formatted"), (Exit::NotKept, "a file cannot be written")]))]
pub(super) struct Arguments {
    /// Files, and folders with files in YAML; `-` is standard input, which goes to
    /// standard output
    #[arg(required = true, value_name = "FILE|FOLDER|-")]
    paths: Vec<PathBuf>,
    /// Write nothing: list the files that would change
    #[arg(long)]
    check: bool,
}

pub(super) fn fmt(arguments: &Arguments, look: Look) -> Exit {
    let mut exit = Exit::Good;
    let mut changed = 0;
    for path in &arguments.paths {
        let files = if path.is_dir() {
            in_folder(path)
        } else {
            Ok(BTreeSet::from([path.clone()]))
        };
        let files = files.unwrap_or_else(|error| {
            complain(&error);
            exit = Exit::Wrong;
            BTreeSet::new()
        });
        for file in files {
            match one(&file, path, arguments.check, look) {
                Ok(true) => changed += 1,
                Ok(false) => {}
                Err(wrong) => exit = wrong,
            }
        }
    }
    if arguments.check && changed > 0 {
        let files = plural(changed, "file is", "files are");
        note(&format!(
            "{files} not formatted: `rehearse fmt` without `--check` does it"
        ));
        if exit == Exit::Good {
            return Exit::Failed;
        }
    }
    exit
}

/// Formats a file, which was given by itself or is in a folder that was. Gives
/// whether that changes it.
fn one(file: &Path, given: &Path, check: bool, look: Look) -> Result<bool, Exit> {
    let is_input = file == Path::new("-");
    let source = if is_input {
        standard_input()
    } else {
        FilesError::read(file, &Environment::default())
    };
    let source = source.map_err(|error| refuse(&error.into(), look))?;
    // A folder may have other files in YAML, which are not ours to lay out.
    if given != file && FileKind::told(&source).is_none() {
        return Ok(false);
    }
    let text = format(&source).map_err(|problems| {
        let sources = SourceMap::new(source.clone());
        refuse(&FilesError::problems(sources, problems).into(), look)
    })?;
    let changes = text != source.text();
    if check {
        if changes {
            say(&format!("{}\n", source.name()));
        }
    } else if is_input && text.contains(|c| is_hidden(c) && !matches!(c, '\n' | '\t')) {
        // They would be shown, not sent, and the text would be another one.
        complain("standard input has characters that are not shown: name the file itself");
        return Err(Exit::Wrong);
    } else if is_input {
        say(&text);
    } else if changes {
        let written = std::fs::canonicalize(file);
        let written = written.and_then(|file| files::rewrite(&file, text.as_bytes()));
        if let Err(error) = written {
            complain(&format!("cannot write {}: {error}", file.display()));
            return Err(Exit::NotKept);
        }
        say(&format!("formatted {}\n", source.name()));
    }
    Ok(changes)
}

fn standard_input() -> Result<Source, FilesError> {
    let name = "standard input";
    let text = files::read_stream(&mut std::io::stdin().lock(), ceilings::YAML)
        .and_then(|mut content| files::text(&mut content));
    match text {
        Ok(text) => Ok(Source::new(name, text)),
        Err(error) => Err(FilesError::Unreadable {
            path: name.into(),
            reason: error.to_string(),
        }),
    }
}
