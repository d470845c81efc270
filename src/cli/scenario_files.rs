//! The scenario files that a command line names: files, folders, standard input.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::note;
use crate::ceilings;
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
    let mut found = BTreeSet::new();
    collect(folder, &mut found)?;
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

fn collect(folder: &Path, found: &mut BTreeSet<PathBuf>) -> Result<(), String> {
    let unreadable = |error: std::io::Error| format!("cannot read {}: {error}", folder.display());
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let (path, kind) = (entry.path(), entry.file_type().map_err(unreadable)?);
        let is_hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        let is_yaml = path
            .extension()
            .is_some_and(|it| it == "yaml" || it == "yml");
        if kind.is_dir() && !is_hidden {
            collect(&path, found)?;
        } else if kind.is_file() && is_yaml {
            found.insert(path);
        }
        if found.len() > ceilings::SCENARIO_FILES {
            return Err(format!(
                "more than {} YAML files are in the folder\nhint: name the scenario files, or folders below it",
                ceilings::SCENARIO_FILES
            ));
        }
    }
    Ok(())
}
