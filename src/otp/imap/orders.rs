//! What the thread of a mailbox is told while it waits.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use crate::otp::Waiters;

#[derive(Default)]
struct State {
    end: bool,
    used: Vec<u64>,
}

/// Orders to the thread of a mailbox.
#[derive(Default)]
pub(super) struct Orders {
    state: Mutex<State>,
    changed: Condvar,
    waiters: OnceLock<Waiters>,
}

impl Orders {
    /// The thread is to end.
    pub(super) fn end(&self) {
        self.state.lock().end = true;
        self.changed.notify_all();
    }

    /// These messages were used.
    pub(super) fn used(&self, handles: Vec<u64>) {
        self.state.lock().used.extend(handles);
        self.changed.notify_all();
    }

    /// Where to look whether anybody waits.
    pub(super) fn serve(&self, waiters: Waiters) {
        // There is one dispatcher.
        let _ = self.waiters.set(waiters);
    }

    /// Whether anybody waits for mail.
    pub(super) fn anybody_waits(&self) -> bool {
        self.waiters.get().is_some_and(Waiters::any)
    }

    /// Whether the thread is to end.
    pub(super) fn is_over(&self) -> bool {
        self.state.lock().end
    }

    /// Whether there is something to do.
    pub(super) fn any(&self) -> bool {
        let state = self.state.lock();
        state.end || !state.used.is_empty()
    }

    /// Messages that were used since the last call.
    pub(super) fn take_used(&self) -> Vec<u64> {
        std::mem::take(&mut self.state.lock().used)
    }

    /// Sleeps, until there is something to do.
    pub(super) fn nap(&self, pause: Duration) {
        self.wait(pause, |state| state.end || !state.used.is_empty());
    }

    /// Sleeps; false when the thread is to end.
    pub(super) fn sleep(&self, pause: Duration) -> bool {
        self.wait(pause, |state| state.end);
        !self.is_over()
    }

    fn wait(&self, pause: Duration, over: impl Fn(&State) -> bool) {
        let deadline = Instant::now() + pause;
        let mut state = self.state.lock();
        while !over(&state) {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            self.changed.wait_for(&mut state, left);
        }
    }
}
