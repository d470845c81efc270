//! Numbers for series, and finding them fast.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher};
use std::marker::PhantomData;
use std::sync::Arc;

use parking_lot::RwLock;

use super::{Metric, TagKey, Tags};

/// A series: one metric under one set of tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SeriesId(u32);

/// A series whose values have the type of its metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TypedSeries<M> {
    id: SeriesId,
    of: PhantomData<M>,
}

impl<M> TypedSeries<M> {
    pub(super) fn new(id: SeriesId) -> Self {
        let of = PhantomData;
        Self { id, of }
    }

    /// The series, whatever its values are.
    pub fn id(&self) -> SeriesId {
        self.id
    }
}

/// A set of tags that many series have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BaseId(u32);

impl SeriesId {
    /// The series' number, from 0 in the order of first use.
    pub fn index(self) -> u32 {
        self.0
    }
}

impl From<u32> for SeriesId {
    /// The series with this number.
    fn from(index: u32) -> Self {
        Self(index)
    }
}

/// Numbers for series and sets of tags, handed out once each.
#[derive(Default)]
pub(super) struct Registry {
    names: RwLock<Names>,
}

#[derive(Default)]
struct Names {
    series: Vec<(Metric, Tags)>,
    series_ids: HashMap<(Metric, Tags), u32>,
    bases: Vec<Arc<Tags>>,
    base_ids: HashMap<Arc<Tags>, u32>,
}

impl Registry {
    pub(super) fn base(&self, tags: &Tags) -> BaseId {
        let mut names = self.names.write();
        if let Some(id) = names.base_ids.get(tags) {
            return BaseId(*id);
        }
        let id = index(names.bases.len());
        let tags = Arc::new(tags.clone());
        names.bases.push(Arc::clone(&tags));
        names.base_ids.insert(tags, id);
        BaseId(id)
    }

    pub(super) fn series(&self, base: BaseId, metric: Metric, tags: &[(TagKey, &str)]) -> SeriesId {
        let mut names = self.names.write();
        let base = names
            .bases
            .get(base.0 as usize)
            .cloned()
            .unwrap_or_default();
        let all = tags
            .iter()
            .fold((*base).clone(), |all, (key, value)| all.with(*key, *value));
        let key = (metric, all);
        if let Some(id) = names.series_ids.get(&key) {
            return SeriesId(*id);
        }
        let id = index(names.series.len());
        names.series.push(key.clone());
        names.series_ids.insert(key, id);
        SeriesId(id)
    }

    /// What a series measures, and what it is about.
    pub(super) fn describe(&self, id: SeriesId) -> Option<(Metric, Tags)> {
        let names = self.names.read();
        names.series.get(id.0 as usize).cloned()
    }

    /// Every series, in the order of their numbers.
    pub(super) fn names(&self) -> Vec<(Metric, Tags)> {
        let names = self.names.read();
        names.series.clone()
    }
}

/// There are never four billion series: each costs kilobytes.
fn index(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// The series that a thread has used: it finds them without asking the
/// registry, whose lock is everybody's.
#[derive(Default)]
pub(super) struct KnownSeries {
    /// Hash of base, metric and further tags → the series with that hash.
    by_hash: HashMap<u64, Vec<Known>, Unhashed>,
}

struct Known {
    base: BaseId,
    metric: Metric,
    tags: Vec<(TagKey, Arc<str>)>,
    id: SeriesId,
}

impl KnownSeries {
    /// The series of these tags; `ask` is called the first time.
    pub(super) fn find(
        &mut self,
        base: BaseId,
        metric: Metric,
        tags: &[(TagKey, &str)],
        ask: impl FnOnce() -> SeriesId,
    ) -> SeriesId {
        let known = self
            .by_hash
            .entry(fingerprint(base, metric, tags))
            .or_default();
        if let Some(found) = known.iter().find(|known| known.is(base, metric, tags)) {
            return found.id;
        }
        let id = ask();
        let owned = tags.iter().map(|(key, value)| (*key, Arc::from(*value)));
        known.push(Known {
            base,
            metric,
            tags: owned.collect(),
            id,
        });
        id
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
