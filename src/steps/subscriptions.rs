//! Subscriptions that a user has opened, and the events that came on them.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use serde_json::Value;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio_util::sync::{CancellationToken, DropGuard};
use uuid::Uuid;

use super::StepError;
use crate::ceilings;
use crate::clock::Clock;
use crate::http::Socket;
use crate::numbers::size;

/// What the server says now and then, and what it wants to hear then.
const PING: &str = "ping";
const PONG: &str = "pong";

/// How long a good-bye may take.
const FAREWELL: Duration = Duration::from_secs(1);

/// An event.
pub(super) struct Event {
    /// When it was there.
    pub(super) at: Instant,
    /// The document that it is about.
    pub(super) document: Value,
    bytes: u64,
}

impl Event {
    /// A text of the document.
    pub(super) fn text(&self, field: &str) -> Option<&str> {
        self.document.get(field).and_then(Value::as_str)
    }
}

/// A subscription, which is listened to in a task of its own until this is dropped.
pub(super) struct Subscription {
    pub(super) id: String,
    heard: Receiver<Event>,
    /// Events that nobody has waited for so far.
    passed_over: VecDeque<Event>,
    shared: Arc<Shared>,
    _listening: DropGuard,
}

/// What the task and its subscription have in common.
#[derive(Default)]
struct Shared {
    /// Bytes of events that were not waited for.
    waiting: AtomicU64,
    /// Whether the server has said anything.
    began: tokio::sync::Notify,
    /// Why it is listened to no more.
    ended: OnceLock<String>,
}

impl Subscription {
    /// Listens on `socket`, on which was said what is wanted.
    pub(super) fn listen(socket: Socket, clock: Clock) -> Self {
        let (tell, heard) = channel(ceilings::SOCKET_MESSAGES);
        let shared = Arc::new(Shared::default());
        let closing = CancellationToken::new();
        let task = Listener {
            socket,
            clock,
            tell,
            shared: Arc::clone(&shared),
        };
        tokio::spawn(task.listen(closing.clone()));
        Self {
            id: Uuid::new_v4().to_string(),
            heard,
            passed_over: VecDeque::new(),
            shared,
            _listening: closing.drop_guard(),
        }
    }

    /// Waits until the server says anything, at most so long.
    ///
    /// # Errors
    /// When it closes the socket.
    pub(super) async fn settled(&self, within: Duration, clock: &Clock) -> Result<(), StepError> {
        tokio::select! {
            biased;
            () = self.shared.began.notified() => {}
            () = clock.sleep_until(clock.now() + within) => {}
        }
        match self.shared.ended.get() {
            Some(why) => Err(ended(why)),
            None => Ok(()),
        }
    }

    /// The first event about the document `id`, or about any, waited for so long.
    ///
    /// # Errors
    /// When there is none in time, or nobody listens any more.
    pub(super) async fn wait(
        &mut self,
        id: Option<&str>,
        within: Duration,
        clock: &Clock,
    ) -> Result<Event, StepError> {
        let is_it = |event: &Event| id.is_none_or(|id| event.text("id") == Some(id));
        if let Some(place) = self.passed_over.iter().position(is_it)
            && let Some(event) = self.passed_over.remove(place)
        {
            return Ok(self.take(event));
        }
        let deadline = clock.now() + within;
        loop {
            let event = tokio::select! {
                biased;
                event = self.heard.recv() => event,
                () = clock.sleep_until(deadline) => {
                    return Err(StepError::NoEvent {
                        within,
                        id: id.map(str::to_owned),
                        others: self.passed_over.len(),
                    });
                }
            };
            match event {
                Some(event) if is_it(&event) => return Ok(self.take(event)),
                Some(event) => self.passed_over.push_back(event),
                None => {
                    let why = self.shared.ended.get();
                    return Err(ended(why.map_or("it was closed", String::as_str)));
                }
            }
        }
    }

    fn take(&self, event: Event) -> Event {
        self.shared
            .waiting
            .fetch_sub(event.bytes, Ordering::Relaxed);
        event
    }
}

fn ended(why: &str) -> StepError {
    StepError::SubscriptionEnded {
        reason: why.to_owned(),
    }
}

/// Reads what comes on a socket.
struct Listener {
    socket: Socket,
    clock: Clock,
    tell: Sender<Event>,
    shared: Arc<Shared>,
}

impl Listener {
    async fn listen(mut self, closing: CancellationToken) {
        let ended = tokio::select! {
            biased;
            () = closing.cancelled() => None,
            why = self.hear() => Some(why),
        };
        match ended {
            Some(why) => {
                // Before the channel is: whoever finds that closed asks why.
                let _ = self.shared.ended.set(why);
                self.shared.began.notify_one();
            }
            // Who does not take it in time goes without.
            None => drop(tokio::time::timeout(FAREWELL, self.socket.close()).await),
        }
    }

    /// Until it is of no more use. Gives why.
    async fn hear(&mut self) -> String {
        loop {
            let text = match self.socket.next().await {
                Ok(text) => text,
                Err(end) => return end.to_string(),
            };
            let at = self.clock.now();
            self.shared.began.notify_one();
            if text == PING {
                if let Err(end) = self.socket.send(PONG.to_owned()).await {
                    return end.to_string();
                }
                continue;
            }
            let Ok(document) = serde_json::from_str(&text) else {
                return "what came is neither `ping` nor JSON".into();
            };
            let bytes = text.len() as u64;
            let before = self.shared.waiting.fetch_add(bytes, Ordering::Relaxed);
            let event = Event {
                at,
                document,
                bytes,
            };
            if before + bytes > ceilings::SOCKET_WAITING || self.tell.try_send(event).is_err() {
                let (events, bytes) = (ceilings::SOCKET_MESSAGES, size(ceilings::SOCKET_WAITING));
                return format!("more than {events} events, or {bytes}, are not waited for");
            }
        }
    }
}

/// Those of an iteration. Branches share them.
#[derive(Clone, Default)]
pub(super) struct Subscriptions(Arc<Mutex<Vec<Kept>>>);

/// One waits on a subscription at a time.
type Kept = (String, Arc<tokio::sync::Mutex<Subscription>>);

impl Subscriptions {
    pub(super) fn add(&self, subscription: Subscription) {
        let id = subscription.id.clone();
        let kept = Arc::new(tokio::sync::Mutex::new(subscription));
        self.0.lock().push((id, kept));
    }

    /// Closes them.
    pub(super) fn clear(&self) {
        self.0.lock().clear();
    }

    /// The subscription of this id, or the last one that was opened.
    ///
    /// # Errors
    /// When there is none.
    pub(super) fn find(
        &self,
        id: Option<&str>,
    ) -> Result<Arc<tokio::sync::Mutex<Subscription>>, StepError> {
        let all = self.0.lock();
        let mut all = all.iter().rev();
        let found = all.find(|(known, _)| id.is_none_or(|id| id == known));
        let found = found.map(|(_, kept)| Arc::clone(kept));
        found.ok_or_else(|| StepError::NoSubscription {
            id: id.map(str::to_owned),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures_util::{SinkExt, StreamExt};
    use tokio_tungstenite::tungstenite::Message;

    use super::Subscription;
    use crate::ceilings;
    use crate::clock::Clock;
    use crate::http::in_memory;

    const LONG: Duration = Duration::from_secs(20);

    #[tokio::test]
    async fn events_that_nobody_waits_for_have_a_ceiling() {
        let (socket, mut server) = in_memory().await;
        let clock = Clock::real();
        let mut subscription = Subscription::listen(socket, clock.clone());
        for _ in 0..=ceilings::SOCKET_MESSAGES {
            server.send(Message::text("{}")).await.unwrap();
        }
        // The connection is closed then.
        while let Some(Ok(_)) = server.next().await {}
        for _ in 0..ceilings::SOCKET_MESSAGES {
            assert!(subscription.wait(None, LONG, &clock).await.is_ok());
        }
        let end = subscription.wait(None, LONG, &clock).await.err().unwrap();
        let told =
            "the subscription has ended: more than 10000 events, or 64 MiB, are not waited for";
        assert_eq!(end.to_string(), told);
    }

    #[tokio::test]
    async fn who_waits_for_nothing_says_good_bye() {
        let (socket, mut server) = in_memory().await;
        let clock = Clock::real();
        let subscription = Subscription::listen(socket, clock.clone());
        server.send(Message::text("ping")).await.unwrap();
        subscription.settled(LONG, &clock).await.unwrap();
        assert_eq!(server.next().await.unwrap().unwrap(), Message::text("pong"));
        drop(subscription);
        assert!(server.next().await.unwrap().unwrap().is_close());
    }

    #[tokio::test]
    async fn what_is_no_document_ends_a_subscription() {
        let (socket, mut server) = in_memory().await;
        let clock = Clock::real();
        let subscription = Subscription::listen(socket, clock.clone());
        server.send(Message::text("hello")).await.unwrap();
        let mut ended = subscription.settled(LONG, &clock).await;
        while ended.is_ok() {
            tokio::task::yield_now().await;
            ended = subscription.settled(Duration::ZERO, &clock).await;
        }
        let told = "the subscription has ended: what came is neither `ping` nor JSON";
        assert_eq!(ended.unwrap_err().to_string(), told);
    }
}
