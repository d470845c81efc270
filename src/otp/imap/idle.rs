//! What becomes of an IDLE: the connection sees it, the thread asks.

use std::cell::Cell;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::orders::Orders;

/// Silence that is not believed while somebody waits. Tests wait less.
const SILENCE: Duration = Duration::from_millis(if cfg!(test) { 300 } else { 3000 });

/// The IDLE of one connection.
pub(super) struct Idle {
    pub(super) orders: Arc<Orders>,
    /// How long the server may say nothing while somebody waits.
    patience: Duration,
    quiet_since: Cell<Option<Instant>>,
    /// The last one was ended because of silence.
    silent: Cell<bool>,
    /// The server told of mail in it, or when it ended.
    told: Cell<bool>,
    /// The connection is of no use any more.
    dead: Cell<bool>,
}

impl Idle {
    /// `poll`: how often the server is asked where it does not tell.
    pub(super) fn new(orders: Arc<Orders>, poll: Duration) -> Self {
        Self {
            orders,
            patience: SILENCE.max(poll),
            quiet_since: Cell::default(),
            silent: Cell::default(),
            told: Cell::default(),
            dead: Cell::default(),
        }
    }

    pub(super) fn begin(&self) {
        self.quiet_since.set(None);
        self.silent.set(false);
        self.told.set(false);
    }

    /// The server said this. That it is still there is no news of mail.
    pub(super) fn hear(&self, said: &[u8]) {
        if said.windows(7).any(|word| word == b" EXISTS") {
            self.told.set(true);
        }
    }

    /// Whether it should end.
    pub(super) fn is_over(&self) -> bool {
        if self.orders.any() {
            return true;
        }
        if !self.orders.anybody_waits() {
            self.quiet_since.set(None);
            return false;
        }
        let clock = &self.orders.clock;
        let since = self.quiet_since.get().unwrap_or_else(|| clock.now());
        self.quiet_since.set(Some(since));
        self.silent.set(clock.since(since) > self.patience);
        self.silent.get()
    }

    /// The connection did not answer.
    pub(super) fn fail(&self) {
        self.dead.set(true);
    }

    pub(super) fn is_dead(&self) -> bool {
        self.dead.get()
    }

    /// Whether the server said nothing, not even when it was ended.
    pub(super) fn told_nothing(&self) -> bool {
        self.silent.get() && !self.told.get()
    }

    pub(super) fn was_silent(&self) -> bool {
        self.silent.get()
    }
}
