//! Errors of a run, counted by scenario, step and kind, with one sample of each.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::steps::StepError;
use crate::trace_context::TraceContext;

/// Errors of one step and kind.
#[derive(Clone, Debug)]
pub struct ErrorGroup {
    /// Scenario that the step belongs to.
    pub scenario: Arc<str>,
    /// Step that failed.
    pub step: Arc<str>,
    /// Kind of error, as [`StepError::kind`] names it.
    pub kind: String,
    /// How many.
    pub count: u64,
    /// The first one's message, which holds no secret.
    pub sample: String,
    /// The trace that its iteration's requests belong to, if they said so.
    pub trace: Option<TraceContext>,
}

/// Scenario, step and kind.
type GroupKey = (Arc<str>, Arc<str>, String);

/// Collects errors of all virtual users. Not on the way of a good iteration.
#[derive(Debug, Default)]
pub struct ErrorLog {
    groups: Mutex<BTreeMap<GroupKey, ErrorGroup>>,
}

impl ErrorLog {
    /// Notes that a step of a scenario failed, in an iteration of this trace. Of the first one of
    /// its kind the message is kept, as it is `shown`.
    pub fn note(
        &self,
        (scenario, step): (&Arc<str>, &Arc<str>),
        error: &StepError,
        trace: Option<TraceContext>,
        shown: &dyn Fn(&str) -> String,
    ) {
        let mut groups = self.groups.lock();
        let kind = error.kind();
        let key = (Arc::clone(scenario), Arc::clone(step), kind.clone());
        let group = groups.entry(key).or_insert_with(|| ErrorGroup {
            scenario: Arc::clone(scenario),
            step: Arc::clone(step),
            kind,
            count: 0,
            sample: shown(&error.to_string()),
            trace,
        });
        group.count += 1;
    }

    /// What was collected, most frequent first.
    pub fn groups(&self) -> Vec<ErrorGroup> {
        let mut list: Vec<ErrorGroup> = self.groups.lock().values().cloned().collect();
        list.sort_by_key(|group| std::cmp::Reverse(group.count));
        list
    }
}
