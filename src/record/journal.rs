//! The journal of a run that goes on whether it can be written or not.

use std::path::PathBuf;

use super::lines::errors;
use crate::engine::Tick;
use crate::metrics::Threshold;
use crate::report::{Interval, Journal, JournalError, RunLine};

/// Writes the journal into a folder.
pub(super) struct JournalWriter {
    folder: PathBuf,
    journal: Option<Journal>,
    /// Whether it was told that it cannot be written.
    failed: bool,
    warn: fn(&str),
}

impl JournalWriter {
    pub(super) fn new(folder: PathBuf, warn: fn(&str)) -> Self {
        Self {
            folder,
            journal: None,
            failed: false,
            warn,
        }
    }

    pub(super) fn begin(&mut self, run: &RunLine, thresholds: &[Threshold]) {
        let journal = Journal::begin(&self.folder, run, thresholds);
        let begun = journal.map(|journal| self.journal = Some(journal));
        self.keep(begun);
    }

    pub(super) fn add(&mut self, tick: &Tick<'_>) {
        if let Some(journal) = &mut self.journal {
            let added = journal.add(&Interval {
                row: tick.row.clone(),
                measured: tick.measured,
                recorder: tick.recorder,
                errors: errors(tick.errors),
                played: tick.played,
                windows: tick.windows.clone(),
            });
            self.keep(added);
        }
    }

    /// The report is written: the journal is not needed any more.
    pub(super) fn finish(self) {
        if let Some(journal) = self.journal
            && let Err(error) = journal.finish()
        {
            (self.warn)(&format!("warning: cannot remove the journal: {error}"));
        }
    }

    /// The run goes on: its report will have everything. So does the journal,
    /// if there is room for it later.
    fn keep(&mut self, result: Result<(), JournalError>) {
        if let Err(error) = result
            && !std::mem::replace(&mut self.failed, true)
        {
            (self.warn)(&format!(
                "warning: the journal has gaps from here on: {error}\nhint: the run goes on, and its report at the end has everything"
            ));
        }
    }
}
