//! Errors of a run, counted by step and kind, with one sample of each.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::steps::StepError;

/// Errors of one step and kind.
#[derive(Clone, Debug)]
pub struct ErrorGroup {
    /// Step that failed.
    pub step: Arc<str>,
    /// Kind of error, as [`StepError::kind`] names it.
    pub kind: String,
    /// How many.
    pub count: u64,
    /// The first one's message, which holds no secret.
    pub sample: String,
}

/// Collects errors of all virtual users. Not on the way of a good iteration.
#[derive(Debug, Default)]
pub struct ErrorLog {
    groups: Mutex<BTreeMap<Place, Seen>>,
}

/// Step and kind of error.
type Place = (Arc<str>, String);
/// How many there were, and the first one's message.
type Seen = (u64, String);

impl ErrorLog {
    /// Notes that a step failed.
    pub fn note(&self, step: &Arc<str>, error: &StepError) {
        let mut groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        let group = groups
            .entry((Arc::clone(step), error.kind()))
            .or_insert_with(|| (0, error.to_string()));
        group.0 += 1;
    }

    /// What was collected, most frequent first.
    pub fn groups(&self) -> Vec<ErrorGroup> {
        let groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        let mut list: Vec<ErrorGroup> = groups
            .iter()
            .map(|((step, kind), (count, sample))| ErrorGroup {
                step: Arc::clone(step),
                kind: kind.clone(),
                count: *count,
                sample: sample.clone(),
            })
            .collect();
        list.sort_by_key(|group| std::cmp::Reverse(group.count));
        list
    }
}
