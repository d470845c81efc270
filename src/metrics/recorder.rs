//! Where measurements go.
//!
//! Each thread records into a shard of its own, so that threads never wait for
//! one another; the only other one who ever takes a shard's lock is
//! [`Recorder::collect`], which swaps the shard's cells for empty ones and adds
//! them up outside the lock.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, Weak};
use std::time::Duration;

use super::{Measure, Metric, MetricKind, Series, Snapshot, TagKey, Tags};

/// A series: one metric under one set of tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SeriesId(u32);

/// A set of tags that many series have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BaseId(u32);

/// Takes measurements from any thread. Clones record into the same place.
#[derive(Clone, Default)]
pub struct Recorder {
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    registry: RwLock<Registry>,
    shards: Mutex<Vec<Arc<Shard>>>,
    totals: Mutex<Vec<Option<Measure>>>,
}

/// Numbers for series and bases, handed out once each.
#[derive(Default)]
struct Registry {
    series: Vec<(Metric, Tags)>,
    series_ids: HashMap<(Metric, Tags), u32>,
    bases: Vec<Arc<Tags>>,
    base_ids: HashMap<Arc<Tags>, u32>,
}

/// What one thread has measured since the last collection.
#[derive(Default)]
struct Shard {
    cells: Mutex<Vec<Option<Measure>>>,
    /// Emptied cells, to be swapped in; only the collection touches them.
    spare: Mutex<Vec<Option<Measure>>>,
}

/// What a thread keeps of a recorder.
struct Local {
    recorder: Weak<Inner>,
    shard: Arc<Shard>,
    /// Hash of base, metric and further tags → the series with that hash.
    known: HashMap<u64, Vec<Known>, Unhashed>,
}

struct Known {
    base: BaseId,
    metric: Metric,
    tags: Vec<(TagKey, Arc<str>)>,
    id: SeriesId,
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
        let mut registry = self
            .inner
            .registry
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(id) = registry.base_ids.get(tags) {
            return BaseId(*id);
        }
        let id = index(registry.bases.len());
        let tags = Arc::new(tags.clone());
        registry.bases.push(Arc::clone(&tags));
        registry.base_ids.insert(tags, id);
        BaseId(id)
    }

    /// The series of `metric` under the tags of `base` and `tags`.
    pub fn series(&self, base: BaseId, metric: Metric, tags: &[(TagKey, &str)]) -> SeriesId {
        self.with_local(|local| {
            let hash = fingerprint(base, metric, tags);
            let known = local.known.entry(hash).or_default();
            if let Some(found) = known.iter().find(|known| known.is(base, metric, tags)) {
                return found.id;
            }
            let id = self.intern(base, metric, tags);
            known.push(Known {
                base,
                metric,
                tags: tags
                    .iter()
                    .map(|(key, value)| (*key, Arc::from(*value)))
                    .collect(),
                id,
            });
            id
        })
    }

    fn intern(&self, base: BaseId, metric: Metric, tags: &[(TagKey, &str)]) -> SeriesId {
        let mut registry = self
            .inner
            .registry
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let base = registry
            .bases
            .get(base.0 as usize)
            .cloned()
            .unwrap_or_default();
        let all = tags
            .iter()
            .fold((*base).clone(), |all, (key, value)| all.with(*key, *value));
        let key = (metric, all);
        if let Some(id) = registry.series_ids.get(&key) {
            return SeriesId(*id);
        }
        let id = index(registry.series.len());
        registry.series.push(key.clone());
        registry.series_ids.insert(key, id);
        SeriesId(id)
    }

    /// Records a duration.
    pub fn duration(&self, id: SeriesId, took: Duration) {
        self.record(id, MetricKind::Duration, |measure| {
            if let Measure::Duration(histogram) = measure {
                histogram.record(took);
            }
        });
    }

    /// Adds to a counter.
    pub fn count(&self, id: SeriesId, by: u64) {
        self.record(id, MetricKind::Counter, |measure| {
            if let Measure::Count(sum) = measure {
                *sum += by;
            }
        });
    }

    /// Records whether something held.
    pub fn rate(&self, id: SeriesId, held: bool) {
        self.record(id, MetricKind::Rate, |measure| {
            if let Measure::Rate { held: times, total } = measure {
                *times += u64::from(held);
                *total += 1;
            }
        });
    }

    /// Records a reading of a number that goes up and down.
    pub fn level(&self, id: SeriesId, value: u64) {
        self.record(id, MetricKind::Level, |measure| {
            if let Measure::Level(level) = measure {
                level.read(value);
            }
        });
    }

    /// Changes the cell of a series, which is made the first time.
    fn record(&self, id: SeriesId, kind: MetricKind, change: impl FnOnce(&mut Measure)) {
        self.with_local(|local| {
            let mut cells = lock(&local.shard.cells);
            let place = id.0 as usize;
            if cells.len() <= place {
                cells.resize_with(place + 1, || None);
            }
            change(cells[place].get_or_insert_with(|| Measure::empty(kind)));
        });
    }

    fn with_local<T>(&self, work: impl FnOnce(&mut Local) -> T) -> T {
        LOCALS.with_borrow_mut(|locals| {
            let here = Arc::as_ptr(&self.inner);
            if let Some(local) = locals.iter_mut().find(|l| l.recorder.as_ptr() == here) {
                return work(local);
            }
            locals.retain(|local| local.recorder.strong_count() > 0);
            let shard = Arc::new(Shard::default());
            lock(&self.inner.shards).push(Arc::clone(&shard));
            let mut local = Local {
                recorder: Arc::downgrade(&self.inner),
                shard,
                known: HashMap::default(),
            };
            let result = work(&mut local);
            locals.push(local);
            result
        })
    }

    /// Everything measured so far.
    pub fn snapshot(&self, elapsed: Duration) -> Snapshot {
        self.collect();
        self.collected(elapsed)
    }

    /// Everything that was measured before the last collection. Takes nothing
    /// away from the next one.
    pub fn collected(&self, elapsed: Duration) -> Snapshot {
        let registry = self
            .inner
            .registry
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        let totals = lock(&self.inner.totals);
        let series = registry.series.iter().zip(totals.iter());
        let series = series.filter_map(|((metric, tags), measure)| {
            Some(Series {
                metric: *metric,
                tags: tags.clone(),
                measure: measure.clone()?,
            })
        });
        Snapshot::new(elapsed, series.collect())
    }

    /// Adds what the shards hold to the totals, and returns it: what was
    /// measured since the last time, by series.
    pub fn collect(&self) -> Vec<(SeriesId, Measure)> {
        let mut totals = lock(&self.inner.totals);
        let mut fresh: Vec<Option<Measure>> = Vec::new();
        lock(&self.inner.shards).retain(|shard| {
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
        for (index, measure) in (0_u32..).zip(fresh) {
            if let Some(measure) = measure {
                add(&mut totals[index as usize], &measure);
                collected.push((SeriesId(index), measure));
            }
        }
        collected
    }

    /// What a series measures, and what it is about.
    pub fn describe(&self, id: SeriesId) -> Option<(Metric, Tags)> {
        let registry = self
            .inner
            .registry
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        registry.series.get(id.0 as usize).cloned()
    }
}

impl SeriesId {
    /// The series' number, from 0 in the order of first use.
    pub fn index(self) -> u32 {
        self.0
    }
}

impl Shard {
    /// Moves everything measured into `sums`. The owner waits for a swap at
    /// most, not for the adding.
    fn empty_into(&self, sums: &mut Vec<Option<Measure>>) {
        let mut taken = lock(&self.spare);
        std::mem::swap(&mut *taken, &mut *lock(&self.cells));
        if sums.len() < taken.len() {
            sums.resize_with(taken.len(), || None);
        }
        for (sum, cell) in sums.iter_mut().zip(taken.iter_mut()) {
            if let Some(measure) = cell
                && measure.count() > 0
            {
                add(sum, measure);
                measure.reset();
            }
        }
    }
}

fn add(sum: &mut Option<Measure>, more: &Measure) {
    match sum {
        Some(sum) => sum.merge(more),
        None => *sum = Some(more.clone()),
    }
}

impl Known {
    fn is(&self, base: BaseId, metric: Metric, tags: &[(TagKey, &str)]) -> bool {
        self.base == base
            && self.metric == metric
            && self.tags.len() == tags.len()
            && self
                .tags
                .iter()
                .zip(tags)
                .all(|((key, value), (other_key, other))| key == other_key && **value == **other)
    }
}

/// A panic while a measure is changed leaves at worst one value uncounted.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// There are never four billion series: each costs kilobytes.
fn index(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

fn fingerprint(base: BaseId, metric: Metric, tags: &[(TagKey, &str)]) -> u64 {
    let mut hasher = foldhash::fast::FixedState::default().build_hasher();
    hasher.write_u32(base.0);
    hasher.write_u8(metric as u8);
    for (key, value) in tags {
        hasher.write_u8(*key as u8);
        hasher.write(value.as_bytes());
    }
    hasher.finish()
}

/// For keys that are hashes already.
#[derive(Clone, Default)]
struct Unhashed;

impl BuildHasher for Unhashed {
    type Hasher = Identity;

    fn build_hasher(&self) -> Identity {
        Identity(0)
    }
}

struct Identity(u64);

impl Hasher for Identity {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Recorder;
    use crate::metrics::{Metric, TagKey, Tags};

    #[test]
    fn threads_add_up() {
        let recorder = Recorder::new();
        let base = recorder.base(&Tags::new().with(TagKey::Scenario, "a"));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for step in ["x", "y"] {
                        let tags = [(TagKey::Step, step)];
                        let duration = recorder.series(base, Metric::StepDuration, &tags);
                        let count = recorder.series(base, Metric::Errors, &tags);
                        for _ in 0..100 {
                            recorder.duration(duration, Duration::from_micros(5));
                            recorder.count(count, 2);
                        }
                    }
                });
            }
        });
        let snapshot = recorder.snapshot(Duration::from_secs(1));
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
        let id = recorder.series(base, Metric::Checks, &[]);
        recorder.rate(id, true);
        let first = recorder.snapshot(Duration::ZERO);
        recorder.rate(id, false);
        let second = recorder.snapshot(Duration::ZERO);
        assert_eq!(first.total(Metric::Checks, &Tags::new()).count(), 1);
        assert_eq!(second.total(Metric::Checks, &Tags::new()).count(), 2);
    }

    #[test]
    fn a_collection_holds_what_came_since_the_last_one() {
        let recorder = Recorder::new();
        let base = recorder.base(&Tags::new());
        let id = recorder.series(base, Metric::StepDuration, &[]);
        for round in 1..4 {
            for _ in 0..round {
                recorder.duration(id, Duration::from_millis(round));
            }
            let collected = recorder.collect();
            let [(seen, measure)] = &collected[..] else {
                panic!()
            };
            assert_eq!((*seen, measure.count()), (id, round));
        }
        assert!(recorder.collect().is_empty());
        let total = recorder.snapshot(Duration::ZERO);
        assert_eq!(total.total(Metric::StepDuration, &Tags::new()).count(), 6);
    }

    #[test]
    fn looking_at_what_was_collected_takes_nothing_from_the_next_collection() {
        let recorder = Recorder::new();
        let id = recorder.series(recorder.base(&Tags::new()), Metric::Errors, &[]);
        recorder.count(id, 1);
        recorder.collect();
        recorder.count(id, 2);
        let seen = recorder.collected(Duration::ZERO);
        assert_eq!(seen.total(Metric::Errors, &Tags::new()).count(), 1);
        let [(_, next)] = &recorder.collect()[..] else {
            panic!()
        };
        assert_eq!(next.count(), 2);
    }

    #[test]
    fn the_same_tags_are_the_same_series_whoever_asks() {
        let recorder = Recorder::new();
        let one = recorder.base(&Tags::new().with(TagKey::Step, "x"));
        let other = recorder.base(&Tags::new());
        let id = recorder.series(one, Metric::Errors, &[(TagKey::Kind, "connect")]);
        let tags = [(TagKey::Kind, "connect"), (TagKey::Step, "x")];
        assert_eq!(id, recorder.series(other, Metric::Errors, &tags));
        assert_ne!(id, recorder.series(other, Metric::Errors, &tags[..1]));
        assert_eq!(one, recorder.base(&Tags::new().with(TagKey::Step, "x")));
    }
}
