//! What a threshold looks at: all series that its selector means, added up.

use super::{
    Dropped, Level, Measure, Metric, MetricKind, Outcome, Selector, Snapshot, Spans, TagKey, Tags,
};

/// Everything that a selector means.
pub(super) struct Measured {
    /// How many there are; for a counter, their sum.
    pub(super) count: u64,
    /// How many have ended in a way that says something of the target.
    pub(super) ended: u64,
    /// How many of these failed, or did not end in time.
    pub(super) failures: u64,
    /// How many were left out, since they failed.
    pub(super) left_out: u64,
    pub(super) values: Values,
}

/// Values, as the metric's kind has them.
pub(super) enum Values {
    /// A sum.
    Count,
    /// How often something held.
    Rate { held: u64 },
    /// A number that goes up and down.
    Level(Level),
    /// Time spans.
    Spans(Box<Spans>),
}

impl Measured {
    /// Adds up what `selector` means.
    ///
    /// Only the main part of the run counts, unless a `phase` is named. Of time
    /// spans, failed ones count only when an `outcome` is named, or a `status`,
    /// which says as much.
    pub(super) fn of(selector: &Selector, snapshot: &Snapshot) -> Self {
        let (metric, wanted) = (selector.metric(), selector.tags());
        let mut measured = Self {
            count: 0,
            ended: 0,
            failures: 0,
            left_out: 0,
            values: Values::empty(metric.kind()),
        };
        let in_phase = |tags: &Tags| {
            let phase = tags.get(TagKey::Phase).unwrap_or("main");
            wanted.get(TagKey::Phase).is_some() || phase == "main"
        };
        let series = snapshot.series().iter().filter(|series| {
            series.metric == metric && series.tags.contain(wanted) && in_phase(&series.tags)
        });
        let all_outcomes = [TagKey::Outcome, TagKey::Status]
            .iter()
            .any(|key| wanted.get(*key).is_some());
        for series in series {
            measured.add(&series.measure, series.tags.outcome(), all_outcomes);
        }
        if let (Values::Spans(spans), Metric::IterationDuration, false) =
            (&mut measured.values, metric, all_outcomes)
        {
            let no_vu = wanted.clone().with(TagKey::Kind, Dropped::NoVu.name());
            let dropped = snapshot.total_of(Metric::DroppedIterations, &no_vu, in_phase);
            spans.never_began = dropped.count();
        }
        measured
    }

    fn add(&mut self, measure: &Measure, ended: Outcome, all_outcomes: bool) {
        let count = measure.count();
        match ended {
            // The user's doing, or a consequence of another failure.
            Outcome::Skipped | Outcome::Interrupted | Outcome::Abandoned => {}
            Outcome::Failed | Outcome::Cut => {
                self.ended += count;
                self.failures += count;
            }
            Outcome::Ok | Outcome::FailedAsExpected => self.ended += count,
        }
        match (&mut self.values, measure) {
            // What was skipped counts only when it is asked for.
            (Values::Count, Measure::Count(_)) if ended == Outcome::Skipped && !all_outcomes => {}
            (Values::Count, Measure::Count(_)) => self.count += count,
            (Values::Rate { held }, Measure::Rate { held: more, total }) => {
                *held += more;
                self.count += count;
                self.failures += total - more;
            }
            (Values::Level(level), Measure::Level(more)) => level.merge(more),
            (Values::Spans(spans), Measure::Duration(more)) => match (ended, all_outcomes) {
                (Outcome::Ok, _)
                | (Outcome::Failed | Outcome::FailedAsExpected | Outcome::Skipped, true) => {
                    spans.finished.merge(more);
                    self.count += count;
                }
                (Outcome::Cut, false) => spans.cut.merge(more),
                (Outcome::Cut | Outcome::Interrupted | Outcome::Abandoned, true) => {
                    spans.cut.merge(more);
                    self.count += count;
                }
                (Outcome::Failed, false) => self.left_out += count,
                (
                    Outcome::FailedAsExpected
                    | Outcome::Skipped
                    | Outcome::Interrupted
                    | Outcome::Abandoned,
                    false,
                ) => {}
            },
            _ => {}
        }
    }
}

impl Values {
    fn empty(kind: MetricKind) -> Self {
        match kind {
            MetricKind::Counter => Self::Count,
            MetricKind::Rate => Self::Rate { held: 0 },
            MetricKind::Trend => Self::Spans(Box::default()),
            MetricKind::Gauge => Self::Level(Level::default()),
        }
    }
}
