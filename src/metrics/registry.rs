//! Numbers for series, and finding them fast.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher};
use std::marker::PhantomData;
use std::sync::Arc;

use hashbrown::HashTable;
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

    pub(super) fn series(
        &self,
        base: BaseId,
        metric: Metric,
        tags: &[(TagKey, Box<str>)],
    ) -> SeriesId {
        let mut names = self.names.write();
        let base = names
            .bases
            .get(base.0 as usize)
            .cloned()
            .unwrap_or_default();
        let all = tags.iter().fold((*base).clone(), |all, (key, value)| {
            all.with(*key, &**value)
        });
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
pub(super) struct KnownSeries(HashTable<Known>);

/// The series of one set of tags.
pub(super) struct Known {
    hash: u64,
    base: BaseId,
    tags: Box<[(TagKey, Box<str>)]>,
    /// There are few.
    series: Vec<(Metric, SeriesId)>,
}

impl KnownSeries {
    /// The series of these tags, those that were used.
    pub(super) fn under(&mut self, base: BaseId, tags: &[(TagKey, &str)]) -> &mut Known {
        let hash = fingerprint(base, tags);
        let found = self
            .0
            .entry(hash, |known| known.is(base, tags), |known| known.hash);
        let known = found.or_insert_with(|| Known {
            hash,
            base,
            tags: tags
                .iter()
                .map(|(key, text)| (*key, (*text).into()))
                .collect(),
            series: Vec::new(),
        });
        known.into_mut()
    }
}

impl Known {
    /// The series of a metric; `registry` is asked the first time.
    pub(super) fn series(&mut self, metric: Metric, registry: &Registry) -> SeriesId {
        if let Some((_, id)) = self.series.iter().find(|(known, _)| *known == metric) {
            return *id;
        }
        let id = registry.series(self.base, metric, &self.tags);
        self.series.push((metric, id));
        id
    }

    fn is(&self, base: BaseId, tags: &[(TagKey, &str)]) -> bool {
        let same = |((key, text), (other_key, other)): (&(_, Box<str>), &(_, &str))| {
            key == other_key && **text == **other
        };
        self.base == base && self.tags.len() == tags.len() && self.tags.iter().zip(tags).all(same)
    }
}

fn fingerprint(base: BaseId, tags: &[(TagKey, &str)]) -> u64 {
    let mut hasher = foldhash::fast::FixedState::default().build_hasher();
    hasher.write_u32(base.0);
    for (key, value) in tags {
        hasher.write_u8(*key as u8);
        hasher.write(value.as_bytes());
    }
    hasher.finish()
}
