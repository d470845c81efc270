//! Virtual users of an open model: they wait until an iteration is due.

use std::time::Instant;

use parking_lot::Mutex;
use tokio::sync::oneshot;

use super::ending::Ending;
use super::vu::Vu;

/// Hands due iterations to users who have nothing to do.
#[derive(Default)]
pub(super) struct Pool {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Last in, first out: its memory is warm.
    idle: Vec<oneshot::Sender<Instant>>,
    closed: bool,
}

/// Where a user learns when its next iteration is due. It is over when the
/// other end is dropped.
pub(super) type Order = oneshot::Receiver<Instant>;

/// An order for an iteration that is due already.
pub(super) fn order(due: Instant) -> Order {
    let (sender, order) = oneshot::channel();
    // Cannot fail: the receiver is right here.
    let _ = sender.send(due);
    order
}

impl Pool {
    /// Gives an iteration that is due at `due` to an idle user. False when
    /// there is none. What was given is played, if only to be cut at once.
    pub(super) fn give(&self, due: Instant) -> bool {
        loop {
            let Some(user) = self.state.lock().idle.pop() else {
                return false;
            };
            // A user whose task has ended is gone; the next one may be there.
            if user.send(due).is_ok() {
                return true;
            }
        }
    }

    /// Nothing more will come: users end when they have finished.
    pub(super) fn close(&self) {
        let mut state = self.state.lock();
        state.closed = true;
        state.idle.clear();
    }

    /// Makes it known that a user is idle. `None` when nothing more will come.
    pub(super) fn enlist(&self) -> Option<Order> {
        let mut state = self.state.lock();
        if state.closed {
            return None;
        }
        let (sender, order) = oneshot::channel();
        state.idle.push(sender);
        Some(order)
    }

    /// Plays what the pool hands out, `order` first, until nothing more comes
    /// or the user is cut.
    pub(super) async fn serve(&self, mut member: Vu, order: Order) {
        let mut next = Some(order);
        while let Some(order) = next {
            match order.await {
                Ok(due) if member.play(Some(due)).await != Ending::Cut => next = self.enlist(),
                _ => return,
            }
        }
    }
}
