//! What became of several scenario files that one command plays.

use std::time::Duration;

use super::Exit;
use crate::numbers::{grouped, plural, time};
use crate::report::{NotStarted, RunResult};

/// What became of the files that were played so far.
pub(super) struct Tally {
    files: usize,
    exits: Vec<Exit>,
    iterations: u64,
    failed: u64,
    skipped: u64,
    took: Duration,
}

impl Tally {
    /// Of so many files, of which none was played yet.
    pub(super) fn new(files: usize) -> Self {
        Self {
            files,
            exits: Vec::new(),
            iterations: 0,
            failed: 0,
            skipped: 0,
            took: Duration::ZERO,
        }
    }

    /// A further file was played, or was to be.
    pub(super) fn add(&mut self, result: Option<&RunResult>, exit: Exit) {
        self.exits.push(exit);
        if let Some(RunResult::Played(report)) = result {
            let iterations = report.iterations();
            self.iterations += iterations.good + iterations.failed;
            self.failed += iterations.failed;
            self.skipped += iterations.skipped;
            self.took += report.took;
        }
    }

    /// The worst of them: the highest code, but for an early stop, which is better than a failure.
    pub(super) fn exit(&self) -> Exit {
        let exits = self.exits.iter().copied();
        let badness = |exit: &Exit| match exit {
            Exit::Good => (0, 0),
            Exit::Interrupted => (1, 0),
            other => (2, other.code()),
        };
        exits.max_by_key(badness).unwrap_or(Exit::Good)
    }

    /// All of them in a line.
    pub(super) fn line(&self) -> String {
        let count = |exit: Exit| self.exits.iter().filter(|it| **it == exit).count();
        let (passed, stopped) = (count(Exit::Good), count(Exit::Interrupted));
        let absent = count(Exit::Unreachable);
        let failed = self.exits.len() - passed - stopped - absent;
        let mut parts = vec![format!("{passed} passed")];
        for (count, word) in [
            (failed, "failed"),
            (stopped, "stopped early"),
            (absent, NotStarted::WORD),
            (self.files - self.exits.len(), "not played"),
        ] {
            if count > 0 {
                parts.push(format!("{count} {word}"));
            }
        }
        let mark = match self.exit() {
            Exit::Good => '✓',
            Exit::Interrupted => '!',
            _ => '✗',
        };
        let told = |count: u64, word: &str| match count {
            0 => String::new(),
            count => format!(", {} {word}", grouped(count)),
        };
        let (failed, skipped) = (told(self.failed, "failed"), told(self.skipped, "skipped"));
        format!(
            "\n{mark} {} files: {}; {}{failed}{skipped}, in {}\n",
            self.files,
            parts.join(", "),
            plural(self.iterations, "iteration", "iterations"),
            time(self.took),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::{Exit, Tally};

    #[test]
    fn the_worst_file_decides_and_what_was_not_played_is_counted() {
        let mut tally = Tally::new(5);
        assert_eq!(tally.exit(), Exit::Good);
        for (exit, worst) in [
            (Exit::Good, Exit::Good),
            (Exit::Interrupted, Exit::Interrupted),
            (Exit::Failed, Exit::Failed),
            (Exit::Unreachable, Exit::Unreachable),
        ] {
            tally.add(None, exit);
            assert_eq!(tally.exit(), worst);
        }
        assert_eq!(
            tally.line(),
            "\n✗ 5 files: 1 passed, 1 failed, 1 stopped early, 1 did not start, 1 not played; 0 iterations, in 0\n"
        );
    }
}
