//! Once a second: what was measured since the last time, for whoever hears the
//! events of the run.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::time::{Interval, MissedTickBehavior, interval_at};

use super::counts::Counts;
use super::errors::ErrorLog;
use super::event::{Observer, RunEvent, Tick};
use super::log::Log;
use super::progress::Progress;
use super::skips::SkipLog;
use crate::clock::{Busy, Clock};
use crate::metrics::{Gauge, Meter, Row, Tags, Trend};
use crate::steps::Services;

/// How often the ticker looks at the clock. A second is a multiple of it.
const BEAT: Duration = Duration::from_millis(200);
/// Woken later than this, it was not the ticker alone that stood still.
const STALL: Duration = Duration::from_secs(1);

/// What users have to tell.
pub(super) struct Told {
    pub(super) errors: Arc<ErrorLog>,
    pub(super) log: Arc<Log>,
    pub(super) skips: Arc<SkipLog>,
}

pub(super) struct Ticker {
    clock: Clock,
    services: Arc<Services>,
    told: Told,
    progress: Arc<Progress>,
    start: Instant,
    last: Duration,
    beats: Interval,
    counts: Counts,
    busy: Busy,
    /// How long everything has stood still since the last interval.
    stalled: Duration,
}

impl Ticker {
    pub(super) fn new(
        clock: &Clock,
        services: Arc<Services>,
        told: Told,
        progress: Arc<Progress>,
        busy: Busy,
    ) -> Self {
        let start = clock.now();
        let mut beats = interval_at((start + BEAT).into(), BEAT);
        beats.set_missed_tick_behavior(MissedTickBehavior::Skip);
        Self {
            clock: clock.clone(),
            services,
            told,
            progress,
            start,
            last: Duration::ZERO,
            beats,
            counts: Counts::default(),
            busy,
            stalled: Duration::ZERO,
        }
    }

    pub(super) fn start(&self) -> Instant {
        self.start
    }

    /// Ticks while this goes on. Call [`Ticker::tick`] once more at the end.
    pub(super) async fn during<T>(
        &mut self,
        observer: &mut dyn Observer,
        playing: impl Future<Output = T>,
    ) -> T {
        tokio::select! {
            played = playing => played,
            never = self.run(observer) => match never {},
        }
    }

    async fn run(&mut self, observer: &mut dyn Observer) -> Infallible {
        loop {
            let due = self
                .beats
                .tick()
                .await
                .into_std()
                .duration_since(self.start);
            let at = self.clock.now().duration_since(self.start);
            self.note_stall(at.saturating_sub(due));
            // Whole seconds, whatever was missed.
            if at.as_secs() > self.last.as_secs() {
                self.tick(observer);
            }
        }
    }

    /// Notes that the process, or the machine, did nothing for a while: it was
    /// paused, or had more to do than it could.
    fn note_stall(&mut self, late: Duration) {
        if late >= STALL {
            self.stalled += late;
            let meter = Meter::new(self.services.recorder.clone(), Tags::new());
            meter.record(Trend::RUNNER_STALLS, &[], late);
        }
    }

    pub(super) fn tick(&mut self, observer: &mut dyn Observer) {
        let recorder = &self.services.recorder;
        let vus = self.progress.users();
        self.read_vus(vus);
        self.services.record_mails();
        let moment = self.clock.now();
        let at = moment.duration_since(self.start);
        let windows = self.progress.windows(self.start, moment);
        let measured = recorder.collect();
        let mut row = Row::sum(&measured);
        row.at = at;
        row.length = at.saturating_sub(self.last);
        row.vus = vus;
        row.busy = self.progress.busy();
        row.otps_pending = self.services.mailbox.counts().pending;
        row.users = self.services.distinct_users();
        row.stalled = std::mem::take(&mut self.stalled);
        row.generator_busy = self.busy.look();
        self.last = at;
        self.counts.add(&row, &measured);
        observer.hear(&RunEvent::Tick(&Tick {
            row,
            counts: self.counts,
            measured: &measured,
            recorder,
            errors: &self.told.errors.groups(),
            log: &self.told.log.take(),
            skips: &self.told.skips.groups(),
            played: self.progress.scenarios_elapsed(),
            windows,
        }));
    }

    /// Reads the number of users: the most since the last time, so that nobody
    /// is missed who came and went in between, and those who are there. Before
    /// the scenarios and after them nobody is expected.
    fn read_vus(&self, vus: u64) {
        let most = self.progress.take_most_users();
        if self.progress.scenarios_elapsed().is_none() {
            return;
        }
        let meter = Meter::new(self.services.recorder.clone(), Tags::new());
        if most > 0 {
            meter.record(Gauge::VUS, &[], most);
        }
        if !self.progress.is_over() {
            meter.record(Gauge::VUS, &[], vus);
        }
    }
}
