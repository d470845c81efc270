//! Who waits for what, and which of them a message is for.
//!
//! Everything here is a look-up by recipient: neither the number of users who
//! wait nor the number of messages that were seen makes one more expensive.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use secrecy::SecretString;
use tokio::sync::oneshot;

use super::address::{candidates, normalise};
use super::clock::SenderClock;
use super::recent::Recent;
use super::token::token;
use super::{Content, ExtractError, Message, OtpError, Reading, SourceError};

/// Most users that are remembered after they gave up.
const MOST_GONE: usize = 50_000;
/// How long they are remembered, in milliseconds.
const GONE_FOR: i64 = 60 * 60 * 1000;

/// What was seen in a mailbox so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MailCounts {
    /// Messages that arrived.
    pub seen: u64,
    /// Messages whose code was given to somebody.
    pub matched: u64,
    /// Messages that nobody waited for, or in which was no code.
    pub unmatched: u64,
    /// Messages for somebody who no longer waited.
    pub late: u64,
    /// Messages that had been seen before.
    pub duplicate: u64,
    /// How often the connection was made again.
    pub reconnects: u64,
    /// Connections whose server did not tell of messages that were there.
    pub idle_broken: u64,
    /// Users waiting now.
    pub pending: u64,
}

/// How many users wait now, for those who watch a mailbox in a thread.
#[derive(Clone, Debug, Default)]
pub struct Waiters(Arc<AtomicU64>);

impl Waiters {
    /// Whether anybody waits.
    pub fn any(&self) -> bool {
        self.0.load(Ordering::Relaxed) > 0
    }

    fn set(&self, count: u64) {
        self.0.store(count, Ordering::Relaxed);
    }
}

/// A code in hand.
pub struct Otp {
    /// The code.
    pub code: SecretString,
    /// When the message was sent, by its own date, in milliseconds since 1970.
    pub sent_at: Option<i64>,
}

pub(super) type Reply = oneshot::Sender<Result<Otp, OtpError>>;

/// Somebody who waits.
struct Waiter {
    id: u64,
    /// When the announcement was made.
    since: i64,
    /// Digits of the code; a token is waited for otherwise.
    code_length: Option<usize>,
    reply: Reply,
    /// A message came, but there was no code in it.
    unreadable: Option<ExtractError>,
    /// A message came that was sent so much too early.
    too_old: Option<Duration>,
}

/// Why somebody who gave up has no code, as far as is known.
#[derive(Default)]
pub(super) struct Missed {
    pub(super) unreadable: Option<ExtractError>,
    pub(super) too_old: Option<Duration>,
    pub(super) lost: Option<SourceError>,
}

/// Everybody who waits for mail in one mailbox.
pub(super) struct Queue {
    reading: Reading,
    clock: SenderClock,
    waiting: HashMap<String, VecDeque<Waiter>>,
    next_id: u64,
    gone: Gone,
    recent: Recent,
    counts: MailCounts,
    broken: Option<SourceError>,
    lost: Option<SourceError>,
    waiters: Waiters,
}

impl Queue {
    pub(super) fn new(reading: Reading) -> Self {
        Self {
            clock: SenderClock::new(reading.clock_skew),
            reading,
            waiting: HashMap::new(),
            next_id: 0,
            gone: Gone::default(),
            recent: Recent::default(),
            counts: MailCounts::default(),
            broken: None,
            lost: None,
            waiters: Waiters::default(),
        }
    }

    /// Where to look whether anybody waits.
    pub(super) fn waiters(&self) -> Waiters {
        self.waiters.clone()
    }

    fn wait_for(&mut self, pending: u64) {
        self.counts.pending = pending;
        self.waiters.set(pending);
    }

    pub(super) fn counts(&self) -> MailCounts {
        self.counts
    }

    /// Somebody waits, from `since` on. Gives the number to leave with.
    pub(super) fn join(
        &mut self,
        recipient: &str,
        code_length: Option<usize>,
        reply: Reply,
        since: i64,
    ) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        if let Some(error) = &self.broken {
            // Who has given up already does not need to know.
            let _ = reply.send(Err(error.clone().into()));
            return id;
        }
        let queue = self.waiting.entry(normalise(recipient)).or_default();
        queue.push_back(Waiter {
            id,
            since,
            code_length,
            reply,
            unreadable: None,
            too_old: None,
        });
        self.wait_for(self.counts.pending + 1);
        id
    }

    /// Somebody gives up. `None` when the answer was already given.
    pub(super) fn leave(&mut self, recipient: &str, id: u64, now: i64) -> Option<Missed> {
        let key = normalise(recipient);
        let queue = self.waiting.get_mut(&key)?;
        let index = queue.iter().position(|waiter| waiter.id == id)?;
        let waiter = queue.remove(index)?;
        if queue.is_empty() {
            self.waiting.remove(&key);
        }
        self.wait_for(self.counts.pending - 1);
        self.gone.add(key, now);
        Some(Missed {
            unreadable: waiter.unreadable,
            too_old: waiter.too_old,
            lost: self.lost.clone(),
        })
    }

    /// Gives a message to the first of those who wait for it and may have
    /// caused it. True when somebody took it.
    pub(super) fn deliver(&mut self, message: &Message, now: i64) -> bool {
        self.counts.seen += 1;
        let keys = candidates(&message.recipients);
        // One mail to two recipients arrives twice in a catch-all mailbox.
        if let Some(id) = &message.id
            && !self.recent.insert(&(id, &keys))
        {
            self.counts.duplicate += 1;
            return false;
        }
        for key in &keys {
            if self.offer(key, message) {
                self.counts.matched += 1;
                self.clock.learn(message.sent, now);
                return true;
            }
        }
        let late = keys.iter().any(|key| self.gone.take(key, now));
        if late {
            self.counts.late += 1;
        } else {
            self.counts.unmatched += 1;
        }
        false
    }

    /// Offers a message to those who wait under `key`.
    fn offer(&mut self, key: &str, message: &Message) -> bool {
        let Some(queue) = self.waiting.get_mut(key) else {
            return false;
        };
        let mut index = 0;
        let mut taken = false;
        let mut taken_out = 0;
        while let Some(waiter) = queue.get_mut(index) {
            if let Some(early) = self.clock.too_old(message.sent, waiter.since) {
                waiter.too_old = Some(early);
                index += 1;
                continue;
            }
            let code = match waiter.code_length {
                Some(length) => self.reading.code(&message.content, length),
                None => token(&message.content),
            };
            let code = match code {
                Ok(code) => code,
                // The right one may still come.
                Err(error) => {
                    waiter.unreadable = Some(error);
                    index += 1;
                    continue;
                }
            };
            let Some(waiter) = queue.remove(index) else {
                break;
            };
            taken_out += 1;
            let sent_at = message.sent.map(|sent| sent.at);
            // Who gave up in this very moment leaves the code to the next.
            taken = waiter.reply.send(Ok(Otp { code, sent_at })).is_ok();
            if taken {
                break;
            }
        }
        if queue.is_empty() {
            self.waiting.remove(key);
        }
        self.wait_for(self.counts.pending - taken_out);
        taken
    }

    /// The connection is lost; it will be tried again.
    pub(super) fn lose(&mut self, error: SourceError) {
        self.lost = Some(error);
    }

    /// The connection is there again, if it was lost.
    pub(super) fn reconnected(&mut self) {
        if self.lost.take().is_some() {
            self.counts.reconnects += 1;
        }
    }

    /// The server did not tell of messages that were there.
    pub(super) fn idle_is_broken(&mut self) {
        self.counts.idle_broken += 1;
    }

    /// The mailbox cannot be read any more: everybody is told.
    pub(super) fn fail(&mut self, error: &SourceError) {
        self.broken = Some(error.clone());
        for waiter in self.waiting.drain().flat_map(|(_, queue)| queue) {
            let _ = waiter.reply.send(Err(error.clone().into()));
        }
        self.wait_for(0);
    }
}

/// Recipients that somebody gave up waiting for, so that their mail is known
/// to be late when it comes.
#[derive(Default)]
struct Gone {
    times: HashMap<String, u32>,
    order: VecDeque<(i64, String)>,
}

impl Gone {
    fn add(&mut self, key: String, now: i64) {
        *self.times.entry(key.clone()).or_default() += 1;
        self.order.push_back((now, key));
        while self.order.len() > MOST_GONE {
            self.forget_oldest();
        }
    }

    /// True when somebody gave up; one message is late once.
    fn take(&mut self, key: &str, now: i64) -> bool {
        while matches!(self.order.front(), Some((since, _)) if now - since > GONE_FOR) {
            self.forget_oldest();
        }
        let found = self.times.contains_key(key);
        self.lower(key);
        found
    }

    fn forget_oldest(&mut self) {
        if let Some((_, key)) = self.order.pop_front() {
            self.lower(&key);
        }
    }

    fn lower(&mut self, key: &str) {
        if let Some(times) = self.times.get_mut(key) {
            *times -= 1;
            if *times == 0 {
                self.times.remove(key);
            }
        }
    }
}

/// A message that is nothing but a code.
pub(super) fn code_alone(recipient: &str, code: SecretString) -> Message {
    Message {
        recipients: vec![recipient.to_owned()],
        id: None,
        sent: None,
        content: Content::Code(code),
        handle: 0,
    }
}
