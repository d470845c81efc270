//! How far a run is, for whoever shows it.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use crate::metrics::Row;

/// Counters that a display reads while the run goes on.
#[derive(Debug, Default)]
pub struct Progress {
    planned: AtomicU64,
    planned_time: Mutex<Option<Duration>>,
    done: AtomicU64,
    failed: AtomicU64,
    dropped: AtomicU64,
    users: AtomicI64,
    busy: AtomicI64,
    last: Mutex<Option<Row>>,
    scenarios: OnceLock<Instant>,
}

impl Progress {
    /// Adds what a scenario plans: iterations, and the time at which it ends.
    pub(super) fn plan(&self, iterations: Option<u64>, end: Option<Duration>) {
        self.planned
            .fetch_add(iterations.unwrap_or(0), Ordering::Relaxed);
        let mut time = self
            .planned_time
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *time = (*time).max(end);
    }

    /// Notes that setup is over, and when.
    pub(super) fn scenarios_start(&self) -> Instant {
        *self.scenarios.get_or_init(Instant::now)
    }

    /// How long the scenarios have been going on; `None` during setup.
    pub fn scenarios_elapsed(&self) -> Option<Duration> {
        self.scenarios.get().map(Instant::elapsed)
    }

    pub(super) fn user_starts(&self) {
        self.users.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn user_ends(&self) {
        self.users.fetch_sub(1, Ordering::Relaxed);
    }

    pub(super) fn iteration_starts(&self) {
        self.busy.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn iteration_ends(&self, failed: bool, cut: bool) {
        self.busy.fetch_sub(1, Ordering::Relaxed);
        if !cut {
            self.done.fetch_add(1, Ordering::Relaxed);
        }
        if failed {
            self.failed.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(super) fn iteration_dropped(&self) {
        self.dropped.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn show(&self, row: Row) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(row);
    }

    /// Iterations that are planned in all; 0 when that is not known.
    pub fn planned(&self) -> u64 {
        self.planned.load(Ordering::Relaxed)
    }

    /// How long the scenarios are planned to take, if that is known.
    pub fn planned_time(&self) -> Option<Duration> {
        *self
            .planned_time
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Iterations that have ended by themselves.
    pub fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    /// Iterations that have failed.
    pub fn failed(&self) -> u64 {
        self.failed.load(Ordering::Relaxed)
    }

    /// Iterations that could not start for want of a virtual user.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Virtual users that exist, at work or not.
    pub fn users(&self) -> u64 {
        u64::try_from(self.users.load(Ordering::Relaxed)).unwrap_or(0)
    }

    /// Virtual users that are in an iteration.
    pub fn busy(&self) -> u64 {
        u64::try_from(self.busy.load(Ordering::Relaxed)).unwrap_or(0)
    }

    /// The last second, once there was one.
    pub fn last(&self) -> Option<Row> {
        self.last
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}
