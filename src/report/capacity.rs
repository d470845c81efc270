//! Scenarios whose plan was too small for what was asked of it.

use std::sync::Arc;
use std::time::Duration;

use super::Report;
use crate::metrics::{Dropped, Measure, Metric, TagKey, Tags};
use crate::numbers::{plural, time};

/// What a scenario was short of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CapacityWarning {
    /// Which scenario it was.
    pub scenario: Arc<str>,
    /// Iterations that were due and found no virtual user.
    pub dropped_no_vu: u64,
    /// Virtual users that had to be made beyond those pre-allocated.
    pub unplanned: u64,
    /// Iterations that `max_duration` left no time for.
    pub skipped: u64,
    /// How often, and how long in all, users waited because their iterations
    /// failed at once.
    pub backoff: (u64, Duration),
}

impl Report {
    /// Scenarios that needed more virtual users, or more time.
    pub fn shortages(&self) -> Vec<CapacityWarning> {
        let scenarios = self.run.scenarios.iter().map(|scenario| {
            let tags = Tags::new().with(TagKey::Scenario, Arc::clone(&scenario.name));
            let dropped = |why: Dropped| {
                let tags = [
                    (TagKey::Scenario, &*scenario.name),
                    (TagKey::Kind, why.name()),
                ];
                self.snapshot.count(Metric::DroppedIterations, &tags)
            };
            CapacityWarning {
                scenario: Arc::clone(&scenario.name),
                dropped_no_vu: dropped(Dropped::NoVu),
                unplanned: self.snapshot.total(Metric::UnplannedVus, &tags).count(),
                skipped: dropped(Dropped::MaxDuration),
                backoff: match self.snapshot.total(Metric::FailureBackoff, &tags) {
                    Measure::Duration(waits) => (waits.count(), waits.sum()),
                    _ => Default::default(),
                },
            }
        });
        let short =
            |s: &CapacityWarning| s.dropped_no_vu + s.unplanned + s.skipped + s.backoff.0 > 0;
        scenarios.filter(short).collect()
    }

    /// What this machine and the plan were short of, and what to raise. Of joined reports, what
    /// each runner said: the sum would name nobody.
    pub fn warnings(&self) -> Vec<(String, String)> {
        if !self.notes.is_empty() {
            return self.notes.clone();
        }
        let shortages = self.shortages();
        let lines = shortages.iter().flat_map(CapacityWarning::lines);
        let lines = lines.chain(self.silent_mailbox());
        let own = self.own_faults().into_iter();
        let doubt = if self.time_series.iter().all(|row| row.stalled.is_zero()) {
            ""
        } else {
            "unless it was while the load generator stood still: "
        };
        let lines = lines.map(|(what, hint)| (what, format!("{doubt}{hint}")));
        let own = own.map(|(what, hint)| (what, hint.to_owned()));
        own.chain(lines).collect()
    }

    /// The mail server did not do what it had agreed to.
    fn silent_mailbox(&self) -> Option<(String, &'static str)> {
        let broken = self.count(Metric::MailboxIdleBroken);
        let line = "the mail server did not tell of new mail (IDLE): the mailbox was polled instead, every `poll`";
        let hint = "codes were read later than they came: write `idle: false` and a short `poll` in the target's `otp`";
        (broken > 0).then(|| (line.to_owned(), hint))
    }
}

impl CapacityWarning {
    /// What was missing, and what to do about it; one line each.
    pub fn lines(&self) -> Vec<(String, &'static str)> {
        let mut lines = Vec::new();
        let scenario = &self.scenario;
        let dropped = plural(self.dropped_no_vu, "iteration was", "iterations were");
        let further = plural(self.unplanned, "was made", "were made");
        match (self.dropped_no_vu, self.unplanned) {
            (0, 0) => {}
            (0, _) => lines.push((
                format!(
                    "`{scenario}` needed more virtual users: {further} while iterations waited"
                ),
                "raise `pre_allocated_vus`",
            )),
            (_, _) => lines.push((
                format!("`{scenario}` needed more virtual users: {dropped} dropped"),
                "raise `pre_allocated_vus` and `max_vus`",
            )),
        }
        if self.skipped > 0 {
            let left = plural(self.skipped, "iteration", "iterations");
            lines.push((
                format!("`{scenario}` needed more time: {left} did not start"),
                "raise `max_duration`",
            ));
        }
        if let (waits @ 1.., waited) = self.backoff {
            let waits = plural(waits, "iteration", "iterations");
            let waited = time(waited);
            lines.push((
                format!("`{scenario}` failed before anybody answered: after {waits} users waited, {waited} in all"),
                "see the errors; `failure_backoff: off` plays on without a wait",
            ));
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::CapacityWarning;

    #[test]
    fn what_was_missing_is_told_with_what_to_do() {
        let mut short = CapacityWarning {
            scenario: "s".into(),
            unplanned: 7,
            ..CapacityWarning::default()
        };
        assert_eq!(
            short.lines(),
            [(
                "`s` needed more virtual users: 7 were made while iterations waited".into(),
                "raise `pre_allocated_vus`"
            )]
        );
        (short.dropped_no_vu, short.skipped) = (1, 2);
        let lines = short.lines();
        assert_eq!(
            lines[0].0,
            "`s` needed more virtual users: 1 iteration was dropped"
        );
        assert_eq!(
            lines[1].0,
            "`s` needed more time: 2 iterations did not start"
        );
        assert_eq!(CapacityWarning::default().lines(), []);
        let waited = CapacityWarning {
            scenario: "s".into(),
            backoff: (3, Duration::from_millis(7)),
            ..CapacityWarning::default()
        };
        assert_eq!(
            waited.lines()[0].0,
            "`s` failed before anybody answered: after 3 iterations users waited, 7.00ms in all"
        );
    }
}
