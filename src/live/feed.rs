//! What there is to see of a run.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use parking_lot::Mutex;

use crate::clock::Clock;
use crate::metrics::{Recorder, Row, Threshold, Windows};
use crate::report::exposition::{Family, Figures};
use crate::report::{Report, RunLine, ThresholdLine};

/// How often the figures are made anew because a second has ended meanwhile.
const ATTEMPTS: u32 = 3;

/// Hands out a run's figures as they were at the last full second, and in the
/// end those of the report. Clones look at the same run.
#[derive(Clone, Default)]
pub struct Feed {
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    clock: Clock,
    state: Mutex<State>,
    /// Held by whoever makes the figures of a second, so that they are made once.
    making: Mutex<()>,
}

#[derive(Default)]
enum State {
    /// Nothing is played yet.
    #[default]
    Before,
    Playing(Box<Playing>),
    Over(Arc<Shown>),
}

#[derive(Clone)]
struct Playing {
    run: Arc<RunLine>,
    thresholds: Arc<[Threshold]>,
    recorder: Recorder,
    last: Option<Row>,
    played: Duration,
    windows: Windows,
    seconds: u64,
    /// Made since the last second ended.
    made: Option<Arc<Shown>>,
}

/// The figures of a run at a moment.
pub struct Shown {
    pub run: Arc<RunLine>,
    pub at: Timestamp,
    pub families: Vec<Family>,
    /// True when nothing will be added to them.
    pub is_final: bool,
}

impl Feed {
    /// Nothing to see yet, of a run that goes by this clock.
    pub fn new(clock: &Clock) -> Self {
        let clock = clock.clone();
        Self {
            inner: Arc::new(Inner {
                clock,
                ..Inner::default()
            }),
        }
    }

    /// What is played begins now, and is measured by `recorder`.
    pub fn begin(&self, run: RunLine, thresholds: &[Threshold], recorder: &Recorder) {
        *self.inner.state.lock() = State::Playing(Box::new(Playing {
            run: Arc::new(run),
            thresholds: thresholds.into(),
            recorder: recorder.clone(),
            last: None,
            played: Duration::ZERO,
            windows: Windows::default(),
            seconds: 0,
            made: None,
        }));
    }

    /// A second is over, and was added up. `played` is how long the scenarios
    /// have been going on, `windows` when each part was measured so far.
    pub fn second(&self, row: &Row, played: Duration, windows: &Windows) {
        if let State::Playing(playing) = &mut *self.inner.state.lock() {
            playing.last = Some(row.clone());
            playing.played = played;
            playing.windows.clone_from(windows);
            playing.seconds += 1;
            playing.made = None;
        }
    }

    pub fn end(&self, report: &Report) {
        let shown = Shown {
            run: Arc::new(report.run.clone()),
            at: self.inner.clock.timestamp(),
            families: Figures::of(report).families(),
            is_final: true,
        };
        *self.inner.state.lock() = State::Over(Arc::new(shown));
    }

    /// The figures; `None` before anything is played.
    ///
    /// Takes milliseconds when there are many series, so it is not for a thread
    /// on which something is played.
    pub fn shown(&self) -> Option<Arc<Shown>> {
        self.shown_by(|playing| playing.show(self.inner.clock.timestamp()))
    }

    fn shown_by(&self, show: impl Fn(&Playing) -> Shown) -> Option<Arc<Shown>> {
        let _one = self.inner.making.lock();
        let mut made = None;
        for _ in 0..ATTEMPTS {
            let playing = match &*self.inner.state.lock() {
                State::Before => return None,
                State::Over(shown) => return Some(Arc::clone(shown)),
                State::Playing(playing) => playing.clone(),
            };
            if let Some(shown) = playing.made {
                return Some(shown);
            }
            // Without the state's lock: whoever ends the second does not wait.
            let shown = Arc::new(show(&playing));
            if let State::Playing(now) = &mut *self.inner.state.lock()
                && now.seconds == playing.seconds
                && Arc::ptr_eq(&now.run, &playing.run)
            {
                now.made = Some(Arc::clone(&shown));
                return Some(shown);
            }
            // They belong to a second that is over.
            made = Some(shown);
        }
        // A machine that is slower than the seconds: better late ones than none.
        made
    }
}

impl Playing {
    fn show(&self, at: Timestamp) -> Shown {
        let snapshot = self.recorder.collected(self.windows.clone());
        let thresholds = self.thresholds.iter();
        let judged = thresholds.map(|threshold| ThresholdLine::judge(threshold, &snapshot));
        // What was not measured yet is neither met nor missed.
        let judged = judged.filter(|line| line.verdict.measured);
        let figures = Figures {
            run: &self.run,
            took: self.played,
            passed: None,
            thresholds: judged.collect(),
            last: self.last.as_ref(),
            snapshot: &snapshot,
        };
        Shown {
            run: Arc::clone(&self.run),
            at,
            families: figures.families(),
            is_final: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::sync::Arc;
    use std::time::Duration;

    use super::{Feed, Timestamp};
    use crate::metrics::{Counter, Recorder, Row, Tags, Windows};
    use crate::report::example::example;
    use crate::report::exposition::{Syntax, text};

    fn shown(feed: &Feed) -> String {
        text(&feed.shown().unwrap().families, Syntax::Prometheus)
    }

    #[test]
    fn it_shows_the_last_full_second_and_in_the_end_the_report() {
        let (feed, recorder, report) = (Feed::default(), Recorder::new(), example());
        assert!(feed.shown().is_none());
        let thresholds = report.thresholds.iter();
        let thresholds: Vec<_> = thresholds.map(|line| line.threshold.clone()).collect();
        feed.begin(report.run.clone(), &thresholds, &recorder);
        let id = recorder.series(recorder.base(&Tags::new()), Counter::ERRORS, &[]);
        recorder.record(id, 3);
        // Not added up yet.
        assert!(!shown(&feed).contains("rehearse_errors_total"));
        recorder.collect();
        feed.second(&Row::default(), Duration::from_secs(1), &Windows::default());
        let first = shown(&feed);
        assert!(first.contains("rehearse_errors_total 3\n"), "{first}");
        assert!(first.contains("rehearse_run_took_seconds 1\n"), "{first}");
        // Of nothing that was measured: neither met nor missed.
        assert!(!first.contains("rehearse_threshold_passed{selector=\"step_"));
        assert!(!first.contains("rehearse_run_passed"));
        // Made once for all who ask within a second.
        let made = || feed.shown().unwrap();
        assert!(Arc::ptr_eq(&made(), &made()));
        assert!(!made().is_final);
        feed.end(&report);
        assert!(made().is_final);
        assert!(shown(&feed).contains("rehearse_run_passed 0\n"));
    }

    #[test]
    fn figures_of_a_second_that_ends_meanwhile_are_made_anew() {
        let (feed, recorder, report) = (Feed::default(), Recorder::new(), example());
        feed.begin(report.run.clone(), &[], &recorder);
        feed.second(&Row::default(), Duration::from_secs(1), &Windows::default());
        let calls = Cell::new(0);
        let shown = feed.shown_by(|playing| {
            calls.set(calls.get() + 1);
            let shown = playing.show(Timestamp::UNIX_EPOCH);
            if calls.get() == 1 {
                feed.second(&Row::default(), Duration::from_secs(2), &Windows::default());
            }
            shown
        });
        let shown = text(&shown.unwrap().families, Syntax::Prometheus);
        assert!(shown.contains("rehearse_run_took_seconds 2\n"), "{shown}");
        assert_eq!(calls.get(), 2);
        // Kept for the rest of the second.
        let again = feed.shown_by(|_| unreachable!()).unwrap();
        assert_eq!(text(&again.families, Syntax::Prometheus), shown);
        // A machine on which it always takes too long gets figures as well.
        feed.second(&Row::default(), Duration::from_secs(3), &Windows::default());
        let shown = feed.shown_by(|playing| {
            feed.second(&Row::default(), Duration::from_secs(4), &Windows::default());
            playing.show(Timestamp::UNIX_EPOCH)
        });
        assert!(shown.is_some());
        // The end that comes meanwhile is what is shown.
        let shown = feed.shown_by(|playing| {
            let shown = playing.show(Timestamp::UNIX_EPOCH);
            feed.end(&report);
            shown
        });
        assert!(shown.unwrap().is_final);
    }
}
