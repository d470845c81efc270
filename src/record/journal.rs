//! The journal of a run that goes on whether it can be written or not.

use std::path::PathBuf;

use super::lines::{errors, skips};
use crate::engine::Tick;
use crate::metrics::Threshold;
use crate::report::{FileError, Journal, RunLine};

pub(super) struct JournalWriter {
    folder: PathBuf,
    journal: Option<Journal>,
    /// Whether it was told that it cannot be written.
    failed: bool,
}

impl JournalWriter {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            journal: None,
            failed: false,
        }
    }

    /// Gives what there is to warn of, as do the others.
    pub(super) fn begin(&mut self, run: &RunLine, thresholds: &[Threshold]) -> Option<String> {
        let journal = Journal::begin(&self.folder, run, thresholds);
        let begun = journal.map(|journal| self.journal = Some(journal));
        self.keep(begun)
    }

    pub(super) fn add(&mut self, tick: &Tick<'_>) -> Option<String> {
        let (played, windows) = (tick.played, &tick.windows);
        let journal = self.journal.as_mut()?;
        let added = journal.add(
            &tick.row,
            tick.measured,
            played,
            windows,
            (errors(tick.errors), skips(tick.skips)),
        );
        self.keep(added)
    }

    /// The report is written: the journal is not needed any more.
    pub(super) fn finish(self) -> Option<String> {
        let error = self.journal?.finish().err()?;
        Some(format!("warning: cannot remove the journal: {error}"))
    }

    /// The run goes on: its report will have everything. So does the journal,
    /// if there is room for it later.
    fn keep(&mut self, result: Result<(), FileError>) -> Option<String> {
        let error = result.err()?;
        let told = std::mem::replace(&mut self.failed, true);
        (!told).then(|| format!(
            "warning: the journal has gaps from here on: {error}\nhint: the run goes on, and its report at the end has everything"
        ))
    }
}
