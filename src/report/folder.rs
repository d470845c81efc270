//! The folder of a run, `reports/<run>/`.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::format::Format;
use super::formats::FORMATS;
use super::not_started::RunResult;
use crate::files;

/// A folder that belongs to one run. It is made before anything is sent: a
/// report that cannot be written would lose what was measured.
#[derive(Debug)]
pub struct RunFolder {
    path: PathBuf,
    formats: Formats,
}

/// What a report is written as: names of formats, or every one.
#[derive(Clone, Debug, Default)]
pub struct Formats(Option<Vec<&'static str>>);

impl Formats {
    /// These alone.
    pub fn only(names: Vec<&'static str>) -> Self {
        Self(Some(names))
    }

    /// The formats.
    pub fn iter(&self) -> impl Iterator<Item = &'static Format> {
        FORMATS.iter().filter(|format| match &self.0 {
            Some(names) => names.contains(&format.name),
            None => true,
        })
    }
}

/// Where a report was written.
#[derive(Debug)]
pub struct Kept {
    /// Where it is; not always where it was asked for.
    pub folder: PathBuf,
    /// What was written into it.
    pub files: Vec<PathBuf>,
    /// Whether the folder of the run had been removed meanwhile.
    pub removed: bool,
    /// Why it was not written where it was asked for, if it was not.
    pub refused: Option<ReportError>,
}

/// A report that cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write to {}: {reason}", path.display())]
pub struct ReportError {
    /// File or folder.
    pub path: PathBuf,
    /// Why not.
    pub reason: String,
}

/// What the folder of a run is called that begins at `time`.
pub fn run_folder_name(time: &str, name: &str) -> String {
    format!("{time}-{}", slug(name))
}

impl RunFolder {
    /// Makes a new folder below `reports`, named after the time and the plan.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn create(reports: &Path, name: &str, now: Timestamp) -> Result<Self, ReportError> {
        let failure = |path: &Path, error: &std::io::Error| ReportError {
            path: path.to_owned(),
            reason: error.to_string(),
        };
        std::fs::create_dir_all(reports).map_err(|error| failure(reports, &error))?;
        let stem = run_folder_name(&now.strftime("%Y%m%dT%H%M%SZ").to_string(), name);
        Self::make(reports, &stem, Formats::default())
            .map_err(|(path, error)| failure(&path, &error))
    }

    /// Makes the folder `stem`, or `stem-2` and so on.
    fn make(
        reports: &Path,
        stem: &str,
        formats: Formats,
    ) -> Result<Self, (PathBuf, std::io::Error)> {
        let mut path = reports.join(stem);
        for again in 2_u32.. {
            match std::fs::create_dir(&path) {
                Ok(()) => break,
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                    path = reports.join(format!("{stem}-{again}"));
                }
                Err(error) => return Err((path, error)),
            }
        }
        Ok(Self { path, formats })
    }

    /// Writes these formats alone.
    #[must_use]
    pub fn with_formats(self, formats: Formats) -> Self {
        Self { formats, ..self }
    }

    /// What the run is called: the name of the folder.
    pub fn name(&self) -> String {
        let name = self.path.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }

    /// The folder of a run that has ended.
    pub fn existing(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            formats: Formats::default(),
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes the report wherever that can be done: here, in this folder made
    /// again, in one beside it, or among the temporary files.
    ///
    /// # Errors
    /// When it can be written nowhere, with the reason why not here. Some of
    /// its files may be here all the same.
    pub fn keep(&self, result: &RunResult) -> Result<Kept, ReportError> {
        let removed = !self.path.exists();
        if removed {
            // Writing tells why not, if it cannot be made.
            let _ = std::fs::create_dir_all(&self.path);
        }
        let refused = match self.write(result) {
            Ok(files) => {
                return Ok(Kept {
                    folder: self.path.clone(),
                    files,
                    removed,
                    refused: None,
                });
            }
            Err(refused) => refused,
        };
        let formats = || self.formats.clone();
        let beside = || Self::make(self.path.parent()?, &self.name(), formats()).ok();
        let temporary = || {
            let folder = tempfile::Builder::new()
                .prefix(&format!("{}-", self.name()))
                .tempdir();
            Some(Self {
                path: folder.ok()?.keep(),
                formats: formats(),
            })
        };
        let places: [&dyn Fn() -> Option<Self>; 2] = [&beside, &temporary];
        for place in places.iter().filter_map(|place| place()) {
            if let Ok(files) = place.write(result) {
                return Ok(Kept {
                    folder: place.path,
                    files,
                    removed,
                    refused: Some(refused),
                });
            }
            // A part of the report, in a folder that was made for all of it.
            let _ = std::fs::remove_dir_all(&place.path);
        }
        Err(refused)
    }

    /// Writes the report in its formats, each file whole or not at all. A format
    /// that has nothing to say of this run is left out.
    /// Returns the files.
    ///
    /// # Errors
    /// With the first file that could not be written; the others are.
    pub fn write(&self, result: &RunResult) -> Result<Vec<PathBuf>, ReportError> {
        let mut written = Vec::new();
        let mut failure = None;
        for format in self.formats.iter() {
            let path = self.path.join(format.file);
            let done = format.content(result).and_then(|content| {
                let replace = |bytes: Vec<u8>| files::replace(&path, &bytes);
                let done = content.map(replace).transpose();
                done.map_err(|error| error.to_string())
            });
            match done {
                Ok(Some(())) => written.push(path),
                Ok(None) => {}
                Err(reason) => failure = failure.or(Some(ReportError { path, reason })),
            }
        }
        failure.map_or(Ok(written), Err)
    }

    /// Removes the folder when nothing is in it.
    pub fn discard_if_empty(&self) {
        // Fails when there is something in it, as wanted.
        let _ = std::fs::remove_dir(&self.path);
    }
}

/// Letters and digits of a name, the rest as single dashes.
fn slug(name: &str) -> String {
    let mut slug = String::new();
    for c in name.chars() {
        if c.is_alphanumeric() {
            slug.extend(c.to_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug: String = slug.trim_end_matches('-').chars().take(60).collect();
    if slug.is_empty() { "run".into() } else { slug }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::{RunFolder, slug};

    #[test]
    fn a_name_becomes_a_folder_name() {
        assert_eq!(
            slug("Authentication tutorial (2)"),
            "authentication-tutorial-2"
        );
        assert_eq!(slug("../../etc"), "etc");
        assert_eq!(slug("***"), "run");
    }

    #[test]
    fn two_runs_in_one_second_have_a_folder_each() {
        let reports = tempfile::tempdir().unwrap();
        let folder = || RunFolder::create(reports.path(), "x", Timestamp::UNIX_EPOCH).unwrap();
        let (first, second) = (folder(), folder());
        assert!(first.path().ends_with("19700101T000000Z-x"), "{first:?}");
        assert!(
            second.path().ends_with("19700101T000000Z-x-2"),
            "{second:?}"
        );
    }

    #[test]
    fn a_place_that_cannot_be_written_is_named() {
        let error = RunFolder::create("/dev/null/x".as_ref(), "x", Timestamp::UNIX_EPOCH);
        assert!(error.unwrap_err().to_string().contains("/dev/null/x"));
    }
}
