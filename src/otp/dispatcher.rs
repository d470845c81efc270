//! Gives each message to whoever waits for its recipient.
//!
//! A virtual user says what it expects *before* it asks the gateway for a
//! code; only a message sent after that moment is its own. Two users who wait
//! for the same recipient are served in the order in which they asked.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use secrecy::{ExposeSecret, SecretString};
use tokio::sync::oneshot;
use tokio::task::AbortHandle;

use super::{ExtractError, Mailbox, Message, OtpSource, SourceError, find_code};

/// Why no code was had.
#[derive(Clone, Debug, thiserror::Error)]
pub enum OtpError {
    /// No message in time.
    #[error("no message for `{recipient}` within {waited:?}")]
    Timeout {
        /// Who waited.
        recipient: String,
        /// For how long.
        waited: Duration,
    },
    /// A message came, but not one code.
    #[error(transparent)]
    Extract(#[from] ExtractError),
    /// The mailbox cannot be read any more.
    #[error(transparent)]
    Source(#[from] SourceError),
}

/// What the dispatcher has seen so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MailCounts {
    /// Messages that arrived.
    pub seen: u64,
    /// Messages that were given to somebody.
    pub matched: u64,
    /// Messages that nobody waited for.
    pub unmatched: u64,
    /// Users waiting now.
    pub pending: u64,
}

/// Watches one mailbox for everybody. Stops watching when dropped.
pub struct Dispatcher {
    shared: Arc<Shared>,
    watcher: AbortHandle,
}

#[derive(Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    seen: AtomicU64,
    matched: AtomicU64,
    unmatched: AtomicU64,
}

#[derive(Default)]
struct Waiting {
    by_recipient: HashMap<String, VecDeque<Waiter>>,
    next_id: u64,
    broken: Option<SourceError>,
}

struct Waiter {
    id: u64,
    since: i64,
    code_length: usize,
    reply: oneshot::Sender<Result<SecretString, OtpError>>,
}

impl Shared {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        // Every critical section below leaves the map consistent at each step.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn deliver(&self, message: &Message) {
        self.seen.fetch_add(1, Ordering::Relaxed);
        let key = normalise(&message.recipient);
        let waiter = {
            let mut waiting = self.waiting();
            let Some(queue) = waiting.by_recipient.get_mut(&key) else {
                self.unmatched.fetch_add(1, Ordering::Relaxed);
                return;
            };
            let found = queue
                .iter()
                .position(|waiter| waiter.since <= message.sent_at)
                .and_then(|index| queue.remove(index));
            if queue.is_empty() {
                waiting.by_recipient.remove(&key);
            }
            found
        };
        let Some(waiter) = waiter else {
            self.unmatched.fetch_add(1, Ordering::Relaxed);
            return;
        };
        let code = find_code(message.text.expose_secret(), waiter.code_length);
        // The user may have given up in this very moment.
        match waiter.reply.send(code.map_err(OtpError::from)) {
            Ok(()) => self.matched.fetch_add(1, Ordering::Relaxed),
            Err(_) => self.unmatched.fetch_add(1, Ordering::Relaxed),
        };
    }

    fn fail(&self, error: &SourceError) {
        let mut waiting = self.waiting();
        waiting.broken = Some(error.clone());
        for (_, queue) in waiting.by_recipient.drain() {
            for waiter in queue {
                // Who has given up does not need to know.
                let _ = waiter.reply.send(Err(error.clone().into()));
            }
        }
    }
}

impl Dispatcher {
    /// Connects to the source and starts to watch it.
    ///
    /// # Errors
    /// When the source cannot be reached.
    pub async fn start(source: &dyn OtpSource) -> Result<Self, SourceError> {
        let mailbox = source.connect().await?;
        let shared = Arc::new(Shared::default());
        let watcher = tokio::spawn(watch(mailbox, Arc::clone(&shared))).abort_handle();
        Ok(Self { shared, watcher })
    }

    /// Announces that a code of `code_length` digits will be sent to
    /// `recipient`. Call this before asking for the code.
    pub fn expect(&self, recipient: &str, code_length: usize) -> PendingOtp {
        let (reply, answer) = oneshot::channel();
        let mut waiting = self.shared.waiting();
        let id = waiting.next_id;
        waiting.next_id += 1;
        if let Some(error) = &waiting.broken {
            // The receiver is alive: it is returned below.
            let _ = reply.send(Err(error.clone().into()));
        } else {
            waiting
                .by_recipient
                .entry(normalise(recipient))
                .or_default()
                .push_back(Waiter {
                    id,
                    since: now_ms(),
                    code_length,
                    reply,
                });
        }
        drop(waiting);
        PendingOtp {
            id,
            recipient: recipient.to_owned(),
            answer: Some(answer),
            shared: Arc::clone(&self.shared),
        }
    }

    /// What has been seen so far.
    pub fn counts(&self) -> MailCounts {
        let waiting = self.shared.waiting();
        let pending = waiting.by_recipient.values().map(VecDeque::len);
        let pending = pending.sum::<usize>() as u64;
        drop(waiting);
        MailCounts {
            seen: self.shared.seen.load(Ordering::Relaxed),
            matched: self.shared.matched.load(Ordering::Relaxed),
            unmatched: self.shared.unmatched.load(Ordering::Relaxed),
            pending,
        }
    }
}

impl Drop for Dispatcher {
    fn drop(&mut self) {
        self.watcher.abort();
    }
}

/// A code that has been announced. Dropping it withdraws the announcement.
pub struct PendingOtp {
    id: u64,
    recipient: String,
    answer: Option<oneshot::Receiver<Result<SecretString, OtpError>>>,
    shared: Arc<Shared>,
}

impl PendingOtp {
    /// Waits for the code.
    ///
    /// # Errors
    /// When none comes in time, when the message that comes does not hold
    /// exactly one, or when the mailbox cannot be read any more.
    pub async fn wait(mut self, timeout: Duration) -> Result<SecretString, OtpError> {
        let gone = || OtpError::Timeout {
            recipient: self.recipient.clone(),
            waited: timeout,
        };
        let Some(answer) = self.answer.take() else {
            return Err(gone());
        };
        match tokio::time::timeout(timeout, answer).await {
            Ok(Ok(code)) => code,
            Ok(Err(_)) | Err(_) => Err(gone()),
        }
    }
}

impl Drop for PendingOtp {
    fn drop(&mut self) {
        let key = normalise(&self.recipient);
        let mut waiting = self.shared.waiting();
        if let Some(queue) = waiting.by_recipient.get_mut(&key) {
            queue.retain(|waiter| waiter.id != self.id);
            if queue.is_empty() {
                waiting.by_recipient.remove(&key);
            }
        }
    }
}

async fn watch(mut mailbox: Box<dyn Mailbox>, shared: Arc<Shared>) {
    loop {
        match mailbox.next().await {
            Ok(messages) => messages.iter().for_each(|message| shared.deliver(message)),
            Err(error) => return shared.fail(&error),
        }
    }
}

/// Addresses are compared without regard to case, as mail servers do.
fn normalise(recipient: &str) -> String {
    recipient.trim().to_lowercase()
}

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use secrecy::{ExposeSecret, SecretString};
    use tokio::sync::mpsc;

    use super::{Dispatcher, OtpError, now_ms};
    use crate::otp::{BoxFuture, Mailbox, Message, OtpSource, SourceError};

    /// A mailbox that is filled by hand.
    #[derive(Debug)]
    struct Script(std::sync::Mutex<Option<mpsc::UnboundedReceiver<Message>>>);
    struct Filled(mpsc::UnboundedReceiver<Message>);

    impl OtpSource for Script {
        fn connect(&self) -> BoxFuture<'_, Result<Box<dyn Mailbox>, SourceError>> {
            let mailbox = Filled(self.0.lock().unwrap().take().unwrap());
            Box::pin(async move { Ok(Box::new(mailbox) as Box<dyn Mailbox>) })
        }
    }

    impl Mailbox for Filled {
        fn next(&mut self) -> BoxFuture<'_, Result<Vec<Message>, SourceError>> {
            Box::pin(async move {
                self.0
                    .recv()
                    .await
                    .map(|message| vec![message])
                    .ok_or_else(|| SourceError {
                        source_name: "script".into(),
                        reason: "closed".into(),
                    })
            })
        }
    }

    async fn scripted() -> (Dispatcher, mpsc::UnboundedSender<Message>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        let source = Script(std::sync::Mutex::new(Some(receiver)));
        (Dispatcher::start(&source).await.unwrap(), sender)
    }

    fn mail(recipient: &str, code: &str, sent_at: i64) -> Message {
        Message {
            recipient: recipient.into(),
            sent_at,
            text: SecretString::from(format!("your code: {code}")),
        }
    }

    const LONG: Duration = Duration::from_secs(5);

    #[tokio::test]
    async fn each_recipient_gets_its_own_code() {
        let (dispatcher, mailbox) = scripted().await;
        let ada = dispatcher.expect("Ada@example.org", 6);
        let bob = dispatcher.expect("bob@example.org", 6);
        mailbox
            .send(mail("bob@example.org", "222222", now_ms()))
            .unwrap();
        mailbox
            .send(mail("ada@EXAMPLE.org", "111111", now_ms()))
            .unwrap();
        assert_eq!(ada.wait(LONG).await.unwrap().expose_secret(), "111111");
        assert_eq!(bob.wait(LONG).await.unwrap().expose_secret(), "222222");
        assert_eq!(dispatcher.counts().matched, 2);
    }

    #[tokio::test]
    async fn two_processes_of_one_recipient_are_served_in_order() {
        let (dispatcher, mailbox) = scripted().await;
        let first = dispatcher.expect("ada@example.org", 6);
        let second = dispatcher.expect("ada@example.org", 6);
        mailbox
            .send(mail("ada@example.org", "111111", now_ms()))
            .unwrap();
        mailbox
            .send(mail("ada@example.org", "222222", now_ms()))
            .unwrap();
        assert_eq!(second.wait(LONG).await.unwrap().expose_secret(), "222222");
        assert_eq!(first.wait(LONG).await.unwrap().expose_secret(), "111111");
    }

    #[tokio::test]
    async fn a_code_sent_before_is_never_taken() {
        let (dispatcher, mailbox) = scripted().await;
        let pending = dispatcher.expect("ada@example.org", 6);
        mailbox
            .send(mail("ada@example.org", "000000", now_ms() - 60_000))
            .unwrap();
        mailbox
            .send(mail("ada@example.org", "111111", now_ms()))
            .unwrap();
        assert_eq!(pending.wait(LONG).await.unwrap().expose_secret(), "111111");
        assert_eq!(dispatcher.counts().unmatched, 1);
    }

    #[tokio::test]
    async fn giving_up_leaves_nothing_behind() {
        let (dispatcher, _mailbox) = scripted().await;
        let pending = dispatcher.expect("ada@example.org", 6);
        assert_eq!(dispatcher.counts().pending, 1);
        let error = pending.wait(Duration::from_millis(5)).await.unwrap_err();
        assert!(matches!(error, OtpError::Timeout { .. }), "{error}");
        assert_eq!(dispatcher.counts().pending, 0);
    }

    #[tokio::test]
    async fn a_broken_mailbox_wakes_everybody() {
        let (dispatcher, mailbox) = scripted().await;
        let before = dispatcher.expect("ada@example.org", 6);
        drop(mailbox);
        assert!(matches!(before.wait(LONG).await, Err(OtpError::Source(_))));
        let after = dispatcher.expect("ada@example.org", 6);
        assert!(matches!(after.wait(LONG).await, Err(OtpError::Source(_))));
    }
}
