//! The time in which something was measured, and how many per second that
//! makes. Whoever divides a count by a time does it here.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Phase, Span, TagKey, Tags};

/// How many per second; `None` when no time has passed.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
pub fn per_second(count: u64, length: Duration) -> Option<f64> {
    let seconds = length.as_secs_f64();
    (seconds > 0.0).then(|| count as f64 / seconds)
}

/// Stretches of time, one after the other, with gaps between them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window(Vec<Span>);

impl Window {
    /// Adds a stretch. Time that is in it already does not count twice.
    pub fn add(&mut self, span: Span) {
        self.0.push(span);
        self.0.sort_by_key(|span| span.start);
        let mut all: Vec<Span> = Vec::new();
        for span in self.0.drain(..).filter(|span| !span.length.is_zero()) {
            match all.last_mut() {
                Some(last) if span.start <= last.end() => {
                    last.length = last.end().max(span.end()).saturating_sub(last.start);
                }
                _ => all.push(span),
            }
        }
        self.0 = all;
    }

    /// What of it is not in `other`.
    fn without(&self, other: &Self) -> Self {
        let mut left = Self::default();
        let mut add = |start: Duration, end: Duration| {
            let length = end.saturating_sub(start);
            left.add(Span { start, length });
        };
        for span in &self.0 {
            let mut from = span.start;
            for taken in other.0.iter().filter(|taken| taken.end() > span.start) {
                add(from, taken.start.min(span.end()));
                from = from.max(taken.end());
            }
            add(from, span.end());
        }
        left
    }

    /// How long it is, without the gaps.
    pub fn length(&self) -> Duration {
        self.0.iter().map(|span| span.length).sum()
    }

    /// How many of `count` there were per second; `None` when nothing was
    /// measured.
    pub fn rate(&self, count: u64) -> Option<f64> {
        per_second(count, self.length())
    }

    /// How much of it lies in each of these intervals, which come in order.
    /// What two of them share belongs to the first.
    pub fn shares(&self, intervals: impl Iterator<Item = Span>) -> Vec<Duration> {
        let mut until = Duration::ZERO;
        let shares = intervals.map(|interval| {
            let (from, to) = (interval.start.max(until), interval.end());
            until = until.max(to);
            let inside = |span: &Span| span.end().min(to).saturating_sub(span.start.max(from));
            self.0.iter().map(inside).sum()
        });
        shares.collect()
    }
}

/// When each part of a run was measured: a phase of a scenario, setup, or
/// teardown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Windows(Vec<PartWindow>);

/// When a part of a run was measured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartWindow {
    /// The scenario; setup and teardown are scenarios here.
    pub scenario: Arc<str>,
    /// The value of the tag `phase`.
    pub phase: Arc<str>,
    /// From the start of the run.
    pub window: Window,
}

impl Windows {
    /// The same with one more stretch of a part. One of no length is none.
    #[must_use]
    pub fn with(mut self, scenario: &str, phase: &str, span: Span) -> Self {
        if !span.length.is_zero() {
            self.add(scenario, phase, span);
        }
        self
    }

    fn add(&mut self, scenario: &str, phase: &str, span: Span) {
        let same = |part: &&mut PartWindow| *part.scenario == *scenario && *part.phase == *phase;
        if let Some(part) = self.0.iter_mut().find(same) {
            return part.window.add(span);
        }
        let mut window = Window::default();
        window.add(span);
        self.0.push(PartWindow {
            scenario: scenario.into(),
            phase: phase.into(),
            window,
        });
    }

    /// Every part.
    pub fn parts(&self) -> &[PartWindow] {
        &self.0
    }

    /// The time in which series with these tags are measured: those of the main
    /// part, unless the tags name a phase.
    pub fn of(&self, tags: &Tags) -> Window {
        let phase = tags.get(TagKey::Phase).unwrap_or("main");
        let scenario = tags.get(TagKey::Scenario);
        self.union(|part| {
            *part.phase == *phase && scenario.is_none_or(|wanted| *part.scenario == *wanted)
        })
    }

    /// The time in which the steps of a scenario are measured, be it setup or
    /// teardown. Warm-up is not among it.
    pub fn of_scenario(&self, scenario: &str) -> Window {
        self.union(|part| *part.scenario == *scenario && *part.phase != *"warmup")
    }

    /// Setup, warm-up and teardown, where nothing of the main part was measured at
    /// the same time.
    pub fn beside_main(&self) -> Vec<(Phase, Span)> {
        let of = |phase: Phase| self.union(|part| *part.phase == *phase.name());
        let main = of(Phase::Main);
        let mut beside = Vec::new();
        for phase in [Phase::Setup, Phase::Warmup, Phase::Teardown] {
            let spans = of(phase).without(&main).0;
            beside.extend(spans.into_iter().map(|span| (phase, span)));
        }
        beside
    }

    /// From the start of the run to the end of what was measured last.
    pub fn whole(&self) -> Window {
        let spans = self.0.iter().flat_map(|part| &part.window.0);
        let mut whole = Window::default();
        whole.add(Span {
            start: Duration::ZERO,
            length: spans.map(|span| span.end()).max().unwrap_or_default(),
        });
        whole
    }

    /// Adds those of a runner that began so much later.
    pub fn join(&mut self, other: &Self, later: Duration) {
        for part in &other.0 {
            for span in &part.window.0 {
                let start = span.start + later;
                self.add(&part.scenario, &part.phase, Span { start, ..*span });
            }
        }
    }

    fn union(&self, wanted: impl Fn(&PartWindow) -> bool) -> Window {
        let mut window = Window::default();
        for part in self.0.iter().filter(|part| wanted(part)) {
            for span in &part.window.0 {
                window.add(*span);
            }
        }
        window
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::{Window, Windows};
    use crate::metrics::{Phase, Span, TagKey, Tags};

    fn span(start: u64, end: u64) -> Span {
        Span {
            start: Duration::from_secs(start),
            length: Duration::from_secs(end - start),
        }
    }

    fn seconds(window: &Window) -> u64 {
        window.length().as_secs()
    }

    #[test]
    fn each_selector_has_the_time_of_what_it_selects() {
        let windows = Windows::default()
            .with("setup", "setup", span(0, 2))
            .with("a", "warmup", span(2, 5))
            .with("a", "main", span(5, 9))
            .with("b", "main", span(8, 12))
            .with("c", "main", span(20, 21))
            .with("d", "main", span(3, 3));
        let of = |scenario: Option<&str>, phase: Option<&str>| {
            let mut tags = Tags::new();
            for (key, value) in [(TagKey::Scenario, scenario), (TagKey::Phase, phase)] {
                if let Some(value) = value {
                    tags = tags.with(key, value);
                }
            }
            seconds(&windows.of(&tags))
        };
        // Neither what two share counts twice, nor the gap at all.
        assert_eq!(of(None, None), 8);
        assert_eq!(of(Some("a"), None), 4);
        assert_eq!(of(Some("a"), Some("warmup")), 3);
        assert_eq!(of(None, Some("setup")), 2);
        assert_eq!(of(Some("d"), None), 0);
        assert_eq!(seconds(&windows.of_scenario("a")), 4);
        assert_eq!(seconds(&windows.of_scenario("setup")), 2);
        assert_eq!(seconds(&windows.whole()), 21);
        assert_eq!(windows.of(&Tags::new()).rate(80), Some(10.0));
        let beside = [(Phase::Setup, span(0, 2)), (Phase::Warmup, span(2, 5))];
        assert_eq!(windows.beside_main(), beside);
        // Nothing was measured: there is no rate, not one of zero.
        assert_eq!(Windows::default().of(&Tags::new()).rate(80), None);
    }

    #[test]
    fn runners_side_by_side_share_the_time_of_the_clock() {
        let one = Windows::default().with("a", "main", span(3, 6));
        let mut joined = one.clone();
        joined.join(&one, Duration::ZERO);
        assert_eq!(joined.of(&Tags::new()).rate(120), Some(40.0));
        joined.join(&one, Duration::from_secs(1));
        assert_eq!(joined.parts().len(), 1);
        assert_eq!(seconds(&joined.of(&Tags::new())), 4);
    }

    proptest! {
        #[test]
        fn a_second_counts_once_in_whatever_order_spans_come(
            spans in prop::collection::vec((0_u64..40, 0_u64..10), 0..12),
            taken in (0_u64..40, 0_u64..10),
        ) {
            let mut window = Window::default();
            for (start, length) in &spans {
                window.add(span(*start, start + length));
            }
            let inside = |second: u64| {
                spans.iter().any(|(start, length)| (*start..start + length).contains(&second))
            };
            prop_assert_eq!(seconds(&window), (0..50).filter(|second| inside(*second)).count() as u64);
            // What is taken out of it is gone, and nothing else.
            let (taken, kept) = (span(taken.0, taken.0 + taken.1), window.clone());
            let mut hole = Window::default();
            hole.add(taken);
            let left = kept.without(&hole);
            let outside = |second: u64| inside(second) && !(taken.start.as_secs()..taken.end().as_secs()).contains(&second);
            prop_assert_eq!(seconds(&left), (0..50).filter(|second| outside(*second)).count() as u64);
            // Intervals that overlap share it out, and nothing is lost.
            let shares = window.shares((0..50).map(|second| span(second, second + 2)));
            prop_assert_eq!(shares.iter().sum::<Duration>(), window.length());
        }
    }
}
