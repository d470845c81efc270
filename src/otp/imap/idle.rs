//! What becomes of an IDLE, and how often a folder is looked at besides: the
//! connection sees it, the thread asks.

use std::cell::Cell;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::orders::Orders;

/// A server that answers as soon as this is near: on this machine or in this
/// building, and most likely the user's own.
const NEAR: Duration = Duration::from_millis(5);
/// How often a near server is asked while somebody waits.
const OFTEN: Duration = Duration::from_millis(10);
/// How often any other is, and each while nobody waits. Tests wait less.
const SELDOM: Duration = Duration::from_millis(if cfg!(test) { 300 } else { 2000 });

/// The IDLE of one connection.
pub(super) struct Idle {
    pub(super) orders: Arc<Orders>,
    /// How often the target wants the server to be asked.
    poll: Option<Duration>,
    /// The shortest time in which an answer began.
    nearest: Cell<Duration>,
    /// The server has said that we ask too much.
    throttled: Cell<bool>,
    /// How many messages there are, as far as the server told.
    exists: Cell<u32>,
    /// There are more than there were.
    more: Cell<bool>,
    quiet_since: Cell<Option<Instant>>,
    /// The last IDLE was ended because of silence.
    silent: Cell<bool>,
    /// The server told of mail in it, or when it ended.
    told: Cell<bool>,
    /// The connection is of no use any more.
    dead: Cell<bool>,
}

impl Idle {
    /// `poll`: how often the target wants the server to be asked.
    pub(super) fn new(orders: Arc<Orders>, poll: Option<Duration>) -> Self {
        Self {
            orders,
            poll,
            nearest: Cell::new(Duration::MAX),
            throttled: Cell::default(),
            exists: Cell::default(),
            more: Cell::default(),
            quiet_since: Cell::default(),
            silent: Cell::default(),
            told: Cell::default(),
            dead: Cell::default(),
        }
    }

    pub(super) fn begin(&self) {
        self.quiet_since.set(None);
        self.silent.set(false);
    }

    /// The answer to a command began after so long.
    pub(super) fn answered_in(&self, time: Duration) {
        self.nearest.set(self.nearest.get().min(time));
    }

    /// The server has said that we ask too much: it is asked less from now on.
    pub(super) fn throttle(&self) {
        self.throttled.set(true);
    }

    /// How often the server is asked now.
    pub(super) fn pace(&self) -> Duration {
        let near = self.nearest.get() <= NEAR && !self.throttled.get();
        let often = near && self.orders.anybody_waits();
        self.poll.unwrap_or(if often { OFTEN } else { SELDOM })
    }

    /// How long a server that was to tell of mail is believed when it does not.
    pub(super) fn patience(&self) -> Duration {
        self.poll.unwrap_or_default().max(SELDOM)
    }

    /// The folder had so many messages when it was opened.
    pub(super) fn open_with(&self, exists: u32) {
        self.exists.set(exists);
    }

    /// The server told of so many messages. That it is still there is no news of
    /// mail.
    pub(super) fn hear_of(&self, exists: u32, in_idle: bool) {
        if in_idle {
            self.told.set(true);
        } else if exists > self.exists.get() {
            self.more.set(true);
        }
        self.exists.set(exists);
    }

    /// The server told that a message is gone.
    pub(super) fn hear_of_removal(&self) {
        self.exists.set(self.exists.get().saturating_sub(1));
    }

    /// Whether the server told of more messages, but for an IDLE.
    pub(super) fn take_more(&self) -> bool {
        self.more.take()
    }

    /// Whether the server told of messages in an IDLE.
    pub(super) fn take_told(&self) -> bool {
        self.told.take()
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
        self.silent.set(clock.since(since) >= self.pace());
        self.silent.get()
    }

    /// The connection did not answer.
    pub(super) fn fail(&self) {
        self.dead.set(true);
    }

    pub(super) fn is_dead(&self) -> bool {
        self.dead.get()
    }

    pub(super) fn was_silent(&self) -> bool {
        self.silent.get()
    }
}
