//! What is to be said of a run, and why: decided here, and nowhere else.

use std::fmt;

use super::{Report, StopKind};
use crate::metrics::{Condition, Dropped, Metric, Outcome, TagKey};
use crate::numbers::plural;

/// What is to be said of a run, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunVerdict {
    /// Passed, stopped early, or failed.
    pub word: Word,
    /// Why it has failed; for others, what else must be known to understand it.
    pub reasons: Vec<Reason>,
    /// How much of the load was delivered, when that is not all.
    pub undelivered: Option<Undelivered>,
}

/// What is said of a run in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// Everything that it is judged by was good.
    Passed,
    /// Somebody ended it before its time, and nothing had failed until then.
    StoppedEarly,
    /// Something failed that it is judged by, or nothing was tried.
    Failed,
}

impl Word {
    /// The word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::StoppedEarly => "stopped early",
            Self::Failed => "failed",
        }
    }

    /// A mark for it.
    pub fn mark(self) -> char {
        match self {
            Self::Passed => '✓',
            Self::StoppedEarly => '!',
            Self::Failed => '✗',
        }
    }
}

/// Something that a run has failed by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Setup did not end well, so no scenario was played.
    Setup(Fault),
    /// Teardown did not end well: what setup has made may still be there.
    Teardown(Fault),
    /// No iteration began that counts.
    NothingPlayed(Idle),
    /// So many iterations began, and none of them ended.
    NothingFinished(u64),
    /// So many iterations were skipped, and none completed.
    AllSkipped(u64),
    /// Thresholds that were not met, of so many.
    Thresholds(u64, u64),
    /// Iterations that failed.
    Failed(u64),
    /// Iterations that were still under way when the grace ran out.
    Unfinished(u64),
    /// Checks that did not always hold.
    Checks(u64),
}

/// How setup or teardown went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A step failed: its label, and the kind of error.
    Failed(String, String),
    /// It was still under way when the grace ran out.
    Unfinished,
    /// The user did not let it finish.
    Interrupted,
}

/// Why no iteration was played that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Idle {
    /// None was due.
    NotDue,
    /// So many were due, and nobody began them.
    Dropped(u64),
    /// All of them began within the warm-up.
    Warmup(u64),
}

/// Iterations that began, of those that should have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Undelivered {
    /// How many began.
    pub began: u64,
    /// How many did not, though they should have.
    pub dropped: u64,
}

impl Undelivered {
    /// The share that was delivered, from 0 to 1.
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
    pub fn share(self) -> f64 {
        self.began as f64 / (self.began + self.dropped) as f64
    }
}

impl fmt::Display for Undelivered {
    /// `only 28 % of the load was delivered`, never rounded up to all of it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = (self.share() * 1000.0).floor() / 10.0;
        write!(f, "only {percent} % of the load was delivered")
    }
}

impl Reason {
    /// A word for programs.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Setup(_) => "setup",
            Self::Teardown(_) => "teardown",
            Self::NothingPlayed(_) => "nothing played",
            Self::NothingFinished(_) => "nothing finished",
            Self::AllSkipped(_) => "all skipped",
            Self::Thresholds(..) => "thresholds",
            Self::Failed(_) => "failed",
            Self::Unfinished(_) => "unfinished",
            Self::Checks(_) => "checks",
        }
    }

    /// True when iterations are counted in it.
    pub(super) fn is_about_iterations(&self) -> bool {
        match self {
            Self::NothingPlayed(_)
            | Self::NothingFinished(_)
            | Self::AllSkipped(_)
            | Self::Failed(_)
            | Self::Unfinished(_) => true,
            Self::Setup(_) | Self::Teardown(_) | Self::Thresholds(..) | Self::Checks(_) => false,
        }
    }

    /// True when it may come of the user's ending the run early.
    fn comes_of_stopping(&self) -> bool {
        match self {
            Self::Setup(fault) | Self::Teardown(fault) => *fault == Fault::Interrupted,
            Self::NothingPlayed(_) | Self::NothingFinished(_) | Self::AllSkipped(_) => true,
            _ => false,
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Setup(fault) => write!(f, "setup {fault}, so no scenario was played"),
            Self::Teardown(fault) => write!(f, "teardown {fault}"),
            Self::NothingPlayed(idle) => idle.fmt(f),
            Self::NothingFinished(1) => f.write_str("the only iteration was not finished"),
            Self::NothingFinished(count) => write!(f, "none of {count} iterations was finished"),
            Self::AllSkipped(1) => f.write_str("the only iteration was skipped"),
            Self::AllSkipped(count) => {
                write!(f, "all {count} iterations were skipped, and none completed")
            }
            Self::Thresholds(missed, of) => {
                let were = if *missed == 1 { "was" } else { "were" };
                let all = plural(*of, "threshold", "thresholds");
                write!(f, "{missed} of {all} {were} not met")
            }
            Self::Failed(count) => {
                write!(f, "{} failed", plural(*count, "iteration", "iterations"))
            }
            Self::Unfinished(count) => {
                let were = plural(*count, "iteration was", "iterations were");
                write!(f, "{were} not finished")
            }
            Self::Checks(count) => {
                write!(f, "{} did not hold", plural(*count, "check", "checks"))
            }
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(step, kind) if step.is_empty() => write!(f, "failed{kind}"),
            Self::Failed(step, kind) => write!(f, "failed at `{step}` ({kind})"),
            Self::Unfinished => f.write_str("was not finished when the grace ran out"),
            Self::Interrupted => f.write_str("was cut"),
        }
    }
}

impl fmt::Display for Idle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotDue => f.write_str("no iteration was played"),
            Self::Dropped(count) => {
                let due = plural(*count, "iteration that was", "iterations that were");
                write!(f, "no iteration was played, of {due} due")
            }
            Self::Warmup(count) => {
                let all = plural(*count, "iteration", "iterations");
                write!(f, "no iteration was played but {all} of the warm-up")
            }
        }
    }
}

impl fmt::Display for RunVerdict {
    /// `failed: 1 of 2 thresholds was not met`, or
    /// `passed, but only 28 % of the load was delivered`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word.name())?;
        for (index, reason) in self.reasons.iter().enumerate() {
            let before = if index == 0 { ": " } else { ", " };
            write!(f, "{before}{reason}")?;
        }
        match (&self.undelivered, self.word) {
            (None, _) => Ok(()),
            (Some(undelivered), Word::Passed) => write!(f, ", but {undelivered}"),
            (Some(undelivered), _) => write!(f, "; {undelivered}"),
        }
    }
}

impl RunVerdict {
    /// True when everything was good, to the end.
    pub fn passed(&self) -> bool {
        self.word == Word::Passed
    }

    /// True when something failed.
    pub fn failed(&self) -> bool {
        self.word == Word::Failed
    }
}

impl Report {
    /// The exit code that the verdict is for a scheduled job.
    pub fn exit_code(&self) -> u8 {
        match self.verdict().word {
            Word::Passed => 0,
            Word::Failed => 1,
            Word::StoppedEarly => 130,
        }
    }

    /// What is to be said of the run.
    ///
    /// A threshold that was not met fails it. So does an iteration that failed
    /// or was not finished in time, unless a threshold says how many may fail;
    /// a check that did not hold, unless a threshold is about checks; and setup
    /// or teardown that did not end well. A run of which nothing was finished
    /// has not passed, whatever its thresholds say.
    pub fn verdict(&self) -> RunVerdict {
        let mut reasons = self.reasons();
        let stopped = !self.stops.is_empty();
        let word = if reasons
            .iter()
            .any(|reason| !(stopped && reason.comes_of_stopping()))
        {
            Word::Failed
        } else if stopped {
            Word::StoppedEarly
        } else {
            Word::Passed
        };
        let said = |reason: &Reason| matches!(reason, Reason::NothingFinished(_));
        if reasons.iter().any(said) {
            // It would be said twice.
            reasons.retain(|reason| !matches!(reason, Reason::Unfinished(_)));
        }
        RunVerdict {
            word,
            reasons,
            undelivered: self.undelivered(),
        }
    }

    fn reasons(&self) -> Vec<Reason> {
        let mut reasons = Vec::new();
        reasons.extend(self.fault_of("setup").map(Reason::Setup));
        if reasons.is_empty() {
            reasons.extend(self.idle());
        }
        let missed = self.thresholds.iter().filter(|line| !line.verdict.passed);
        // What has ended the run is no failure that it tolerates.
        let failed_fast = self.stopped_by(StopKind::FailedIteration);
        let tolerant = !failed_fast && self.tolerates(Condition::is_about_failures);
        let checks = self.checks();
        let checks = checks.iter().filter(|line| line.held < line.total);
        let lax = self.tolerates(|_, metric| metric == Metric::Checks);
        let unless = |tolerated: bool, count: u64| if tolerated { 0 } else { count };
        let counted = [
            (missed.count() as u64, &|missed| {
                Reason::Thresholds(missed, self.thresholds.len() as u64)
            }),
            (unless(tolerant, self.iterations().failed), &Reason::Failed),
            (unless(tolerant, self.unfinished()), &Reason::Unfinished),
            (unless(lax, checks.count() as u64), &Reason::Checks),
        ] as [(u64, &dyn Fn(u64) -> Reason); 4];
        for (count, reason) in counted {
            reasons.extend((count > 0).then(|| reason(count)));
        }
        reasons.extend(self.fault_of("teardown").map(Reason::Teardown));
        reasons
    }

    /// Whether there is nothing by which the run could have passed.
    fn idle(&self) -> Option<Reason> {
        let iterations = self.iterations();
        if iterations.good + iterations.failed > 0 {
            return None;
        }
        let unfinished = iterations.cut + iterations.interrupted;
        if unfinished > 0 {
            return Some(Reason::NothingFinished(unfinished + iterations.skipped));
        }
        if iterations.skipped > 0 {
            return Some(Reason::AllSkipped(iterations.skipped));
        }
        let dropped = self.undelivered().map_or(0, |load| load.dropped);
        Some(Reason::NothingPlayed(
            match (dropped, self.warmup_iterations()) {
                (0, 0) => Idle::NotDue,
                (0, warmup) => Idle::Warmup(warmup),
                (dropped, _) => Idle::Dropped(dropped),
            },
        ))
    }

    /// Iterations that were under way when the grace ran out. One that began
    /// within the warm-up is among them: it went on to the end.
    fn unfinished(&self) -> u64 {
        let count = |phase: &str| self.ended(phase, Outcome::Cut);
        count("main") + count("warmup")
    }

    /// How much of the load was delivered, unless it was all of it. What a stop
    /// has left out is not missing.
    pub fn undelivered(&self) -> Option<Undelivered> {
        let dropped = |why: Dropped| {
            let kind = (TagKey::Kind, why.name());
            self.snapshot.count(Metric::DroppedIterations, &[kind])
        };
        let dropped = dropped(Dropped::NoVu) + dropped(Dropped::MaxDuration);
        (dropped > 0).then(|| Undelivered {
            began: self.count_in("main", Metric::Iterations) + self.warmup_iterations(),
            dropped,
        })
    }

    /// What went wrong in setup or teardown, if anything did.
    pub fn fault_of(&self, phase: &str) -> Option<Fault> {
        if self.ended(phase, Outcome::Failed) > 0 {
            let errors = self.snapshot.series().iter().find(|series| {
                series.metric == Metric::Errors && series.tags.get(TagKey::Phase) == Some(phase)
            });
            let tag = |key| {
                let tag = errors.and_then(|series| series.tags.get(key));
                tag.unwrap_or_default().to_owned()
            };
            Some(Fault::Failed(tag(TagKey::Step), tag(TagKey::Kind)))
        } else if self.ended(phase, Outcome::Cut) > 0 {
            Some(Fault::Unfinished)
        } else if self.ended(phase, Outcome::Interrupted) > 0 {
            Some(Fault::Interrupted)
        } else {
            None
        }
    }

    pub(super) fn ended(&self, phase: &str, outcome: Outcome) -> u64 {
        let tags = [(TagKey::Phase, phase), outcome.tag()];
        self.snapshot.count(Metric::Iterations, &tags)
    }

    /// Whether a threshold is about something, and so decides over it.
    pub(super) fn tolerates(&self, about: impl Fn(&Condition, Metric) -> bool) -> bool {
        self.thresholds
            .iter()
            .any(|line| about(&line.threshold.condition, line.threshold.selector.metric()))
    }
}

#[cfg(test)]
mod tests {
    use super::{StopKind, Undelivered, Word};
    use crate::metrics::{Counter, Meter, Outcome, Recorder, Snapshot, TagKey, Tags, Windows};
    use crate::report::example::{after, example, threshold};
    use crate::report::{Report, StopLine};

    /// So many iterations, by phase and outcome, or dropped for a reason.
    fn played(counts: &[(&str, &str, u64)]) -> Snapshot {
        let recorder = Recorder::new();
        for (phase, what, count) in counts {
            let tags = Tags::new().with(TagKey::Phase, *phase);
            let meter = Meter::new(recorder.clone(), tags);
            if let Some(outcome) = Outcome::named(what) {
                meter.record(Counter::ITERATIONS, &[outcome.tag()], *count);
            } else {
                meter.record(Counter::DROPPED_ITERATIONS, &[(TagKey::Kind, what)], *count);
            }
        }
        recorder.snapshot(Windows::default())
    }

    fn by_signal() -> StopLine {
        StopLine {
            kind: StopKind::Signal,
            text: "stopped by a signal".into(),
        }
    }

    fn report(snapshot: Snapshot, conditions: &[(&str, &str, bool)], stopped: bool) -> Report {
        let thresholds = conditions.iter();
        let thresholds = thresholds.map(|(metric, text, passed)| threshold(metric, text, *passed));
        Report {
            snapshot,
            thresholds: thresholds.collect(),
            stops: stopped.then(by_signal).into_iter().collect(),
            ..example()
        }
    }

    /// Few failures are allowed, and there were few.
    const ALLOWED: Conditions = &[("errors", "count < 10", true)];

    /// By phase and outcome, or by the reason for which they were dropped.
    type Counts = &'static [(&'static str, &'static str, u64)];
    /// Selector, condition, and whether it is met.
    type Conditions = &'static [(&'static str, &'static str, bool)];

    const GOOD: (&str, &str, u64) = ("main", Outcome::Ok.name(), 5);
    const CUT: (&str, &str, u64) = ("main", Outcome::Cut.name(), 2);
    const SKIPPED: (&str, &str, u64) = ("main", Outcome::Skipped.name(), 4);
    const INTERRUPTED: (&str, &str, u64) = ("main", Outcome::Interrupted.name(), 2);

    /// What was played, the thresholds, whether it was stopped, and the verdict.
    const CASES: &[(Counts, Conditions, bool, &str)] = &[
        (&[GOOD], &[], false, "passed"),
        (&[GOOD], &[], true, "stopped early"),
        (
            &[GOOD, ("main", "failed", 1)],
            &[],
            false,
            "failed: 1 iteration failed",
        ),
        (&[GOOD, ("main", "failed", 1)], ALLOWED, false, "passed"),
        (&[GOOD, ("warmup", "failed", 1)], &[], false, "passed"),
        (
            &[GOOD, ("main", "failed", 2), CUT],
            &[
                ("errors", "count < 10", true),
                ("iterations", "count > 9", false),
            ],
            false,
            "failed: 1 of 2 thresholds was not met",
        ),
        (
            &[GOOD, ("main", "failed", 2), CUT],
            &[],
            true,
            "failed: 2 iterations failed, 2 iterations were not finished",
        ),
        // What was cut in the end had begun in the warm-up.
        (
            &[GOOD, ("warmup", Outcome::Cut.name(), 1)],
            &[],
            false,
            "failed: 1 iteration was not finished",
        ),
        (&[GOOD, CUT], ALLOWED, false, "passed"),
        // Nothing finished, or nothing played, is never passed.
        (
            &[CUT],
            &[],
            false,
            "failed: none of 2 iterations was finished",
        ),
        (
            &[CUT],
            ALLOWED,
            false,
            "failed: none of 2 iterations was finished",
        ),
        (&[], ALLOWED, false, "failed: no iteration was played"),
        (
            &[("warmup", Outcome::Ok.name(), 7)],
            &[],
            false,
            "failed: no iteration was played but 7 iterations of the warm-up",
        ),
        (
            &[("main", "no_vu", 4)],
            ALLOWED,
            false,
            "failed: no iteration was played, of 4 iterations that were due; only 0 % of the load was delivered",
        ),
        // What was skipped is no failure, and nothing that was completed.
        (&[GOOD, SKIPPED], &[], false, "passed"),
        (
            &[SKIPPED],
            ALLOWED,
            false,
            "failed: all 4 iterations were skipped, and none completed",
        ),
        (
            &[SKIPPED, CUT],
            &[],
            false,
            "failed: none of 6 iterations was finished",
        ),
        (
            &[SKIPPED],
            &[],
            true,
            "stopped early: all 4 iterations were skipped, and none completed",
        ),
        // The user's doing is no failure.
        (&[GOOD, INTERRUPTED], &[], true, "stopped early"),
        (
            &[INTERRUPTED],
            &[],
            true,
            "stopped early: none of 2 iterations was finished",
        ),
        (&[], &[], true, "stopped early: no iteration was played"),
        (
            &[CUT, INTERRUPTED],
            &[],
            true,
            "failed: none of 4 iterations was finished",
        ),
        // Load that was not delivered is told, whatever the verdict.
        (
            &[("main", Outcome::Ok.name(), 28), ("main", "no_vu", 72)],
            &[],
            false,
            "passed, but only 28 % of the load was delivered",
        ),
        (
            &[
                ("main", Outcome::Ok.name(), 2),
                ("warmup", Outcome::Ok.name(), 1),
                ("main", "max_duration", 1),
            ],
            &[("iterations", "count > 9", false)],
            false,
            "failed: 1 of 1 threshold was not met; only 75 % of the load was delivered",
        ),
        (&[GOOD, ("main", "stopped", 72)], &[], true, "stopped early"),
    ];

    #[test]
    fn what_is_said_of_a_run_follows_from_what_was_measured() {
        for (counts, conditions, stopped, expected) in CASES {
            let verdict = report(played(counts), conditions, *stopped).verdict();
            assert_eq!(verdict.to_string(), *expected, "{counts:?} {conditions:?}");
            assert_eq!(verdict.passed(), expected.starts_with("passed"));
        }
    }

    #[test]
    fn setup_and_teardown_fail_the_run_with_the_step_that_did() {
        let of = |phase, ended, stopped| report(after(phase, ended), ALLOWED, stopped).verdict();
        let cases = [
            (
                of("setup", Outcome::Failed, false),
                "failed: setup failed at `clean up` (http 503), so no scenario was played",
            ),
            (
                of("setup", Outcome::Cut, true),
                "failed: setup was not finished when the grace ran out, so no scenario was played",
            ),
            (
                of("setup", Outcome::Interrupted, true),
                "stopped early: setup was cut, so no scenario was played",
            ),
            (
                of("teardown", Outcome::Failed, false),
                "failed: teardown failed at `clean up` (http 503)",
            ),
            (
                of("teardown", Outcome::Cut, false),
                "failed: teardown was not finished when the grace ran out",
            ),
            (
                of("teardown", Outcome::Interrupted, true),
                "stopped early: teardown was cut",
            ),
            (of("teardown", Outcome::Ok, false), "passed"),
        ];
        for (verdict, expected) in cases {
            assert_eq!(verdict.to_string(), expected);
        }
    }

    #[test]
    fn a_check_fails_the_run_unless_a_threshold_is_about_checks() {
        let mut report = example();
        report.thresholds = vec![threshold("errors", "count < 10", true)];
        assert_eq!(report.verdict().to_string(), "failed: 1 check did not hold");
        report
            .thresholds
            .push(threshold("checks", "rate > 1%", true));
        assert_eq!(report.verdict().word, Word::Passed);
    }

    #[test]
    fn a_share_is_not_rounded_up_to_all_of_it() {
        let load = |began, dropped| Undelivered { began, dropped }.to_string();
        assert_eq!(load(99_999, 1), "only 99.9 % of the load was delivered");
        assert_eq!(load(1, 2), "only 33.3 % of the load was delivered");
    }
}
