//! What was measured when: a histogram of each step in each interval, in
//! bounded memory however long the run.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Histogram, Measure, Metric, Outcome, PackedMeasure, Series, TagKey, Tags};
use crate::numbers::nanoseconds;

mod join;

/// So many intervals are kept; an hour of seconds. A longer run has longer
/// intervals.
const MOST: usize = 3600;

/// Successful runs of each step, or good requests to each endpoint, how many failed,
/// and errors of each kind, interval by interval. Warm-up is left out, as it is
/// in the figures of a step; and of requests, setup and teardown.
#[derive(Clone, Serialize, Deserialize)]
pub struct Timeline {
    #[serde(default)]
    of: Of,
    most: usize,
    /// So many seconds make an interval.
    stride: u32,
    steps: Vec<Pair>,
    kinds: Vec<Arc<str>>,
    /// Those of which some failed, or were not finished.
    #[serde(default)]
    failing: Vec<Pair>,
    slices: Vec<Slice>,
}

/// Scenario and step, or method and endpoint.
type Pair = (Arc<str>, Arc<str>);

/// What a timeline follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Of {
    #[default]
    Steps,
    Endpoints,
}

/// An interval. Histograms are packed: as they are, each is as large as a
/// hundred packed ones.
#[derive(Clone, Serialize, Deserialize)]
struct Slice {
    start: u64,
    length: u64,
    seconds: u32,
    steps: Vec<(usize, PackedMeasure)>,
    errors: Vec<(usize, u64)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    failed: Vec<(usize, u64)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    cut: Vec<(usize, u64)>,
}

/// A part of a run. Nanoseconds when written to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// When it begins, from the start of the run, setup included.
    #[serde(with = "super::nanoseconds")]
    pub start: Duration,
    /// How long it is.
    #[serde(with = "super::nanoseconds")]
    pub length: Duration,
}

impl Span {
    /// When it ends.
    pub fn end(self) -> Duration {
        self.start + self.length
    }
}

/// The successful runs of a step in an interval.
pub struct Moment<'a> {
    /// The interval.
    pub span: Span,
    /// Number of the step in [`Timeline::steps`].
    pub step: usize,
    /// Their durations.
    pub packed: &'a PackedMeasure,
}

impl Default for Timeline {
    fn default() -> Self {
        Self::of_at_most(MOST)
    }
}

impl Of {
    fn metric(self) -> Metric {
        match self {
            Self::Steps => Metric::StepDuration,
            Self::Endpoints => Metric::HttpReqDuration,
        }
    }

    /// How something ended, unless it is left out. Setup and teardown are
    /// scenarios of their own, and an endpoint is of no scenario.
    fn outcome(self, tags: &Tags) -> Option<Outcome> {
        let phase = tags.get(TagKey::Phase).unwrap_or("main");
        let measured = match self {
            Self::Steps => phase != "warmup",
            Self::Endpoints => phase == "main",
        };
        measured.then(|| tags.outcome())
    }

    fn pair(self, tags: &Tags) -> Pair {
        let keys = match self {
            Self::Steps => [TagKey::Scenario, TagKey::Step],
            Self::Endpoints => [TagKey::Method, TagKey::Endpoint],
        };
        let [first, second] = keys.map(|key| tags.get(key).unwrap_or_default().into());
        (first, second)
    }
}

impl Timeline {
    fn of_at_most(most: usize) -> Self {
        Self {
            of: Of::Steps,
            most: most.max(2),
            stride: 1,
            steps: Vec::new(),
            kinds: Vec::new(),
            failing: Vec::new(),
            slices: Vec::new(),
        }
    }

    /// One that follows endpoints: what is called a step is a method and an
    /// endpoint.
    pub fn of_endpoints() -> Self {
        Self {
            of: Of::Endpoints,
            ..Self::default()
        }
    }

    /// Scenario and label of each step that was played.
    pub fn steps(&self) -> &[(Arc<str>, Arc<str>)] {
        &self.steps
    }

    /// Every interval.
    pub fn spans(&self) -> impl Iterator<Item = Span> {
        self.slices.iter().map(Slice::span)
    }

    /// Interval, scenario and step, and how many plays failed.
    pub fn failures(&self) -> impl Iterator<Item = (Span, &(Arc<str>, Arc<str>), u64)> {
        let failed = self.counts(|slice| &slice.failed);
        failed.map(move |(span, pair, count)| (span, &self.failing[pair], count))
    }

    /// Interval, scenario and step, and how many plays were still under way when
    /// the grace ran out.
    pub fn unfinished(&self) -> impl Iterator<Item = (Span, &(Arc<str>, Arc<str>), u64)> {
        let cut = self.counts(|slice| &slice.cut);
        cut.map(move |(span, pair, count)| (span, &self.failing[pair], count))
    }

    /// Kinds of errors that there were.
    pub fn kinds(&self) -> &[Arc<str>] {
        &self.kinds
    }

    /// Every step in every interval in which it was played, by time.
    pub fn moments(&self) -> impl Iterator<Item = Moment<'_>> {
        self.slices.iter().flat_map(|slice| {
            slice.steps.iter().map(|(step, packed)| Moment {
                span: slice.span(),
                step: *step,
                packed,
            })
        })
    }

    /// Interval, number of the kind in [`Timeline::kinds`], and how many.
    pub fn errors(&self) -> impl Iterator<Item = (Span, usize, u64)> {
        self.counts(|slice| &slice.errors)
    }

    fn counts(
        &self,
        of: impl Fn(&Slice) -> &[(usize, u64)],
    ) -> impl Iterator<Item = (Span, usize, u64)> {
        self.slices.iter().flat_map(move |slice| {
            let counts = of(slice).iter();
            counts.map(|(number, count)| (slice.span(), *number, *count))
        })
    }

    /// Adds what was measured in the interval that follows.
    pub fn add<'a>(&mut self, span: Span, measured: impl Iterator<Item = &'a Series>) {
        let mut steps: Vec<(usize, Histogram)> = Vec::new();
        let mut errors: Vec<(usize, u64)> = Vec::new();
        let mut failed: Vec<(usize, u64)> = Vec::new();
        let mut cut: Vec<(usize, u64)> = Vec::new();
        for Series {
            metric,
            tags,
            measure,
        } in measured
        {
            match (*metric, measure) {
                (metric, Measure::Duration(histogram)) if metric == self.of.metric() => {
                    let bad = match self.of.outcome(tags) {
                        Some(Outcome::Ok) => {
                            let step = place(&mut self.steps, self.of.pair(tags));
                            entry(&mut steps, step, Histogram::new).merge(histogram);
                            continue;
                        }
                        Some(Outcome::Failed) => &mut failed,
                        Some(Outcome::Cut) => &mut cut,
                        Some(
                            Outcome::FailedAsExpected
                            | Outcome::Skipped
                            | Outcome::Interrupted
                            | Outcome::Abandoned,
                        )
                        | None => continue,
                    };
                    let step = place(&mut self.failing, self.of.pair(tags));
                    *entry(bad, step, || 0) += histogram.count();
                }
                (Metric::Errors, Measure::Count(count)) if self.of == Of::Steps => {
                    let kind = tags.get(TagKey::Kind).unwrap_or_default();
                    let kind = place(&mut self.kinds, kind.into());
                    *entry(&mut errors, kind, || 0) += count;
                }
                _ => {}
            }
        }
        let steps = steps.into_iter();
        self.push(Slice {
            start: nanoseconds(span.start),
            length: nanoseconds(span.length),
            seconds: 1,
            steps: steps
                .filter_map(|(step, histogram)| Some((step, pack(histogram)?)))
                .collect(),
            errors,
            failed,
            cut,
        });
    }

    fn push(&mut self, slice: Slice) {
        match self.slices.last_mut() {
            Some(last) if last.seconds < self.stride => last.merge(&slice),
            _ => self.slices.push(slice),
        }
        if self.slices.len() > self.most {
            self.stride *= 2;
            let all = std::mem::take(&mut self.slices);
            for pair in all.chunks(2) {
                let mut first = pair[0].clone();
                if let Some(second) = pair.get(1) {
                    first.merge(second);
                }
                self.slices.push(first);
            }
        }
    }
}

impl Slice {
    fn span(&self) -> Span {
        Span {
            start: Duration::from_nanos(self.start),
            length: Duration::from_nanos(self.length),
        }
    }

    /// Adds the slice that follows.
    fn merge(&mut self, next: &Self) {
        self.length = (next.start + next.length).saturating_sub(self.start);
        self.seconds += next.seconds;
        for (step, packed) in &next.steps {
            match self.steps.iter_mut().find(|(known, _)| known == step) {
                Some((_, ours)) => {
                    let mut sum = ours.histogram();
                    sum.merge(&packed.histogram());
                    *ours = pack(sum).unwrap_or_else(|| packed.clone());
                }
                None => self.steps.push((*step, packed.clone())),
            }
        }
        for (ours, theirs) in [
            (&mut self.errors, &next.errors),
            (&mut self.failed, &next.failed),
            (&mut self.cut, &next.cut),
        ] {
            for (number, count) in theirs {
                *entry(ours, *number, || 0) += count;
            }
        }
    }
}

/// Number of a value, which is added the first time.
fn place<T: PartialEq>(values: &mut Vec<T>, value: T) -> usize {
    let known = values.iter().position(|known| *known == value);
    known.unwrap_or_else(|| {
        values.push(value);
        values.len() - 1
    })
}

/// `None` for an empty one.
fn pack(histogram: Histogram) -> Option<PackedMeasure> {
    PackedMeasure::pack(&Measure::Duration(histogram)).ok()
}

fn entry<T>(list: &mut Vec<(usize, T)>, key: usize, new: impl FnOnce() -> T) -> &mut T {
    let index = list.iter().position(|(known, _)| *known == key);
    let index = index.unwrap_or_else(|| {
        list.push((key, new()));
        list.len() - 1
    });
    &mut list[index].1
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Span, Timeline};
    use crate::metrics::{Histogram, Measure, Metric, Series, TagKey, Tags};

    fn series(metric: Metric, tags: Tags, measure: Measure) -> Series {
        Series {
            metric,
            tags,
            measure,
        }
    }

    fn of(milliseconds: &[u64]) -> Measure {
        let mut histogram = Histogram::new();
        for value in milliseconds {
            histogram.record(Duration::from_millis(*value));
        }
        Measure::Duration(histogram)
    }

    fn span(second: u64) -> Span {
        Span {
            start: Duration::from_secs(second),
            length: Duration::from_secs(1),
        }
    }

    fn tags(step: &str, key: TagKey, value: &str) -> Tags {
        let tags = Tags::new().with(TagKey::Scenario, "s");
        tags.with(TagKey::Step, step).with(key, value)
    }

    #[test]
    fn a_long_run_loses_resolution_and_nothing_else() {
        let mut timeline = Timeline::of_at_most(4);
        let tags = tags("x", TagKey::Outcome, "ok");
        for second in 0..21 {
            let (measure, errors) = (of(&[second + 1]), Measure::Count(1));
            let kind = Tags::new().with(TagKey::Kind, "connect");
            let step = series(Metric::StepDuration, tags.clone(), measure);
            let errors = series(Metric::Errors, kind, errors);
            timeline.add(span(second), [step, errors].iter());
        }
        let mut all = Histogram::new();
        let mut at = Duration::ZERO;
        for moment in timeline.moments() {
            // One follows the other, without a gap.
            assert_eq!(moment.span.start, at);
            at += moment.span.length;
            all.merge(&moment.packed.histogram());
        }
        assert_eq!((at, all.count()), (Duration::from_secs(21), 21));
        assert_eq!(all.max(), Duration::from_millis(21));
        assert_eq!(
            timeline.errors().map(|(_, _, count)| count).sum::<u64>(),
            21
        );
        let moments = timeline.moments().count();
        assert!((2..=4).contains(&moments), "{moments}");
    }

    #[test]
    fn phases_of_a_step_are_one_and_warm_up_and_failures_are_none() {
        let mut timeline = Timeline::default();
        let values = [of(&[1]), of(&[2]), of(&[3]), of(&[4]), of(&[5])];
        let all = [
            tags("x", TagKey::Phase, "main"),
            tags("x", TagKey::Phase, "teardown"),
            tags("x", TagKey::Phase, "warmup"),
            tags("x", TagKey::Outcome, "failed"),
            tags("x", TagKey::Outcome, "failed as expected"),
        ];
        let measured = all.into_iter().zip(values);
        let measured = measured.map(|(tags, of)| series(Metric::StepDuration, tags, of));
        timeline.add(span(0), measured.collect::<Vec<_>>().iter());
        let moments: Vec<_> = timeline.moments().collect();
        let [moment] = &moments[..] else { panic!() };
        assert_eq!(moment.packed.histogram().count(), 2);
        assert_eq!(timeline.steps(), [("s".into(), "x".into())]);
    }
}
