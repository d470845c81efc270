//! Timelines of several runners as one.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Slice, Timeline, nanoseconds, place};

impl Timeline {
    /// Timelines of runs that began so long after a common moment. What was
    /// measured in the same second of the clock is added up; nothing is lost.
    pub fn join(parts: &[(Duration, &Self)]) -> Self {
        let mut whole = match parts.first() {
            Some((_, first)) => Self {
                of: first.of,
                ..Self::of_at_most(first.most)
            },
            None => Self::default(),
        };
        whole.stride = parts.iter().map(|(_, part)| part.stride).max().unwrap_or(1);
        let width = u64::from(whole.stride) * nanoseconds(Duration::from_secs(1));
        let mut slices: BTreeMap<u64, Slice> = BTreeMap::new();
        for (offset, part) in parts {
            for slice in &part.slices {
                let slice = whole.adopt(part, slice, nanoseconds(*offset));
                // By its middle: intervals are a little longer than a second,
                // and would skip one by their end.
                let place = (slice.start + slice.length / 2) / width;
                match slices.get_mut(&place) {
                    Some(known) => known.join(&slice),
                    None => drop(slices.insert(place, slice)),
                }
            }
        }
        for slice in slices.into_values() {
            whole.push(slice);
        }
        whole
    }

    /// A slice of another timeline, with the numbers of this one.
    fn adopt(&mut self, other: &Self, slice: &Slice, offset: u64) -> Slice {
        let mut ours = slice.clone();
        ours.start += offset;
        for (step, _) in &mut ours.steps {
            *step = place(&mut self.steps, other.steps[*step].clone());
        }
        for (kind, _) in &mut ours.errors {
            *kind = place(&mut self.kinds, other.kinds[*kind].clone());
        }
        for (pair, _) in ours.failed.iter_mut().chain(&mut ours.cut) {
            *pair = place(&mut self.failing, other.failing[*pair].clone());
        }
        ours
    }
}

impl Slice {
    /// Adds a slice of the same time.
    fn join(&mut self, other: &Self) {
        let start = self.start.min(other.start);
        let end = (self.start + self.length).max(other.start + other.length);
        // As many seconds as the longer one, not as both.
        let seconds = self.seconds.max(other.seconds);
        self.merge(other);
        (self.start, self.length, self.seconds) = (start, end - start, seconds);
        self.steps.sort_by_key(|(step, _)| *step);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use crate::metrics::{Histogram, Measure, Metric, Series, Span, TagKey, Tags, Timeline};

    fn add(timeline: &mut Timeline, second: u64, values: &[(usize, u64)]) {
        let measured: Vec<_> = values
            .iter()
            .map(|(step, value)| {
                let mut histogram = Histogram::new();
                histogram.record(Duration::from_micros(*value));
                let tags = Tags::new().with(TagKey::Step, ["a", "b"][step % 2]).with(
                    TagKey::Outcome,
                    ["ok", "failed"][usize::from(*value % 7 == 0)],
                );
                Series {
                    metric: Metric::StepDuration,
                    tags,
                    measure: Measure::Duration(histogram),
                }
            })
            .collect();
        let span = Span {
            start: Duration::from_secs(second),
            length: Duration::from_secs(1),
        };
        timeline.add(span, measured.iter());
    }

    /// Everything in it, in an order of its own.
    fn told(timeline: &Timeline) -> Vec<String> {
        let moments = timeline.moments().map(|moment| {
            let histogram = moment.packed.histogram();
            let values: Vec<_> = histogram.values().collect();
            format!(
                "{:?} {:?} {values:?} {:?}",
                moment.span,
                timeline.steps()[moment.step],
                histogram.sum()
            )
        });
        let failures = timeline.failures().map(|failure| format!("{failure:?}"));
        let mut told: Vec<String> = moments.chain(failures).collect();
        told.sort();
        told
    }

    proptest! {
        #[test]
        fn parts_of_a_timeline_in_any_order_are_the_whole(
            seconds in prop::collection::vec(prop::collection::vec((0_usize..2, 1_u64..1_000_000, 0_usize..3), 0..6), 1..8),
            rotate in 0_usize..3,
        ) {
            let mut whole = Timeline::default();
            let mut parts: Vec<Timeline> = (0..3).map(|_| Timeline::default()).collect();
            for (second, plays) in (0_u64..).zip(&seconds) {
                let all: Vec<_> = plays.iter().map(|(step, value, _)| (*step, *value)).collect();
                add(&mut whole, second, &all);
                for (index, part) in parts.iter_mut().enumerate() {
                    let own: Vec<_> = plays.iter().filter(|play| play.2 == index).map(|(step, value, _)| (*step, *value)).collect();
                    add(part, second, &own);
                }
            }
            parts.rotate_left(rotate);
            let parts: Vec<_> = parts.iter().map(|part| (Duration::ZERO, part)).collect();
            prop_assert_eq!(told(&Timeline::join(&parts)), told(&whole));
        }
    }

    #[test]
    fn a_runner_that_began_later_is_put_where_it_was() {
        let (mut first, mut second) = (Timeline::default(), Timeline::default());
        add(&mut first, 0, &[(0, 1)]);
        add(&mut first, 1, &[(0, 2)]);
        add(&mut second, 0, &[(0, 3)]);
        let later = Duration::from_millis(1100);
        let joined = Timeline::join(&[(Duration::ZERO, &first), (later, &second)]);
        let counts: Vec<u64> = joined
            .moments()
            .map(|m| m.packed.histogram().count())
            .collect();
        assert_eq!(counts, [1, 2]);
        let spans: Vec<_> = joined.spans().collect();
        assert_eq!(
            spans[1].start + spans[1].length,
            Duration::from_millis(2100)
        );
    }
}
