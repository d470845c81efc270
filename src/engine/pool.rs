//! Virtual users of an open model: they wait until an iteration is due.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::mpsc;

use super::crew::CrewMember;

/// Hands due iterations to users who have nothing to do.
#[derive(Default)]
pub(super) struct Pool {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The last one to come is the first to go: its memory is warm.
    idle: Vec<mpsc::Sender<Instant>>,
    closed: bool,
}

impl Pool {
    fn state(&self) -> MutexGuard<'_, State> {
        // No critical section below can leave it half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives an iteration that is due at `due` to an idle user. False when
    /// there is none.
    pub(super) fn give(&self, due: Instant) -> bool {
        loop {
            let Some(user) = self.state().idle.pop() else {
                return false;
            };
            // A user who was cut is gone; the next one may be there.
            if user.try_send(due).is_ok() {
                return true;
            }
        }
    }

    /// Nothing more will come: users end when they have finished.
    pub(super) fn close(&self) {
        let mut state = self.state();
        state.closed = true;
        state.idle.clear();
    }

    /// Makes it known that a user is idle. False when nothing more will come.
    fn offer(&self, user: &mpsc::Sender<Instant>) -> bool {
        let mut state = self.state();
        if !state.closed {
            state.idle.push(user.clone());
        }
        !state.closed
    }

    /// Plays what the pool hands out, the first iteration at once when one is
    /// due already, until nothing more comes or the user is cut.
    pub(super) async fn serve(&self, mut member: CrewMember, first: Option<Instant>) {
        if let Some(due) = first
            && !member.play(Some(due)).await
        {
            return;
        }
        loop {
            // A channel for each wait: when the pool drops its end, it is over.
            let (sender, mut orders) = mpsc::channel(1);
            if !self.offer(&sender) {
                return;
            }
            drop(sender);
            match orders.recv().await {
                Some(due) if member.play(Some(due)).await => {}
                _ => return,
            }
        }
    }
}
