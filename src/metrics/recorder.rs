//! Where measurements go.
//!
//! Each thread records into a shard of its own, so that threads never wait for
//! one another; the only other one who ever takes a shard's lock is
//! [`Recorder::collect`], which swaps the shard's cells for empty ones and adds
//! them up outside the lock.

use std::cell::RefCell;
use std::sync::{Arc, Weak};

use parking_lot::Mutex;

use super::registry::{BaseId, Known, KnownSeries, Registry, SeriesId, TypedSeries};
use super::shard::{Cells, Shard, add};
use super::{Measure, Metric, Series, Snapshot, TagKey, Tags, TypedMetric, Windows};

/// Takes measurements from any thread. Clones record into the same place.
#[derive(Clone, Default)]
pub struct Recorder {
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    registry: Registry,
    shards: Mutex<Vec<Arc<Shard>>>,
    totals: Mutex<Vec<Option<Measure>>>,
}

/// What a thread keeps of a recorder.
struct Local {
    recorder: Weak<Inner>,
    shard: Arc<Shard>,
    known: KnownSeries,
}

/// Takes values that have the same tags.
pub struct Together<'r> {
    known: &'r mut Known,
    cells: Cells<'r>,
    registry: &'r Registry,
}

impl Together<'_> {
    /// Records a value, and says of which series it is.
    pub fn record<M: TypedMetric>(&mut self, metric: M, value: M::Value) -> SeriesId {
        let id = self.known.series(metric.metric(), self.registry);
        self.cells.record::<M>(id, value);
        id
    }
}

thread_local! {
    static LOCALS: RefCell<Vec<Local>> = const { RefCell::new(Vec::new()) };
}

impl Recorder {
    /// Nothing measured yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The number of a set of tags.
    pub fn base(&self, tags: &Tags) -> BaseId {
        self.inner.registry.base(tags)
    }

    /// The series of `metric` under the tags of `base` and `tags`.
    pub fn series<M: TypedMetric>(
        &self,
        base: BaseId,
        metric: M,
        tags: &[(TagKey, &str)],
    ) -> TypedSeries<M> {
        let id = self.with_local(|local| {
            let known = local.known.under(base, tags);
            known.series(metric.metric(), &self.inner.registry)
        });
        TypedSeries::new(id)
    }

    /// What a series measures, and what it is about.
    pub fn describe(&self, id: SeriesId) -> Option<(Metric, Tags)> {
        self.inner.registry.describe(id)
    }

    /// Records a value.
    pub fn record<M: TypedMetric>(&self, series: TypedSeries<M>, value: M::Value) {
        self.with_local(|local| local.shard.cells().record::<M>(series.id(), value));
    }

    /// Records values under the tags of `base` and `tags`, which are looked up
    /// once. `work` must not record by any other way meanwhile.
    pub(super) fn together<T>(
        &self,
        base: BaseId,
        tags: &[(TagKey, &str)],
        work: impl FnOnce(&mut Together<'_>) -> T,
    ) -> T {
        self.with_local(|local| {
            work(&mut Together {
                known: local.known.under(base, tags),
                cells: local.shard.cells(),
                registry: &self.inner.registry,
            })
        })
    }

    fn with_local<T>(&self, work: impl FnOnce(&mut Local) -> T) -> T {
        LOCALS.with_borrow_mut(|locals| {
            let here = Arc::as_ptr(&self.inner);
            if let Some(local) = locals.iter_mut().find(|l| l.recorder.as_ptr() == here) {
                return work(local);
            }
            locals.retain(|local| local.recorder.strong_count() > 0);
            let shard = Arc::new(Shard::default());
            self.inner.shards.lock().push(Arc::clone(&shard));
            let mut local = Local {
                recorder: Arc::downgrade(&self.inner),
                shard,
                known: KnownSeries::default(),
            };
            let result = work(&mut local);
            locals.push(local);
            result
        })
    }

    /// Everything measured so far, and when.
    pub fn snapshot(&self, windows: Windows) -> Snapshot {
        self.collect();
        self.collected(windows)
    }

    /// Everything that was measured before the last collection. Takes nothing
    /// away from the next one.
    pub fn collected(&self, windows: Windows) -> Snapshot {
        let totals = self.inner.totals.lock();
        let names = self.inner.registry.names();
        let series = names.into_iter().zip(totals.iter());
        let series = series.filter_map(|((metric, tags), measure)| {
            Some(Series {
                metric,
                tags,
                measure: measure.clone()?,
            })
        });
        Snapshot::new(windows, series.collect())
    }

    /// Adds what the shards hold to the totals, and returns it: what was
    /// measured since the last time.
    pub fn collect(&self) -> Vec<(SeriesId, Series)> {
        let mut totals = self.inner.totals.lock();
        let mut fresh: Vec<Option<Measure>> = Vec::new();
        self.inner.shards.lock().retain(|shard| {
            // A shard that is ours alone belonged to a thread that has ended;
            // asked before it is emptied, or its last values could be lost.
            let in_use = Arc::strong_count(shard) > 1;
            shard.empty_into(&mut fresh);
            in_use
        });
        if totals.len() < fresh.len() {
            totals.resize_with(fresh.len(), || None);
        }
        let mut collected = Vec::new();
        let names = self.inner.registry.names().into_iter();
        for (index, ((metric, tags), measure)) in (0_u32..).zip(names.zip(fresh)) {
            if let Some(measure) = measure {
                add(&mut totals[index as usize], &measure);
                let series = Series {
                    metric,
                    tags,
                    measure,
                };
                collected.push((SeriesId::from(index), series));
            }
        }
        collected
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Recorder;
    use crate::metrics::{Counter, Metric, Rate, TagKey, Tags, Trend, Windows};

    #[test]
    fn threads_add_up() {
        let recorder = Recorder::new();
        let base = recorder.base(&Tags::new().with(TagKey::Scenario, "a"));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for step in ["x", "y"] {
                        let tags = [(TagKey::Step, step)];
                        let duration = recorder.series(base, Trend::STEP_DURATION, &tags);
                        let count = recorder.series(base, Counter::ERRORS, &tags);
                        for _ in 0..100 {
                            recorder.record(duration, Duration::from_micros(5));
                            recorder.record(count, 2);
                        }
                    }
                });
            }
        });
        let snapshot = recorder.snapshot(Windows::default());
        assert_eq!(snapshot.series().len(), 4);
        let step = Tags::new().with(TagKey::Step, "x");
        assert_eq!(snapshot.total(Metric::StepDuration, &step).count(), 400);
        assert_eq!(snapshot.total(Metric::Errors, &step).count(), 800);
        assert_eq!(snapshot.total(Metric::Errors, &Tags::new()).count(), 1600);
    }

    #[test]
    fn a_snapshot_takes_nothing_away() {
        let recorder = Recorder::new();
        let base = recorder.base(&Tags::new());
        let id = recorder.series(base, Rate::CHECKS, &[]);
        recorder.record(id, true);
        let first = recorder.snapshot(Windows::default());
        recorder.record(id, false);
        let second = recorder.snapshot(Windows::default());
        assert_eq!(first.total(Metric::Checks, &Tags::new()).count(), 1);
        assert_eq!(second.total(Metric::Checks, &Tags::new()).count(), 2);
    }

    #[test]
    fn a_collection_holds_what_came_since_the_last_one() {
        let recorder = Recorder::new();
        let base = recorder.base(&Tags::new());
        let id = recorder.series(base, Trend::STEP_DURATION, &[]);
        for round in 1..4 {
            for _ in 0..round {
                recorder.record(id, Duration::from_millis(round));
            }
            let collected = recorder.collect();
            let [(seen, series)] = &collected[..] else {
                panic!()
            };
            assert_eq!((*seen, series.measure.count()), (id.id(), round));
        }
        assert!(recorder.collect().is_empty());
        let total = recorder.snapshot(Windows::default());
        assert_eq!(total.total(Metric::StepDuration, &Tags::new()).count(), 6);
    }

    #[test]
    fn looking_at_what_was_collected_takes_nothing_from_the_next_collection() {
        let recorder = Recorder::new();
        let id = recorder.series(recorder.base(&Tags::new()), Counter::ERRORS, &[]);
        recorder.record(id, 1);
        recorder.collect();
        recorder.record(id, 2);
        let seen = recorder.collected(Windows::default());
        assert_eq!(seen.total(Metric::Errors, &Tags::new()).count(), 1);
        let [(_, next)] = &recorder.collect()[..] else {
            panic!()
        };
        assert_eq!(next.measure.count(), 2);
    }

    #[test]
    fn the_same_tags_are_the_same_series_whoever_asks() {
        let recorder = Recorder::new();
        let one = recorder.base(&Tags::new().with(TagKey::Step, "x"));
        let other = recorder.base(&Tags::new());
        let id = recorder.series(one, Counter::ERRORS, &[(TagKey::Kind, "connect")]);
        let tags = [(TagKey::Kind, "connect"), (TagKey::Step, "x")];
        assert_eq!(id, recorder.series(other, Counter::ERRORS, &tags));
        assert_ne!(id, recorder.series(other, Counter::ERRORS, &tags[..1]));
        assert_eq!(one, recorder.base(&Tags::new().with(TagKey::Step, "x")));
    }
}
