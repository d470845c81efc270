//! What scenarios say by `log`: a few lines a second of each item, so that a load
//! test floods nobody; those that are withheld are counted.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// Most lines of one item in a second.
const EACH_SECOND: u32 = 5;
/// Most lines of one item that are kept for the report.
const KEPT: usize = 100;

/// A line that a scenario has said. It holds no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// Number of the virtual user.
    pub vu: u64,
    /// Number of its iteration.
    pub iteration: u64,
    /// When.
    pub at: Instant,
    /// What.
    pub text: Arc<str>,
}

/// What one item has said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogItem {
    /// Scenario that it belongs to.
    pub scenario: Arc<str>,
    /// How reports call it.
    pub item: Arc<str>,
    /// Its lines, the first of them when there are many.
    pub lines: Vec<LogLine>,
    /// How many there were besides.
    pub withheld: u64,
}

/// Scenario and item.
type ItemKey = (Arc<str>, Arc<str>);

/// Collects what all virtual users say.
#[derive(Debug, Default)]
pub struct Log {
    items: Mutex<BTreeMap<ItemKey, Saying>>,
}

#[derive(Debug, Default)]
struct Saying {
    kept: Vec<LogLine>,
    /// Lines that are in no report, because there are too many or they were not
    /// made at all.
    withheld: u64,
    /// Since when lines are counted, and how many there were.
    since: Option<Instant>,
    said: u32,
    /// What nobody has heard yet.
    unheard: Vec<LogLine>,
    unheard_withheld: u64,
}

impl Log {
    /// Whether an item of a scenario may say a further line; otherwise it is
    /// counted.
    pub(super) fn has_room(&self, (scenario, item): (&Arc<str>, &Arc<str>), now: Instant) -> bool {
        let mut items = self.items.lock();
        let key = (Arc::clone(scenario), Arc::clone(item));
        let saying = items.entry(key).or_default();
        let is_over = |since: Instant| now.duration_since(since) >= Duration::from_secs(1);
        if saying.since.is_none_or(is_over) {
            (saying.since, saying.said) = (Some(now), 0);
        }
        let room = saying.said < EACH_SECOND;
        if room {
            saying.said += 1;
        } else {
            saying.withheld += 1;
            saying.unheard_withheld += 1;
        }
        room
    }

    /// Notes a line of a user's iteration, which there was room for.
    pub(super) fn add(
        &self,
        (scenario, item): (&Arc<str>, &Arc<str>),
        at: Instant,
        (vu, iteration): (u64, u64),
        text: String,
    ) {
        let line = LogLine {
            vu,
            iteration,
            at,
            text: text.into(),
        };
        let mut items = self.items.lock();
        let key = (Arc::clone(scenario), Arc::clone(item));
        let saying = items.entry(key).or_default();
        if saying.kept.len() < KEPT {
            saying.kept.push(line.clone());
        } else {
            saying.withheld += 1;
        }
        saying.unheard.push(line);
    }

    /// What was said since this was last asked.
    pub(super) fn take(&self) -> Vec<LogItem> {
        let mut items = self.items.lock();
        let news = items.iter_mut().map(|((scenario, item), saying)| LogItem {
            scenario: Arc::clone(scenario),
            item: Arc::clone(item),
            lines: std::mem::take(&mut saying.unheard),
            withheld: std::mem::take(&mut saying.unheard_withheld),
        });
        let said = |it: &LogItem| !it.lines.is_empty() || it.withheld > 0;
        news.filter(said).collect()
    }

    /// What was said in all.
    pub(super) fn all(&self) -> Vec<LogItem> {
        let items = self.items.lock();
        let all = items.iter().map(|((scenario, item), saying)| LogItem {
            scenario: Arc::clone(scenario),
            item: Arc::clone(item),
            lines: saying.kept.clone(),
            withheld: saying.withheld,
        });
        all.collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::{Duration, Instant};

    use super::Log;

    #[test]
    fn a_few_lines_a_second_are_heard_and_the_others_counted() {
        let log = Log::default();
        let (scenario, item): (Arc<str>, Arc<str>) = ("s".into(), "log".into());
        let start = Instant::now();
        let say = |milliseconds: u64| {
            let now = start + Duration::from_millis(milliseconds);
            if log.has_room((&scenario, &item), now) {
                log.add((&scenario, &item), now, (1, 1), milliseconds.to_string());
            }
        };
        (0..20).for_each(say);
        let heard = log.take();
        assert_eq!((heard[0].lines.len(), heard[0].withheld), (5, 15));
        assert!(log.take().is_empty());
        say(1000);
        assert_eq!(&*log.take()[0].lines[0].text, "1000");
        (2..200).for_each(|second| say(second * 1000));
        let all = log.all();
        assert_eq!((all[0].lines.len(), all[0].withheld), (100, 15 + 104));
    }
}
