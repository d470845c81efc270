//! What the thread of a mailbox is told while it waits.

use std::sync::OnceLock;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use crate::clock::Clock;
use crate::otp::Waiters;

#[derive(Default)]
struct State {
    end: bool,
    used: Vec<u64>,
}

/// Orders to the thread of a mailbox.
pub(super) struct Orders {
    /// The run's clock.
    pub(super) clock: Clock,
    state: Mutex<State>,
    changed: Condvar,
    waiters: OnceLock<Waiters>,
}

impl Orders {
    /// None so far.
    pub(super) fn new(clock: &Clock) -> Self {
        Self {
            clock: clock.clone(),
            state: Mutex::default(),
            changed: Condvar::new(),
            waiters: OnceLock::new(),
        }
    }

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
        let mut state = self.state.lock();
        let going_on = |state: &mut State| !over(state);
        self.changed.wait_while_for(&mut state, going_on, pause);
    }
}
