//! Messages that were sent. Not part of the platform: it is the mailbox of
//! everybody who plays against the simulator.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::watch;
use tokio::time::sleep;
use uuid::Uuid;

use super::Failure;
use super::address::Address;
use super::mail::Carrier;
use super::store::{Store, Table};
use crate::wire::{OutboxMessage, OutboxPage};

/// Messages that are kept; older ones are gone.
const CAPACITY: usize = 100_000;

/// Most messages in one page. `last` is then that of the page, so the next
/// request goes on from there.
const PAGE: usize = 10_000;

/// Sequences that are set aside at once: a restart begins above them, without
/// a write for each message.
const BLOCK: u64 = 10_000;

const RESERVED: &str = "outbox_sequence";

/// A message before it has a sequence.
pub(super) struct Draft {
    pub(super) to: Address,
    pub(super) subject: Option<String>,
    pub(super) body: String,
    pub(super) html: bool,
}

/// The messages of a simulator.
pub(super) struct Outbox {
    inner: Mutex<Inner>,
    /// Tells this outbox from the empty one after a restart.
    instance: String,
    /// Sequence of the newest message.
    newest: watch::Sender<u64>,
    carrier: Carrier,
}

struct Inner {
    /// Sequences are contiguous.
    messages: VecDeque<Arc<OutboxMessage>>,
    last: u64,
    /// No sequence above it is used before the store knows.
    reserved: u64,
}

impl Outbox {
    /// An empty outbox that goes on above the sequences of earlier ones.
    pub(super) async fn open(store: &Store, carrier: Carrier) -> Result<Self, Failure> {
        let last = store.read(|tables| tables.json::<u64>(Table::Meta, RESERVED))?;
        let last = last.unwrap_or_default();
        let reserved = last.saturating_add(BLOCK);
        store
            .write(|tx| tx.put_json(Table::Meta, RESERVED, &reserved))
            .await?;
        Ok(Self {
            inner: Mutex::new(Inner {
                messages: VecDeque::new(),
                last,
                reserved,
            }),
            instance: Uuid::new_v4().to_string(),
            newest: watch::Sender::new(last),
            carrier,
        })
    }

    /// Where e-mails go.
    pub(super) fn carrier(&self) -> &Carrier {
        &self.carrier
    }

    /// Adds a message, wakes whoever waits, and hands an e-mail on.
    ///
    /// # Errors
    /// When nobody can take it on; nothing was sent then.
    pub(super) async fn post(&self, store: &Store, draft: Draft, now: i64) -> Result<(), Failure> {
        if let Some(reserved) = self.reserve() {
            store
                .write(|tx| tx.put_json(Table::Meta, RESERVED, &reserved))
                .await?;
        }
        let channel = draft.to.channel();
        let place = self.carrier.place(channel, draft.to.as_str())?;
        let mut inner = self.inner.lock();
        inner.last += 1;
        let message = Arc::new(OutboxMessage {
            sequence: inner.last,
            channel: channel.to_owned(),
            to: draft.to.as_str().to_owned(),
            sent_at: now,
            subject: draft.subject,
            body: draft.body.into(),
            html: draft.html,
        });
        inner.messages.push_back(Arc::clone(&message));
        if inner.messages.len() > CAPACITY {
            inner.messages.pop_front();
        }
        // Under the lock, so that it only grows.
        self.newest.send_replace(inner.last);
        place.take(message);
        Ok(())
    }

    /// The new limit of sequences, when half of the block is used up: the
    /// store has the other half of the time to hear of it.
    fn reserve(&self) -> Option<u64> {
        let mut inner = self.inner.lock();
        if inner.reserved - inner.last > BLOCK / 2 {
            return None;
        }
        inner.reserved += BLOCK;
        Some(inner.reserved)
    }

    /// Whether somebody knows another outbox: what he has read is not in this one.
    pub(super) fn is_new_to(&self, instance: &str) -> bool {
        !instance.is_empty() && instance != self.instance
    }

    /// What came after `after`, now.
    pub(super) fn page(&self, after: u64) -> OutboxPage {
        let inner = self.inner.lock();
        let first = inner.last - inner.messages.len() as u64;
        let skip = usize::try_from(after.saturating_sub(first)).unwrap_or(usize::MAX);
        let messages: Vec<_> = inner
            .messages
            .iter()
            .skip(skip)
            .take(PAGE)
            .map(|message| OutboxMessage::clone(message))
            .collect();
        OutboxPage {
            last: messages
                .last()
                .map_or(inner.last, |message| message.sequence),
            instance: self.instance.clone(),
            messages,
        }
    }

    /// What came after `after`, as soon as there is something, at the latest
    /// after `wait`. An `after` that is still to come is answered at once: its
    /// sender knows another simulator, or asks for `last`.
    pub(super) async fn next_page(&self, after: u64, wait: Duration) -> OutboxPage {
        // Before the first look, so that nothing falls between the two.
        let mut newest = self.newest.subscribe();
        let over = sleep(wait);
        tokio::pin!(over);
        loop {
            let page = self.page(after);
            if !page.messages.is_empty() || after > page.last {
                return page;
            }
            tokio::select! {
                Ok(()) = newest.changed() => {}
                () = &mut over => return self.page(after),
            }
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::{BLOCK, CAPACITY, Draft, Outbox, PAGE};
    use crate::simulator::address::Address;
    use crate::simulator::mail::Carrier;
    use crate::simulator::store::Store;

    pub(in crate::simulator) fn draft(body: String) -> Draft {
        Draft {
            to: Address::email("ada@example.org").unwrap(),
            subject: None,
            body,
            html: false,
        }
    }

    async fn filled(store: &Store, count: usize) -> Outbox {
        let outbox = Outbox::open(store, Carrier::Nobody).await.unwrap();
        for number in 1..=count {
            outbox
                .post(store, draft(number.to_string()), 0)
                .await
                .unwrap();
        }
        outbox
    }

    #[tokio::test]
    async fn a_page_holds_what_came_after() {
        let outbox = filled(&Store::plain(), 5).await;
        let page = outbox.page(3);
        let bodies: Vec<_> = page.messages.iter().map(|m| m.body.as_str()).collect();
        assert_eq!((page.last, bodies), (5, vec!["4", "5"]));
        let page = outbox.page(u64::MAX);
        assert_eq!((page.last, page.messages.len()), (5, 0));
    }

    #[tokio::test]
    async fn an_outbox_that_overflows_is_read_page_by_page_without_gaps() {
        let outbox = filled(&Store::plain(), CAPACITY + 10).await;
        let (mut after, mut read) = (0, 0);
        loop {
            let page = outbox.page(after);
            if page.messages.is_empty() {
                break;
            }
            assert!(page.messages.len() <= PAGE);
            let expected = if after == 0 { 11 } else { after + 1 };
            assert_eq!(page.messages[0].sequence, expected);
            after = page.last;
            read += page.messages.len();
        }
        assert_eq!((after, read), (CAPACITY as u64 + 10, CAPACITY));
    }

    #[tokio::test]
    async fn a_thousand_waiters_all_wake() {
        let store = Store::plain();
        let outbox = Arc::new(filled(&store, 0).await);
        let waiters: Vec<_> = (0..1000)
            .map(|_| {
                let outbox = Arc::clone(&outbox);
                tokio::spawn(async move { outbox.next_page(0, Duration::from_secs(20)).await })
            })
            .collect();
        tokio::task::yield_now().await;
        outbox.post(&store, draft("x".to_owned()), 0).await.unwrap();
        for waiter in waiters {
            assert_eq!(waiter.await.unwrap().messages.len(), 1);
        }
    }

    #[tokio::test]
    async fn sequences_never_go_back() {
        let store = Store::plain();
        let used = filled(&store, 3 * usize::try_from(BLOCK).unwrap())
            .await
            .page(u64::MAX)
            .last;
        let next = filled(&store, 1).await.page(0);
        assert!(next.messages[0].sequence > used);
    }

    #[tokio::test]
    async fn the_first_message_is_number_one() {
        let outbox = filled(&Store::plain(), 1).await;
        assert_eq!(outbox.page(0).messages[0].sequence, 1);
    }
}
