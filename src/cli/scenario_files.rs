//! The scenario files that a command line names: files, folders, standard input.

use std::path::{Path, PathBuf};

use super::note;
use super::yaml_files::in_folder;
use crate::language::{Environment, FilesError, Source, has_scenarios};

/// What standard input is called in messages.
const INPUT: &str = "<stdin>";

/// Whether a path stands for standard input.
fn is_input(path: &Path) -> bool {
    path == Path::new("-")
}

/// Reads a scenario file, or standard input for `-`.
///
/// # Errors
/// When it cannot be read.
pub(super) fn read(path: &Path) -> Result<Source, FilesError> {
    if !is_input(path) {
        return FilesError::read(path, &Environment::default());
    }
    Source::read_stream(INPUT, &mut std::io::stdin().lock()).map_err(|error| {
        FilesError::Unreadable {
            path: INPUT.into(),
            reason: error.to_string(),
        }
    })
}

/// The files to play, in order: those that are named, and the scenarios of folders by name.
///
/// # Errors
/// What is wrong with the list.
pub(super) fn expand(named: &[PathBuf]) -> Result<Vec<PathBuf>, String> {
    if named.iter().filter(|path| is_input(path)).count() > 1 {
        return Err("`-` is standard input, which can be read once".to_owned());
    }
    let mut files = Vec::new();
    for path in named {
        if path.is_dir() {
            files.extend(of_folder(path)?);
        } else {
            files.push(path.clone());
        }
    }
    Ok(files)
}

/// The scenarios in a folder and those below it. Hidden folders and symbolic links
/// are left out, and what else is YAML is told.
fn of_folder(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let found = in_folder(folder)?;
    // One that cannot be read is told of like any other.
    let is_scenario = |path: &PathBuf| Source::read(path).map_or(true, |it| has_scenarios(&it));
    let (scenarios, others): (Vec<PathBuf>, Vec<PathBuf>) =
        found.into_iter().partition(is_scenario);
    let others: Vec<String> = others
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    if scenarios.is_empty() {
        let why = if others.is_empty() {
            "it has no files *.yaml or *.yml".to_owned()
        } else {
            format!("none of these has `scenarios`: {}", others.join(", "))
        };
        return Err(format!(
            "there is no scenario in {}: {why}\nhint: name a scenario file, or a folder that has some",
            folder.display()
        ));
    }
    if !others.is_empty() {
        note(&format!(
            "rehearse: not played, having no `scenarios`: {}",
            others.join(", ")
        ));
    }
    Ok(scenarios)
}
