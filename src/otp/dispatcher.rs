//! Gives each message to whoever waits for its recipient.
//!
//! A virtual user says what it expects *before* it asks the gateway for a
//! code; only a message sent after that moment is its own. Two users who wait
//! for the same recipient are served in the order in which they asked.

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::sync::oneshot;
use tokio::task::AbortHandle;
use tokio::time::sleep;

use super::backoff::Backoff;
pub use super::queue::Otp;
use super::queue::{MailCounts, Missed, Queue};
use super::{
    Access, Message, News, OtpError, OtpSource, PollSource, Prospect, PushSource, SourceError,
};
use crate::clock::Clock;

/// A sleep that ends so much too late, or an answer that takes so long, is
/// worth telling.
const LATE: Duration = Duration::from_secs(1);

/// Reads one-time passwords for everybody. Stops watching when dropped.
pub struct Dispatcher {
    shared: Arc<Shared>,
    desk: Option<Arc<dyn PollSource>>,
    watcher: Option<AbortHandle>,
}

struct Shared {
    clock: Clock,
    queue: Mutex<Queue>,
}

impl Shared {
    /// Hands messages out; gives the handles of those that somebody took.
    fn deliver(&self, messages: &[Message]) -> Vec<u64> {
        let taken = messages.iter().filter(|message| {
            // One lock each: those who join or leave do not wait for all.
            self.queue.lock().deliver(message, self.clock.unix_millis())
        });
        taken.map(|message| message.handle).collect()
    }
}

impl Dispatcher {
    /// Connects to the source, and watches it if it is a mailbox.
    ///
    /// # Errors
    /// When the source cannot be reached.
    pub async fn start(source: &dyn OtpSource, clock: &Clock) -> Result<Self, SourceError> {
        let access = source.connect(clock).await?;
        let shared = Arc::new(Shared {
            clock: clock.clone(),
            queue: Mutex::new(Queue::new(source.reading())),
        });
        let (desk, watcher) = match access {
            Access::Asked(desk) => (Some(desk), None),
            Access::Watched(mut mailbox) => {
                mailbox.serves(shared.queue.lock().waiters());
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
        self.announce(recipient, Some(code_length))
    }

    /// The same of a token, such as somebody is invited with.
    pub fn expect_token(&self, recipient: &str) -> PendingOtp {
        self.announce(recipient, None)
    }

    fn announce(&self, recipient: &str, code_length: Option<usize>) -> PendingOtp {
        let (reply, answer) = oneshot::channel();
        let since = self.shared.clock.unix_millis();
        let id = self
            .shared
            .queue
            .lock()
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
        self.shared.queue.lock().counts()
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
    desk: Option<Arc<dyn PollSource>>,
}

impl PendingOtp {
    /// Waits for the code.
    ///
    /// # Errors
    /// When none comes in time, when the messages that come do not hold
    /// exactly one, or when the mailbox cannot be read any more.
    pub async fn wait(mut self, timeout: Duration) -> Result<Otp, OtpError> {
        let Some(mut answer) = self.answer.take() else {
            return Err(self.timeout(timeout, Missed::default()));
        };
        let mut asked = Asked::default();
        tokio::select! {
            biased;
            Ok(otp) = &mut answer => return otp,
            () = run_out(&self.shared.clock, timeout) => {}
            error = self.ask(&mut asked) => return Err(error.into()),
        }
        let Some(missed) = self.shared.queue.lock().leave(
            &self.recipient,
            self.id,
            self.shared.clock.unix_millis(),
        ) else {
            // It came at the last moment.
            let otp = answer.try_recv();
            return otp.unwrap_or_else(|_| Err(self.timeout(timeout, Missed::default())));
        };
        if let Some(error) = missed.unreadable {
            return Err(error.into());
        }
        let lost = asked
            .trouble(&self.shared.clock, self.desk.as_deref())
            .or(missed.lost);
        Err(self.timeout(timeout, Missed { lost, ..missed }))
    }

    /// Asks the desk again and again, where there is one, until it will never
    /// answer. The code comes through the queue, where those who asked first
    /// are first.
    async fn ask(&self, asked: &mut Asked) -> SourceError {
        let Some(desk) = &self.desk else {
            return std::future::pending().await;
        };
        let mut backoff = Backoff::default();
        loop {
            asked.since = Some(self.shared.clock.now());
            let answer = desk.ask(&self.recipient, self.since).await;
            asked.since = None;
            let mut pause = desk.pause();
            asked.error = match answer {
                Ok(messages) => {
                    backoff.reset();
                    self.shared.queue.lock().reconnected();
                    self.shared.deliver(&messages);
                    None
                }
                Err(error) if error.prospect == Prospect::Permanent => return error,
                Err(error) => {
                    if error.prospect == Prospect::Away {
                        self.shared.queue.lock().lose(error.clone());
                        pause = pause.max(backoff.next());
                    }
                    Some(error)
                }
            };
            sleep(pause).await;
        }
    }

    fn timeout(&self, waited: Duration, missed: Missed) -> OtpError {
        OtpError::Timeout {
            recipient: self.recipient.clone(),
            waited,
            too_old: missed.too_old,
            away: missed.lost.map(Box::new),
        }
    }
}

/// What came of asking a desk so far.
#[derive(Default)]
struct Asked {
    /// Since when an answer is waited for.
    since: Option<Instant>,
    /// What was wrong with the last one.
    error: Option<SourceError>,
}

impl Asked {
    fn trouble(self, clock: &Clock, desk: Option<&dyn PollSource>) -> Option<SourceError> {
        let silent = self.since.map(|since| clock.since(since));
        let silent = silent.filter(|silent| *silent > LATE).zip(desk);
        self.error.or_else(|| {
            let (silent, desk) = silent?;
            let reason = format!("it has not answered for {} s", silent.as_secs());
            Some(SourceError::new(desk.name(), reason))
        })
    }
}

/// Ends when `timeout` is over. A user whose process stood still in between
/// has had no chance to read his mail, and gets that time again.
async fn run_out(clock: &Clock, timeout: Duration) {
    let began = clock.now();
    sleep(timeout).await;
    let late = clock.since(began).saturating_sub(timeout);
    if late > LATE {
        sleep(late.min(timeout)).await;
    }
}

impl Drop for PendingOtp {
    fn drop(&mut self) {
        self.shared
            .queue
            .lock()
            .leave(&self.recipient, self.id, self.shared.clock.unix_millis());
    }
}

async fn watch(mut mailbox: Box<dyn PushSource>, shared: Arc<Shared>) {
    loop {
        match mailbox.next().await {
            Ok(News::Messages(messages)) => {
                let used = shared.deliver(&messages);
                if !used.is_empty() {
                    mailbox.used(used);
                }
            }
            Ok(News::Lost(error)) => shared.queue.lock().lose(error),
            Ok(News::Back) => shared.queue.lock().reconnected(),
            Ok(News::Untold) => shared.queue.lock().idle_is_broken(),
            Err(error) => return shared.queue.lock().fail(&error),
        }
    }
}
