//! How far a run is: written by its users, read by the ticker.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::part::Part;
use crate::clock::Clock;
use crate::metrics::Windows;

#[derive(Debug, Default)]
pub(super) struct Progress {
    clock: Clock,
    users: AtomicI64,
    most_users: AtomicI64,
    busy: AtomicI64,
    scenarios: OnceLock<Instant>,
    over: OnceLock<Instant>,
    parts: Mutex<Vec<Arc<Part>>>,
}

impl Progress {
    pub(super) fn new(clock: &Clock) -> Self {
        Self {
            clock: clock.clone(),
            ..Self::default()
        }
    }

    pub(super) fn follow(&self, part: Part) -> Arc<Part> {
        let part = Arc::new(part);
        let mut parts = self.parts.lock();
        parts.push(Arc::clone(&part));
        part
    }

    /// When each part was measured until `at`, of a run that began at `run`.
    pub(super) fn windows(&self, run: Instant, at: Instant) -> Windows {
        let parts = self.parts.lock();
        let none = Windows::default();
        parts
            .iter()
            .fold(none, |windows, part| part.add_to(windows, run, at))
    }

    pub(super) fn scenarios_start(&self) -> Instant {
        *self.scenarios.get_or_init(|| self.clock.now())
    }

    pub(super) fn scenarios_end(&self) {
        // The first time counts, and there is only one.
        let _ = self.over.set(self.clock.now());
    }

    pub(super) fn is_over(&self) -> bool {
        self.over.get().is_some()
    }

    /// How long the scenarios have been going on, or took; `None` during setup.
    pub(super) fn scenarios_elapsed(&self) -> Option<Duration> {
        let end = self.over.get().copied();
        let end = end.unwrap_or_else(|| self.clock.now());
        let start = self.scenarios.get()?;
        Some(end.saturating_duration_since(*start))
    }

    pub(super) fn user_starts(&self) {
        let users = self.users.fetch_add(1, Ordering::Relaxed) + 1;
        self.most_users.fetch_max(users, Ordering::Relaxed);
    }

    pub(super) fn user_ends(&self) {
        self.users.fetch_sub(1, Ordering::Relaxed);
    }

    pub(super) fn iteration_starts(&self) {
        self.busy.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn iteration_ends(&self) {
        self.busy.fetch_sub(1, Ordering::Relaxed);
    }

    /// The most users there were at once since this was last asked.
    pub(super) fn take_most_users(&self) -> u64 {
        let now = self.users.load(Ordering::Relaxed);
        let most = self.most_users.swap(now, Ordering::Relaxed);
        u64::try_from(most).unwrap_or(0)
    }

    /// Virtual users that exist, at work or not.
    pub(super) fn users(&self) -> u64 {
        u64::try_from(self.users.load(Ordering::Relaxed)).unwrap_or(0)
    }

    /// Virtual users that are in an iteration.
    pub(super) fn busy(&self) -> u64 {
        u64::try_from(self.busy.load(Ordering::Relaxed)).unwrap_or(0)
    }
}
