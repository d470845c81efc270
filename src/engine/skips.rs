//! Why iterations were skipped, counted by scenario, step and reason.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;

/// So many reasons of one step are told apart; a text may differ each time.
const REASONS: usize = 20;
/// What all further ones are called.
const OTHERS: &str = "other reasons";

/// Iterations that one step has skipped for one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkipGroup {
    /// Scenario that they belong to.
    pub scenario: Arc<str>,
    /// The step that has skipped them.
    pub step: Arc<str>,
    /// What it has said, which holds no secret.
    pub reason: Arc<str>,
    /// How many.
    pub count: u64,
}

/// Scenario and step.
type StepKey = (Arc<str>, Arc<str>);

/// Collects the reasons of all virtual users.
#[derive(Debug, Default)]
pub struct SkipLog {
    steps: Mutex<BTreeMap<StepKey, BTreeMap<Arc<str>, u64>>>,
}

impl SkipLog {
    /// Notes that a step of a scenario has ended an iteration.
    pub(super) fn note(&self, (scenario, step): (&Arc<str>, &Arc<str>), reason: String) {
        let mut steps = self.steps.lock();
        let key = (Arc::clone(scenario), Arc::clone(step));
        let reasons = steps.entry(key).or_default();
        let known = reasons.contains_key(reason.as_str());
        let reason = if known || reasons.len() < REASONS {
            reason.into()
        } else {
            Arc::from(OTHERS)
        };
        *reasons.entry(reason).or_default() += 1;
    }

    /// What was collected, most frequent first.
    pub fn groups(&self) -> Vec<SkipGroup> {
        let steps = self.steps.lock();
        let groups = steps.iter().flat_map(|((scenario, step), reasons)| {
            reasons.iter().map(|(reason, count)| SkipGroup {
                scenario: Arc::clone(scenario),
                step: Arc::clone(step),
                reason: Arc::clone(reason),
                count: *count,
            })
        });
        let mut groups: Vec<SkipGroup> = groups.collect();
        groups.sort_by_key(|group| std::cmp::Reverse(group.count));
        groups
    }
}

#[cfg(test)]
mod tests {
    use super::{OTHERS, REASONS, SkipLog};

    #[test]
    fn reasons_are_counted_and_those_beyond_a_few_are_one() {
        let log = SkipLog::default();
        let step = (&"s".into(), &"skip_iteration".into());
        for number in 0..30 {
            log.note(step, format!("no row {number}"));
        }
        (0..3).for_each(|_| log.note(step, "no row 7".into()));
        let groups = log.groups();
        assert_eq!(groups.len(), REASONS + 1);
        let told = |at: usize| (&*groups[at].reason, groups[at].count);
        assert_eq!((told(0), told(1)), ((OTHERS, 10), ("no row 7", 4)));
        assert_eq!(groups.iter().map(|group| group.count).sum::<u64>(), 33);
    }
}
