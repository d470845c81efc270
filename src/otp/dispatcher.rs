//! Gives each message to whoever waits for its recipient.
//!
//! A virtual user says what it expects *before* it asks the gateway for a
//! code; only a message sent after that moment is its own. Two users who wait
//! for the same recipient are served in the order in which they asked.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::AbortHandle;

pub use super::queue::Otp;
use super::queue::{MailCounts, Missed, Queue};
use super::{Access, Desk, Mailbox, Message, News, OtpError, OtpSource, SourceError, now_ms};

/// Reads one-time passwords for everybody. Stops watching when dropped.
pub struct Dispatcher {
    shared: Arc<Shared>,
    desk: Option<Arc<dyn Desk>>,
    watcher: Option<AbortHandle>,
}

struct Shared {
    queue: Mutex<Queue>,
}

impl Shared {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        // The queue is consistent after each of its methods.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands messages out; gives the handles of those that somebody took.
    fn deliver(&self, messages: &[Message]) -> Vec<u64> {
        let taken = messages.iter().filter(|message| {
            // One lock each: those who join or leave do not wait for all.
            self.queue().deliver(message, now_ms())
        });
        taken.map(|message| message.handle).collect()
    }
}

impl Dispatcher {
    /// Connects to the source, and watches it if it is a mailbox.
    ///
    /// # Errors
    /// When the source cannot be reached.
    pub async fn start(source: &dyn OtpSource) -> Result<Self, SourceError> {
        let access = source.connect().await?;
        let shared = Arc::new(Shared {
            queue: Mutex::new(Queue::new(source.reading())),
        });
        let (desk, watcher) = match access {
            Access::Asked(desk) => (Some(desk), None),
            Access::Watched(mailbox) => {
                let watcher = tokio::spawn(watch(mailbox, Arc::clone(&shared)));
                (None, Some(watcher.abort_handle()))
            }
        };
        Ok(Self {
            shared,
            desk,
            watcher,
        })
    }

    /// Announces that a code of `code_length` digits will be sent to
    /// `recipient`. Call this before asking for the code.
    pub fn expect(&self, recipient: &str, code_length: usize) -> PendingOtp {
        let (reply, answer) = oneshot::channel();
        let since = now_ms();
        let id = self
            .shared
            .queue()
            .join(recipient, code_length, reply, since);
        PendingOtp {
            id,
            recipient: recipient.to_owned(),
            since,
            answer: Some(answer),
            shared: Arc::clone(&self.shared),
            desk: self.desk.clone(),
        }
    }

    /// What has been seen so far.
    pub fn counts(&self) -> MailCounts {
        self.shared.queue().counts()
    }
}

impl Drop for Dispatcher {
    fn drop(&mut self) {
        if let Some(watcher) = &self.watcher {
            watcher.abort();
        }
    }
}

/// A code that has been announced. Dropping it withdraws the announcement.
pub struct PendingOtp {
    id: u64,
    recipient: String,
    since: i64,
    answer: Option<oneshot::Receiver<Result<Otp, OtpError>>>,
    shared: Arc<Shared>,
    desk: Option<Arc<dyn Desk>>,
}

impl PendingOtp {
    /// Waits for the code.
    ///
    /// # Errors
    /// When none comes in time, when the messages that come do not hold
    /// exactly one, or when the mailbox cannot be read any more.
    pub async fn wait(mut self, timeout: Duration) -> Result<Otp, OtpError> {
        let Some(mut answer) = self.answer.take() else {
            return Err(self.timeout(timeout, None));
        };
        let mut trouble = None;
        tokio::select! {
            biased;
            Ok(otp) = &mut answer => return otp,
            () = tokio::time::sleep(timeout) => {}
            () = self.ask(&mut trouble) => {}
        }
        let Some(missed) = self
            .shared
            .queue()
            .leave(&self.recipient, self.id, now_ms())
        else {
            // It came at the last moment.
            let otp = answer.try_recv();
            return otp.unwrap_or_else(|_| Err(self.timeout(timeout, None)));
        };
        Err(self.why(missed, trouble, timeout))
    }

    /// Asks the desk again and again, where there is one. Never returns: the
    /// code comes through the queue, where those who asked first are first.
    async fn ask(&self, trouble: &mut Option<SourceError>) {
        let Some(desk) = &self.desk else {
            return std::future::pending().await;
        };
        loop {
            *trouble = match desk.ask(&self.recipient, self.since).await {
                Ok(messages) => {
                    self.shared.deliver(&messages);
                    None
                }
                Err(error) => Some(error),
            };
            tokio::time::sleep(desk.pause()).await;
        }
    }

    /// What is most worth telling of a wait in vain.
    fn why(&self, missed: Missed, trouble: Option<SourceError>, waited: Duration) -> OtpError {
        if let Some(error) = missed.unreadable {
            error.into()
        } else if let Some(error) = trouble.or(missed.lost) {
            error.into()
        } else {
            self.timeout(waited, missed.too_old)
        }
    }

    fn timeout(&self, waited: Duration, too_old: Option<Duration>) -> OtpError {
        OtpError::Timeout {
            recipient: self.recipient.clone(),
            waited,
            too_old,
        }
    }
}

impl Drop for PendingOtp {
    fn drop(&mut self) {
        self.shared
            .queue()
            .leave(&self.recipient, self.id, now_ms());
    }
}

async fn watch(mut mailbox: Box<dyn Mailbox>, shared: Arc<Shared>) {
    loop {
        match mailbox.next().await {
            Ok(News::Messages(messages)) => {
                let used = shared.deliver(&messages);
                if !used.is_empty() {
                    mailbox.used(used);
                }
            }
            Ok(News::Lost(error)) => shared.queue().lose(error),
            Ok(News::Back) => shared.queue().reconnected(),
            Err(error) => return shared.queue().fail(&error),
        }
    }
}
