//! What a format of a report is.

use super::model::Report;
use super::not_started::{NotStarted, RunResult};

/// Puts something into the form of a file.
pub type Render<T> = fn(&T) -> Result<Vec<u8>, String>;

/// A format in which a report is written to the run's folder.
#[derive(Debug)]
pub struct Format {
    /// What a command line calls it.
    pub name: &'static str,
    /// Name of the file.
    pub file: &'static str,
    /// Writes the report.
    pub render: Render<Report>,
    /// Writes that of a run that did not start; formats of figures alone have
    /// nothing to write then.
    pub not_started: Option<Render<NotStarted>>,
}

impl Format {
    /// The file's content; none when there is nothing that it could say.
    ///
    /// # Errors
    /// When the report cannot be put into this form.
    pub fn content(&self, result: &RunResult) -> Result<Option<Vec<u8>>, String> {
        match result {
            RunResult::Played(report) => (self.render)(report).map(Some),
            RunResult::NotStarted(not_started) => self
                .not_started
                .map(|render| render(not_started))
                .transpose(),
        }
    }
}
