//! The files in YAML of a folder.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::ceilings;
use crate::language::{FileKind, Source};

/// The files in YAML of a folder and of those in it, by name; not what is hidden,
/// and not what links lead to.
///
/// # Errors
/// When one of the folders cannot be read, or there are too many files.
pub(super) fn in_folder(folder: &Path) -> Result<BTreeSet<PathBuf>, String> {
    let mut found = BTreeSet::new();
    collect(folder, &mut found)?;
    Ok(found)
}

/// These files, and of the folders among them the scenarios, targets and libraries.
///
/// # Errors
/// When a folder has none, or cannot be read.
pub(super) fn of_ours(named: &[PathBuf]) -> Result<Vec<PathBuf>, String> {
    let mut files = Vec::new();
    for path in named {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let before = files.len();
        // One that cannot be read is told of like any other.
        let is_ours = |path: &PathBuf| {
            Source::read(path).map_or(true, |source| FileKind::told(&source).is_some())
        };
        files.extend(in_folder(path)?.into_iter().filter(is_ours));
        if files.len() == before {
            return Err(format!(
                "there is no scenario, target or library in {}\nhint: name a file, or a folder that has some",
                path.display()
            ));
        }
    }
    Ok(files)
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
                "more than {} YAML files are in the folder\nhint: name the files, or folders below it",
                ceilings::SCENARIO_FILES
            ));
        }
    }
    Ok(())
}
